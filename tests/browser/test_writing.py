"""Writing a note in a real Chromium: the preview beside it, what is wrong with it, and the comforts of the field."""

import re
from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from papers import derived, revisions
from papers.models import Paper, Section
from papers.rendering import RenderingFailed
from tests.conftest import make_paper

from .test_editing import form_of, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Desk = Callable[..., Page]
LONG = "\n\n".join(f"## 第 {number} 节\n\n第 {number} 段的话。" for number in range(1, 60))


def note(page: Page) -> Any:
    return page.frame_locator("[data-desk-preview] iframe").locator(".paper-body")


def area(page: Page) -> Any:
    return page.locator("#id_notes")


def cursor(page: Page) -> tuple[int, int]:
    return tuple(area(page).evaluate("area => [area.selectionStart, area.selectionEnd]"))  # type: ignore[return-value]


def until(page: Page, condition: str) -> None:
    """Looked at with every frame; Playwright's own would need `eval`, which the policy forbids."""
    look = "const look = (left) => (%s) ? done() : left ? requestAnimationFrame(() => look(left - 1)) : fail(left)"
    page.evaluate(f"() => new Promise((done, fail) => {{ {look % condition}; look(600); }})")


def put_cursor(page: Page, start: int, end: int | None = None) -> None:
    area(page).focus()
    area(page).evaluate("(area, [start, end]) => area.setSelectionRange(start, end)", [start, end or start])


# --- The preview ------------------------------------------------------------------------------------------


def test_the_preview_follows_what_is_typed(write: Callable[..., Page]) -> None:
    page = write("第一段")
    expect(note(page).locator(".note")).to_have_text("第一段")
    area(page).press_sequentially("**重点**")
    expect(note(page).locator("strong")).to_have_text("重点")
    page.fill("#id_title", "新的标题")
    heading = page.frame_locator("[data-desk-preview] iframe").locator("h1")
    expect(heading).to_have_text("新的标题")


def test_the_preview_has_the_styles_of_a_formula_that_was_not_there(write: Callable[..., Page]) -> None:
    page = write("一")
    page.fill("#id_notes", "$$x^2$$")
    expect(note(page).locator("div.formula math")).to_be_visible()
    expect(note(page).locator("div.formula")).to_have_css("text-align", "center")


def test_the_preview_keeps_its_place_and_what_did_not_change(write: Callable[..., Page]) -> None:
    page = write(LONG)
    note(page).locator("h2").nth(40).evaluate("one => { one.dataset.seen = 'yes'; one.scrollIntoView(); }")
    before = note(page).locator("h2").nth(40).evaluate("one => one.getBoundingClientRect().top")
    area(page).evaluate(
        "area => { area.value += '尾声'; area.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(note(page)).to_contain_text("尾声")
    seen = note(page).locator("h2").nth(40)
    assert seen.evaluate("one => one.dataset.seen") == "yes"
    assert seen.evaluate("one => one.getBoundingClientRect().top") == pytest.approx(before, abs=2)


def test_whether_the_preview_is_open_is_remembered(write: Callable[..., Page]) -> None:
    page = write("第一段")
    page.reload()
    expect(note(page).locator(".note")).to_have_text("第一段")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("[data-desk-preview]")).to_be_hidden()
    page.reload()
    expect(page.locator("[data-desk-length]")).to_contain_text("字")
    expect(page.locator("[data-desk-preview]")).to_be_hidden()


