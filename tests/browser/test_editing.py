"""What editors do, in a real Chromium: publish, merge, move, undo, restore, tag, and be warned in time."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from papers import revisions, trash
from papers.models import Paper, Section, Tag
from tests.conftest import make_paper, make_section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAPERS, SECTIONS, TAGS = (f"/admin/papers/{name}/" for name in ("paper", "section", "tag"))
Desk = Callable[..., Page]


@pytest.fixture
def other_editor(transactional_db: None) -> User:
    return User.objects.create_superuser("other")


@pytest.fixture
def systems(root: Section) -> Section:
    """Another section beside `section`."""
    return make_section("systems", parent=root, title="系统")


def form_of(thing: Any) -> str:
    return f"/admin/papers/{thing._meta.model_name}/{thing.pk}/change/"


def press(page: Page, name: str) -> None:
    """A button or link by its words; waits for the page that it leads to."""
    words = re.compile(rf"^{re.escape(name)}(（\d+ 篇）)?$")
    with page.expect_navigation():
        page.locator("#content-start").get_by_role("button", name=words).or_(
            page.locator("#content-start").get_by_role("link", name=words)
        ).first.click()


def said(page: Page) -> str:
    return " ".join(page.locator(".messagelist li").all_inner_texts())


def read(page: Page, path: str) -> str:
    """What a reader without a session sees there."""
    with page.context.browser.new_context() as stranger:  # type: ignore[union-attr]
        window = stranger.new_page()
        window.goto(page.url.split("/admin/")[0] + path)
        return window.locator("main").inner_text()


def drag(page: Page, source: str, target: str, *, to_the_top: bool = False) -> None:
    row = page.locator("#result_list tr", has=page.get_by_role("link", name=target, exact=True))
    height = row.bounding_box()["height"]  # type: ignore[index]
    where = {"x": 200, "y": 2 if to_the_top else height / 2}
    with page.expect_navigation():
        page.locator("#result_list tr", has_text=source).drag_to(row, target_position=where)  # type: ignore[arg-type]


def tick(page: Page, *papers: Paper) -> None:
    for paper in papers:
        page.locator("#result_list tr", has_text=paper.title).locator("input.action-select").check()


def choose_action(page: Page, name: str) -> None:
    page.select_option("select[name=action]", label=name)
    with page.expect_navigation():
        page.click("button[name=index]")


# --- Publish and save -------------------------------------------------------------------------------------


def test_a_saved_change_waits_until_it_is_published(desk: Desk, editor: User, published_paper: Paper) -> None:
    page = desk(editor, form_of(published_paper))
    page.fill("#id_notes", "新写的笔记")
    press(page, "保存并继续编辑")
    assert "尚未发布" in said(page)
    assert "新写的笔记" not in read(page, "/RL/2025-07-Public.html")

    expect(page.locator(".notice")).to_contain_text("读者看到的是第 1 版")
    press(page, "看有哪些修改")
    expect(page.locator("ins")).to_have_text("新写的笔记")

    page.goto(form_of(published_paper))
    press(page, "发布")
    assert "读者现在看到的就是这一版" in said(page)
    assert "新写的笔记" in read(page, "/RL/2025-07-Public.html")


def test_enter_in_a_field_saves_and_does_not_publish(desk: Desk, editor: User, draft_paper: Paper) -> None:
    page = desk(editor, form_of(draft_paper))
    page.locator("#id_title").press("End")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Paper.objects.get().status == Paper.Status.DRAFT


def test_a_new_form_waits_for_its_first_field(desk: Desk, editor: User, root: Section) -> None:
    page = desk(editor, f"{PAPERS}add/")
    expect(page.locator("#id_title")).to_be_focused()


def test_the_first_error_is_in_view_and_ready_to_type(desk: Desk, editor: User, section: Section) -> None:
    page = desk(editor, f"{PAPERS}add/")
    page.fill("#id_title", "一篇论文")
    page.select_option("#id_section", str(section.pk))
    page.fill("#id_slug", "2025-07-One")
    page.fill("#id_published_on", "2025-07")
    page.fill("#id_code_url", "ftp://example.org/")
    page.fill("#id_first_posted", "2025-13")
    press(page, "发布")
    expect(page.locator("#id_code_url")).to_be_focused()
    expect(page.locator("#id_code_url")).to_be_in_viewport()


# --- Two editors ------------------------------------------------------------------------------------------


@pytest.fixture
def two_forms(desk: Desk, editor: User, other_editor: User, section: Section) -> tuple[Page, Page]:
    """Both opened before either saves."""
    paper = make_paper(section, "2025-07-Two", title="两人的论文", notes="第一段\n\n第二段\n\n第三段\n")
    return desk(editor, form_of(paper)), desk(other_editor, form_of(paper))


def test_changes_of_two_editors_are_put_together(two_forms: tuple[Page, Page]) -> None:
    mine, theirs = two_forms
    theirs.fill("#id_notes", "第一段\n\n第二段\n\n第三段，由对方改\n")
    press(theirs, "发布")
    mine.fill("#id_notes", "第一段，由我改\n\n第二段\n\n第三段\n")
    mine.fill("#id_venue", "SOSP 2025")
    press(mine, "发布")

    expect(mine.locator(".errornote")).to_contain_text("还没有保存")
    assert mine.locator("ins").all_inner_texts() == ["，由我改", "，由对方改", "SOSP 2025"]
    press(mine, "合并并发布")
    seen = read(mine, "/RL/2025-07-Two.html")
    assert "第一段，由我改" in seen
    assert "第三段，由对方改" in seen


def test_where_both_changed_the_same_the_editor_chooses(two_forms: tuple[Page, Page]) -> None:
    mine, theirs = two_forms
    theirs.fill("#id_title", "对方的标题")
    theirs.fill("#id_notes", "第一段\n\n对方的第二段\n\n第三段\n")
    press(theirs, "保存")
    mine.fill("#id_title", "我的标题")
    mine.fill("#id_notes", "第一段\n\n我的第二段\n\n第三段\n")
    press(mine, "保存")
    press(mine, "保存合并结果")  # without a choice

    expect(mine.locator(".conflict.errors")).to_have_count(2)
    expect(mine.locator(".conflict input").first).to_be_focused()
    mine.locator(".conflict", has_text="标题").get_by_label("用已保存的").check()
    mine.locator(".conflict", has_text="第二段").get_by_label("都要：我的在前，已保存的在后").check()
    press(mine, "保存合并结果")
    merged = revisions.data_of(Paper.objects.get())
    assert merged["title"] == "对方的标题"
    assert merged["notes"] == "第一段\n\n我的第二段\n对方的第二段\n\n第三段\n"


# --- Moving -----------------------------------------------------------------------------------------------


def test_a_section_is_dragged_into_another_and_moved_back(
    desk: Desk, editor: User, systems: Section, published_paper: Paper
) -> None:
    page = desk(editor, SECTIONS)
    drag(page, "强化学习", "系统")
    main = page.locator("#content-main")
    expect(main).to_contain_text("/systems/RL/")
    expect(page.locator(".moves li")).to_have_text(
        ["/RL/ → /systems/RL/", "/RL/2025-07-Public.html → /systems/RL/2025-07-Public.html"]
    )
    assert Section.objects.filter(path="/RL/").exists(), "nothing has moved yet"
    press(page, "确认移动")
    assert "/systems/RL/" in said(page)
    assert Paper.objects.get().path == "/systems/RL/2025-07-Public.html"

    press(page, "撤销")
    expect(main).to_contain_text("强化学习")
    press(page, "撤销")
    assert Paper.objects.get().path == "/RL/2025-07-Public.html"


def test_a_section_dragged_to_the_upper_edge_goes_before(
    desk: Desk, editor: User, section: Section, systems: Section
) -> None:
    page = desk(editor, SECTIONS)
    drag(page, "系统", "强化学习", to_the_top=True)
    expect(page.locator("#content-main")).to_contain_text("没有网址改变")
    press(page, "确认移动")
    titles = page.locator("#result_list tbody th a").all_inner_texts()
    assert [title.strip() for title in titles] == ["站名", "系统", "强化学习"]


def test_a_section_is_not_dragged_into_its_own_descendant(desk: Desk, editor: User, section: Section) -> None:
    make_section("deep", parent=section, title="深度强化")
    page = desk(editor, SECTIONS)
    page.locator("#result_list tr", has_text="/RL/").first.drag_to(page.get_by_role("link", name="深度强化"))
    expect(page.locator(".errorlist, .errornote").first).to_be_visible()
    expect(page.get_by_role("button", name="确认移动")).to_have_count(0)


def test_a_section_is_moved_by_keyboard_alone(
    desk: Desk, editor: User, section: Section, systems: Section
) -> None:
    page = desk(editor, SECTIONS)
    page.locator("#result_list tr", has_text="强化学习").get_by_role("link", name="移动…").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("#id_parent").focus()
    page.keyboard.press("End")  # the last section: systems
    page.keyboard.press("Tab")
    expect(page.locator("#id_before")).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # preview
    page.get_by_role("button", name="确认移动").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Section.objects.get(uid=section.uid).path == "/systems/RL/"


def test_papers_are_moved_together_and_back(
    desk: Desk, editor: User, section: Section, systems: Section
) -> None:
    papers = [make_paper(section, f"2025-07-{name}", title=f"论文{name}") for name in "AB"]
    page = desk(editor, PAPERS)
    tick(page, *papers)
    choose_action(page, "移动所选论文…")
    page.select_option("#id_section", str(systems.pk))
    press(page, "预览")
    expect(page.locator("#content-main tbody tr")).to_have_count(2)
    expect(page.locator("#content-main tbody")).to_contain_text(
        "/RL/2025-07-A.html → /systems/2025-07-A.html"
    )
    assert not Paper.objects.filter(section=systems).exists(), "nothing has moved yet"
    press(page, "移动")
    assert Paper.objects.filter(section=systems).count() == 2

    press(page, "撤销")
    press(page, "撤销")
    assert sorted(Paper.objects.values_list("path", flat=True)) == [
        "/RL/2025-07-A.html",
        "/RL/2025-07-B.html",
    ]


@pytest.mark.parametrize("query", ["", "?section={uid}"])
def test_papers_are_dragged_onto_a_section_of_the_filter(
    desk: Desk, editor: User, systems: Section, published_paper: Paper, query: str
) -> None:
    page = desk(editor, PAPERS + query.format(uid=published_paper.section.uid))  # type: ignore[union-attr]
    row = page.locator("#result_list tr", has_text="Public Paper")
    with page.expect_navigation():
        row.drag_to(page.locator("#changelist-filter").get_by_role("link", name="系统"))
    expect(page.locator("#content-main tbody")).to_contain_text("→ /systems/2025-07-Public.html")


# --- The trash --------------------------------------------------------------------------------------------


def test_a_deleted_paper_comes_back_from_the_trash(desk: Desk, editor: User, published_paper: Paper) -> None:
    page = desk(editor, form_of(published_paper))
    press(page, "删除")
    expect(page.locator("#content-main, #content")).to_contain_text("/RL/2025-07-Public.html")
    press(page, "移入回收站")
    assert not Paper.objects.exists()

    press(page, "回收站")
    press(page, "Public Paper")
    press(page, "恢复")
    assert "已从回收站恢复" in said(page)
    assert "Public Paper" in read(page, "/RL/2025-07-Public.html")


# --- Tags -------------------------------------------------------------------------------------------------


@pytest.fixture
def tag_form(desk: Desk, editor: User, draft_paper: Paper) -> Page:
    """A draft's form with the cursor in the field of tags; `推理优化` is there already."""
    make_paper(draft_paper.section, "2025-07-Other", tags=("推理优化",), title="另一篇")
    page = desk(editor, form_of(draft_paper))
    page.locator(".field-tags .select2-search__field").click()
    return page


