"""Two editors changed the same thing: what both meant, and where that cannot be told. Pure: dicts in, a Merge out.

The dicts are those of `revisions.typed_fields`. Text merges by sentence, tags as a set, all else as whole values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from merge3 import Merge3

from .differences import Block, sentence_blocks, sentences

Fields = Mapping[str, Any]

TEXT_FIELDS = ("notes", "text", "summary", "authors", "aliases")
TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sentences of a text, or a whole value, that both sides changed, each in its own way."""

    field: str
    number: int
    base: Any
    mine: Any
    theirs: Any
    in_text: bool = False

    @property
    def name(self) -> str:
        return f"{self.field}-{self.number}"

    @property
    def possible_choices(self) -> tuple[str, ...]:
        return ("mine", "theirs", "both") if self.in_text else ("mine", "theirs")


@dataclass(frozen=True, slots=True)
class Merge:
    """Where a conflict is unresolved, `values` has mine for the moment: not to be saved."""

    values: dict[str, Any] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    unresolved: list[Conflict] = field(default_factory=list)
    changed_by_me: list[str] = field(default_factory=list)
    changed_by_them: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Sides:
    """One field of the three."""

    field: str
    base: Any
    mine: Any
    theirs: Any


# Notes down the conflict, and says which of its possible choices was made; "" for none.
_Decide = Callable[[Conflict], str]


def merge(
    base: Fields,
    mine: Fields,
    theirs: Fields,
    choices: Mapping[str, str] = {},
    *,
    text_fields: Sequence[str] = TEXT_FIELDS,
) -> Merge:
    """`choices` says "mine", "theirs" or "both" by the name of a conflict; names hold for these three dicts only."""
    merged = Merge()

    def decide(conflict: Conflict) -> str:
        choice = choices.get(conflict.name, "")
        merged.conflicts.append(conflict)
        if choice in conflict.possible_choices:
            return choice
        merged.unresolved.append(conflict)
        return ""

    for name in dict.fromkeys([*mine, *theirs, *base]):
        sides = _sides(name, base, mine, theirs)
        merged.values[name] = _merged_value(sides, name in text_fields, decide)
        if _is_changed(name, sides.base, sides.mine):
            merged.changed_by_me.append(name)
        if _is_changed(name, sides.base, sides.theirs):
            merged.changed_by_them.append(name)
    return merged


def _sides(name: str, base: Fields, mine: Fields, theirs: Fields) -> _Sides:
    """A side without the field left it as it was; a base without it is no evidence of a change either."""
    known = [fields[name] for fields in (base, mine, theirs) if name in fields]
    is_undisputed = all(value == known[0] for value in known)
    before = base.get(name, known[0] if is_undisputed else None)
    return _Sides(name, before, mine.get(name, before), theirs.get(name, before))


def _is_changed(name: str, before: Any, after: Any) -> bool:
    return set(before or ()) != set(after or ()) if name == TAGS else bool(before != after)


def _merged_value(sides: _Sides, is_text_field: bool, decide: _Decide) -> Any:
    if sides.field == TAGS:
        return _merged_tags(set(sides.base or ()), set(sides.mine or ()), set(sides.theirs or ()))
    if sides.mine in (sides.base, sides.theirs):
        return sides.theirs
    if sides.theirs == sides.base:
        return sides.mine
    if _is_text(sides, is_text_field):
        return _merged_text(sides, decide)
    conflict = Conflict(sides.field, 0, sides.base, sides.mine, sides.theirs)
    return sides.theirs if decide(conflict) == "theirs" else sides.mine


def _merged_tags(base: set[str], mine: set[str], theirs: set[str]) -> list[str]:
    """In both, or added by one; what one removed is not in both."""
    return sorted((mine & theirs) | (mine - base) | (theirs - base))


def _is_text(sides: _Sides, is_text_field: bool) -> bool:
    values = (sides.base or "", sides.mine, sides.theirs)
    if not all(isinstance(value, str) for value in values):
        return False
    return is_text_field or any("\n" in value for value in values)


# --- Text -------------------------------------------------------------------------------------------------


def _merged_text(sides: _Sides, decide: _Decide) -> str:
    parts = _parts(_with_last_end(sides.base), _with_last_end(sides.mine), _with_last_end(sides.theirs))
    written: list[str] = []
    number = 0
    for part in parts:
        text = part[0]
        if len(part) > 1:
            choice = decide(_text_conflict(sides.field, number, part, is_last=part is parts[-1]))
            text = _chosen(choice, part[1], part[2], starts_line=not written or written[-1].endswith("\n"))
            number += 1
        written += [text] if text else []
    return "".join(written).removesuffix("\n")


def _with_last_end(text: str | None) -> str:
    """So that what is appended to a text leaves its last line alone."""
    return f"{text}\n" if text else ""


def _parts(base: str, mine: str, theirs: str) -> list[tuple[str, ...]]:
    """In order: text that is settled, alone; or the base, mine and theirs of a conflict."""
    merger = Merge3(_with_ends(base), _with_ends(mine), _with_ends(theirs), sequence_matcher=_SentenceMatcher)
    parts = [tuple("".join(side) for side in group[1:]) for group in merger.merge_groups()]
    return [part for part in parts if any(part)]


def _text_conflict(name: str, number: int, part: tuple[str, ...], *, is_last: bool) -> Conflict:
    """As people see it: the line end that every text was given is left out again."""
    base, mine, theirs = (side.removesuffix("\n") if is_last else side for side in part)
    return Conflict(name, number, base, mine, theirs, in_text=True)


def _chosen(choice: str, mine: str, theirs: str, *, starts_line: bool) -> str:
    if choice != "both":
        return theirs if choice == "theirs" else mine
    runs_on = starts_line and mine and not mine.endswith("\n")
    return f"{mine}\n{theirs}" if runs_on and theirs else mine + theirs


def _with_ends(text: str) -> list[str]:
    """The sentences, each followed by an empty string: the place where it ends."""
    return [part for sentence in sentences(text) for part in (sentence, "")]


class _SentenceMatcher:
    """For merge3, which takes two changes that touch for a conflict: a rewritten sentence still ends where it did.

    So changes of neighbouring sentences have an end in common between them. A sentence that was left out, or
    that no longer ends its line, has no such end: what the other side did next to it conflicts.
    """

    def __init__(
        self, isjunk: object = None, a: Sequence[str] = "", b: Sequence[str] = "", autojunk: bool = True
    ) -> None:
        self.a, self.b = a, b

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        old, new = self.a[::2], self.b[::2]
        found: list[tuple[int, int, int]] = []
        i = j = 0
        for block in [*sentence_blocks(old, new), Block(len(old), len(new), 0)]:
            is_rewritten = block.old > i and block.new > j
            end = is_rewritten and old[block.old - 1].endswith("\n") == new[block.new - 1].endswith("\n")
            found.append((2 * block.old - end, 2 * block.new - end, 2 * block.size + end))
            i, j = block.old + block.size, block.new + block.size
        return [*found, (len(self.a), len(self.b), 0)]
