"""Related papers: by tags, citations and words, from published papers alone, in the same order every time."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import related as related_papers
from papers.models import Paper, Section, TaggedPaper

from .conftest import make_paper, make_section
from .reading import one_line


@pytest.fixture
def elsewhere(root: Section) -> Section:
    return make_section("elsewhere", parent=root)


def related(client: Client, paper: Paper) -> list[str]:
    """Titles as a reader sees them, in order."""
    html = client.get(paper.get_absolute_url()).content.decode()
    part = html.partition('id="page-related"')[2].partition("</section>")[0]
    return [one_line(item.partition("</a>")[0].rpartition(">")[2]) for item in part.split("<li>")[1:]]


def paper_of(section: Section, name: str, *tags: str, **fields: Any) -> Paper:
    return make_paper(section, name, tags=tags, **fields)


def test_shared_tags_relate(client: Client, section: Section, elsewhere: Section) -> None:
    paper = paper_of(section, "paper", "MoE", "训练")
    paper_of(elsewhere, "both", "MoE", "训练")
    paper_of(elsewhere, "one", "MoE", "推理")
    paper_of(elsewhere, "none", "推理")
    assert related(client, paper) == ["both", "one"]


def test_a_rare_tag_says_more_than_one_that_everybody_has(
    client: Client, section: Section, elsewhere: Section
) -> None:
    paper = paper_of(section, "paper", "LLM", "ring-attention")
    for number in range(8):
        paper_of(elsewhere, f"many{number}", "LLM", published_on=date(2025, 9, 1))
    paper_of(elsewhere, "rare", "ring-attention", published_on=date(2019, 1, 1))
    assert related(client, paper)[0] == "rare"


def test_the_one_that_cites_and_the_one_that_is_cited_are_near(
    client: Client, section: Section, elsewhere: Section
) -> None:
    paper_of(elsewhere, "source", title="来源")
    paper = paper_of(section, "paper", notes="接着 [[来源]]。")
    paper_of(elsewhere, "follower", notes="再接着 [[paper]]。")
    paper_of(elsewhere, "stranger")
    assert sorted(related(client, paper)) == ["follower", "来源"]
    assert related(client, Paper.objects.get(slug="source")) == ["paper"]


def test_citing_the_same_relates_even_if_it_is_not_here(
    client: Client, section: Section, elsewhere: Section
) -> None:
    paper = paper_of(section, "paper", notes="【1，Attention Is All You Need，2017，NeurIPS】")
    paper_of(elsewhere, "alike", notes="【9，Attention is all you need，2017】")
    paper_of(elsewhere, "unlike", notes="【9，Something Else Entirely，2017】")
    assert related(client, paper) == ["alike"]


def test_words_relate_short_notes_of_a_section(client: Client, section: Section) -> None:
    paper = paper_of(section, "paper", title="Paged KV Cache", summary="分页管理显存")
    paper_of(section, "near", title="Shared KV Cache", summary="共享显存")
    paper_of(section, "far", title="Dancing Robots", summary="机器人跳舞")
    assert related(client, paper) == ["Shared KV Cache"]


def test_chinese_words_are_compared_by_pairs_of_characters() -> None:
    words = related_papers._words("推理加速 of MoE-v2", "快")
    assert words == {"推理", "理加", "加速", "moe-v2"}


def test_a_paper_with_nothing_in_common_is_alone(
    client: Client, section: Section, elsewhere: Section
) -> None:
    paper_of(elsewhere, "other", "MoE", summary="某某")
    assert related(client, paper_of(section, "paper", "训练", title="孤篇")) == []


def test_a_paper_is_not_related_to_itself(client: Client, section: Section) -> None:
    paper = paper_of(section, "paper", "MoE", aliases="我", notes="见 [[我]]。")
    assert related(client, paper) == []


@pytest.mark.parametrize("name", ["draft_paper", "scheduled_paper", "unpublished_paper"])
def test_a_hidden_paper_is_not_related(
    client: Client, section: Section, name: str, request: pytest.FixtureRequest
) -> None:
    hidden = request.getfixturevalue(name)
    hidden.notes = "见 [[paper]]。"
    hidden.save()
    hidden.tags.add("MoE")
    paper = paper_of(section, "paper", "MoE", title=hidden.title, notes=f"见 [[{hidden.uid}]]。")
    assert related(client, paper) == []


def test_hidden_papers_do_not_crowd_out_the_others(
    client: Client, section: Section, elsewhere: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related_papers, "NEWEST", 2)
    paper = paper_of(section, "paper", "MoE")
    paper_of(elsewhere, "public", "MoE")
    for number in range(3):
        paper_of(elsewhere, f"draft{number}", "MoE", status="draft")
    assert related(client, paper) == ["public"]


def test_equals_are_in_the_order_of_papers_everywhere(
    client: Client, section: Section, elsewhere: Section
) -> None:
    paper = paper_of(section, "paper", "MoE")
    for name, month in (("a", 3), ("b", 5), ("c", 5), ("d", 1)):
        paper_of(elsewhere, name, "MoE", published_on=date(2024, month, 1))
    assert related(client, paper) == ["c", "b", "a", "d"]


def test_a_few_are_enough(client: Client, section: Section, elsewhere: Section) -> None:
    paper = paper_of(section, "paper", "MoE")
    for number in range(9):
        paper_of(elsewhere, f"n{number}", "MoE")
    assert len(related(client, paper)) == 5


def test_one_query_however_many_clues(section: Section, elsewhere: Section) -> None:
    names = " ".join(f"【{number}，Stranger {number}x，2020】" for number in range(1, 30))
    paper = paper_of(section, "paper", *(f"标签{number}" for number in range(20)), notes=names)
    paper_of(elsewhere, "other", *(f"标签{number}" for number in range(20)), notes=names)
    tags = paper.tags_by_name()
    with CaptureQueriesContext(connection) as queries:
        assert related_papers.related(paper, tags, []) == [Paper.objects.get(slug="other")]
    assert len(queries) == 2  # and the one of this test itself


def test_tags_of_a_paper_are_found_by_an_index_of_their_own() -> None:
    assert [index.fields for index in TaggedPaper._meta.indexes] == [["tag", "content_object"]]


def test_a_draft_shows_its_editor_what_it_will_be_related_to(
    editor_client: Client, section: Section, draft_paper: Paper, elsewhere: Section
) -> None:
    draft_paper.tags.add("MoE")
    paper_of(elsewhere, "public", "MoE")
    assert related(editor_client, draft_paper) == ["public"]


def test_an_incomplete_draft_has_related_papers_too(editor_client: Client, section: Section) -> None:
    bare = make_paper(None, "", tags=("MoE",), status="draft", published_on=None, title="未完")
    paper_of(section, "public", "MoE")
    response = editor_client.get(bare.get_permanent_url())
    assert (response.status_code, "相关论文" in response.content.decode()) == (200, True)