def chosen(page: Page) -> Any:
    return page.locator(".field-tags .select2-selection__choice")


def saved_tags(page: Page) -> set[str]:
    press(page, "保存")
    return {tag.name for tag in revisions.tags_of(revisions.data_of(Paper.objects.get(status="draft")))}


def test_a_tag_is_suggested_and_taken(tag_form: Page) -> None:
    tag_form.keyboard.insert_text("推理")
    tag_form.get_by_role("option", name="推理优化").click()
    expect(chosen(tag_form)).to_contain_text(["推理优化"])
    expect(chosen(tag_form)).to_have_count(1)
    assert saved_tags(tag_form) == {"推理优化"}
    assert Tag.objects.count() == 1


def test_a_suggestion_is_taken_by_keyboard(tag_form: Page) -> None:
    tag_form.keyboard.insert_text("推理")
    expect(tag_form.get_by_role("option", name="推理优化")).to_be_visible()
    tag_form.keyboard.press("ArrowDown")
    tag_form.keyboard.press("Enter")
    assert saved_tags(tag_form) == {"推理优化"}


def test_what_is_new_is_called_new_and_made(tag_form: Page) -> None:
    tag_form.keyboard.insert_text("推理")
    expect(tag_form.get_by_role("option", name="新建“推理”")).to_be_visible()
    tag_form.keyboard.press("Enter")
    assert saved_tags(tag_form) == {"推理"}
    assert Tag.objects.count() == 2