def test_an_answer_that_comes_late_is_not_shown(write: Callable[..., Page]) -> None:
    page = write("第一段")
    held: list[Any] = []
    page.route("**/preview/", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/preview/"):
        page.fill("#id_notes", "旧的")
    page.fill("#id_notes", "新的")
    expect(note(page).locator(".note")).to_have_text("新的")
    held[0].continue_()
    page.evaluate("() => fetch(location.href).then((answer) => answer.text())")  # as long as it takes
    expect(note(page).locator(".note")).to_have_text("新的")


def test_a_note_that_cannot_be_rendered_leaves_the_last_preview(
    write: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write("好的")

    def fail(source: str, note_format: str) -> None:
        raise RenderingFailed("嵌套太深")

    monkeypatch.setattr(derived, "rendered", fail)
    page.fill("#id_notes", "坏的")
    expect(page.get_by_role("alert")).to_have_text("嵌套太深")
    expect(note(page).locator(".note")).to_have_text("好的")
    monkeypatch.undo()
    page.fill("#id_notes", "又好了")
    expect(page.locator("[data-desk-failure]")).to_have_text("")
    expect(note(page).locator(".note")).to_have_text("又好了")


def test_a_link_of_the_preview_opens_beside_the_form(write: Callable[..., Page], section: Section) -> None:
    make_paper(section, "2025-07-Other", title="Other")
    page = write("见 [[Other]]。")
    with page.context.expect_page() as opened:
        note(page).get_by_role("link", name="Other").first.click()
    assert opened.value.url.endswith("/RL/2025-07-Other.html")
    expect(note(page).locator(".note")).to_contain_text("见 Other。")


def test_a_new_paper_has_a_preview(desk: Desk, editor: User, root: Section) -> None:
    page = desk(editor, "/admin/papers/paper/add/")
    page.get_by_role("button", name="预览").click()
    page.fill("#id_notes", "*新的*")
    expect(note(page).locator("em")).to_have_text("新的")


def test_a_section_has_a_preview(desk: Desk, editor: User, section: Section) -> None:
    page = desk(editor, form_of(section))
    page.get_by_role("button", name="预览").click()
    page.fill("#id_text", "*栏目的话*")
    expect(page.frame_locator("[data-desk-preview] iframe").locator(".note em")).to_have_text("栏目的话")


# --- Problems ---------------------------------------------------------------------------------------------


def test_problems_are_listed_while_one_types_without_the_preview(write: Callable[..., Page]) -> None:
    page = write("", preview=False)
    page.fill("#id_notes", "好。\n\n公式 $\\frac{1$ 坏了")
    expect(page.locator("#note-problems li")).to_contain_text("第 3 行")
    page.fill("#id_notes", "好。")
    expect(page.locator("#note-problems")).to_be_hidden()


def test_the_list_that_the_form_came_with_gives_way(write: Callable[..., Page]) -> None:
    page = write("中文,中文", preview=False)
    expect(page.locator(".desk-row #note-problems li")).to_have_count(1)
    expect(page.locator(".note-problems li")).to_have_count(1)


def test_a_click_brings_the_cursor_to_the_line(write: Callable[..., Page]) -> None:
    page = write(f"{LONG}\n\n公式 $\\frac{{1$ 坏了", preview=False)
    page.get_by_role("button", name="第 237 行").click()
    start, end = cursor(page)
    assert area(page).input_value()[start:end] == "$\\frac{1$"
    expect(area(page)).to_be_focused()
    assert area(page).evaluate("area => area.scrollTop") > 1000


def test_a_fix_is_one_click_and_can_be_undone(write: Callable[..., Page]) -> None:
    page = write("好。\n\n中文,中文", preview=False)
    page.get_by_role("button", name="改为 文，中").click()
    expect(area(page)).to_have_value("好。\n\n中文，中文")
    expect(page.locator("#note-problems")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(area(page)).to_have_value("好。\n\n中文,中文")
    press(page, "保存")
    assert Paper.objects.get().notes == "好。\n\n中文,中文"


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_at_the_desk(write: Callable[..., Page], width: int, scheme: str) -> None:
    page = write("## 一\n\n中文,中文 $\\frac{1$", width=width, color_scheme=scheme, bypass_csp=True)
    expect(page.locator("#note-problems li")).to_have_count(2)
    found = Axe().run(page, context=".desk-row", options={"preload": False}).response["violations"]
    assert [(rule["id"], node["html"][:150]) for rule in found for node in rule["nodes"]] == []


# --- Tools and keys ---------------------------------------------------------------------------------------


@pytest.fixture
def source(write: Callable[..., Page]) -> Callable[..., Page]:
    """The source with the cursor at `|`, or `[` and `]`-less: from the first `|` to the second."""

    def open_at(marked: str) -> Page:
        start, end = marked.index("|"), marked.rindex("|")
        page = write(marked.replace("|", ""), preview=False)
        put_cursor(page, start, end if end == start else end - 1)
        return page

    return open_at


def marked(page: Page) -> str:
    """The source with a `|` at the cursor, or at both ends of what is selected."""
    text, (start, end) = area(page).input_value(), cursor(page)
    return (
        f"{text[:start]}|{text[end:]}" if start == end else f"{text[:start]}|{text[start:end]}|{text[end:]}"
    )


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("一|二|三", "Control+b", "一**|二|**三"),
        ("一**|二|**三", "Control+b", "一|二|三"),
        ("一|二 |三", "Control+b", "一**|二|** 三"),
        ("一|", "Control+b", "一**|**"),
        ("一|二|", "Control+i", "一*|二|*"),
        ("**|二|**", "Control+i", "***|二|***"),
        ("***|二|***", "Control+i", "**|二|**"),
        ("|x = 1|", "Control+e", "`|x = 1|`"),
        ("|x = 1\ny = 2|", "Control+e", "```\n|x = 1\ny = 2|\n```"),
        ("见|此处|", "Control+k", "见[此处](|)"),
        ("|https://example.org/|", "Control+k", "[|](https://example.org/)"),
        ("设|x|", "Control+Shift+E", "设$|x|$"),
        ("一\n\n|", "Control+Shift+E", "一\n\n$$\n|\n$$"),
        ("方法|", "Control+Shift+H", "## 方法|"),
        ("## 方|法", "Control+Shift+H", "### 方|法"),
        ("#### 方|法", "Control+Shift+H", "方|法"),
    ],
)
def test_a_key_formats_and_its_second_press_takes_it_back(
    source: Callable[..., Page], before: str, key: str, after: str
) -> None:
    page = source(before)
    page.keyboard.press(key)
    assert marked(page) == after
    page.keyboard.press("Control+z")
    assert area(page).input_value() == before.replace("|", "")


def test_the_toolbar_is_one_stop_and_arrows_go_through_it(source: Callable[..., Page]) -> None:
    page = source("一|二|")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="预览")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="加粗")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="小标题")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert marked(page) == "一**|二|**"
    expect(area(page)).to_be_focused()


