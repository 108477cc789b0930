"""The papers before and after one: in the list from which a reader came, else in its section."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import facets
from papers.models import Paper, Section
from papers.neighbours import neighbours

from .conftest import make_paper, make_section
from .reading import attributes_of, canonical, links_in


@pytest.fixture(autouse=True)
def papers(section: Section) -> None:
    other = make_section("other", section.parent, uid="other")
    for slug, place, day, tags in (
        ("a", section, 1, ("x",)),
        ("b", other, 2, ("x",)),
        ("c", section, 3, ()),
        ("d", section, 3, ("x",)),
        ("e", other, 4, ("x",)),
    ):
        make_paper(place, slug, tags=tags, title=slug.upper(), published_on=date(2025, 7, day))
    make_paper(section, "draft", tags=("x",), status="draft", published_on=date(2025, 7, 2))


def around(client: Client, slug: str, query: str = "") -> dict[str, str]:
    links = attributes_of(client.get(Paper.objects.get(slug=slug).get_absolute_url() + query), "a")
    return {link["rel"]: link["href"] for link in links if link.get("rel") in ("prev", "next")}


def test_in_its_section_by_default(client: Client) -> None:
    assert around(client, "d") == {"next": "/RL/c.html"}
    assert around(client, "c") == {"prev": "/RL/d.html", "next": "/RL/a.html"}
    assert around(client, "a") == {"prev": "/RL/c.html"}


def test_papers_of_one_day_and_slug_are_told_apart_by_uid(client: Client, section: Section) -> None:
    below = make_section("below", section)
    for name in ("one", "two", "three"):
        make_paper(below, name, published_on=date(2025, 7, 1))
    order = [paper.slug for paper in Paper.objects.filter(section=below).newest_first()]
    assert order == ["two", "three", "one"]
    assert around(client, "three") == {"prev": "/RL/below/two.html", "next": "/RL/below/one.html"}


def test_a_list_tells_the_paper_where_it_is(client: Client) -> None:
    links = [link for link in links_in(client.get("/tags/x/").content.decode()) if ".html" in link]
    assert links == [
        f"{path}?in=tag%3Dx&at={place}"
        for place, path in enumerate(("/other/e.html", "/RL/d.html", "/other/b.html", "/RL/a.html"), 1)
    ]


def test_in_the_list_from_which_a_reader_came(client: Client) -> None:
    assert around(client, "d", "?in=tag%3Dx&at=2") == {
        "prev": "/other/e.html?in=tag%3Dx&at=1",
        "next": "/other/b.html?in=tag%3Dx&at=3",
    }
    assert around(client, "e", "?in=tag%3Dx&at=1") == {"next": "/RL/d.html?in=tag%3Dx&at=2"}


def test_in_the_list_of_all_papers(client: Client) -> None:
    first = next(link for link in links_in(client.get("/papers/").content.decode()) if ".html" in link)
    assert first == "/other/e.html?in=sort%3Dmonth&at=1"
    assert around(client, "b", "?in=sort%3Dmonth&at=4") == {
        "prev": "/RL/c.html?in=sort%3Dmonth&at=3",
        "next": "/RL/a.html?in=sort%3Dmonth&at=5",
    }


def test_whatever_the_order_of_the_list(client: Client) -> None:
    assert around(client, "b", "?in=sort%3Dtitle&at=2") == {
        "prev": "/RL/a.html?in=sort%3Dtitle&at=1",
        "next": "/RL/c.html?in=sort%3Dtitle&at=3",
    }


def test_a_list_that_has_grown_since_is_still_known(client: Client, section: Section) -> None:
    make_paper(section, "new", tags=("x",), published_on=date(2025, 7, 31))
    for query in ("?in=tag%3Dx&at=2", "?in=tag%3Dx%26sort%3Dcited&at=2"):
        links = [link.partition("?")[0] for link in around(client, "d", query).values()]
        assert links == ["/other/e.html", "/other/b.html"], query


@pytest.mark.parametrize("sort", ["month", "newest", "title"])
def test_wherever_in_the_list_the_paper_is(client: Client, sort: str) -> None:
    papers = list(facets.Choice(tag=("x",), sort=sort).papers())
    for above, paper, below in zip(papers, papers[1:], papers[2:], strict=False):
        found = neighbours(paper, QueryDict(f"in=tag%3Dx%26sort%3D{sort}&at=70"))
        assert (found.previous, found.next) == (above, below)


@pytest.mark.parametrize(
    "query",
    [
        "?in=tag%3Dnothing&at=1",
        "?in=tag%3Dx&at=90",
        "?in=tag%3Dx&at=-1",
        "?in=tag%3Dx&at=１",
        "?in=tag%3Dx&at=" + "9" * 5000,
        "?in=tag%3Dx",
        "?in=year%3Dabc&at=1",
        "?in=&at=1",
        "?in=tag%3D%2500&at=1",
        "?in=%25",
        "?at=1",
    ],
)
def test_a_list_that_does_not_hold_the_paper_is_not_followed(client: Client, query: str) -> None:
    assert around(client, "c", query) == {"prev": "/RL/d.html", "next": "/RL/a.html"}


def test_a_paper_that_does_not_know_since_when_it_is_public(client: Client) -> None:
    Paper.objects.filter(slug="d").update(first_public_at=None)
    order = [paper.slug for paper in facets.Choice(sort="newest").papers()]
    links = around(client, "d", f"?in=sort%3Dnewest&at={order.index('d') + 1}")
    assert links
    assert all("sort%3Dnewest" in link for link in links.values())


def test_the_way_back_is_the_list(client: Client) -> None:
    page = client.get("/RL/d.html?in=tag%3Dx&at=2").content.decode()
    assert "/papers/?tag=x" in links_in(page)


def test_it_is_no_second_address(client: Client) -> None:
    response = client.get("/RL/d.html?in=tag%3Dx&at=2")
    assert canonical(response) == "http://127.0.0.1:8000/RL/d.html"


def test_links_of_a_section_are_plain(client: Client) -> None:
    for path in ("/", "/RL/"):
        assert "?in=" not in client.get(path).content.decode(), path


def test_a_draft_has_none(editor_client: Client) -> None:
    assert around(editor_client, "draft") == {}


@pytest.mark.parametrize("query", ["", "in=tag%3Dx%26section%3Dother%26year%3D2025&at=1"])
def test_two_queries_at_the_most(query: str) -> None:
    paper = Paper.objects.get(slug="e")
    with CaptureQueriesContext(connection) as queries:
        found: Any = neighbours(paper, QueryDict(query))
    assert found.next.title == "B"
    assert len(queries) <= 2