def test_quick_typing_makes_what_was_typed(tag_form: Page) -> None:
    """Faster than the suggestions come: not one of an older list."""
    tag_form.keyboard.type("MoE")
    tag_form.keyboard.press("Enter")
    tag_form.keyboard.type("推理优化")
    tag_form.keyboard.press("Enter")
    assert saved_tags(tag_form) == {"MoE", "推理优化"}
    assert Tag.objects.count() == 2


@pytest.mark.parametrize("separator", [",", "，", "、"])
def test_a_comma_ends_a_tag(tag_form: Page, separator: str) -> None:
    tag_form.keyboard.insert_text(f"量化{separator}")
    expect(chosen(tag_form)).to_have_count(1)
    tag_form.keyboard.insert_text("蒸馏")
    tag_form.keyboard.press("Enter")
    assert saved_tags(tag_form) == {"量化", "蒸馏"}


def test_text_being_composed_is_not_a_tag_yet(tag_form: Page) -> None:
    keyboard = tag_form.context.new_cdp_session(tag_form)
    keyboard.send("Input.imeSetComposition", {"text": "liang hua", "selectionStart": 9, "selectionEnd": 9})
    expect(chosen(tag_form)).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "量化"})
    expect(tag_form.get_by_role("option", name="新建“量化”")).to_be_visible()
    tag_form.keyboard.press("Enter")
    assert saved_tags(tag_form) == {"量化"}


