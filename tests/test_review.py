"""Whether somebody has compared a note with its paper: told to readers wherever the paper is named."""

import pytest
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper


@pytest.fixture
def checked(section: Section) -> Paper:
    return make_paper(
        section, "p", notes="字", title="Some Words", origin="generated", review_state="reviewed"
    )


@pytest.mark.parametrize("path", ["/RL/p.html", "/RL/", "/papers/", "/search/?q=words", "/-/card/RL/p.html"])
def test_readers_are_told(client: Client, checked: Paper, path: str) -> None:
    html = client.get(path).content.decode()
    assert '<span class="badge badge-good">已核对' in html
    assert '<span class="badge">机器生成' in html


@pytest.mark.parametrize("path", ["/RL/", "/papers/", "/search/?q=words", "/-/card/RL/p.html"])
def test_a_list_says_nothing_of_what_nobody_checked(client: Client, section: Section, path: str) -> None:
    make_paper(section, "p", notes="字", title="Some Words")
    assert "badge" not in client.get(path).content.decode()


@pytest.mark.parametrize(("state", "slugs"), [("checked", {"p"}), ("unchecked", {"q"})])
def test_editors_filter_by_it(
    admin_client: Client, checked: Paper, section: Section, state: str, slugs: set[str]
) -> None:
    make_paper(section, "q")
    response = admin_client.get(f"/admin/papers/paper/?state={state}")
    assert {paper.slug for paper in response.context["cl"].result_list} == slugs
