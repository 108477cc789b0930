"""The site in a real Chromium: nothing blocked, nothing foreign, nothing wider than the screen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from papers.models import Paper

pytestmark = pytest.mark.browser

ORCA = (
    "/llm/engineering/inference/"
    "2022-07-Orca-A-Distributed-Serving-System-for-Transformer-Based-Generative-Models.html"
)
PAGES = [
    "/",
    "/about/",
    "/llm/engineering/",
    ORCA,
    "/papers/",
    "/tags/",
    "/search/?q=推理",
    "/-/language/",
    "/nothing/here/",
]


@pytest.fixture
def site(transactional_db: None, live_server: Any) -> str:
    call_command("loaddata", "papercache", verbosity=0)
    return live_server.url


@pytest.fixture
def open_page(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open a path of the site in a window of its own; what the page complained of is in `page.complaints`."""
    contexts = []

    def open_at(path: str, width: int = 1440, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.hosts = [], set()
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("request", lambda request: page.hosts.add(request.url.split("/")[2]))
        page.goto(site + path)
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_is_wider_than_the_screen(open_page: Callable[..., Any], site: str, width: int) -> None:
    page = open_page("/", width)
    for path in PAGES:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_no_word_of_a_label_is_cut_in_two(open_page: Callable[..., Any], site: str) -> None:
    page = open_page(ORCA, 360)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site}])
    page.reload()
    labels = page.locator(".record dt").filter(has_text="Published in")
    narrowest = "(label) => { Object.assign(label.style, { width: 'min-content', overflowWrap: 'normal' }); return label.offsetWidth; }"
    assert labels.evaluate("(label) => label.offsetWidth") >= labels.evaluate(narrowest)


def test_nothing_is_blocked_and_nothing_foreign_asked_for(open_page: Callable[..., Any], site: str) -> None:
    page = open_page("/")
    for path in PAGES:
        page.goto(site + path)
    assert [text for text in page.complaints if "404" not in text] == []
    assert page.hosts == {site.removeprefix("http://")}


def test_dark_mode_follows_the_system(open_page: Callable[..., Any]) -> None:
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = open_page("/", color_scheme="light").evaluate(paper)
    dark = open_page("/", color_scheme="dark").evaluate(paper)
    assert light == "rgb(251, 250, 246)"
    assert dark == "rgb(22, 24, 27)"


def test_formulas_are_drawn_without_script(open_page: Callable[..., Any]) -> None:
    page = open_page(ORCA, java_script_enabled=False)
    formula = page.locator("div.formula math").first
    assert formula.bounding_box()["height"] > 30


def test_the_contents_list_leads_to_its_heading(open_page: Callable[..., Any]) -> None:
    page = open_page(ORCA)
    page.locator(".contents a").nth(2).click()
    heading = page.locator(".note h2").nth(2)
    assert 0 <= heading.bounding_box()["y"] < 200


def test_the_keyboard_reaches_the_text_first(open_page: Callable[..., Any]) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#page-main")


def test_a_reader_searches_and_arrives(open_page: Callable[..., Any]) -> None:
    page = open_page("/", 360)
    page.fill("#page-search", "分页注意力")
    page.keyboard.press("Enter")
    page.locator(".paper-item-title a").first.click()
    page.wait_for_url("**PagedAttention.html?in=*")


def test_an_editor_changes_a_paper_and_sees_it(open_page: Callable[..., Any], site: str) -> None:
    User.objects.create_superuser("editor", password="editor")
    page = open_page("/admin/login/?next=/admin/papers/paper/")
    page.fill("#id_username", "editor")
    page.fill("#id_password", "editor")
    with page.expect_navigation():
        page.click("[type=submit]")
    page.goto(f"{site}/admin/papers/paper/{Paper.objects.get(uid='tilus').pk}/change/")
    page.fill("#id_notes", "## 新写的笔记\n\n公式 $a^2$")
    with page.expect_navigation():
        page.locator("[name=_publish]").first.click()
    page.goto(site + Paper.objects.get(uid="tilus").get_absolute_url())
    assert page.locator(".note h2").inner_text() == "新写的笔记"
    assert page.locator(".edit-link").is_visible()
    assert page.complaints == []
