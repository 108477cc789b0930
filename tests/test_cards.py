"""The card of a link to a paper: small, of published papers only, and of the same making as `.json`."""

from typing import Any

import pytest
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper
from .editing import overwrite
from .reading import attributes_of, links_in

NOTE = """导语在前。

## A1 主要贡献

把显存分成**小块**，$O(n)$ 的查表。

- 第一点

### 细节

更多。

## A2 问题

不在卡片里。
"""


def card(client: Client, paper: Paper) -> str:
    response = client.get(f"/-/card{paper.get_absolute_url()}")
    assert response.status_code == 200
    return response.content.decode()


def excerpt(client: Client, section: Section, **fields: Any) -> str:
    paper = make_paper(section, "p", **fields)
    return client.get(paper.twin_url(".json")).json()["excerpt"]


def test_it_has_title_month_venue_and_tags(client: Client, section: Section) -> None:
    paper = make_paper(section, "p", title="标题", venue="SOSP 2023", tags=("MoE", "训练"))
    html = card(client, paper)
    assert all(word in html for word in ("标题", "2025-07", "SOSP 2023", "MoE", "训练"))


def test_it_begins_as_the_main_contributions_do(client: Client, section: Section) -> None:
    html = card(client, make_paper(section, "p", notes=NOTE, summary="摘要"))
    assert "把显存分成小块" in html
    assert not any(words in html for words in ("导语", "A1", "A2", "不在卡片里", "摘要"))


def test_a_note_without_that_section_has_its_summary_or_first_words(client: Client, section: Section) -> None:
    assert "一句摘要" in card(client, make_paper(section, "p", notes="## 背景\n\n正文", summary="一句摘要"))
    assert "第一段" in card(client, make_paper(section, "q", notes="第一段。\n\n第二段。"))


@pytest.mark.parametrize("heading", ["## A1 主要贡献", "# 主要贡献", "### A1. 贡献", "## 一、主要贡献"])
def test_the_section_is_known_by_its_number_or_name(client: Client, section: Section, heading: str) -> None:
    assert excerpt(client, section, notes=f"前言\n\n{heading}\n\n正文一句。") == "正文一句。"


def test_a_long_section_is_cut(client: Client, section: Section) -> None:
    words = excerpt(client, section, notes=f"## A1 主要贡献\n\n{'很' * 5000}")
    assert (len(words) < 200, words[-1]) == (True, "…")


def test_it_is_about_two_kilobytes_at_the_most(client: Client, section: Section) -> None:
    tags = tuple(f"标签{number}" for number in range(6))
    paper = make_paper(section, "p", title="T" * 150, notes=f"## A1 主要贡献\n\n{'很' * 5000}", tags=tags)
    assert len(card(client, paper).encode()) < 2048


def test_it_is_a_fragment_without_links_or_scripts(client: Client, section: Section) -> None:
    evil = "<script>alert(1)</script>"
    html = card(client, make_paper(section, "p", title=evil, notes=f"## A1\n\n`{evil}`", tags=(evil,)))
    assert ("<html" in html, "<script" in html, links_in(html)) == (False, False, [])


def test_card_and_json_say_the_same(client: Client, section: Section) -> None:
    paper = make_paper(section, "p", title="标题", notes=NOTE, tags=("MoE",))
    record, html = client.get(paper.twin_url(".json")).json(), card(client, paper)
    assert all(words in html for words in (record["title"], record["excerpt"], *record["tags"]))


@pytest.mark.parametrize("name", ["draft_paper", "scheduled_paper", "unpublished_paper"])
def test_a_hidden_paper_has_none_not_even_for_editors(
    editor_client: Client, name: str, request: pytest.FixtureRequest
) -> None:
    paper = request.getfixturevalue(name)
    for client in (Client(), editor_client):
        assert client.get(f"/-/card{paper.path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["", "/", "/RL/", "/nothing.html", "/RL/2025-07-Public.json", "/RL/feed.xml", "/\n"]
)
def test_only_papers_have_cards(client: Client, published_paper: Paper, path: str) -> None:
    assert client.get(f"/-/card{path}").status_code == 404


def test_a_former_address_has_the_card_of_its_paper(client: Client, published_paper: Paper) -> None:
    former = published_paper.get_absolute_url()
    overwrite(published_paper, slug="moved")
    assert "Public Paper" in client.get(f"/-/card{former}").content.decode()


def test_any_cache_may_keep_it_but_no_search_engine(client: Client, published_paper: Paper) -> None:
    response = client.get(f"/-/card{published_paper.path}")
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"].startswith("public")


@pytest.mark.parametrize("url", ["/", "/papers/", "/RL/2025-07-Public.html"])
def test_pages_say_where_cards_are(client: Client, published_paper: Paper, url: str) -> None:
    [script] = [tag for tag in attributes_of(client.get(url), "script") if "data-cards-url" in tag]
    assert (script["data-cards-url"], script["data-cards-root"]) == ("/-/card/", "/")


def test_the_sites_prefix_is_part_of_the_address(wsgi: Any, settings: Any, published_paper: Paper) -> None:
    settings.FORCE_SCRIPT_NAME = "/papercache"
    page = wsgi("/papercache/RL/2025-07-Public.html").text
    assert 'data-cards-url="/papercache/-/card/" data-cards-root="/papercache/"' in page
    assert wsgi("/papercache/-/card/RL/2025-07-Public.html").status == 200
