"""Reading a note in a real Chromium: contents that follow, links to places, large pictures, what is wide, Chinese type."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section
from tests.showcase import make_showcase

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
CURRENT = ".contents [aria-current=location]"
SHIFT = """addEventListener("DOMContentLoaded", () => {
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((e) => { window.shift += e.value; }))
        .observe({ type: "layout-shift", buffered: true });
})"""


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_showcase(section, parts=2)


def style(page: Any, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{name}")


def scroll_to(page: Any, selector: str) -> None:
    page.evaluate("selector => document.querySelector(selector).scrollIntoView()", selector)


# --- Contents ---------------------------------------------------------------------------------------------


def test_the_contents_list_follows_the_scroll(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    scroll_to(page, ".note h3")
    page.locator(CURRENT, has_text="1.1 实验设置").wait_for()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.locator(CURRENT, has_text="2.1 实验设置").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.locator(CURRENT).wait_for(state="detached")


def test_the_contents_list_stays_beside_the_note(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    page.locator(".contents details[open]").wait_for()
    scroll_to(page, ".note table")
    assert page.locator(".contents a").first.is_visible()
    assert 0 <= page.locator(".contents").bounding_box()["y"] < 50


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [360, 768])
def test_on_a_small_screen_the_contents_list_unfolds(
    open_paper: Open, paper: Paper, width: int, scripts: bool
) -> None:
    page = open_paper(paper, width, java_script_enabled=scripts)
    assert not page.locator(".contents a").first.is_visible()
    page.locator(".contents summary").click()
    page.locator(".contents a", has_text="2.1 实验设置").click()
    assert 0 <= page.locator(".note h3").nth(1).bounding_box()["y"] < 100


def test_without_scripts_the_contents_list_is_open_beside_the_note(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper, java_script_enabled=False)
    assert page.locator(".contents a").first.is_visible()


# --- Links to places --------------------------------------------------------------------------------------


def test_each_place_has_a_link_to_itself_that_is_copied(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    for place in ("h2", "h3", "figure", "div.formula"):
        here = page.locator(f".note {place}").nth(1)
        here.hover()
        here.locator("> a.anchor").click()
        page.locator(".notice", has_text="已复制链接").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        assert page.url.endswith("#" + here.evaluate("place => encodeURIComponent(place.id)"))


def test_the_keyboard_copies_a_link_where_the_clipboard_is_closed(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    anchor = page.get_by_role("link", name="复制链接").first
    anchor.focus()
    assert style(page, ".anchor", "opacity") == "1"
    page.keyboard.press("Enter")
    page.wait_for_url("**#s-a1*")


def test_a_heading_reads_as_it_is_written(open_paper: Open, paper: Paper) -> None:
    assert open_paper(paper).locator(".note h3").first.inner_text() == "1.1 实验设置"


# --- Pictures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1440])
def test_a_picture_opens_large_and_closes_where_one_was(open_paper: Open, paper: Paper, width: int) -> None:
    page = open_paper(paper, width)
    button = page.get_by_role("button", name="吞吐量随请求率的变化").nth(1)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="吞吐量随请求率的变化")
    assert "图 3" in dialog.inner_text()
    assert dialog.locator("img").bounding_box()["width"] > button.bounding_box()["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert button.evaluate("button => button === document.activeElement")


def test_a_large_picture_closes_by_its_button_and_by_a_click_beside_it(
    open_paper: Open, paper: Paper
) -> None:
    page = open_paper(paper)
    for close in (
        lambda: page.get_by_role("button", name="关闭").click(),
        lambda: page.mouse.click(5, 5),
    ):
        page.locator(".enlarge").first.click()
        page.locator(".figure-dialog[open]").wait_for()
        close()
        page.locator(".figure-dialog").wait_for(state="hidden")


def test_without_scripts_a_picture_is_a_picture(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper, java_script_enabled=False)
    assert page.locator(".note figure img").count() == 4
    assert page.locator(".note :is(button, .anchor)").count() == 0


@pytest.mark.parametrize(("scheme", "plate"), [("light", "rgba(0, 0, 0, 0)"), ("dark", "rgb(241, 239, 233)")])
def test_a_transparent_picture_lies_on_a_light_plate(
    open_paper: Open, paper: Paper, scheme: str, plate: str
) -> None:
    page = open_paper(paper, color_scheme=scheme)
    assert style(page, ".note img", "backgroundColor") == plate


# --- What is wide -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", ["table", "pre", "div.formula"])
def test_what_is_wide_is_scrolled_by_keyboard(open_paper: Open, paper: Paper, block: str) -> None:
    page = open_paper(paper, 360)
    wide = page.locator(f".note {block}[tabindex='0'][aria-label=可以左右滚动]").first
    wide.focus()
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("block => block.scrollLeft > 0", arg=wide.element_handle())


def test_what_has_room_is_no_stop(open_paper: Open, paper: Paper) -> None:
    assert open_paper(paper, 1440).locator(".note :is(table, .formula)[tabindex]").count() == 0


# --- Type -------------------------------------------------------------------------------------------------


def test_chinese_is_set_as_chinese(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    assert style(page, ".note p", "textAutospace") == "normal"
    assert style(page, ".note p", "lineBreak") == "strict"
    assert style(page, ".note code", "textAutospace") == "no-autospace"


def test_nothing_chinese_is_slanted(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    assert style(page, ".note em", "fontStyle") == "normal"
    assert style(page, ".note em", "textEmphasisStyle") == "dot"
    assert style(page, ".highlight .c1", "fontStyle") == "normal"
    assert style(page, "body", "fontSynthesisStyle") == "none"


# --- The page as a whole ----------------------------------------------------------------------------------


def test_nothing_is_wider_than_the_screen(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper)
    for width in (1440, 768, 360, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []


def test_nothing_jumps_on_a_first_visit(open_paper: Open, paper: Paper) -> None:
    page = open_paper(paper, 360)
    page.add_init_script(SHIFT)
    page.reload(wait_until="networkidle")
    assert page.evaluate("window.shift") <= 0.05
