"""The references of any list or search in one file, as BibTeX and RIS."""

import re
from datetime import date
from typing import Any
from urllib.parse import quote

import bibtexparser
import pybtex.database
import pytest
import rispy
from django.test import Client

from papers import bibliographies
from papers.models import Paper, Section

from .conftest import make_paper, make_section
from .reading import attributes_of, text_of

PLACES = {
    "/papers/": "",
    "/tags/moe/": "?tag=moe",
    "/venues/sosp-2023/": "?venue=sosp-2023",
    "/2025/07/": "?month=2025-07",
    "/RL/": "?section=rl",
    "/search/?q=Listed": "?q=Listed",
}


@pytest.fixture
def papers(root: Section) -> list[Paper]:
    """Three, of which the second and third differ from the first in all that a list goes by."""
    section, other = (make_section(slug, parent=root, uid=slug.lower()) for slug in ("RL", "Other"))
    first = make_paper(section, "one", uid="one", title="Listed", tags=("MoE",), venue="SOSP 2023")
    elsewhere = {"venue": "OSDI 2022", "published_on": date(2024, 1, 1)}
    return [first, *(make_paper(other, name, uid=name, **elsewhere) for name in ("two", "three"))]


def bib(client: Client, query: str = "") -> str:
    response = client.get(f"/-/papers.bib{query}")
    assert response.status_code == 200
    return response.content.decode()


def keys(text: str) -> list[str]:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    return [entry.key for entry in library.entries]


@pytest.mark.parametrize("place", PLACES)
def test_every_list_offers_its_own_references(client: Client, papers: list[Paper], place: str) -> None:
    links = [link["href"] for link in attributes_of(client.get(place), "a") if "data-citation" in link]
    assert links == [f"/-/papers.{suffix}{PLACES[place]}" for suffix in ("bib", "ris")]
    found = keys(bib(client, PLACES[place]))
    assert found == (["one", "two", "three"] if place == "/papers/" else ["one"])


def test_list_inside_the_text_of_a_section_offers_them_too(client: Client, papers: list[Paper]) -> None:
    section = Section.objects.get(uid="rl")
    section.text = "前言\n\n[[papers]]"
    section.save()
    links = [link["href"] for link in attributes_of(client.get("/RL/"), "a") if "data-citation" in link]
    assert links == ["/-/papers.bib?section=rl", "/-/papers.ris?section=rl"]


def test_both_formats_hold_the_same_papers_in_the_order_of_the_list(
    client: Client, papers: list[Paper]
) -> None:
    entries = rispy.loads(client.get("/-/papers.ris").content.decode())
    assert [entry["id"] for entry in entries] == keys(bib(client)) == ["one", "two", "three"]


def test_all_of_the_seed_is_read_back(client: Client, seed: None) -> None:
    text = bib(client)
    assert set(pybtex.database.parse_string(text, "bibtex").entries) == set(keys(text))
    assert len(rispy.loads(client.get("/-/papers.ris").content.decode())) == len(set(keys(text))) == 23


def test_section_takes_in_deeper_ones(client: Client, papers: list[Paper]) -> None:
    make_paper(make_section("deep", parent=Section.objects.get(slug="RL")), "deep", uid="deep")
    assert set(keys(bib(client, "?section=rl"))) == {"one", "deep"}


def test_tags_narrow_one_another(client: Client, papers: list[Paper]) -> None:
    papers[1].tags.add("MoE", "训练")
    assert keys(bib(client, f"?tag=moe&tag={quote('训练')}")) == ["two"]


@pytest.mark.parametrize(
    "query",
    ["?tag=nothing", "?section=nothing", "?q=nothing", "?venue=x", "?month=1", "?month=2025-13", "?year=x"],
)
def test_list_of_nothing_is_404(client: Client, papers: list[Paper], query: str) -> None:
    assert client.get(f"/-/papers.bib{query}").status_code == 404


def test_drafts_are_not_cited(
    client: Client, section: Section, draft_paper: Paper, scheduled_paper: Paper
) -> None:
    assert client.get("/-/papers.bib").status_code == 404
    make_paper(section, "public", uid="public")
    assert keys(bib(client)) == ["public"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("bib", "papers.bib"),
        ("bib?tag=moe&sort=title", "papers-moe.bib"),
        ("ris?month=2025-07", "papers-2025-07.ris"),
        ("ris?q=Listed&section=rl", "papers-listed-rl.ris"),
    ],
)
def test_file_is_named_after_the_list(client: Client, papers: list[Paper], query: str, name: str) -> None:
    response = client.get(f"/-/papers.{query}")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Content-Type"].startswith("application/x-")


def test_file_name_in_chinese_is_written_for_browsers(client: Client, section: Section) -> None:
    make_paper(section, "a", title="推理")
    header = client.get("/-/papers.bib?q=推理").headers["Content-Disposition"]
    assert header == f"attachment; filename*=utf-8''papers-{quote('推理')}.bib"


def test_paper_is_downloaded_under_the_name_of_its_page(client: Client, published_paper: Paper) -> None:
    header = client.get(published_paper.twin_url(".ris")).headers["Content-Disposition"]
    assert header == 'attachment; filename="2025-07-Public.ris"'


@pytest.fixture
def two_at_most(monkeypatch: Any) -> None:
    monkeypatch.setattr(bibliographies, "LIMIT", 2)
    monkeypatch.setattr("papers.templatetags.papers_tags.LIMIT", 2)


def test_long_list_says_that_the_file_holds_the_first_of_it(
    client: Client, papers: list[Paper], two_at_most: None
) -> None:
    assert "共 3 篇，文件里是前 2 篇" in text_of(client.get("/papers/"))
    response = client.get("/-/papers.bib")
    assert keys(response.content.decode()) == ["one", "two"]
    assert response.content.decode().startswith("% PaperCache：列表超过 2 篇，这里只有前 2 篇。\n")
    assert "papers-first-2.bib" in response.headers["Content-Disposition"]
    assert "papers-first-2.ris" in client.get("/-/papers.ris").headers["Content-Disposition"]


def test_name_of_the_site_does_not_break_the_comment(
    client: Client, papers: list[Paper], two_at_most: None, settings: Any
) -> None:
    settings.PAPERCACHE_NAME = "@misc{x,\n}"
    text = bib(client)
    assert list(pybtex.database.parse_string(text, "bibtex").entries) == keys(text) == ["one", "two"]


def test_short_list_says_nothing_of_a_limit(client: Client, papers: list[Paper]) -> None:
    assert not re.search("文件里是前|first", client.get("/papers/").content.decode())
    assert "%" not in bib(client)


def test_empty_list_offers_no_references(client: Client, root: Section) -> None:
    for place in ("/papers/", "/search/?q=nothing"):
        assert "data-citation" not in client.get(place).content.decode()


@pytest.mark.parametrize(("query", "cost"), [("", 1), ("?tag=moe", 1), ("?section=rl", 1), ("?q=Listed", 2)])
def test_file_costs_the_same_few_queries(
    client: Client, papers: list[Paper], django_assert_num_queries: Any, query: str, cost: int
) -> None:
    for number in range(40):
        make_paper(papers[0].section, f"p{number}", title="Listed", tags=("MoE",))
    with django_assert_num_queries(cost):
        bib(client, query)
