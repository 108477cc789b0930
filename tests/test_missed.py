"""Searches that found nothing and addresses that led nowhere are counted in batches, and nothing of who asked."""

from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import addresses, derived, missed, revisions, trash
from papers.models import Missed, Paper, Section
from papers.site_check.inside import Site

from .conftest import make_paper
from .people import member, signed_in


def counted() -> dict[str, int]:
    missed.flush()
    return dict(Missed.objects.values_list("text", "count"))


# --- What counts ------------------------------------------------------------------------------------------


def test_addresses_that_lead_nowhere(client: Client, root: Section) -> None:
    for path in ("/old/a.html", "/old/a.html", "/old/", "/RL"):
        assert client.get(path).status_code == 404
    assert counted() == {"/old/a.html": 2, "/old/": 1, "/rl/": 1}


def test_spellings_twins_and_feeds_count_for_their_page(client: Client, root: Section) -> None:
    for path in ("/Old/A.html", "/old//a.bib/", "/old/A.md", "/old/feed.xml", "/old"):
        client.get(path)
    assert counted() == {"/old/a.html": 3, "/old/": 2}


def test_searches_that_find_nothing(client: Client, published_paper: Paper) -> None:
    for words in ("Nowhere", "nowhere", " 没有  这个 ", "Public"):
        client.get("/search/", {"q": words})
    assert counted() == {"nowhere": 2, "没有 这个": 1}


def test_a_search_that_was_narrowed_may_find_something_elsewhere(client: Client, section: Section) -> None:
    client.get("/search/", {"q": "nowhere", "section": section.uid})
    assert counted() == {}


@pytest.mark.parametrize(
    "path",
    [
        "/p/none/",
        "/-/figures/none.png",
        "/tags/none/",
        "/1999/01/",
        "/papers/?page=99",
        "/index.php",
        "/.env",
        "/a/.git/config",
        "/wp-login",
        f"/{'a' * 300}/",
        "/a%0Ab/",
        "/media/none.png",
    ],
)
def test_what_no_section_or_paper_could_answer_does_not_count(
    client: Client, root: Section, path: str
) -> None:
    client.get(path)
    assert counted() == {}


@pytest.mark.parametrize("words", ["somebody@example.org", "138 0013 8000", "13800138000"])
def test_what_may_be_of_a_person_does_not_count(client: Client, root: Section, words: str) -> None:
    client.get("/search/", {"q": words})
    assert counted() == {}


def test_only_readers_count(client: Client, root: Section) -> None:
    signed_in(member()).get("/none/")
    client.head("/none/")
    client.post("/none/")
    Site().ask("/none/")
    assert counted() == {}


def test_what_is_deleted_is_not_missed(client: Client, published_paper: Paper) -> None:
    trash.delete(published_paper)
    client.get("/RL/2025-07-Public.html")
    assert counted() == {}


@pytest.mark.parametrize(
    "asked", ["{}", "{}/", "{}.bib", "{}.md", "/rl/2025-08-secret.html", "/RL//2025-08-Secret.html/"]
)
def test_the_address_of_a_draft_is_not_told(client: Client, draft_paper: Paper, asked: str) -> None:
    path = "/RL/2025-08-Secret" + ("" if "." in asked else ".html")
    assert client.get(asked.format(path)).status_code == 404
    assert counted() == {}


def test_nor_is_its_former_one(client: Client, unpublished_paper: Paper) -> None:
    revisions.change(unpublished_paper, lambda data: {**data, "slug": "moved"})
    assert client.get("/RL/2025-06-Withdrawn.html").status_code == 404
    assert counted() == {}


def test_nor_one_that_a_draft_takes_later(client: Client, section: Section) -> None:
    client.get("/RL/later.html")
    assert counted() == {"/rl/later.html": 1}
    make_paper(section, "later", status="draft")
    assert not missed.most("address").exists()


# --- How --------------------------------------------------------------------------------------------------


def test_nothing_is_written_on_a_readers_way(client: Client, root: Section) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/none/")
    assert not [query for query in queries if not query["sql"].startswith("SELECT")]
    assert not Missed.objects.exists()


def test_a_batch_is_written_after_an_answer(
    client: Client, root: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "BATCH", 2)
    client.get("/none/1/")
    assert not Missed.objects.exists()
    client.get("/none/2/")
    assert Missed.objects.count() == 2


def test_or_after_some_seconds(client: Client, root: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "SECONDS", 0)
    client.get("/none/")
    assert Missed.objects.count() == 1


def test_a_batch_costs_few_statements(client: Client, root: Section) -> None:
    for number in range(missed.BATCH - 1):
        client.get(f"/none/{number}/")
    with CaptureQueriesContext(connection) as queries:
        missed.flush()
    assert len(queries) == 6
    assert len([query for query in queries if "INSERT" in query["sql"]]) == 1


def test_counts_add_up(client: Client, root: Section) -> None:
    client.get("/none/")
    assert counted() == {"/none/": 1}
    client.get("/none/")
    client.get("/none/")
    assert counted() == {"/none/": 3}


def test_the_generation_stays(client: Client, root: Section) -> None:
    before = derived.generation()
    client.get("/none/")
    counted()
    assert derived.generation() == before


def test_least_asked_goes_first(client: Client, root: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "KEPT", 2)
    for path in ("/a/", "/a/", "/b/", "/c/", "/c/"):
        client.get(path)
    client.get("/search/", {"q": "nowhere"})
    assert counted() == {"/a/": 2, "/c/": 2, "nowhere": 1}


def test_no_more_waits_than_two_batches(
    client: Client, root: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "flush_if_due", lambda **_ignored: None)
    monkeypatch.setattr(missed, "BATCH", 1)
    request: Any = client.get("/").wsgi_request
    for number in range(9):
        request.path_info = f"/none/{number}/"
        missed.note_address(request)
    assert len(missed.take()) == 2


def test_a_busy_database_loses_the_batch_and_not_the_site(
    client: Client, root: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_counts: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(missed, "_add", busy)
    monkeypatch.setattr(missed, "BATCH", 1)
    assert client.get("/none/").status_code == 404
    monkeypatch.undo()
    assert counted() == {}


# --- Pointing somewhere -----------------------------------------------------------------------------------


def test_an_address_leads_where_it_is_pointed(client: Client, published_paper: Paper) -> None:
    assert addresses.point("/Old/Paper.html", published_paper)
    assert client.get("/old/paper.html")["Location"] == "/RL/2025-07-Public.html"
    assert client.get("/old/paper.bib")["Location"] == "/RL/2025-07-Public.bib"


def test_one_that_is_held_does_not(section: Section, published_paper: Paper, draft_paper: Paper) -> None:
    assert not addresses.point("/RL/2025-08-Secret.html", published_paper)
    assert not addresses.point("/rl/", published_paper)
    assert addresses.point("/old/", published_paper)
    assert not addresses.point("/old/", section)
