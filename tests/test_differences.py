"""What changed between two texts: nothing lost, legible, and in bounded time."""

import random
import time
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers import differences
from papers.differences import Piece, compare, excerpts, sentence_blocks, sentences, tokens

without_a_store = settings(database=None, deadline=None)
TEXTS = st.text(st.sampled_from("甲乙丙的，。；ab1 -\n"), max_size=60) | st.text(max_size=30)


def written(pieces: Iterable[Piece]) -> str:
    marks = {"same": "{}", "removed": "[-{}]", "added": "[+{}]"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)


def old_of(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "added")


def new_of(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "removed")


# --- Sentences and tokens ---------------------------------------------------------------------------------


def test_sentences_end_at_full_stops_and_line_ends() -> None:
    assert sentences("甲。乙！丙？丁；戊\n\nend") == ["甲。", "乙！", "丙？", "丁；", "戊\n", "\n", "end"]


def test_closing_quotation_marks_belong_to_the_sentence() -> None:
    assert sentences("他说：“好。”我说：不好？！」完") == ["他说：“好。”", "我说：不好？！」", "完"]


def test_tokens_are_words_single_characters_and_runs_of_spaces() -> None:
    assert tokens("用 vLLM2  跑。\n\n——") == ["用", " ", "vLLM2", "  ", "跑", "。", "\n", "\n", "—", "—"]


def test_combining_marks_stay_with_their_letter() -> None:
    assert tokens("cafe\u0301 ") == ["cafe\u0301", " "]


@without_a_store
@given(TEXTS)
def test_splitting_loses_nothing(text: str) -> None:
    assert "".join(sentences(text)) == "".join(tokens(text)) == text


# --- Comparing --------------------------------------------------------------------------------------------


@without_a_store
@given(TEXTS, TEXTS)
def test_pieces_give_both_texts_back(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert (old_of(pieces), new_of(pieces)) == (old, new)


@without_a_store
@given(TEXTS, TEXTS)
def test_neighbouring_pieces_differ_in_kind(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))
    assert all(piece.text for piece in pieces)


@without_a_store
@given(TEXTS, TEXTS)
def test_additions_follow_the_removals_they_replace(old: str, new: str) -> None:
    kinds = [piece.kind for piece in compare(old, new)]
    assert ("added", "removed") not in list(pairwise(kinds))


@without_a_store
@given(TEXTS)
def test_equal_texts_are_one_piece(text: str) -> None:
    assert compare(text, text) == ([Piece("same", text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "甲", "[+甲]"),
        ("甲", "", "[-甲]"),
        ("吞吐提高 2 倍。", "吞吐提高 4 倍。", "吞吐提高 [-2][+4] 倍。"),
        ("管理缓存。", "管理 KV 缓存，减少碎片。", "管理[+ KV ]缓存[+，减少碎片]。"),
        (
            "它用 PagedAttention 管理",
            "它用 FlashAttention 管理",
            "它用 [-PagedAttention][+FlashAttention] 管理",
        ),
        ("Foo", "Foo bar baz qux", "Foo[+ bar baz qux]"),
        ("甲乙丙一\n二丁戊己", "甲乙丙三\n四丁戊己", "甲乙丙[-一][+三]\n[-二][+四]丁戊己"),
        ("- 甲\n- 乙\n- 丙\n", "- 甲\n- 丙\n", "- 甲\n[-- 乙\n]- 丙\n"),
        ("第一段。\n\n第二段。\n", "开头。\n\n第一段。\n\n第二段。\n", "[+开头。\n\n]第一段。\n\n第二段。\n"),
    ],
)
def test_changes_are_shown_by_word_and_character(old: str, new: str, expected: str) -> None:
    assert written(compare(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("the brown fox ran away", "the red dog ran away", "the [-brown fox][+red dog] ran away"),
        ("我们用快的车来运送货物", "我们用慢的船来运送货物", "我们用[-快的车][+慢的船]来运送货物"),
        ("它的甲，乙很好用的", "它的丙，丁很好用的", "它的[-甲，乙][+丙，丁]很好用的"),
    ],
)
def test_trifles_between_two_changes_are_folded_into_one(old: str, new: str, expected: str) -> None:
    assert written(compare(old, new)) == expected


