"""Two editors, one paper: what both meant is merged, what cannot be told is asked, nothing is lost."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers import differences
from papers.differences import sentences
from papers.merging import Conflict, Merge, merge

without_a_store = settings(database=None, deadline=None)
SENTENCES = st.sampled_from(
    ["甲。", "乙。", "丙！", "丁；", "戊\n", "\n", "己。\n", "- 庚\n", "end", "他说“是。”"]
)
TEXTS = st.lists(SENTENCES, max_size=8).map("".join)
FIELDS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["甲", "乙", "丙"]),
        "year": st.sampled_from([None, 2023, 2024]),
        "day_known": st.booleans(),
        "notes": TEXTS,
        "tags": st.sets(st.sampled_from(["a", "b", "c", "d"])).map(sorted),
    }
)
PARAGRAPH = "注意力是核心。缓存很大。分页减少碎片。吞吐提高两倍。"


def merge_notes(base: str, mine: str, theirs: str, choice: str = "") -> Merge:
    return merge({"notes": base}, {"notes": mine}, {"notes": theirs}, {"notes-0": choice})


def merged_notes(base: str, mine: str, theirs: str, choice: str = "") -> str:
    """Without any conflict left."""
    merged = merge_notes(base, mine, theirs, choice)
    assert merged.unresolved == []
    return merged.values["notes"]


# --- Any fields -------------------------------------------------------------------------------------------


@without_a_store
@given(FIELDS, FIELDS)
def test_what_only_they_changed_is_theirs(base: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(base, base, theirs)
    assert (merged.values, merged.conflicts, merged.changed_by_me) == (theirs, [], [])


@without_a_store
@given(FIELDS, FIELDS)
def test_what_only_i_changed_is_mine(base: dict[str, Any], mine: dict[str, Any]) -> None:
    merged = merge(base, mine, base)
    assert (merged.values, merged.conflicts, merged.changed_by_them) == (mine, [], [])


@without_a_store
@given(FIELDS, FIELDS)
def test_what_both_changed_alike_is_no_conflict(base: dict[str, Any], both: dict[str, Any]) -> None:
    merged = merge(base, both, both)
    assert (merged.values, merged.conflicts) == (both, [])
    assert merged.changed_by_me == merged.changed_by_them


@without_a_store
@given(FIELDS, FIELDS, FIELDS)
def test_conflicts_are_the_same_for_either_side(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert {(item.name, item.mine, item.theirs) for item in one.conflicts} == {
        (item.name, item.theirs, item.mine) for item in other.conflicts
    }


@without_a_store
@given(FIELDS, FIELDS, FIELDS, st.sampled_from(["mine", "theirs"]))
def test_choices_resolve_every_conflict(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], choice: str
) -> None:
    asked = merge(base, mine, theirs)
    answered = merge(base, mine, theirs, {conflict.name: choice for conflict in asked.conflicts})
    assert asked.unresolved == asked.conflicts == answered.conflicts
    assert answered.unresolved == []


@without_a_store
@given(TEXTS, TEXTS, TEXTS)
def test_unresolved_conflicts_keep_mine_for_the_moment(base: str, mine: str, theirs: str) -> None:
    asked = merge_notes(base, mine, theirs)
    choices = {conflict.name: "mine" for conflict in asked.conflicts}
    assert asked.values == merge({"notes": base}, {"notes": mine}, {"notes": theirs}, choices).values


def test_whole_values_are_taken_from_whoever_changed_them() -> None:
    base = {"title": "甲", "year": 2023, "venue": "", "day_known": False}
    merged = merge(base, {**base, "title": "乙"}, {**base, "year": None, "day_known": True})
    assert merged.values == {"title": "乙", "year": None, "venue": "", "day_known": True}
    assert (merged.changed_by_me, merged.changed_by_them) == (["title"], ["year", "day_known"])


@pytest.mark.parametrize(
    ("base", "mine", "theirs"), [("甲", "乙", "丙"), (2023, 2024, None), (None, "2024-01", "2024-02")]
)
def test_whole_values_changed_by_both_conflict(base: Any, mine: Any, theirs: Any) -> None:
    merged = merge({"x": base}, {"x": mine}, {"x": theirs})
    assert merged.unresolved == merged.conflicts == [Conflict("x", 0, base, mine, theirs)]
    assert merged.values == {"x": mine}


@pytest.mark.parametrize(("choice", "value"), [("mine", "乙"), ("theirs", "丙")])
def test_a_choice_of_whole_values_is_kept_among_the_conflicts(choice: str, value: str) -> None:
    merged = merge({"title": "甲"}, {"title": "乙"}, {"title": "丙"}, {"title-0": choice})
    assert (merged.values, merged.unresolved, len(merged.conflicts)) == ({"title": value}, [], 1)


@pytest.mark.parametrize("choice", ["both", "", "base", "MINE"])
def test_other_choices_of_whole_values_are_none(choice: str) -> None:
    assert merge({"title": "甲"}, {"title": "乙"}, {"title": "丙"}, {"title-0": choice}).unresolved


def test_choices_for_conflicts_that_do_not_exist_change_nothing() -> None:
    merged = merge({"title": "甲"}, {"title": "乙"}, {"title": "甲"}, {"title-0": "theirs", "x-9": "mine"})
    assert (merged.values, merged.conflicts) == ({"title": "乙"}, [])


# --- Tags and missing fields ------------------------------------------------------------------------------


def test_tags_keep_the_additions_and_removals_of_both() -> None:
    merged = merge({"tags": ["a", "b", "c"]}, {"tags": ["b", "c", "d"]}, {"tags": ["a", "c", "e"]})
    assert (merged.values, merged.conflicts) == ({"tags": ["c", "d", "e"]}, [])
    assert merged.changed_by_me == merged.changed_by_them == ["tags"]


def test_a_tag_that_both_removed_or_added_is_no_conflict() -> None:
    assert merge({"tags": ["a"]}, {"tags": ["b"]}, {"tags": ["b"]}).values == {"tags": ["b"]}


def test_another_order_of_tags_is_no_change() -> None:
    assert merge({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, {"tags": ["a", "b"]}).changed_by_me == []


def test_a_side_without_the_field_left_it_as_it_was() -> None:
    merged = merge({"doi": "1", "pages": "2"}, {"doi": "3"}, {"pages": "4"})
    assert (merged.values, merged.conflicts) == ({"doi": "3", "pages": "4"}, [])
    assert (merged.changed_by_me, merged.changed_by_them) == (["doi"], ["pages"])


@pytest.mark.parametrize("value", ["甲", ["a"], None, 3, "甲\n乙"])
def test_a_field_newer_than_the_base_is_no_change(value: Any) -> None:
    one, other = {"tags": value} if isinstance(value, list) else {"x": value}, {}
    for merged in (merge({}, one, other), merge({}, other, one), merge({}, one, one)):
        assert (merged.values, merged.conflicts) == (one, [])
        assert merged.changed_by_me == merged.changed_by_them == []


def test_a_field_newer_than_the_base_conflicts_where_the_sides_differ() -> None:
    assert merge({}, {"doi": "1"}, {"doi": "2"}).unresolved == [Conflict("doi", 0, None, "1", "2")]


def test_text_newer_than_the_base_conflicts_where_the_sides_differ() -> None:
    (conflict,) = merge({}, {"notes": "甲。"}, {"notes": "乙。"}).unresolved
    assert (conflict.base, conflict.mine, conflict.theirs) == ("", "甲。", "乙。")


def test_tags_newer_than_the_base_are_those_of_both() -> None:
    assert merge({}, {"tags": ["a"]}, {"tags": ["b"]}).values == {"tags": ["a", "b"]}


# --- Text -------------------------------------------------------------------------------------------------


def test_changes_of_different_sentences_of_a_paragraph_merge() -> None:
    mine = PARAGRAPH.replace("核心", "关键")
    theirs = PARAGRAPH.replace("两倍", "四倍")
    assert merged_notes(PARAGRAPH, mine, theirs) == mine.replace("两倍", "四倍")


def test_changes_of_neighbouring_sentences_merge() -> None:
    assert merged_notes("甲。乙。", "甲一。乙。", "甲。乙二。") == "甲一。乙二。"


def test_changes_of_neighbouring_lines_merge() -> None:
    assert merged_notes("- 甲\n- 乙", "- 甲一\n- 乙", "- 甲\n- 乙二") == "- 甲一\n- 乙二"


def test_changes_of_one_sentence_conflict() -> None:
    merged = merge_notes(PARAGRAPH, PARAGRAPH.replace("很大", "巨大"), PARAGRAPH.replace("缓存", "KV 缓存"))
    assert merged.unresolved == [
        Conflict("notes", 0, "缓存很大。", "缓存巨大。", "KV 缓存很大。", in_text=True)
    ]


def test_a_paragraph_added_below_leaves_the_last_sentence_alone() -> None:
    assert merged_notes("甲。乙。", "甲。乙一。", "甲。乙。\n\n丙。") == "甲。乙一。\n\n丙。"


def test_a_line_added_below_leaves_the_last_line_alone() -> None:
    merged = merge({"authors": "甲\n乙"}, {"authors": "甲\n乙一"}, {"authors": "甲\n乙\n丙"})
    assert merged.values["authors"] == "甲\n乙一\n丙"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("甲。丙。", "甲。乙二。丙。"),
        ("甲。一。乙。丙。", "甲。二。乙。丙。"),
        ("甲。一。丙。", "甲。乙。二。丙。"),
        ("甲。\n乙。丙。", "甲。二。乙。丙。"),
    ],
    ids=["left out / changed", "both added", "changed / added", "split / added"],
)
def test_edits_that_touch_lose_nothing(mine: str, theirs: str) -> None:
    merged = merge_notes("甲。乙。丙。", mine, theirs)
    shown = merged.values["notes"] + "".join(conflict.theirs for conflict in merged.conflicts)
    assert set(sentences(mine) + sentences(theirs)) - set(sentences("甲。乙。丙。")) <= set(sentences(shown))


def test_a_sentence_left_out_by_one_and_changed_by_the_other_conflicts() -> None:
    (conflict,) = merge_notes("甲。乙。丙。", "甲。丙。", "甲。乙二。丙。").unresolved
    assert (conflict.base, conflict.mine, conflict.theirs) == ("乙。", "", "乙二。")


def test_two_sentences_added_at_one_place_conflict() -> None:
    (conflict,) = merge_notes("甲。丙。", "甲。一。丙。", "甲。二。丙。").unresolved
    assert (conflict.base, conflict.mine, conflict.theirs) == ("", "一。", "二。")


def test_a_line_that_no_longer_ends_is_not_run_together_with_an_added_one() -> None:
    assert merge_notes("甲\n乙\n丙", "甲。乙\n丙", "甲\n新\n乙\n丙").unresolved


def test_paragraphs_rewritten_around_a_blank_line_are_one_conflict() -> None:
    merged = merge_notes("甲。\n乙。\n丙", "新。\n甲一。\n乙一。\n丙", "甲。\n乙二。\n丙")
    assert [conflict.base for conflict in merged.conflicts] == ["甲。\n乙。"]


def test_conflicts_are_numbered_in_the_order_of_the_text() -> None:
    base, mine, theirs = "甲。\n乙。\n丙。", "甲一。\n乙。\n丙一。", "甲二。\n乙。\n丙二。"
    merged = merge({"notes": base, "doi": "0"}, {"notes": mine, "doi": "1"}, {"notes": theirs, "doi": "2"})
    assert [conflict.name for conflict in merged.conflicts] == ["notes-0", "notes-1", "doi-0"]


def test_each_conflict_has_its_own_choice() -> None:
    fields = [{"notes": text} for text in ("甲。乙。丙。", "甲一。乙。丙一。", "甲二。乙。丙二。")]
    merged = merge(*fields, {"notes-1": "theirs"})
    assert merged.values == {"notes": "甲一。乙。丙二。"}
    assert [conflict.name for conflict in merged.unresolved] == ["notes-0"]


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "both"),
    [
        ("甲。乙。丙。", "甲。乙一。丙。", "甲。乙二。丙。", "甲。乙一。乙二。丙。"),
        ("- 甲。\n- 乙", "- 甲一。\n- 乙", "- 甲二。\n- 乙", "- 甲一。\n- 甲二。\n- 乙"),
        ("甲\n乙", "甲\n乙\n丙", "甲\n乙\n丁", "甲\n乙\n丙\n丁"),
        ("甲。", "甲。\n\n乙。", "甲。\n\n丙。", "甲。\n\n乙。\n\n丙。"),
        ("甲。乙", "甲。丙", "甲。丁", "甲。丙\n丁"),
        ("甲", "", "乙", "乙"),
        ("", "甲", "乙", "甲\n乙"),
    ],
    ids=["sentence", "list item", "added lines", "added paragraphs", "end of line", "left out", "new"],
)
def test_both_is_mine_then_theirs_and_does_not_run_together(
    base: str, mine: str, theirs: str, both: str
) -> None:
    assert merged_notes(base, mine, theirs, "both") == both


@pytest.mark.parametrize(("choice", "text"), [("mine", "甲"), ("theirs", "甲\n乙二")])
def test_a_choice_leaves_no_line_end_behind(choice: str, text: str) -> None:
    assert merged_notes("甲\n乙", "甲", "甲\n乙二", choice) == text


@pytest.mark.parametrize("field", ["notes", "text", "summary", "authors", "aliases"])
def test_text_fields_merge_by_sentence_even_on_one_line(field: str) -> None:
    merged = merge({field: "甲。乙。"}, {field: "甲一。乙。"}, {field: "甲。乙二。"})
    assert merged.values == {field: "甲一。乙二。"}


def test_other_fields_merge_by_sentence_where_one_has_several_lines() -> None:
    assert merge({"x": "甲\n乙"}, {"x": "甲一\n乙"}, {"x": "甲\n乙二"}).values == {"x": "甲一\n乙二"}


def test_other_fields_of_one_line_do_not() -> None:
    assert merge({"title": "甲。乙。"}, {"title": "甲一。乙。"}, {"title": "甲。乙二。"}).unresolved


def test_the_caller_may_name_the_text_fields() -> None:
    fields = [{"title": text} for text in ("甲。乙。", "甲一。乙。", "甲。乙二。")]
    assert merge(*fields, text_fields=("title",)).values == {"title": "甲一。乙二。"}


@without_a_store
@given(TEXTS, TEXTS, TEXTS)
def test_every_sentence_of_either_side_is_in_the_text_or_in_a_conflict(
    base: str, mine: str, theirs: str
) -> None:
    merged = merge_notes(base, mine, theirs)
    shown = [merged.values["notes"]] + [
        text for conflict in merged.conflicts for text in (conflict.mine, conflict.theirs)
    ]
    found = {sentence.rstrip("\n") for text in shown for sentence in sentences(text)}
    added = set(sentences(mine + "\n") + sentences(theirs + "\n")) - set(sentences(base + "\n"))
    assert {sentence.rstrip("\n") for sentence in added} - {""} <= found


@without_a_store
@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["mine", "theirs", "both"]))
def test_no_line_is_made_of_parts_of_two(base: str, mine: str, theirs: str, choice: str) -> None:
    """Sentences may get new neighbours; none is torn apart or run together with another."""
    conflicts = merge_notes(base, mine, theirs).conflicts
    choices = {conflict.name: choice for conflict in conflicts}
    merged = merge({"notes": base}, {"notes": mine}, {"notes": theirs}, choices).values["notes"]
    known = {sentence for text in (base, mine, theirs) for sentence in sentences(f"{text}\n")}
    assert set(sentences(f"{merged}\n")) <= known | {"\n"}


def test_beyond_the_work_that_is_affordable_the_changed_part_is_one_conflict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(differences, "STEPS", 0)
    merged = merge_notes("首。甲。乙。丙。尾。", "首。甲一。乙。丙一。尾。", "首。甲。乙二。丙。尾。")
    assert [conflict.mine for conflict in merged.unresolved] == ["甲一。乙。丙一。"]


def lines(count: int, form: str) -> str:
    return "".join(form.format(i, i % 7) for i in range(count))


def two_kinds(seed: int) -> str:
    return "\n".join(random.Random(seed).choices("ab", k=250_000))


# Base, mine and theirs, made by who asks for them.
LONGEST: dict[str, Callable[[], tuple[str, str, str]]] = {
    "line ends": lambda: ("\n" * 500_000, "甲\n\n" * 100_000, "\n乙\n" * 100_000),
    "stops": lambda: ("。" * 170_000, "。！" * 85_000, "！。" * 85_000),
    "every other line": lambda: (
        lines(20_000, "第{}行\n"),
        lines(20_000, "第{}行\n改{}\n"),
        lines(20_000, "新{}\n第{}行\n"),
    ),
    "two kinds of line": lambda: (two_kinds(1), two_kinds(2), two_kinds(3)),
    "one line": lambda: ("甲" * 170_000, "乙" + "甲" * 169_999, "甲" * 169_999 + "丙"),
}


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_notes_merge_in_seconds(name: str) -> None:
    """About one on a quiet machine; without bounds, minutes."""
    base, mine, theirs = LONGEST[name]()
    start = time.process_time()
    merge_notes(base, mine, theirs)
    assert time.process_time() - start < 5
