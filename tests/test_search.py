"""Search: every word, in Chinese and English, best place first; never what is not published."""

import pytest
from django.test import Client

from papers import search
from papers.models import Paper, Section

from .conftest import make_paper
from .reading import meta, text_of, texts_of


def titles(query: str) -> list[str]:
    return [paper.title for paper in search.find(search.parse(query))]


@pytest.fixture
def library(section: Section) -> None:
    """One paper for each place in which a word may stand."""
    make_paper(section, "a-notes", title="In notes", notes="一段关于**推理加速**的话，与 Straggler 有关")
    make_paper(section, "b-summary", title="In summary", summary="推理加速综述：大模型还需要什么？Straggler")
    make_paper(section, "c-tag", title="In tag", tags=("推理加速", "Straggler"))
    make_paper(section, "d-author", title="In author", authors="Woosuk Kwon\nJürgen Müller\nSam Straggler")
    make_paper(section, "e-venue", title="In venue", venue="SOSP 2023 推理加速", arxiv_id="2309.06180")
    make_paper(section, "f-title", title="推理加速 Straggler in title", aliases="vLLM")


def test_chinese_is_found_in_every_place(library: None) -> None:
    assert titles("推理加速") == [
        "推理加速 Straggler in title",
        "In venue",
        "In tag",
        "In summary",
        "In notes",
    ]


@pytest.mark.parametrize("query", ["straggler", "STRAGGLER", "Straggl", "Ｓｔｒａｇｇｌｅｒ"])
def test_english_is_found_in_any_case_and_width_by_tier(library: None, query: str) -> None:
    found = ["推理加速 Straggler in title", "In author", "In tag", "In summary", "In notes"]
    assert titles(query) == found


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("加", "推理加速 Straggler in title"),
        ("理加", "推理加速 Straggler in title"),
        ("Kwon", "In author"),
        ("vllm", "推理加速 Straggler in title"),
        ("2309.06180", "In venue"),
        ("sosp", "In venue"),
        ("MÜLLER", "In author"),
        ("什么？", "In summary"),
        ("  Kwon　Woosuk ", "In author"),
    ],
)
def test_query_leads_with(library: None, query: str, title: str) -> None:
    assert titles(query)[:1] == [title]


def test_every_word_is_wanted_wherever_it_stands(library: None) -> None:
    assert titles("推理加速 straggler") == ["推理加速 Straggler in title", "In tag", "In summary", "In notes"]
    assert titles("title nothing-like-this") == []


def test_words_may_stand_in_different_places(section: Section) -> None:
    make_paper(section, "one", title="MegaScale", tags=("训练", "通信"), authors="Ziheng Jiang")
    for query in ("训练 通信", "megascale 训练", "jiang 通信 megascale"):
        assert titles(query) == ["MegaScale"], query


def test_within_a_tier_newest_first(section: Section) -> None:
    for slug in ("2025-07-b", "2025-07-c", "2025-07-a"):
        make_paper(section, slug, title=f"Cache {slug[-1]}")
    assert titles("cache") == ["Cache c", "Cache b", "Cache a"]


def test_paper_with_many_tags_is_found_once(section: Section) -> None:
    make_paper(section, "one", title="One", tags=("cache a", "cache b", "cache c"))
    assert titles("cache") == ["One"]


@pytest.mark.parametrize("query", ["", "   ", "　"])
def test_nothing_asked_is_an_empty_form(client: Client, library: None, query: str) -> None:
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    assert "找到" not in text_of(response)


def test_drafts_and_scheduled_papers_are_never_found(
    published_paper: Paper, draft_paper: Paper, scheduled_paper: Paper, unpublished_paper: Paper
) -> None:
    assert titles("paper") == ["Public Paper"]


def test_page_shows_number_query_and_papers(client: Client, library: None) -> None:
    response = client.get("/search/", {"q": "Kwon"})
    assert "找到 1 篇" in text_of(response)
    assert texts_of(response, "h2") == ["In author"]
    assert 'value="Kwon"' in response.content.decode()
    assert meta(response, "robots") == []


def test_page_without_hits_says_so_and_is_no_page_for_search_engines(client: Client, library: None) -> None:
    response = client.get("/search/", {"q": "<nothing>"})
    assert "没有找到“<nothing>”" in text_of(response)
    assert meta(response, "robots") == ["noindex"]


def test_pages_keep_the_query(client: Client, section: Section) -> None:
    for number in range(31):
        make_paper(section, f"p{number:02}", title=f"缓存 & {number}")
    first = client.get("/search/", {"q": "缓存 &"})
    assert 'href="?q=%E7%BC%93%E5%AD%98+%26&amp;page=2"' in first.content.decode()
    assert len(texts_of(client.get("/search/?q=缓存 %26&page=2"), "h2")) == 1


def test_page_that_is_not_there_is_404_with_the_range(client: Client, library: None) -> None:
    response = client.get("/search/?q=Kwon&page=7")
    assert response.status_code == 404
    assert "page 应为 1 到 1 的整数" in text_of(response)


@pytest.mark.parametrize("length", [201, 1_500])
def test_long_query_is_400_and_says_the_limit(client: Client, root: Section, length: int) -> None:
    response = client.get("/search/", {"q": "推" * length})
    assert response.status_code == 400
    assert f"最多 200 个字符，这里有 {length} 个" in text_of(response)


def test_longest_query_of_many_words_is_answered(client: Client, library: None) -> None:
    assert client.get("/search/", {"q": "é " * 99}).status_code == 200
    assert client.get("/search/", {"q": " ".join(chr(0x4E00 + n) for n in range(100))}).status_code == 200


def test_repeated_and_broken_parameters_are_answered(client: Client, library: None) -> None:
    for query in ("q=a&q=Kwon", "q=%ff%ed%a0%80", "q", "nothing=1", "q=%F0%9F%A4%96"):
        assert client.get(f"/search/?{query}").status_code == 200, query


def test_nearest_papers_share_words_with_the_path(section: Section) -> None:
    make_paper(section, "2022-07-FlashAttention-Fast", title="FlashAttention: Fast and Memory Efficient")
    make_paper(section, "2025-07-Fast-Decoding", title="Fast Decoding")
    make_paper(section, "2025-07-Other", title="推理与缓存")
    found = [paper.slug for paper in search.nearest("/old/2025-07-flashattention-fast-attention.html")]
    assert found == ["2022-07-FlashAttention-Fast", "2025-07-Fast-Decoding"]
    assert [paper.slug for paper in search.nearest("/缓存/")] == ["2025-07-Other"]
    assert list(search.nearest("/2025-07.html")) == []