def test_a_phrase_between_two_changes_is_kept() -> None:
    pieces = compare("这是好方法，因为它简单。", "这是坏方法，因为它复杂。")
    assert written(pieces) == "这是[-好][+坏]方法，因为它[-简单][+复杂]。"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("注意力机制是核心。", "这篇论文提出了新的训练方法。"),
        ("We propose a new method.", "Nobody knows what a sink is good for."),
    ],
)
def test_sentences_with_little_in_common_are_replaced_whole(old: str, new: str) -> None:
    assert compare(old, new) == [Piece("removed", old), Piece("added", new)]


def test_a_line_before_a_changed_one_does_not_hide_what_changed_in_it() -> None:
    pieces = compare("甲乙丙丁。\n戊己庚辛。\n", "新的一行。\n甲乙丙子。\n戊己庚丑。\n")
    assert written(pieces) == "[+新的一行。\n]甲乙丙[-丁][+子]。\n戊己庚[-辛][+丑]。\n"


def test_blank_lines_are_not_common_ground() -> None:
    assert sentence_blocks(["甲\n", "\n", "乙\n"], ["丙\n", "\n", "丁\n"]) == []


def test_blank_lines_next_to_a_common_line_are_common() -> None:
    assert sentence_blocks(["甲\n", "\n", "乙\n"], ["甲\n", "\n", "丁\n"]) == [(0, 0, 2)]


def test_long_texts_are_aligned_where_lines_moved_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "SMALL", 4)
    old, new = ["甲", "x", "乙", "x", "丙"], ["x", "甲", "x", "x", "乙", "丁", "丙"]
    assert sentence_blocks(old, new) == [(0, 1, 2), (2, 4, 1), (4, 6, 1)]


def test_swapped_passages_keep_the_longer_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "SMALL", 4)
    assert sentence_blocks(list("甲乙丙丁戊"), list("丙戊甲乙丁")) == [(0, 2, 2), (3, 4, 1)]


@without_a_store
@given(TEXTS, TEXTS, st.integers(0, 40), st.integers(0, 60))
def test_nothing_is_lost_when_the_work_is_cut_short(old: str, new: str, steps: int, small: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differences, "STEPS", steps)
        patch.setattr(differences, "SMALL", small)
        pieces = compare(old, new)
    assert (old_of(pieces), new_of(pieces)) == (old, new)


def test_without_work_left_a_changed_passage_is_replaced_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "STEPS", 0)
    assert written(compare("子甲乙丙丑", "寅甲乙丙卯")) == "[-子甲乙丙丑][+寅甲乙丙卯]"


# --- Time -------------------------------------------------------------------------------------------------


def shuffled(lines: Iterable[str]) -> str:
    order = list(lines)
    random.Random(1).shuffle(order)
    return "".join(order)


def noise(alphabet: str, length: int, seed: int) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=length))


def passages(seed: int) -> str:
    return "".join(f"第{i}段\n{noise('一二 ', 40, seed + i)}\n" for i in range(4_000))


