"""A note on paper, from a real Chromium: a title block, nothing that only a screen needs, nothing cut off."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section
from tests.showcase import make_showcase

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
A4_WIDTH = 658  # 174 mm between the margins, in pixels
# What sticks out of the sheet, and what would have to be scrolled.
CUT_OFF = """width => [...document.querySelectorAll(".note *, .cite *")]
    .filter((element) => !element.closest("math") && getComputedStyle(element).display !== "none")
    .filter((element) => element.getBoundingClientRect().right > width + 1
        || (getComputedStyle(element).overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1))
    .map((element) => element.outerHTML.slice(0, 80))"""


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_showcase(section, parts=1)


@pytest.fixture
def sheet(open_paper: Open, paper: Paper) -> Any:
    page = open_paper(paper, A4_WIDTH, color_scheme="dark")
    page.emulate_media(media="print")
    return page


def test_what_only_a_screen_needs_is_left_out(sheet: Any) -> None:
    for selector in (
        ".site-header",
        ".site-footer",
        ".contents",
        ".trail",
        ".anchor",
        ".code-copy",
        "dialog",
    ):
        assert not sheet.locator(selector).first.is_visible(), selector


def test_the_title_block_and_the_address_are_there(sheet: Any) -> None:
    shown = sheet.locator("body").inner_text()
    for words in ("PagedAttention", "张三", "SOSP 2023", "2025-07-Showcase.html"):
        assert words in shown
    after = "link => getComputedStyle(link, '::after').content"
    assert "attr(href)" in sheet.locator(".record-links a").first.evaluate(after) or (
        "https://arxiv.org/abs/2309.06180" in sheet.locator(".record-links a").first.evaluate(after)
    )


def test_nothing_is_cut_off(sheet: Any) -> None:
    sheet.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert sheet.evaluate(CUT_OFF, A4_WIDTH) == []


def test_what_is_folded_is_printed(sheet: Any) -> None:
    assert sheet.get_by_text("由 Jensen 不等式即得").is_visible()


@pytest.mark.parametrize("theme", ["auto", "dark"])
def test_paper_is_white(open_paper: Open, paper: Paper, theme: str) -> None:
    page = open_paper(paper, color_scheme="dark")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert (
        page.locator(".note img").first.evaluate("i => getComputedStyle(i).backgroundColor")
        == "rgba(0, 0, 0, 0)"
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_a_pdf_has_pages_of_a4(open_paper: Open, paper: Paper, scripts: bool) -> None:
    pdf = open_paper(paper, java_script_enabled=scripts).pdf(prefer_css_page_size=True)
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}
    assert 2 <= pdf.count(b"/Type /Page\n") <= 6


def test_links_of_a_pdf_still_lead_somewhere(open_paper: Open, paper: Paper) -> None:
    assert b"https://doi.org/10.1145/3600006.3613165" in open_paper(paper).pdf()
