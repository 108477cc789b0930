"""Excerpts: the authors' own words, the hits marked, the best place of the note and the heading above it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from papers import search
from papers.models import Section
from papers.search import Excerpt, Part

from .conftest import make_paper

FILLER = "这里没有要找的词。" * 40


def excerpt(query: str) -> Excerpt:
    parsed = search.parse(query)
    papers = search.find(parsed)[:20]
    return next(iter(search.excerpts(parsed, papers).values()))


def shown(parts: tuple[Part, ...]) -> str:
    """With brackets around the hits."""
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in parts)


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("推理", "大模型[推理]加速，Ｑuantized 的 [推理]"),
        ("推", "大模型[推]理加速，Ｑuantized 的 [推]理"),
        ("推理加速", "大模型[推理加速]，Ｑuantized 的 推理"),
        ("quantization", "大模型推理加速，[Ｑuantized] 的 推理"),
        ("quantized推理", "大模型[推理]加速，[Ｑuantized] 的 [推理]"),
        ("模型推 理加", "大[模型推理加]速，Ｑuantized 的 推理"),
        ("nothing OR", ""),
    ],
)
def test_hits_are_marked_as_the_author_wrote_them(section: Section, query: str, marked: str) -> None:
    make_paper(section, "p", summary="大模型推理加速，Ｑuantized 的 推理", title="推理 nothing OR")
    summary = shown(excerpt(query).summary)
    assert summary == (marked or "大模型推理加速，Ｑuantized 的 推理")


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("attention", "Flash[Attention] and [attention], inattention"),
        ("atten", "Flash[Attention] and [attention], inattention"),
        ('"attention"', "Flash[Attention] and [attention], inattention"),
        ("flash", "[FlashAttention] and attention, inattention"),
        ('"and attention"', "FlashAttention [and attention], inattention"),
    ],
)
def test_words_are_marked_from_their_beginning(section: Section, query: str, marked: str) -> None:
    make_paper(section, "p", title="FlashAttention and attention, inattention", notes="flash")
    assert shown(excerpt(query).title) == marked


def test_the_note_is_shown_where_most_words_stand_together(section: Section) -> None:
    notes = f"显存。\n\n{FILLER}\n\n## 方法\n\n{FILLER}用显存换推理速度。{FILLER}\n\n## 结论\n\n推理。"
    make_paper(section, "p", notes=notes)
    found = excerpt("推理 显存")
    assert "用[显存]换[推理]速度。" in shown(found.note)
    assert (found.note[0].text, found.note[-1].text) == ("…", "…")
    assert found.anchor == "s-方法"
    assert len("".join(part.text for part in found.note)) < 200


def test_before_the_first_heading_there_is_no_anchor(section: Section) -> None:
    make_paper(section, "p", notes="推理。\n\n## 推理\n\n别的")
    assert (excerpt("推理").anchor, excerpt("别的").anchor) == ("", "s-推理")


def test_markup_is_left_as_text_for_the_template_to_escape(section: Section) -> None:
    make_paper(section, "p", title="a <b>推理</b> & c", notes="`<script>` 推理")
    assert shown(excerpt("推理").title) == "a <b>[推理]</b> & c"
    assert "<script> [推理]" in shown(excerpt("推理").note)


def test_a_hit_in_the_title_alone_shows_no_note(section: Section) -> None:
    make_paper(section, "p", title="推理", notes="别的")
    assert excerpt("推理").note == ()


def test_filters_alone_mark_nothing_and_ask_nothing(section: Section) -> None:
    make_paper(section, "p", title="推理", tags=("推理",))
    query = search.parse("tag:推理")
    papers = list(search.find(query))
    with CaptureQueriesContext(connection) as queries:
        assert [shown(found.title) for found in search.excerpts(query, papers).values()] == ["推理"]
    assert len(queries) == 0


def test_excerpts_of_a_page_cost_one_query(section: Section) -> None:
    for number in range(5):
        make_paper(section, f"p{number}", notes="推理")
    query = search.parse("推理")
    papers = list(search.find(query)[:20])
    with CaptureQueriesContext(connection) as queries:
        assert len(search.excerpts(query, papers)) == 5
    assert len(queries) == 1


def test_a_very_long_note_is_looked_through_to_a_limit(section: Section) -> None:
    make_paper(section, "p", notes=f"{'字' * 120_000} 推理")
    assert excerpt("推理").note == ()