def test_a_tag_that_is_typed_is_not_lost_on_leaving(tag_form: Page) -> None:
    tag_form.keyboard.type("量化")
    tag_form.keyboard.press("Tab")
    expect(chosen(tag_form)).to_have_count(1)
    assert saved_tags(tag_form) == {"量化"}


def test_a_tag_given_up_is_not_made(tag_form: Page) -> None:
    tag_form.keyboard.type("量化")
    tag_form.keyboard.press("Escape")
    assert saved_tags(tag_form) == set()


# --- While typing -----------------------------------------------------------------------------------------


@pytest.fixture
def draft_form(desk: Desk, editor: User, section: Section) -> Page:
    make_paper(section, "2025-07-Known", title="Known Paper", arxiv_id="2309.06180")
    page = desk(editor, f"{PAPERS}add/")
    page.select_option("#id_section", str(section.pk))
    return page


def test_the_final_address_is_shown_while_typing(draft_form: Page) -> None:
    panel = draft_form.locator("#live-check")
    expect(panel).to_be_hidden()
    draft_form.locator("#id_slug").press_sequentially("2025-08-New")
    expect(panel).to_have_text("最终网址 /RL/2025-08-New.html")
    draft_form.fill("#id_slug", "2025-07-KNOWN")
    expect(panel.locator(".doubt")).to_be_visible()


def test_a_slug_is_suggested_and_taken(draft_form: Page) -> None:
    draft_form.fill("#id_title", "注意力就是一切")
    draft_form.fill("#id_published_on", "2025-08")
    draft_form.get_by_role("button", name="采用建议 2025-08-注意力就是一切").click()
    expect(draft_form.locator("#id_slug")).to_have_value("2025-08-注意力就是一切")
    expect(draft_form.locator("#live-check")).to_have_text("最终网址 /RL/2025-08-注意力就是一切.html")


