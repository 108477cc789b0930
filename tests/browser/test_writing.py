"""Writing a note in a real Chromium: the preview beside it, what is wrong with it, and the comforts of the field."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from papers import derived
from papers.models import Paper, Section
from papers.rendering import RenderingFailed
from tests.conftest import make_paper

from .test_editing import form_of, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Desk = Callable[..., Page]
LONG = "\n\n".join(f"## 第 {number} 节\n\n第 {number} 段的话。" for number in range(1, 60))


@pytest.fixture
def write(desk: Desk, editor: User, section: Section) -> Callable[..., Page]:
    """The form of a draft with these notes, the preview open."""

    def open_form(notes: str = "", *, preview: bool = True, **options: Any) -> Page:
        paper = make_paper(section, "2025-07-Written", title="写着的", notes=notes, status="draft")
        page = desk(editor, form_of(paper), **options)
        if preview:
            page.get_by_role("button", name="预览").click()
            expect(note(page)).to_be_visible()
        return page

    return open_form


def note(page: Page) -> Any:
    return page.frame_locator("[data-desk-preview] iframe").locator(".paper-body")


def area(page: Page) -> Any:
    return page.locator("#id_notes")


def cursor(page: Page) -> tuple[int, int]:
    return tuple(area(page).evaluate("area => [area.selectionStart, area.selectionEnd]"))  # type: ignore[return-value]


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
    put_cursor(page, len(LONG))
    before = note(page).locator("h2").nth(40).evaluate("one => one.getBoundingClientRect().top")
    page.keyboard.insert_text("尾声")
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
    expect(page.locator("[data-desk-length]")).to_contain_text("字")
    held: list[Any] = []
    page.route("**/preview/", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/preview/"):
        page.fill("#id_notes", "旧的")
    page.fill("#id_notes", "新的")
    expect(note(page).locator(".note")).to_have_text("新的")
    held[0].continue_()
    page.fill("#id_summary", "摘要")
    expect(page.frame_locator("iframe").locator(".lead")).to_have_text("摘要")
    expect(note(page).locator(".note")).to_have_text("新的")


def test_a_note_that_cannot_be_rendered_leaves_the_last_preview(
    write: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write("好的")
    expect(page.locator("[data-desk-length]")).to_contain_text("字")

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
    with page.expect_popup() as opened:
        note(page).get_by_role("link", name="Other").first.click()
    assert opened.value.url.endswith("/RL/2025-07-Other.html")
    expect(note(page).locator(".note")).to_contain_text("见 Other。")


def test_a_new_paper_has_a_preview(desk: Desk, editor: User, root: Section) -> None:
    page = desk(editor, "/admin/papers/paper/add/")
    page.get_by_role("button", name="预览").click()
    page.fill("#id_notes", "*新的*")
    expect(note(page).locator("em")).to_have_text("新的")


# --- Problems ---------------------------------------------------------------------------------------------


def test_problems_are_listed_while_one_types_without_the_preview(write: Callable[..., Page]) -> None:
    page = write("", preview=False)
    page.fill("#id_notes", "好。\n\n公式 $\\frac{1$ 坏了")
    expect(page.locator("#note-problems li")).to_contain_text("第 3 行")
    page.fill("#id_notes", "好。")
    expect(page.locator("#note-problems")).to_be_hidden()


def test_the_list_that_the_form_came_with_gives_way(write: Callable[..., Page]) -> None:
    page = write("中文,中文", preview=False)
    expect(page.locator(".desk #note-problems li")).to_have_count(1)
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
