"""Years and months: what is listed in one, and the way to the others."""

from datetime import date

import pytest
from django.test import Client

from papers.models import Section

from .conftest import make_paper
from .reading import attributes_of, links_in, text_of, texts_of


@pytest.fixture(autouse=True)
def papers(section: Section) -> None:
    days = ((2023, 5, 31), (2024, 1, 1), (2024, 12, 31), (2024, 12, 1), (2026, 1, 1))
    for place, day in enumerate(days):
        make_paper(section, f"p{place}", published_on=date(*day))
    make_paper(section, "draft", published_on=date(2025, 3, 1), status="draft")


def around(client: Client, path: str) -> dict[str, str]:
    links = attributes_of(client.get(path), "a")
    return {link["rel"]: link["href"] for link in links if link.get("rel") in ("prev", "next")}


def test_a_year_lists_its_papers(client: Client) -> None:
    assert texts_of(client.get("/2024/"), "h2") == ["p2", "p3", "p1"]


def test_neighbours_are_the_nearest_years_with_papers(client: Client) -> None:
    assert around(client, "/2024/") == {"prev": "/2023/", "next": "/2026/"}
    assert around(client, "/2023/") == {"next": "/2024/"}
    assert around(client, "/2026/") == {"prev": "/2024/"}


def test_neighbours_are_the_nearest_months_with_papers(client: Client) -> None:
    assert around(client, "/2024/01/") == {"prev": "/2023/05/", "next": "/2024/12/"}
    assert around(client, "/2026/01/") == {"prev": "/2024/12/"}


@pytest.mark.parametrize("path", ["/2024/", "/2024/12/"])
def test_all_years_and_the_months_of_this_one_are_counted(client: Client, path: str) -> None:
    listed = [
        text for text in texts_of(client.get(path), "li") if text[:2] == "20" and "强化学习" not in text
    ]
    assert listed == ["2023 1", "2024 3", "2026 1", "2024-01 1", "2024-12 2"]


def test_the_page_itself_is_marked(client: Client) -> None:
    for path in ("/2024/", "/2024/12/"):
        here = [
            link["href"]
            for link in attributes_of(client.get(path), "a")
            if link.get("aria-current") == "page"
        ]
        assert here == [path]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/2024/", "year=2024"),
        ("/2024/12/", "month=2024-12"),
        ("/tags/moe/", "tag=moe"),
        ("/venues/sosp/", "venue=sosp"),
    ],
)
def test_a_list_leads_to_its_facets(client: Client, section: Section, path: str, query: str) -> None:
    make_paper(section, "x", tags=("MoE",), venue="SOSP", published_on=date(2024, 12, 5))
    assert f"/papers/?{query}" in links_in(client.get(path).content.decode())
    listed = [texts_of(client.get(url), "h2") for url in (path, f"/papers/?{query}")]
    assert listed[0] == listed[1] != []


def test_a_year_without_its_slash_is_led_to(client: Client) -> None:
    assert client.get("/2024")["Location"] == "/2024/"
    assert client.get("/2025").status_code == 404
    assert "共 3 篇" in text_of(client.get("/2024/"))
