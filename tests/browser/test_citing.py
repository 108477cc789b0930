"""References are copied by a button, on any connection, and downloaded without script."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section

from ..conftest import make_paper

pytestmark = pytest.mark.browser

CLIPBOARD = "navigator.clipboard.readText()"


@pytest.fixture
def paper(transactional_db: None, section: Section) -> Paper:
    return make_paper(
        section, "One", uid="one", title="Ångström & 推理", authors="杨植麟\nHal Daumé III", tags=("MoE",)
    )


@pytest.mark.parametrize(
    ("label", "held"),
    [("复制 BibTeX", r"title = {{Ångström \& 推理}}"), ("复制 RIS", "AU  - Daumé, Hal, III")],
)
def test_button_copies_the_reference(
    open_paper: Callable[..., Any], paper: Paper, label: str, held: str
) -> None:
    page = open_paper(paper)
    page.get_by_role("button", name=label).click()
    page.get_by_text(f"已{label}").wait_for()
    assert held in page.evaluate(CLIPBOARD)
    assert page.complaints == []


def test_button_copies_where_the_connection_is_not_secure(
    open_paper: Callable[..., Any], paper: Paper
) -> None:
    page = open_paper(paper)
    hide = "Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})"
    page.evaluate(f"navigator.clipboard.writeText('').then(() => {{ {hide} }})")
    page.get_by_role("button", name="复制 BibTeX").click()
    page.get_by_text("已复制 BibTeX").wait_for()
    page.evaluate("delete navigator.clipboard")
    assert "@misc{one," in page.evaluate(CLIPBOARD)


def test_button_copies_a_whole_list(open_paper: Callable[..., Any], paper: Paper, live_server: Any) -> None:
    make_paper(paper.section, "Two", uid="two", tags=("MoE",))
    page = open_paper(paper)
    page.goto(f"{live_server.url}/tags/moe/")
    page.get_by_role("button", name="复制 BibTeX").click()
    page.get_by_text("已复制 BibTeX").wait_for()
    assert page.evaluate(CLIPBOARD).count("@misc{") == 2


def test_button_says_so_when_nothing_came(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.route("**/One.bib", lambda route: route.abort())
    page.get_by_role("button", name="复制 BibTeX").click()
    page.get_by_text("没有复制成，请下载").wait_for()


def test_file_is_downloaded_without_script(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper, java_script_enabled=False)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 BibTeX").click()
    assert download.value.suggested_filename == "One.bib"
