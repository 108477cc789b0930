"""Nothing typed is lost, in a real Chromium: a crash, a session that is over, a cable that is out, two people."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import BrowserContext, Error, Page, expect

from papers import revisions, working
from papers.models import Kind, Paper, Section, WorkingCopy
from tests.conftest import make_paper

from .conftest import TELL_VIOLATIONS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADD = "/admin/papers/paper/add/"
# What Chromium says of the network, and of a field that has the focus before its page is there.
EXPECTED = re.compile("Failed to load resource|Autofocus processing")
SLOW = 15_000  # typing has to stop first, and the machine may be busy
Room = Callable[..., BrowserContext]


@pytest.fixture
def room(browser: Any, live_server: Any, one_at_a_time: Lock) -> Iterator[Room]:
    """A browser of somebody who is logged in. What the network refuses is part of the story; errors of ours are not."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def enter(user: User, **options: Any) -> BrowserContext:
        client = Client()
        with one_at_a_time:  # another browser may be open already
            client.force_login(user)
        values = {"viewport": {"width": 1440, "height": 900}, "base_url": live_server.url, **options}
        context: BrowserContext = browser.new_context(**values)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", lambda message: complaints.append(message.text))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context

    yield enter
    for context in contexts:
        context.close()
    with one_at_a_time:
        assert [text for text in complaints if not EXPECTED.search(text)] == []


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public Paper", notes="第一句。第二句。\n")


@pytest.fixture
def other(transactional_db: None) -> User:
    return User.objects.create_superuser("other", password="other")


def form_of(paper: Paper) -> str:
    return f"/admin/papers/paper/{paper.pk}/change/"


def opened(context: BrowserContext, path: str) -> Page:
    page = context.new_page()
    page.goto(path, wait_until="networkidle")
    return page


def type_note(page: Page, text: str, said: str) -> None:
    page.fill("#id_notes", text)
    expect(page.locator("#working-copy")).to_contain_text(said, timeout=SLOW)


def crash(page: Page) -> None:
    """As when the power fails: the page gets no last word."""
    with suppress(Error):
        page.goto("chrome://crash")
    page.close()


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("input[name=_save]").first.click()


def try_to_save(page: Page, said: str) -> None:
    page.locator("input[name=_save]").first.click()
    expect(page.locator("#working-copy")).to_contain_text(said, timeout=SLOW)


def take(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".working-offer").get_by_text("恢复到表单里").click()


def log_in_again(page: Page, name: str) -> None:
    """In the tab that the form offers."""
    with page.context.expect_page() as tab:
        page.get_by_role("link", name="在新标签页登录").click()
    login = tab.value
    login.fill("#id_username", name)
    login.fill("#id_password", name)
    with login.expect_navigation():
        login.locator("input[type=submit]").click()
    login.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")


def on_this_computer(page: Page) -> list[str]:
    return list(
        page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('papercache-working'))")
    )


def newest(paper: Paper) -> str:
    return str(revisions.data_of(Paper.objects.get(pk=paper.pk))["notes"])


# --- A crash ----------------------------------------------------------------------------------------------


def test_after_a_crash_the_text_is_offered_with_what_it_changes(
    room: Room, editor: User, paper: Paper
) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    type_note(page, "第一句。新的第二句。\n", "已暂存")
    crash(page)
    page = opened(context, form_of(paper))
    expect(page.locator(".working-offer ins")).to_have_text("新的")
    expect(page.locator("#id_notes")).to_have_value("第一句。第二句。\n")
    take(page)
    expect(page.locator("#id_notes")).to_have_value("第一句。新的第二句。\n")
    save(page)
    assert newest(paper) == "第一句。新的第二句。\n"
    expect(opened(context, form_of(paper)).locator(".working-offer")).to_have_count(0)
    assert not WorkingCopy.objects.exclude(written_at=None).exists()