def test_a_table_is_ready_to_be_filled(source: Callable[..., Page]) -> None:
    page = source("数据|")
    page.get_by_role("button", name="表格").click()
    assert marked(page) == "数据\n\n| |方法| | 结果 |\n| --- | --- |\n|  |  |\n"


def test_html_notes_have_no_markdown_tools(source: Callable[..., Page]) -> None:
    page = source("- 一|")
    page.select_option("#id_notes_format", "html")
    expect(page.get_by_role("toolbar")).to_be_hidden()
    put_cursor(page, 3)
    page.keyboard.press("Enter")
    assert marked(page) == "- 一\n|"


# --- Lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- 一|", "- 一\n- |"),
        ("* 一|二", "* 一\n* |二"),
        ("  + 一|", "  + 一\n  + |"),
        ("9. 九|", "9. 九\n10. |"),
        ("1) 一|", "1) 一\n2) |"),
        ("- [x] 做完|", "- [x] 做完\n- [ ] |"),
        ("> 引文|", "> 引文\n> |"),
        ("> - 引文|", "> - 引文\n> - |"),
        ("- 一\n- |", "- 一\n|"),
        ("> 引文\n> |", "> 引文\n|"),
        ("> - 一\n> - |", "> - 一\n> |"),
        ("正文|", "正文\n|"),
        ("|- 一", "\n|- 一"),
        ("- - -|", "- - -\n|"),
        ("```\n- 一|", "```\n- 一\n|"),
    ],
)
def test_enter_goes_on_with_a_list_or_ends_it(source: Callable[..., Page], before: str, after: str) -> None:
    page = source(before)
    page.keyboard.press("Enter")
    assert marked(page) == after


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("- 一\n- 二|", "Tab", "- 一\n  - 二|"),
        ("1. 一\n2. 二|", "Tab", "1. 一\n   2. 二|"),
        ("- 一\n  - 二|", "Shift+Tab", "- 一\n- 二|"),
        ("|一\n\n二|", "Tab", "|  一\n\n  二|"),
        ("|  一\n  二|", "Shift+Tab", "|一\n二|"),
    ],
)
def test_tab_sets_in_and_out(source: Callable[..., Page], before: str, key: str, after: str) -> None:
    page = source(before)
    page.keyboard.press(key)
    assert marked(page) == after


def test_tab_leaves_where_there_is_no_list(source: Callable[..., Page]) -> None:
    page = source("正文|")
    page.keyboard.press("Tab")
    expect(area(page)).not_to_be_focused()
    assert area(page).input_value() == "正文"


def test_esc_lets_tab_leave_a_list_and_the_help_says_so(source: Callable[..., Page]) -> None:
    page = source("- 一\n- 二|")
    expect(area(page)).to_have_accessible_description(re.compile("先按 Esc，再按 Tab"))
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(area(page)).not_to_be_focused()
    area(page).focus()
    page.keyboard.press("Tab")
    expect(area(page)).to_be_focused()
    assert area(page).input_value() == "- 一\n  - 二"


