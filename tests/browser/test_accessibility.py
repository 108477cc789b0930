"""axe finds nothing on any kind of page, light or dark, narrow or wide; and what axe does not look at."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from papers import trash
from papers.models import Section
from tests.conftest import make_paper, make_section
from tests.showcase import make_showcase

pytestmark = pytest.mark.browser

PAGES = {
    "front page": "/",
    "section": "/RL/",
    "paper": "/RL/2025-07-Showcase.html",
    "paper without a note": "/RL/2025-06-Plain.html",
    "all papers": "/papers/",
    "tags": "/tags/",
    "tag": "/tags/llm/",
    "venue": "/venues/sosp-2023/",
    "month": "/2025/07/",
    "year": "/2025/",
    "chosen papers": "/papers/?tag=llm&sort=title",
    "no papers": "/papers/?tag=nosuchtag",
    "wanted": "/-/wanted/",
    "collection": "/-/collection/",
    "search": "/search/",
    "results": "/search/?q=vLLM",
    "no results": "/search/?q=nosuchword",
    "language": "/-/language/",
    "not found": "/nothing/here/",
    "gone": "/RL/2025-05-Gone.html",
}
TARGETS = """[...document.querySelectorAll("button, summary, select, input:not([type=hidden])")]
    .filter((target) => target.checkVisibility() && !target.closest(".note") && !target.matches("[type=checkbox], [type=radio]"))
    .filter((target) => { const box = target.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
    .map((target) => target.outerHTML)"""


@pytest.fixture
def open_page(
    transactional_db: None, section: Section, browser: Any, live_server: Any
) -> Iterator[Callable[..., Any]]:
    """A window on a site with every kind of page."""
    Section.objects.filter(pk=section.parent_id).update(text="# 站名\n\n[[topics]]\n\n## 论文\n\n[[papers]]")
    root = Section.objects.get(pk=section.parent_id)
    root.save()
    make_section("llm", parent=root, title="模型", icon="🤖", text="- **架构**：注意力", in_navigation=True)
    make_showcase(section, parts=1)
    make_paper(section, "2025-06-Plain", title="Plain", summary="一句话。")
    trash.delete(make_paper(section, "2025-05-Gone"))
    contexts = []

    def open_it(width: int = 1440, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, base_url=live_server.url, **options
        )
        contexts.append(context)
        return context.new_page()

    yield open_it
    for context in contexts:
        context.close()


def complaints(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_on_any_kind_of_page(
    open_page: Callable[..., Any], width: int, scheme: str
) -> None:
    page = open_page(width, color_scheme=scheme)
    for name, path in PAGES.items():
        status = page.goto(path, wait_until="networkidle").status
        assert status == {"not found": 404, "gone": 410, "no papers": 400}.get(name, 200), name
        assert complaints(page) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_open_dialogs(open_page: Callable[..., Any], scheme: str) -> None:
    page = open_page(1440, color_scheme=scheme)
    page.goto(PAGES["paper"], wait_until="networkidle")
    for button in (".enlarge", "[data-opens-help]"):
        page.locator(button).first.click()
        assert complaints(page) == []
        page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [360, 1440])
def test_what_is_pressed_is_big_enough(open_page: Callable[..., Any], width: int) -> None:
    """24 by 24 pixels, WCAG 2.5.8; links in sentences may be smaller."""
    page = open_page(width)
    for name in ("section", "paper", "search"):
        page.goto(PAGES[name], wait_until="networkidle")
        assert page.evaluate(TARGETS) == [], name


@pytest.mark.parametrize("scripts", [True, False])
def test_no_page_scrolls_sideways_at_320(open_page: Callable[..., Any], scripts: bool) -> None:
    """Which is 1280 at 400%, and more than 200% asks for."""
    page = open_page(320, java_script_enabled=scripts)
    for name, path in PAGES.items():
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, name


def test_twice_the_text_still_fits(open_page: Callable[..., Any]) -> None:
    page = open_page(768)
    for name in ("front page", "section", "paper", "search"):
        page.goto(PAGES[name])
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == 768, name


def test_nothing_moves_for_who_wants_it_still(open_page: Callable[..., Any]) -> None:
    page = open_page(reduced_motion="reduce")
    for name in ("front page", "paper"):
        page.goto(PAGES[name])
        assert page.evaluate("document.getAnimations().length") == 0
        moving = "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration))"
        assert page.evaluate(f"{moving}.length") == 0, name