def test_discarded_text_is_not_offered_again(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    type_note(page, "弃", "已暂存")
    page.reload()
    with page.expect_navigation():
        page.locator(".working-offer").get_by_role("button", name="丢弃").click()
    expect(page.locator(".working-offer")).to_have_count(0)
    assert newest(paper) == "第一句。第二句。\n"


def test_what_was_not_decided_is_not_written_over(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    type_note(page, "崩溃之前", "已暂存")
    crash(page)
    page = opened(context, form_of(paper))
    type_note(page, "崩溃之后", "没有保存的内容")
    crash(page)
    page = opened(context, form_of(paper))
    expect(page.locator(".working-offer")).to_have_count(2)
    expect(page.locator(".working-offer ins")).to_have_text(["崩溃之前", "崩溃之后"])


def test_a_new_paper_is_offered_in_the_next_empty_form(room: Room, editor: User, section: Section) -> None:
    context = room(editor)
    page = opened(context, ADD)
    page.fill("#id_title", "未完成的论文")
    type_note(page, "才写了一句。", "已暂存")
    crash(page)
    page = opened(context, ADD)
    expect(page.locator(".working-offer")).to_contain_text("未完成的论文")
    take(page)
    save(page)
    assert Paper.objects.get().notes == "才写了一句。"


def test_tags_are_kept_too(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    page.locator(".field-tags .select2-search__field").fill("新标签")
    page.keyboard.press("Enter")
    expect(page.locator("#working-copy")).to_contain_text("已暂存", timeout=SLOW)
    page.reload()
    expect(page.locator(".working-offer ins")).to_have_text("新标签")


# --- A session that is over -------------------------------------------------------------------------------


def test_a_session_that_ends_loses_nothing(room: Room, editor: User, paper: Paper) -> None:
    page = opened(room(editor), form_of(paper))
    Session.objects.all().delete()
    type_note(page, "第一句。登录过期后写的。\n", "登录已过期")
    try_to_save(page, "登录已过期")
    log_in_again(page, "editor")
    expect(page.locator("#working-copy")).to_contain_text(re.compile("已重新登录|已暂存"), timeout=SLOW)
    save(page)
    assert newest(paper) == "第一句。登录过期后写的。\n"


def test_logging_in_again_in_another_tab_lets_the_open_form_save(
    room: Room, editor: User, paper: Paper
) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    page.fill("#id_notes", "旧令牌也能保存。\n")
    context.clear_cookies(name="sessionid")
    login = opened(context, "/admin/login/")
    login.fill("#id_username", "editor")
    login.fill("#id_password", "editor")
    with login.expect_navigation():
        login.locator("input[type=submit]").click()
    save(page)
    assert newest(paper) == "旧令牌也能保存。\n"


def test_the_text_of_one_account_is_neither_sent_nor_shown_by_another(
    room: Room, editor: User, other: User, paper: Paper
) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    Session.objects.all().delete()
    type_note(page, "只属于我。\n", "登录已过期")
    log_in_again(page, "other")
    try_to_save(page, "另一个账号")
    assert newest(paper) == "第一句。第二句。\n"
    assert "只属于我" not in opened(context, form_of(paper)).content()
    assert not WorkingCopy.objects.exclude(written_at=None).exists()


def test_without_scripts_the_text_is_given_back(room: Room, editor: User, paper: Paper) -> None:
    page = opened(room(editor, java_script_enabled=False), form_of(paper))
    page.fill("#id_notes", "没有脚本也不丢。")
    Session.objects.all().delete()
    save(page)
    expect(page.get_by_label("笔记", exact=True)).to_have_value("没有脚本也不丢。")


def test_without_scripts_what_is_kept_is_offered(room: Room, editor: User, paper: Paper) -> None:
    page = opened(room(editor), form_of(paper))
    type_note(page, "写在别处。\n", "已暂存")
    plain = opened(room(editor, java_script_enabled=False), form_of(paper))
    take(plain)
    expect(plain.locator("#id_notes")).to_have_value("写在别处。\n")
    save(plain)
    assert newest(paper) == "写在别处。\n"


# --- No network -------------------------------------------------------------------------------------------


def test_offline_and_back(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    context.set_offline(True)
    type_note(page, "第一句。离线时写的。\n", "离线：已存在这台电脑")
    try_to_save(page, "连不上服务器")
    context.set_offline(False)
    expect(page.locator("#working-copy")).to_contain_text("已暂存", timeout=SLOW)
    assert not on_this_computer(page)
    save(page)
    assert newest(paper) == "第一句。离线时写的。\n"


def test_what_was_typed_offline_survives_the_window(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    context.set_offline(True)
    type_note(page, "第一句。离线时写的。\n", "离线")
    crash(page)
    context.set_offline(False)
    page = opened(context, form_of(paper))
    expect(page.locator(".working-offer")).to_contain_text("这台电脑上有没有保存的内容")
    expect(page.locator(".working-offer ins")).to_have_text("离线时写的。")
    take(page)
    expect(page.locator("#id_notes")).to_have_value("第一句。离线时写的。\n")
    assert not on_this_computer(page)


def test_a_preview_that_was_opened_offline_comes_with_the_network(
    room: Room, editor: User, paper: Paper
) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    context.set_offline(True)
    page.get_by_role("button", name="预览").click()
    expect(page.locator("[data-desk-failure]")).to_contain_text("连不上服务器")
    expect(page.locator("[data-desk-preview] iframe")).to_be_hidden()
    context.set_offline(False)
    expect(page.frame_locator("[data-desk-preview] iframe").locator(".note")).to_have_text("第一句。第二句。")


def test_two_windows_without_network_are_both_kept(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    pages = [opened(context, form_of(paper)) for _count in range(2)]
    context.set_offline(True)
    for page, text in zip(pages, ("左窗。\n", "右窗。\n"), strict=True):
        type_note(page, text, "离线")
    for page in pages:
        crash(page)
    context.set_offline(False)
    page = opened(context, form_of(paper))
    expect(page.locator(".working-offer")).to_have_count(2)
    assert sorted(page.locator(".working-offer ins").all_inner_texts()) == ["右窗。", "左窗。"]


def test_closing_the_window_at_once_loses_nothing(room: Room, editor: User, paper: Paper) -> None:
    context = room(editor)
    page = opened(context, form_of(paper))
    page.fill("#id_notes", "还没到两秒。\n")
    page.goto("/admin/")
    page.goto(form_of(paper), wait_until="networkidle")
    expect(page.locator(".working-offer ins")).to_have_text("还没到两秒。")


def test_what_is_only_looked_at_is_not_kept(room: Room, editor: User, paper: Paper) -> None:
    page = opened(room(editor), form_of(paper))
    page.goto("/admin/", wait_until="networkidle")
    assert not WorkingCopy.objects.exclude(written_at=None).exists()


# --- Two people -------------------------------------------------------------------------------------------


def test_another_editor_is_announced_before_typing(
    room: Room, editor: User, other: User, paper: Paper
) -> None:
    first = opened(room(other), form_of(paper))
    expect(first.locator("[data-presence]")).to_be_hidden()
    second = opened(room(editor), form_of(paper))
    expect(second.locator("[data-presence]")).to_contain_text("另一位编辑（other）正在编辑此文")


def test_what_another_editor_saves_meanwhile_is_said_and_then_merged(
    room: Room, editor: User, other: User, paper: Paper
) -> None:
    page = room(editor).new_page()
    page.clock.install()
    page.goto(form_of(paper), wait_until="networkidle")
    theirs = opened(room(other), form_of(paper))
    theirs.fill("#id_summary", "别人的摘要")
    save(theirs)
    page.clock.run_for(31_000)
    expect(page.locator("[data-presence]")).to_contain_text("other 已保存第 2 版")
    page.fill("#id_notes", "第一句。我的第二句。\n")
    save(page)
    expect(page.locator("h1")).to_contain_text("合并两份修改")


# --- A link for a stranger --------------------------------------------------------------------------------


def test_a_stranger_reads_a_draft_by_its_link(
    room: Room, editor: User, section: Section, browser: Any
) -> None:
    draft = make_paper(section, "2025-07-Draft", title="草稿", notes="公式 $a^2$。", status="draft")
    page = opened(room(editor), form_of(draft))
    with page.expect_navigation():
        page.get_by_role("link", name="草稿链接").click()
    with page.expect_navigation():
        page.get_by_role("button", name="生成链接").click()
    link = page.locator("#draft-link").input_value()
    with browser.new_context() as stranger:
        window = stranger.new_page()
        window.goto(page.url.split("/admin/")[0] + link.removeprefix("http://127.0.0.1:8000"))
        expect(window.locator(".draft-banner")).to_contain_text("只有拿到链接的人能看到")
        expect(window.locator(".note math")).to_be_visible()
        window.goto(page.url.split("/admin/")[0] + draft.get_absolute_url())
        expect(window.locator("h1")).to_have_text("没有这个页面")


# --- Looks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    room: Room, editor: User, other: User, paper: Paper, language: str
) -> None:
    draft = revisions.save(paper, {**revisions.data_of(paper), "notes": "A-Long-Word" * 20})
    assert draft
    working.store(editor, Kind.PAPER, paper.uid, {"notes": ["Another-Long-Word" * 20]}, 2, "crashed")
    working.touch(other, Kind.PAPER, paper.uid)
    context = room(editor, viewport={"width": 360, "height": 800})
    context.add_cookies([{"name": "django_language", "value": language, "domain": "localhost", "path": "/"}])
    for path in (form_of(paper), form_of(paper).replace("change", "draft-link")):
        page = opened(context, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_is_said_and_offered(
    room: Room, editor: User, other: User, paper: Paper, scheme: str
) -> None:
    working.store(editor, Kind.PAPER, paper.uid, {"notes": ["没有保存的话"]}, 1, "crashed")
    working.touch(other, Kind.PAPER, paper.uid)
    page = opened(room(editor, color_scheme=scheme, bypass_csp=True), form_of(paper))
    Session.objects.all().delete()
    type_note(page, "第一句。\n", "登录已过期")
    found = [
        Axe().run(page, context=part).response["violations"] for part in (".working-note", ".working-status")
    ]
    assert found == [[], []]
    page.evaluate("document.getElementById('paper_form').submit()")
    page.wait_for_selector(".given-back")
    assert Axe().run(page).response["violations"] == []