LINES = [f"line {i}\n" for i in range(20_000)]
# Made by who asks for them: together they take a second.
HOSTILE: dict[str, Callable[[], tuple[str, str]]] = {
    "equal lines": lambda: ("x\n" * 20_000, "x\ny\n" * 10_000),
    "only line ends": lambda: ("\n" * 500_000, "\n \n" * 170_000),
    "every other line": lambda: (
        "".join(LINES),
        "".join(f"{i}?\n" if i % 2 else LINES[i] for i in range(20_000)),
    ),
    "no line in common": lambda: ("".join(LINES), "".join(f"row {i} x\n" for i in range(20_000))),
    "shuffled lines": lambda: ("".join(LINES), shuffled(LINES)),
    "two kinds of line": lambda: (
        noise("ab", 250_000, 1).replace("", "\n"),
        noise("ab", 250_000, 2).replace("", "\n"),
    ),
    "one line of marks": lambda: (noise(",.;:", 500_000, 1), noise(",.;:", 500_000, 2)),
    "one line of stops": lambda: ("。" * 170_000, "。！" * 85_000),
    "many small passages": lambda: (passages(1), passages(9_999)),
    "unique only when peeled": lambda: (
        "".join(f"x{i}\nx{i - 1}\n" for i in range(30_000)),
        "".join(f"x{i}\nx{i - 1}\nj{i}\n" for i in range(30_000)),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_longest_notes_are_compared_in_seconds(name: str) -> None:
    """About one on a quiet machine; without bounds, minutes."""
    old, new = HOSTILE[name]()
    start = time.process_time()
    pieces = compare(old, new)
    assert time.process_time() - start < 5
    assert (old_of(pieces), new_of(pieces)) == (old, new)


def test_a_small_change_in_one_huge_line_is_shown_small() -> None:
    old = noise("ab ", 500_000, 1)
    pieces = compare(f"{old} 甲 {old[::-1]}", f"{old} 乙 {old[::-1]}")
    assert [piece.text for piece in pieces if piece.kind != "same"] == ["甲", "乙"]


# --- Excerpts ---------------------------------------------------------------------------------------------

TEN = "".join(f"{i}\n" for i in range(10))


def test_excerpts_keep_some_lines_around_each_change() -> None:
    assert excerpts(compare(f"{TEN}甲\n{TEN}", f"{TEN}乙\n{TEN}"), context=2) == [
        Piece("gap", "", lines=8),
        Piece("same", "8\n9\n"),
        Piece("removed", "甲"),
        Piece("added", "乙"),
        Piece("same", "\n0\n1\n"),
        Piece("gap", "", lines=8),
    ]


def test_excerpts_shorten_what_is_between_two_changes() -> None:
    pieces = [Piece("added", "甲\n"), Piece("same", TEN), Piece("removed", "乙\n")]
    assert excerpts(pieces, context=3)[1:-1] == [
        Piece("same", "0\n1\n2\n"),
        Piece("gap", "", lines=4),
        Piece("same", "7\n8\n9\n"),
    ]


def test_the_rest_of_a_changed_line_is_no_context_line() -> None:
    pieces = [Piece("added", "甲"), Piece("same", f"乙。\n{TEN}丙"), Piece("removed", "丁")]
    shown = [piece.text for piece in excerpts(pieces, context=1)]
    assert shown == ["甲", "乙。\n0\n", "", "9\n丙", "丁"]


@pytest.mark.parametrize("lines", [0, 1, 6, 7])
def test_no_gap_is_made_for_a_line_or_none(lines: int) -> None:
    same = Piece("same", "甲\n" * lines)
    pieces = [Piece("added", "乙\n"), same, Piece("removed", "丙\n")]
    assert excerpts(pieces, context=3) == pieces


def test_excerpts_of_a_huge_line_are_short() -> None:
    old, new = "甲" * 50_000 + "乙" + "丙" * 50_000, "甲" * 50_000 + "丁" + "丙" * 50_000
    shown = excerpts(compare(old, new))
    assert [piece.kind for piece in shown] == ["gap", "same", "removed", "added", "same", "gap"]
    assert sum(len(piece.text) for piece in shown) == 2 * differences.CONTEXT_CHARACTERS + 2


def test_excerpts_of_equal_texts_are_one_gap() -> None:
    assert excerpts(compare(TEN, TEN)) == [Piece("gap", "", lines=10)]


@without_a_store
@given(TEXTS, TEXTS, st.integers(0, 4))
def test_excerpts_keep_every_change_and_count_every_line(old: str, new: str, context: int) -> None:
    pieces = compare(old, new)
    shown = excerpts(pieces, context)
    assert [piece for piece in shown if piece.kind in ("removed", "added")] == [
        piece for piece in pieces if piece.kind != "same"
    ]
    left_out = sum(piece.lines for piece in shown)
    assert sum(piece.text.count("\n") for piece in shown) + left_out == sum(
        piece.text.count("\n") for piece in pieces
    )
