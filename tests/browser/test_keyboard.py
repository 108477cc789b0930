"""Single keys in a real Chromium, the dialog that lists them, and the switch that turns them off."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section
from tests.conftest import make_paper

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


@pytest.fixture
def list_page(open_paper: Open, section: Section) -> Any:
    """A section's list of three papers, newest first."""
    papers = [make_paper(section, f"2025-0{month}-P", title=f"第 {month} 篇") for month in (1, 2, 3)]
    page = open_paper(papers[0])
    page.goto(page.url.rsplit("/", 1)[0] + "/")
    return page


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_j_and_k_go_through_a_list(list_page: Any) -> None:
    seen = []
    for key in "jjjjkkk":
        list_page.keyboard.press(key)
        seen.append(focused(list_page))
    assert seen == [f"第 {number} 篇" for number in (3, 2, 1, 1, 2, 3, 3)]
    list_page.keyboard.press("Enter")
    list_page.wait_for_url("**/2025-03-P.html")


def test_keys_are_letters_where_one_types(list_page: Any) -> None:
    list_page.locator("#page-search").focus()
    list_page.keyboard.type("jk?")
    assert list_page.locator("#page-search").input_value() == "jk?"
    assert not list_page.locator(".help").is_visible()


def test_keys_with_control_belong_to_the_browser(list_page: Any) -> None:
    list_page.keyboard.press("Control+j")
    assert "篇" not in focused(list_page)[:9]


@pytest.mark.parametrize("key", ["?", "？"])
def test_a_question_mark_lists_the_keys(open_paper: Open, published_paper: Paper, key: str) -> None:
    page = open_paper(published_paper)
    page.evaluate(
        "key => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))", key
    )
    dialog = page.get_by_role("dialog", name="快捷键与设置")
    dialog.wait_for()
    assert "下一篇" in dialog.inner_text()


@pytest.mark.parametrize("width", [360, 1440])
def test_a_button_lists_the_keys_and_gets_the_focus_back(
    open_paper: Open, published_paper: Paper, width: int
) -> None:
    page = open_paper(published_paper, width)
    button = page.get_by_role("button", name="快捷键与设置")
    button.click()
    page.keyboard.press("Escape")
    page.locator(".help").wait_for(state="hidden")
    assert button.evaluate("button => button === document.activeElement")


def test_single_keys_can_be_turned_off_and_on(list_page: Any) -> None:
    list_page.get_by_role("button", name="快捷键与设置").click()
    list_page.get_by_label("单键快捷键").uncheck()
    list_page.get_by_role("button", name="关闭").click()
    list_page.reload()
    for key in ("j", "?"):
        list_page.keyboard.press(key)
    assert "篇" not in focused(list_page)[:9]
    assert not list_page.locator(".help").is_visible()
    list_page.get_by_role("button", name="快捷键与设置").click()
    list_page.get_by_label("单键快捷键").check()
    list_page.keyboard.press("Escape")
    list_page.keyboard.press("j")
    assert focused(list_page) == "第 3 篇"


def test_cards_have_a_switch(open_paper: Open, published_paper: Paper) -> None:
    page = open_paper(published_paper)
    page.get_by_role("button", name="快捷键与设置").click()
    page.get_by_label("显示卡片").uncheck()
    assert page.evaluate("document.documentElement.dataset.cards") == "off"
    assert page.evaluate("localStorage.getItem('papercache-cards')") == "off"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.cards") == "off"


def test_the_first_stop_skips_to_the_text(open_paper: Open, published_paper: Paper) -> None:
    page = open_paper(published_paper, java_script_enabled=False)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#page-main")


def test_every_stop_can_be_seen(list_page: Any) -> None:
    """Each element that the Tab key reaches has an outline."""
    seen = set()
    for _press in range(25):
        list_page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        where = list_page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        if where.startswith("<body"):
            break
        assert list_page.evaluate(outline) in ("solid", "auto"), where
        seen.add(where)
    assert len(seen) > 10