def test_a_pasted_arxiv_address_finds_the_paper_that_is_there(draft_form: Page) -> None:
    draft_form.fill("#id_arxiv_id", "https://arxiv.org/abs/2309.06180v3")
    same = draft_form.locator("#live-check .doubt", has_text="可能是同一篇")
    expect(same.get_by_role("link", name="Known Paper")).to_be_visible()

    draft_form.fill("#id_title", "另一个标题")
    press(draft_form, "保存")
    question = draft_form.locator(".questions")
    expect(question).to_contain_text("Known Paper")
    expect(draft_form.locator("#id_arxiv_id")).to_have_value("https://arxiv.org/abs/2309.06180v3")
    question.get_by_role("checkbox").check()
    press(draft_form, "保存")
    assert Paper.objects.filter(arxiv_id="2309.06180").count() == 2


def test_a_month_that_cannot_be_is_doubted(draft_form: Page) -> None:
    draft_form.fill("#id_arxiv_id", "2312.00752")
    draft_form.fill("#id_published_on", "2013-12")
    expect(draft_form.locator("#live-check .doubt")).to_contain_text("2013-12")


# --- Every page -------------------------------------------------------------------------------------------


@pytest.fixture
def paths(editor: User, section: Section, draft_paper: Paper, scheduled_paper: Paper) -> list[str]:
    """Every kind of page of the admin, with long words in it."""
    title = "A-Very-Long-Title-Without-A-Space-" * 4
    paper = make_paper(
        section, title, title=title, tags=("一个标签", "C++"), paper_url=f"https://example.org/{title}"
    )
    revisions.save(paper, {**revisions.data_of(paper), "notes": title * 3}, author=editor)
    gone = make_paper(section, "2025-01-Gone", title=title)
    trash.delete(gone, author=editor)
    tag = Tag.objects.first()
    pages = [f"{base}{page}" for base in (PAPERS, SECTIONS, TAGS) for page in ("", "add/", "trash/")]
    forms = [f"{PAPERS}{paper.pk}/", f"{SECTIONS}{section.pk}/", f"{TAGS}{tag.pk}/"]  # type: ignore[union-attr]
    pages += [f"{form}{page}/" for form in forms for page in ("change", "history", "delete")]
    return [
        "/admin/",
        *pages,
        f"{form_of(draft_paper)}",
        f"{form_of(scheduled_paper)}",
        f"{PAPERS}{paper.pk}/history/1/2/",
        f"{PAPERS}{paper.pk}/unpublish/",
        f"{PAPERS}trash/{gone.uid}/",
        f"{SECTIONS}{section.pk}/move/?parent={section.parent_id}",
        f"{TAGS}{tag.pk}/merge/",  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_is_wider_than_the_screen(
    desk: Desk, editor: User, paths: list[str], width: int, language: str
) -> None:
    page = desk(editor, "/admin/", width=width)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_title_without_spaces_is_no_wider_than_a_phone(desk: Desk, editor: User, section: Section) -> None:
    paper = make_paper(section, "2025-07-Long", title="Unbroken" * 20)
    page = desk(editor, "/admin/", width=360)
    for path in ("change", "history", "delete", "unpublish", "draft-link"):
        page.goto(f"{PAPERS}{paper.pk}/{path}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_dark_mode_is_chosen_by_the_admins_own_switch(
    desk: Desk, editor: User, published_paper: Paper
) -> None:
    data = {**revisions.data_of(published_paper), "summary": "新的摘要"}
    revisions.save(published_paper, data, author=editor)
    page = desk(editor, f"{PAPERS}{published_paper.pk}/history/1/2/", color_scheme="light")
    added = page.locator("ins")
    expect(added).to_have_css("background-color", "rgb(204, 241, 213)")
    page.locator(".theme-toggle").first.click()
    expect(added).to_have_css("background-color", "rgb(20, 83, 45)")


def test_the_language_is_switched_from_the_admin(desk: Desk, editor: User, root: Section) -> None:
    page = desk(editor, PAPERS)
    with page.expect_navigation():
        page.get_by_role("link", name="English").click()
    with page.expect_navigation():
        page.locator("button[value=en]").click()
    page.wait_for_url(f"**{PAPERS}")
    expect(page.get_by_role("link", name="View site")).to_be_visible()
