"""Addresses of what is not public: nobody but an editor learns of them, and no public address suffers from one."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper
from .reading import meta, text_of
from .test_addresses import PAPER, move


def test_unpublished_paper_is_404_until_it_is_back(client: Client, unpublished_paper: Paper) -> None:
    assert client.get("/RL/2025-06-Withdrawn.html").status_code == 404
    move(unpublished_paper, status="published")
    assert client.get("/RL/2025-06-Withdrawn.html").status_code == 200


def test_former_path_of_an_unpublished_paper_is_404_until_it_is_back(
    client: Client, published_paper: Paper
) -> None:
    move(published_paper, slug="New", status="draft")
    assert client.get(PAPER).status_code == 404
    move(published_paper, status="published")
    assert client.get(PAPER).headers["Location"] == "/RL/New.html"


def test_no_spelling_betrays_a_draft(client: Client, draft_paper: Paper, scheduled_paper: Paper) -> None:
    for slug in ("2025-08-Secret", "2025-09-Tomorrow"):
        for path in (
            f"/RL/{slug}.html",
            f"/rl/{slug}.HTML",
            f"/RL//{slug}.html",
            f"/RL/{slug}.html/",
            f"/RL/{slug}.bib",
        ):
            assert client.get(path).status_code == 404, path


def test_path_that_a_draft_left_is_never_an_address(
    client: Client, draft_paper: Paper, scheduled_paper: Paper
) -> None:
    move(draft_paper, slug="Draft-moved", status="published")
    move(scheduled_paper, slug="Schedule-moved", publish_at=None)
    assert client.get("/RL/2025-08-Secret.html").status_code == 404
    assert client.get("/RL/2025-09-Tomorrow.html").status_code == 404


def test_deleted_draft_is_404(client: Client, draft_paper: Paper, scheduled_paper: Paper) -> None:
    for paper in (draft_paper, scheduled_paper):
        path, uid = paper.path, paper.uid
        paper.delete()
        assert [client.get(url).status_code for url in (path, f"/p/{uid}/")] == [404, 404]


def test_draft_on_a_former_path_does_not_break_the_redirect(
    client: Client, section: Section, published_paper: Paper
) -> None:
    move(published_paper, slug="New")
    make_paper(section, "2025-07-Public", title="Waiting", status="draft")
    assert client.get(PAPER).headers["Location"] == "/RL/New.html"


def test_draft_on_a_deleted_papers_path_leaves_it_410(
    client: Client, section: Section, published_paper: Paper
) -> None:
    published_paper.delete()
    make_paper(section, "2025-07-Public", title="Waiting", status="draft")
    assert client.get(PAPER).status_code == 410


def test_editor_opens_a_draft_that_sits_on_a_former_path(
    editor_client: Client, section: Section, published_paper: Paper
) -> None:
    move(published_paper, slug="New")
    make_paper(section, "2025-07-Public", title="Waiting", status="draft")
    assert "Waiting" in text_of(editor_client.get(PAPER))


def test_editor_opens_a_draft_on_a_deleted_papers_path(
    editor_client: Client, section: Section, published_paper: Paper
) -> None:
    published_paper.delete()
    make_paper(section, "2025-07-Public", title="Waiting", status="draft")
    assert "Waiting" in text_of(editor_client.get(PAPER))


def test_editor_opens_a_draft_at_its_true_address_uncached(editor_client: Client, draft_paper: Paper) -> None:
    response = editor_client.get("/RL/2025-08-Secret.html")
    assert "Secret Paper" in text_of(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert meta(response, "robots") == ["noindex"]


def test_editor_sees_when_a_scheduled_paper_will_appear(
    editor_client: Client, scheduled_paper: Paper
) -> None:
    assert "定于" in text_of(editor_client.get("/RL/2025-09-Tomorrow.html"))


def test_account_without_the_right_sees_no_draft(client: Client, draft_paper: Paper) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert client.get("/RL/2025-08-Secret.html").status_code == 404
    assert client.get(f"/p/{draft_paper.uid}/").status_code == 404


@pytest.fixture
def left_path(section: Section, published_paper: Paper) -> str:
    """A path that leads to another."""
    move(published_paper, slug="New")
    return PAPER


def test_a_withdrawn_paper_on_its_way_takes_no_former_path(
    client: Client, unpublished_paper: Paper, left_path: str
) -> None:
    move(unpublished_paper, slug="2025-07-Public")
    move(unpublished_paper, slug="elsewhere")
    assert client.get(left_path).headers["Location"] == "/RL/New.html"


def test_nor_does_it_when_its_section_moves_or_when_it_is_deleted(
    client: Client, unpublished_paper: Paper, left_path: str
) -> None:
    move(unpublished_paper, slug="2025-07-Public")
    move(unpublished_paper.section, slug="Moved")
    assert client.get(left_path).headers["Location"] == "/Moved/New.html"
    Paper.objects.get(uid=unpublished_paper.uid).delete()
    assert client.get("/Moved/2025-07-Public.html").status_code == 410
    assert client.get(left_path).headers["Location"] == "/Moved/New.html"


@pytest.mark.parametrize("deleted", [True, False])
def test_a_paper_withdrawn_where_another_was_before_is_404(
    client: Client, section: Section, published_paper: Paper, left_path: str, deleted: bool
) -> None:
    if deleted:
        published_paper.delete()
    successor = make_paper(section, "2025-07-Public", title="Successor")
    move(successor, status="draft")
    assert client.get(left_path).status_code == 404
    move(successor, slug="elsewhere", status="published")
    assert client.get(left_path).headers["Location"] == "/RL/elsewhere.html"
