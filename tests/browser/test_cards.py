"""Cards in a real Chromium: by pointer and by keyboard, put away by Esc, not by touch, not where switched off."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section
from tests.conftest import make_paper

pytestmark = pytest.mark.browser

CARD = ".card:popover-open"


@pytest.fixture
def paper(section: Section) -> Paper:
    notes = "## A1 主要贡献\n\n分页管理显存。\n\n## A2 问题\n\n别的。"
    make_paper(section, "vllm", title="PagedAttention", venue="SOSP 2023", notes=notes, tags=("KV 缓存",))
    text = "\n\n".join(f"第 {number} 段。" for number in range(40))
    return make_paper(
        section, "citing", notes=f"见 [[vllm]]，又见 [外面](https://example.org/a.html)。\n\n{text}"
    )


def asked(page: Any) -> list[str]:
    return [path for path in page.paths if "/-/card/" in path]


def test_the_pointer_brings_a_card_and_may_rest_on_it(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.locator(".note a.to-paper").hover()
    page.locator(CARD).wait_for()
    text = page.locator(CARD).inner_text()
    assert all(
        words in text for words in ("PagedAttention", "2025-07", "SOSP 2023", "分页管理显存", "KV 缓存")
    )
    page.locator(CARD).hover()
    page.wait_for_timeout(400)
    assert page.locator(CARD).is_visible()
    page.mouse.move(5, 5)
    page.locator(CARD).wait_for(state="detached")
    assert (page.complaints, len(asked(page))) == ([], 1)


def test_the_keyboard_brings_it_too_and_esc_puts_it_away(
    open_paper: Callable[..., Any], paper: Paper
) -> None:
    page = open_paper(paper)
    link = page.locator(".note a.to-paper")
    page.locator(".badges").click()
    page.keyboard.press("Tab")
    page.locator(CARD).wait_for()
    assert link.get_attribute("aria-describedby") == page.locator(CARD).get_attribute("id")
    assert page.locator(CARD).get_attribute("role") == "tooltip"
    page.mouse.move(5, 5)
    page.wait_for_timeout(400)
    assert page.locator(CARD).is_visible()
    page.keyboard.press("Escape")
    assert page.locator(CARD).count() == 0
    assert link.evaluate("link => link === document.activeElement && !link.hasAttribute('aria-describedby')")


def test_it_goes_with_the_focus(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.locator(".badges").click()
    page.keyboard.press("Tab")
    page.locator(CARD).wait_for()
    page.keyboard.press("Tab")
    page.locator(CARD).wait_for(state="detached")


def test_passing_over_a_link_asks_for_nothing(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.locator(".note a.to-paper").hover()
    page.mouse.move(5, 5)
    page.wait_for_timeout(700)
    assert (asked(page), page.locator(CARD).count()) == ([], 0)


def test_links_that_lead_elsewhere_have_none(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    for link in (".note a[href^='https']", ".trail a >> nth=1"):
        page.locator(link).hover()
        page.wait_for_timeout(600)
    assert asked(page) == []


def test_a_card_is_asked_for_once(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    for _time in range(2):
        page.locator(".note a.to-paper").hover()
        page.locator(CARD).wait_for()
        page.keyboard.press("Escape")
        page.mouse.move(5, 5)
    assert len(asked(page)) == 1


def test_switched_off_there_is_none(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.evaluate("localStorage.setItem('papercache-cards', 'off')")
    page.locator(".note a.to-paper").hover()
    page.wait_for_timeout(700)
    assert asked(page) == []


def test_touch_follows_the_link(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper, 360, has_touch=True)
    page.locator(".note a.to-paper").tap()
    page.wait_for_url("**/RL/vllm.html")
    assert asked(page) == []


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_it_stays_inside_the_window(open_paper: Callable[..., Any], paper: Paper, width: int) -> None:
    page = open_paper(paper, width)
    page.locator(".cites a").first.hover()
    page.locator(CARD).wait_for()
    box = page.locator(CARD).bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= width) == (True, True)
    assert (box["y"] >= 0, box["y"] + box["height"] <= 900) == (True, True)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_scripts_links_are_links(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper, java_script_enabled=False)
    page.locator(".note a.to-paper").click()
    page.wait_for_url("**/RL/vllm.html")
    assert page.locator("h1").inner_text() == "PagedAttention"


@pytest.mark.parametrize("url", ["/RL/", "/papers/", "/-/collection/", "/-/wanted/"])
@pytest.mark.parametrize("width", [360, 1440])
def test_lists_and_pictures_fit_the_screen(
    open_paper: Callable[..., Any], paper: Paper, live_server: Any, url: str, width: int
) -> None:
    page = open_paper(paper, width)
    page.goto(live_server.url + url)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []


def test_a_list_of_papers_has_cards(open_paper: Callable[..., Any], paper: Paper, live_server: Any) -> None:
    page = open_paper(paper)
    page.goto(f"{live_server.url}/papers/")
    page.locator(".paper-item-title a").first.hover()
    page.locator(CARD).wait_for()
