"""What completes itself while a note is written, in a real Chromium: links and citations by the names of papers."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from papers.models import Section
from tests.conftest import make_paper

from .test_writing import area, put_cursor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cite(write: Callable[..., Page], section: Section) -> Page:
    """The form of a note, where two papers could be named."""
    fields = {"year": 2023, "venue": "SOSP 2023", "aliases": "vLLM"}
    make_paper(section, "2023-09-Paged", title="Paged Attention", **fields)
    make_paper(section, "2023-10-Other", title="Paged Memory")
    page = write("见【索引3，别的，2020，OSDI】。", preview=False)
    put_cursor(page, 20)
    return page


def papers(page: Page) -> Any:
    return page.locator("[data-desk-complete] [role=option]")


def test_two_brackets_complete_a_link(cite: Page) -> None:
    cite.keyboard.type("[[pag")
    expect(papers(cite)).to_have_count(2)
    expect(papers(cite).first).to_contain_text("Paged")
    cite.keyboard.press("ArrowDown")
    chosen = papers(cite).nth(1).locator("span").inner_text()
    cite.keyboard.press("Enter")
    assert area(cite).input_value().endswith(f"。[[{chosen}]]")
    expect(cite.get_by_role("listbox", name="论文")).to_be_hidden()


def test_a_lenticular_bracket_completes_a_citation_with_the_next_number(cite: Page) -> None:
    cite.keyboard.insert_text("【")
    cite.keyboard.type("vllm")
    papers(cite).first.click()
    assert area(cite).input_value().endswith("。【索引4，Paged Attention，2023，SOSP】")
    cite.keyboard.insert_text("【")
    cite.keyboard.type("vllm")
    papers(cite).first.click()
    assert area(cite).input_value().endswith("SOSP】【4】"), "cited already"


def test_the_list_can_be_left_by_esc_and_stays_away(cite: Page) -> None:
    cite.keyboard.type("[[pag")
    expect(papers(cite)).to_have_count(2)
    cite.keyboard.press("Escape")
    expect(papers(cite)).to_have_count(0)
    with cite.expect_response("**/preview/**"):
        cite.keyboard.type("ed")
    expect(papers(cite)).to_have_count(0)
    cite.keyboard.type("]] [[pag")
    expect(papers(cite)).to_have_count(2)


def test_the_list_stands_at_the_cursor_and_is_said(cite: Page) -> None:
    cite.keyboard.type("[[pag")
    expect(papers(cite)).to_have_count(2)
    box, field = cite.get_by_role("listbox", name="论文").bounding_box(), area(cite).bounding_box()
    assert field["y"] < box["y"] < field["y"] + 80  # type: ignore[index]
    expect(area(cite)).to_have_attribute("aria-activedescendant", "desk-paper-0")
    expect(cite.locator("[data-desk-status]")).to_contain_text("找到 2 篇")


def test_code_completes_nothing(cite: Page) -> None:
    area(cite).fill("```\n")
    with cite.expect_response("**/preview/**"):
        cite.keyboard.type("[[pag")
    expect(papers(cite)).to_have_count(0)


def test_a_number_completes_nothing(cite: Page) -> None:
    with cite.expect_response("**/preview/**"):
        cite.keyboard.insert_text("【3")
    expect(papers(cite)).to_have_count(0)
