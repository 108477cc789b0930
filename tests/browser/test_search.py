"""Finding papers in a real Chromium: the palette by keys alone, facets and search with and without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest

from .test_pages import open_page, site  # noqa: F401

pytestmark = pytest.mark.browser

EACH_WIDTH = pytest.mark.parametrize("width", [360, 768, 1440])
EACH_MODE = pytest.mark.parametrize("mode", ["light", "dark"])
LISTS = ["/papers/", "/papers/?section=llm&year=2025&sort=title", "/papers/?tag=x", "/2025/", "/2025/07/"]
SEARCHES = ["/search/?q=推理", "/search/?q=推理&section=llm", "/search/?q=nosuchword"]

Opened = Callable[..., Any]


def type_into_palette(page: Any, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.wait_for_selector(".palette-option")


def is_open(page: Any) -> bool:
    return page.locator("dialog.palette").is_visible()


# --- The palette ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1440])
@EACH_MODE
def test_a_reader_arrives_by_keys_alone(open_page: Opened, width: int, mode: str) -> None:  # noqa: F811
    page = open_page("/", width, color_scheme=mode)
    type_into_palette(page, "PagedAttention")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**PagedAttention.html?in=*")
    assert page.complaints == []


def test_arrows_go_round_and_are_told_to_screen_readers(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/about/")
    type_into_palette(page, "推理")
    field = page.locator("dialog.palette input")
    assert field.get_attribute("aria-expanded") == "true"
    for key, option in (
        ("ArrowDown", "1"),
        ("ArrowDown", "2"),
        ("ArrowUp", "1"),
        ("ArrowUp", "all"),
        ("ArrowDown", "1"),
    ):
        page.keyboard.press(key)
        assert field.get_attribute("aria-activedescendant") == f"page-option-{option}"
        assert (
            page.locator("[role=option][aria-selected=true]").get_attribute("id") == f"page-option-{option}"
        )
    assert "个结果" in page.locator("dialog.palette [role=status]").inner_text()


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k"])
def test_the_chord_opens_it_from_a_field_too(open_page: Opened, keys: str) -> None:  # noqa: F811
    page = open_page("/")
    page.focus("#page-search")
    page.keyboard.press(keys)
    assert is_open(page)


def test_a_slash_in_a_field_is_a_slash(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    page.focus("#page-search")
    page.keyboard.type("a/b")
    assert page.input_value("#page-search") == "a/b"
    assert not is_open(page)


def test_single_keys_can_be_switched_off(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    page.evaluate("document.documentElement.dataset.shortcuts = 'off'")
    page.keyboard.press("/")
    assert not is_open(page)
    page.keyboard.press("Control+k")
    assert is_open(page)


def test_escape_closes_it_and_gives_the_focus_back(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/papers/")
    page.focus(".site-name")
    type_into_palette(page, "推理")
    page.keyboard.press("Escape")
    assert not is_open(page)
    assert page.evaluate("document.activeElement.className") == "site-name"


def test_enter_without_a_choice_leads_to_all_results(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    type_into_palette(page, "推理")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    assert page.locator("h1").inner_text() == "搜索"


def test_an_input_method_is_left_alone_until_it_is_done(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("/")
    method = page.context.new_cdp_session(page)
    for text in ("t", "tu", "tui", "tui li"):
        method.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
    method.send("Input.insertText", {"text": "推理"})
    page.wait_for_selector(".palette-option")
    assert [url.partition("?q=")[2] for url in asked if "/-/search/" in url] == ["%E6%8E%A8%E7%90%86"]


def test_an_older_answer_does_not_overtake(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    page.route("**/-/search/?q=Orca", lambda _route: None)  # never answered
    page.keyboard.press("/")
    with page.expect_request("**/-/search/?q=Orca"):
        page.keyboard.type("Orca")
    with page.expect_event("requestfailed"):
        page.fill("dialog.palette input", "MegaScale")
    page.wait_for_selector(".palette-option")
    assert "MegaScale" in page.locator(".palette-option").first.inner_text()


def test_a_failure_is_said(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    page.route("**/-/search/**", lambda route: route.abort())
    page.keyboard.press("/")
    page.keyboard.type("x")
    page.locator("dialog.palette [role=status]", has_text="没有成功").wait_for()


def test_what_was_typed_is_no_markup(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/")
    type_into_palette(page, "<img src=x onerror=alert(1)>")
    assert page.locator("dialog.palette img").count() == 0
    assert page.complaints == []


# --- Lists ------------------------------------------------------------------------------------------------


@EACH_WIDTH
@EACH_MODE
def test_no_list_is_wider_than_the_screen(open_page: Opened, site: str, width: int, mode: str) -> None:  # noqa: F811
    page = open_page("/", width, color_scheme=mode)
    for path in [*LISTS, *SEARCHES]:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("javascript", [True, False])
def test_facets_are_beside_the_list_where_there_is_room(open_page: Opened, javascript: bool) -> None:  # noqa: F811
    page = open_page("/papers/", 1440, java_script_enabled=javascript)
    facets, papers = page.locator(".facets-body").bounding_box(), page.locator(".paper-list").bounding_box()
    assert facets["x"] + facets["width"] < papers["x"]


@pytest.mark.parametrize("javascript", [True, False])
def test_facets_are_folded_on_a_phone(open_page: Opened, javascript: bool) -> None:  # noqa: F811
    page = open_page("/papers/", 360, java_script_enabled=javascript)
    assert not page.locator(".facets-body").is_visible()
    page.click(".facets > summary")
    page.click(".facet-link >> text=机器学习系统")
    page.wait_for_url("**/papers/?section=*")
    assert "机器学习系统" in page.locator(".chosen li").inner_text()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_search_is_narrowed_and_read(open_page: Opened, javascript: bool) -> None:  # noqa: F811
    page = open_page("/", 1440, java_script_enabled=javascript)
    page.fill("#page-search", "推理")
    page.keyboard.press("Enter")
    page.click(".facet-link >> text=2023")
    page.wait_for_url("**year=2023")
    page.click(".result-excerpt a >> nth=0")
    page.wait_for_url("**.html?in=*")
    assert page.locator(".neighbours").is_visible()


def test_since_a_day(open_page: Opened) -> None:  # noqa: F811
    page = open_page("/papers/?sort=title", java_script_enabled=False)
    page.fill("#page-since", "2020-01-01")
    page.click(".facet-since button")
    page.wait_for_url("**/papers/?since=2020-01-01&sort=title")
    assert "共 23 篇" in page.locator(".count").inner_text()
