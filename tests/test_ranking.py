"""Pages of long lists: the same papers in the same order, however a page is put together."""

import pytest
from django.test import Client

from papers import pages, ranking
from papers.facets import Choice
from papers.models import Section

from .conftest import make_paper
from .reading import texts_of

PAPERS = 11


@pytest.fixture(autouse=True)
def papers(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with even numbers are cited, the first of them most."""
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    for number in range(PAPERS):
        cites = "".join(f"[[Title {cited}]]" for cited in range(0, number, 2))
        make_paper(section, f"2025-07-{number:02}", title=f"Title {number}", notes=cites)
    make_paper(section, "2025-07-hidden", title="Title 98", notes="[[Title 5]]", status="draft")


def shown(client: Client, sort: str) -> list[str]:
    """The titles on each page, one page after the other."""
    query = {} if sort == "month" else {"sort": sort}
    answers = [client.get("/papers/", {**query, "page": page}) for page in (1, 2, 3, 4)]
    return [title for answer in answers for title in texts_of(answer, "h2") if title.startswith("Title")]


@pytest.mark.parametrize("sort", ["month", "newest", "title", "cited"])
def test_pages_hold_every_paper_in_the_order_of_the_list(client: Client, sort: str) -> None:
    assert shown(client, sort) == [paper.title for paper in Choice(sort=sort).papers()]


def test_the_most_cited_come_first(client: Client) -> None:
    evens, others = [0, 2, 4, 6, 8], [10, 9, 7, 5, 3, 1]
    assert shown(client, "cited") == [f"Title {number}" for number in (*evens, *others)]


@pytest.mark.parametrize("ranked", [1, 4])
def test_what_is_not_ranked_comes_behind(
    client: Client, monkeypatch: pytest.MonkeyPatch, ranked: int
) -> None:
    monkeypatch.setattr(ranking, "RANKED", ranked)
    assert shown(client, "cited") == [paper.title for paper in Choice(sort="cited").papers()]


@pytest.mark.parametrize(("start", "stop"), [(0, 3), (4, 6), (5, 7), (8, 11), (9, 20), (3, None)])
def test_any_part_of_a_ranking_is_that_of_the_whole(start: int, stop: int | None) -> None:
    papers = Choice(sort="cited").papers()
    assert list(papers[start:stop]) == list(papers)[start:stop]


def test_a_ranking_can_be_narrowed_later() -> None:
    papers = Choice(sort="cited").papers()
    wanted = [paper.pk for paper in papers if paper.title in ("Title 2", "Title 7", "Title 0")]
    assert [paper.title for paper in papers.filter(pk__in=wanted)] == ["Title 0", "Title 2", "Title 7"]
