"""The box that fills a paper's record, in a real Chromium, with servers that answer as arXiv does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from papers.models import Paper, Section
from tests.conftest import make_paper
from tests.servers import Elsewhere, says

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADD = "/admin/papers/paper/add/"
TITLE = "Efficient Memory Management for Large Language Model Serving with PagedAttention"
Desk = Callable[..., Page]


def look_up(page: Page, text: str = "https://arxiv.org/abs/2309.06180") -> None:
    page.fill("#id_record", text)
    page.get_by_role("button", name="查找并填写").click()
    expect(page.locator("#record-box")).not_to_have_attribute("aria-busy", "true")


def told(page: Page) -> Any:
    return page.locator(".record-told")


def test_a_new_form_is_filled_and_saved(desk: Desk, editor: User, section: Section, arxiv: Elsewhere) -> None:
    page = desk(editor, ADD)
    look_up(page)
    expect(told(page)).to_contain_text("已按 arXiv 填入：标题、正式标题、作者")
    expect(told(page)).to_contain_text("arXiv 上的备注：SOSP 2023")
    expect(page.locator("#id_title")).to_have_value(TITLE)
    expect(page.locator("#live-check")).to_contain_text("2023-09-Efficient-Memory")  # it heard of the change
    with page.expect_navigation():
        page.locator("[name=_save]").first.click()
    paper = Paper.objects.get()
    assert (paper.title_official, paper.arxiv_id, paper.year) == (TITLE, "2309.06180", 2023)
    assert paper.author_names == ["Woosuk Kwon", "Zhuohan Li", "Łukasz Kaiser"]


def test_what_was_typed_stays_until_it_is_ticked(
    desk: Desk, editor: User, section: Section, arxiv: Elsewhere
) -> None:
    paper = make_paper(section, "mine", title="我的标题", authors="某人", year=2020, status="draft")
    page = desk(editor, f"/admin/papers/paper/{paper.pk}/change/")
    page.locator("#record-box summary").click()
    look_up(page)
    expect(page.locator(".record-differences li label")).to_have_text(["作者", "发表年份"])
    expect(page.locator("#id_authors")).to_have_value("某人")
    expect(page.locator("#id_title")).to_have_value("我的标题")
    expect(page.locator("#id_doi")).to_have_value("10.1145/3600006.3613165")

    page.get_by_label("发表年份").nth(0).check()
    expect(page.locator("#id_year")).to_have_value("2023")
    page.locator(".record-differences input").nth(1).uncheck()
    expect(page.locator("#id_year")).to_have_value("2020")


def test_all_of_it_is_taken_back_but_what_was_typed_since(
    desk: Desk, editor: User, section: Section, arxiv: Elsewhere
) -> None:
    page = desk(editor, ADD)
    look_up(page)
    page.fill("#id_title", "改过的标题")
    page.get_by_role("button", name="撤销填写").click()
    expect(page.locator("#id_title")).to_have_value("改过的标题")
    for name in ("title_official", "authors", "arxiv_id", "year", "published_on"):
        expect(page.locator(f"#id_{name}")).to_have_value("")
    expect(told(page)).to_have_text("已撤销填写。")


def test_a_second_look_says_that_all_is_the_same(
    desk: Desk, editor: User, section: Section, arxiv: Elsewhere
) -> None:
    page = desk(editor, ADD)
    look_up(page)
    look_up(page)
    expect(told(page)).to_contain_text("与 arXiv 上的一致")


def test_why_nothing_was_filled_is_told(desk: Desk, editor: User, section: Section, arxiv: Elsewhere) -> None:
    arxiv.behaviours["*"] = says(b"<html>", 500)
    page = desk(editor, ADD)
    look_up(page)
    expect(told(page).locator(".problem")).to_contain_text("arXiv 现在出了问题（500）")


def test_a_site_that_cannot_be_reached_is_told(desk: Desk, editor: User, section: Section) -> None:
    page = desk(editor, ADD)
    page.route("**/record/", lambda route: route.fulfill(status=200, body="<html>not ours</html>"))
    look_up(page)
    expect(told(page)).to_contain_text("连不上本站")


def test_without_scripts_the_form_comes_back_filled(desk: Desk, editor: User, section: Section) -> None:
    page = desk(editor, ADD, java_script_enabled=False)
    page.fill("#id_record", "@book{a, title={Found}, year={2020}}")
    page.fill("#id_notes", "写好的笔记")
    with page.expect_navigation():
        page.get_by_role("button", name="查找并填写").click()
    expect(page.locator("#id_title_official")).to_have_value("Found")
    expect(page.locator("#id_notes")).to_have_value("写好的笔记")
    assert not Paper.objects.exists()