def test_an_input_method_keeps_its_enter(source: Callable[..., Page]) -> None:
    page = source("- 一|")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "er", "selectionStart": 2, "selectionEnd": 2})
    event = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", event)
    session.send("Input.insertText", {"text": "二"})
    expect(area(page)).to_have_value("- 一二")


# --- Counts and saving ------------------------------------------------------------------------------------


def test_the_length_is_said_as_on_the_page(write: Callable[..., Page]) -> None:
    page = write("**四个汉字**")
    expect(page.locator("[data-desk-length]")).to_have_text("4 字，约读 1 分钟")
    page.fill("#id_notes", "two words")
    expect(page.locator("[data-desk-length]")).to_have_text("2 词，约读 1 分钟")


@pytest.mark.parametrize("preview", [True, False])
def test_ctrl_s_saves_and_stays_where_the_cursor_is(write: Callable[..., Page], preview: bool) -> None:
    page = write(LONG, preview=preview)
    area(page).scroll_into_view_if_needed()
    put_cursor(page, 700)
    area(page).evaluate("area => { area.scrollTop = 1500; }")
    page.keyboard.insert_text("写下")
    top = area(page).evaluate("area => area.getBoundingClientRect().top")
    before = cursor(page), area(page).evaluate("area => area.scrollTop")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(area(page)).to_be_focused()
    assert (cursor(page), area(page).evaluate("area => area.scrollTop")) == before
    assert area(page).evaluate("area => area.getBoundingClientRect().top") == pytest.approx(top, abs=2)
    assert "写下" in Paper.objects.get().notes


def test_ctrl_s_in_another_field_comes_back_to_it(write: Callable[..., Page]) -> None:
    page = write("一", preview=False)
    page.fill("#id_venue", "SOSP 2025")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.locator("#id_venue")).to_be_focused()
    assert Paper.objects.get().venue == "SOSP 2025"


def test_ctrl_s_on_a_new_paper_stays_on_its_form(desk: Desk, editor: User, root: Section) -> None:
    page = desk(editor, "/admin/papers/paper/add/")
    page.fill("#id_notes", "一\n\n二")
    put_cursor(page, 1)
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert page.url.endswith(f"/{Paper.objects.get().pk}/change/")
    assert cursor(page) == (1, 1)


def test_ctrl_s_asks_what_a_save_asks(write: Callable[..., Page], section: Section) -> None:
    make_paper(section, "2025-07-Twin", title="同一篇")
    page = write("一", preview=False)
    page.fill("#id_title", "同一篇")
    area(page).focus()
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.locator(".questions")).to_be_visible()
    assert not Paper.objects.filter(title="同一篇", slug="2025-07-Written").exists()


def test_ctrl_s_finds_the_place_again_after_a_merge(write: Callable[..., Page], one_at_a_time: Lock) -> None:
    page = write("一\n\n二\n\n三", preview=False)
    with one_at_a_time:
        paper = Paper.objects.get()
        revisions.save(paper, {**revisions.data_of(paper), "venue": "SOSP 2025"})
    put_cursor(page, 3)
    page.keyboard.insert_text("又")
    for leave in (lambda: page.keyboard.press("Control+s"), lambda: page.click("[name=_continue]")):
        with page.expect_navigation():
            leave()
    assert cursor(page) == (4, 4)
    assert revisions.data_of(Paper.objects.get())["notes"] == "一\n\n又二\n\n三"


# --- Scrolling together -----------------------------------------------------------------------------------


def test_the_preview_scrolls_with_the_source_and_back(write: Callable[..., Page]) -> None:
    page = write(LONG)
    page.evaluate(
        """() => {
            const area = document.getElementById("id_notes");
            const detail = { places: [...area.value.matchAll(/^## /gm)].map(({ index }) => index) };
            area.dispatchEvent(new CustomEvent("desk:measure", { detail }));
            window.first = () => {
                const at = detail.points.findIndex(({ top }) => top > area.scrollTop);
                const page = document.querySelector("iframe").contentDocument;
                return page.querySelectorAll(".note h2")[at].getBoundingClientRect().top;
            };
        }"""
    )
    area(page).hover()
    page.mouse.wheel(0, 2000)
    until(page, "document.getElementById('id_notes').scrollTop > 500 && first() > 0 && first() < 150")


def test_the_source_follows_the_preview(write: Callable[..., Page]) -> None:
    page = write(LONG)
    page.locator("[data-desk-preview] iframe").hover()
    page.mouse.wheel(0, 3000)
    until(page, "document.getElementById('id_notes').scrollTop > 500")
