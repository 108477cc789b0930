"""Light and dark in a real Chromium: the system's choice or the reader's, kept, and there before the first paint."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
LIGHT, DARK = "rgb(251, 250, 246)", "rgb(22, 24, 27)"
# What the page looks like when its body begins, before anything of it can have been painted.
SEE_FIRST = """new MutationObserver((_list, observer) => {
    if (!document.body) return;
    observer.disconnect();
    window.first = getComputedStyle(document.documentElement).backgroundColor;
}).observe(document, { childList: true, subtree: true })"""


def colour(page: Any) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_the_button_goes_round_through_three_choices(open_paper: Open, published_paper: Paper) -> None:
    page = open_paper(published_paper, color_scheme="dark")
    seen = []
    for name in ("外观：跟随系统", "外观：浅色", "外观：深色"):
        button = page.get_by_role("button", name=name)
        button.wait_for()
        seen.append(colour(page))
        button.click()
    assert seen == [DARK, LIGHT, DARK]
    page.get_by_role("button", name="外观：跟随系统").wait_for()


@pytest.mark.parametrize(("system", "chosen", "shown"), [("light", "dark", DARK), ("dark", "light", LIGHT)])
def test_a_choice_is_kept_and_there_before_the_first_paint(
    open_paper: Open, published_paper: Paper, system: str, chosen: str, shown: str
) -> None:
    page = open_paper(published_paper, color_scheme=system)
    page.evaluate("chosen => localStorage.setItem('papercache-theme', chosen)", chosen)
    page.add_init_script(SEE_FIRST)
    page.reload()
    assert page.evaluate("window.first") == shown
    assert page.evaluate("document.documentElement.dataset.theme") == chosen


def test_a_choice_holds_on_every_page_and_sets_no_cookie(open_paper: Open, published_paper: Paper) -> None:
    page = open_paper(published_paper, color_scheme="light")
    page.get_by_role("button", name="快捷键与设置").click()
    page.get_by_label("深色").check()
    page.keyboard.press("Escape")
    page.locator(".site-name").click()
    page.wait_for_url("**/")
    assert colour(page) == DARK
    assert page.context.cookies() == []


def test_another_window_follows(open_paper: Open, published_paper: Paper) -> None:
    page = open_paper(published_paper, color_scheme="light")
    other = page.context.new_page()
    other.goto(page.url)
    other.evaluate("localStorage.setItem('papercache-theme', 'dark')")
    page.get_by_role("button", name="外观：深色").wait_for()
    assert colour(page) == DARK


@pytest.mark.parametrize(("system", "shown"), [("light", LIGHT), ("dark", DARK)])
def test_without_scripts_the_system_decides(
    open_paper: Open, published_paper: Paper, system: str, shown: str
) -> None:
    page = open_paper(published_paper, color_scheme=system, java_script_enabled=False)
    assert colour(page) == shown
    assert not page.locator(".theme-button").is_visible()
    assert not page.locator("[data-opens-help]").is_visible()


def test_without_storage_a_choice_holds_for_the_page(open_paper: Open, published_paper: Paper) -> None:
    page = open_paper(published_paper, color_scheme="dark")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })"
    )
    page.reload()
    page.get_by_role("button", name="外观：跟随系统").click()
    assert colour(page) == LIGHT
    assert page.complaints == []
