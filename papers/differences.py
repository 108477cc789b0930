"""What changed between two texts: by sentence, then by word, by character in Chinese. Pure, in bounded time."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

Kind = Literal["same", "removed", "added", "gap"]

# Steps one comparison may take, about a second; what is not compared by then counts as changed.
STEPS = 6_000_000
# Pairs of tokens up to which difflib compares everything; beyond, tokens that occur once are aligned first.
SMALL = 1_000_000
# Below this share of common tokens, a passage reads better struck out and written anew.
ALIKE = 1 / 3
# A line of a note is a paragraph: so many characters of it are context, at most.
CONTEXT_CHARACTERS = 300

STOPS = "。！？；"
_SENTENCE = re.compile(rf"[^\n{STOPS}]*+(?:\n|[{STOPS}]++[”’」』）】》]*+)|[^\n{STOPS}]++")
_CJK = r"\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_COMBINING = r"[\u0300-\u036f\u200d\ufe0f]*+"
_TOKEN = re.compile(rf"\n|[^\S\n]++|(?:[^\W{_CJK}]++|.){_COMBINING}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; a gap has none, only the number of line ends left out (0: within one line)."""

    kind: Kind
    text: str
    lines: int = 0


class Block(NamedTuple):
    """`size` tokens that two sequences have in common, as difflib gives them."""

    old: int
    new: int
    size: int


class _Span(NamedTuple):
    """A part of both sequences."""

    old: int
    old_end: int
    new: int
    new_end: int


class _Work:
    """Counted in steps, not seconds, so that the same texts always give the same answer."""

    def __init__(self) -> None:
        self.left = STEPS

    def afford(self, steps: int) -> bool:
        if steps > self.left:
            return False
        self.left -= steps
        return True


class _FrugalMatcher(SequenceMatcher[str]):
    """difflib's, which finds nothing more once the work is used up."""

    def __init__(self, old: Sequence[str], new: Sequence[str], work: _Work) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.work = work
        counts = Counter(new)
        self.steps = [0, *accumulate(1 + counts[token] for token in old)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        end = len(self.steps) - 1 if ahi is None else ahi
        if not self.work.afford(self.steps[end] - self.steps[alo]):
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def sentences(text: str) -> list[str]:
    """Split after each line end and each full stop of Chinese; joined, they are the text again."""
    return _SENTENCE.findall(text)


def tokens(text: str) -> list[str]:
    """Latin words, CJK characters, runs of spaces, single line ends and marks; joined, the text again."""
    return _TOKEN.findall(text)


def compare(old: str, new: str) -> list[Piece]:
    """Without what was added, the pieces are `old`; without what was removed, `new`."""
    work = _Work()
    before, after = sentences(old), sentences(new)
    stretches = _stretches(before, after, _sentence_blocks(before, after, work))
    return _merged(piece for stretch in stretches for piece in _pieces(*stretch, work))


def sentence_blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """The sentences two texts have in common, in order; a lone line end between two changes is none."""
    return _sentence_blocks(old, new, _Work())


def excerpts(pieces: Iterable[Piece], context: int = 3) -> list[Piece]:
    """The changes with so many lines around each; what is left out between them becomes a gap."""
    return list(_excerpts(list(pieces), context))


# --- Pieces -----------------------------------------------------------------------------------------------


def _pieces(before: str, after: str, work: _Work) -> list[Piece]:
    if before == after:
        return [Piece("same", before)]
    if not before or not after:
        return _replacement(before, after)
    old, new = tokens(before), tokens(after)
    blocks = _without_trifles(_common_blocks(old, new, work), old, new, _is_confetti)
    kept = sum(block.size for block in blocks)
    if 2 * kept < ALIKE * (len(old) + len(new)) and kept < min(len(old), len(new)):
        return _replacement(before, after)
    return [
        piece
        for left, right in _stretches(old, new, blocks)
        for piece in ([Piece("same", left)] if left == right else _replacement(left, right))
    ]


def _replacement(before: str, after: str) -> list[Piece]:
    removed, added = Piece("removed", before), Piece("added", after)
    return [piece for piece in (removed, added) if piece.text]


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of one kind become one piece; removals come before the additions that replace them."""
    runs: list[tuple[Kind, list[str]]] = []
    for piece in pieces:
        if runs and runs[-1][0] == piece.kind:
            runs[-1][1].append(piece.text)
        else:
            runs.append((piece.kind, [piece.text]))
    return [Piece(kind, "".join(texts)) for kind, texts in runs]


def _stretches(old: Sequence[str], new: Sequence[str], blocks: Iterable[Block]) -> Iterator[tuple[str, str]]:
    """Both texts side by side, in stretches that are either equal or changed."""
    i = j = 0
    for block in [*blocks, Block(len(old), len(new), 0)]:
        if block.old > i or block.new > j:
            yield "".join(old[i : block.old]), "".join(new[j : block.new])
        i, j = block.old + block.size, block.new + block.size
        if block.size:
            same = "".join(old[block.old : i])
            yield same, same


# --- What two sequences have in common --------------------------------------------------------------------


def _sentence_blocks(old: Sequence[str], new: Sequence[str], work: _Work) -> list[Block]:
    return _without_trifles(_common_blocks(old, new, work), old, new, _is_blank)


def _common_blocks(old: Sequence[str], new: Sequence[str], work: _Work) -> list[Block]:
    """Patience diff where the sequences are long, difflib's between: neither alone is both fast and legible."""
    blocks: list[Block] = []
    waiting = [_Span(0, len(old), 0, len(new))]
    while waiting:
        edges, span = _common_edges(old, new, waiting.pop())
        blocks += edges
        if span.old == span.old_end or span.new == span.new_end:
            continue
        if (span.old_end - span.old) * (span.new_end - span.new) <= SMALL:
            blocks += _thorough_blocks(old, new, span, work)
        elif work.afford(2 * (span.old_end - span.old + span.new_end - span.new)):
            anchors = _anchors(old, new, span)
            blocks += anchors
            waiting += _between(anchors, span) if anchors else []
    return _coalesced(sorted(blocks))


def _common_edges(old: Sequence[str], new: Sequence[str], span: _Span) -> tuple[list[Block], _Span]:
    """What both begin and end with, and the span between."""
    i, i_end, j, j_end = span
    while i < i_end and j < j_end and old[i] == new[j]:
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    edges = [Block(span.old, span.new, i - span.old), Block(i_end, j_end, span.old_end - i_end)]
    return [edge for edge in edges if edge.size], _Span(i, i_end, j, j_end)


def _thorough_blocks(old: Sequence[str], new: Sequence[str], span: _Span, work: _Work) -> list[Block]:
    matcher = _FrugalMatcher(old[span.old : span.old_end], new[span.new : span.new_end], work)
    found = matcher.get_matching_blocks()[:-1]
    return [Block(span.old + block.a, span.new + block.b, block.size) for block in found]


def _anchors(old: Sequence[str], new: Sequence[str], span: _Span) -> list[Block]:
    """Tokens that occur once in both, as many as keep their order."""
    places = _places_of_unique(new, span.new, span.new_end)
    pairs = [
        Block(i, places[token], 1)
        for token, i in _places_of_unique(old, span.old, span.old_end).items()
        if token in places
    ]
    return _longest_increasing(pairs)


def _places_of_unique(sequence: Sequence[str], start: int, end: int) -> dict[str, int]:
    places: dict[str, int] = {}
    repeated: set[str] = set()
    for i in range(start, end):
        if places.setdefault(sequence[i], i) != i:
            repeated.add(sequence[i])
    return {token: i for token, i in places.items() if token not in repeated}


def _longest_increasing(pairs: list[Block]) -> list[Block]:
    """Patience sorting: of pairs in the order of the old text, most that are in the new one's order too."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, pair in enumerate(pairs):
        pile = bisect_left(tops, pair.new)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [pair.new]
        piles[pile : pile + 1] = [index]
    chosen, index = [], piles[-1] if piles else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = before[index]
    return chosen[::-1]


def _between(blocks: list[Block], span: _Span) -> Iterator[_Span]:
    i, j = span.old, span.new
    for block in [*blocks, Block(span.old_end, span.new_end, 0)]:
        if block.old > i and block.new > j:
            yield _Span(i, block.old, j, block.new)
        i, j = block.old + block.size, block.new + block.size


def _coalesced(blocks: Iterable[Block]) -> list[Block]:
    """Blocks that touch in both sequences become one."""
    whole: list[Block] = []
    for block in blocks:
        last = whole[-1] if whole else Block(0, 0, 0)
        if last.size and (last.old + last.size, last.new + last.size) == (block.old, block.new):
            whole[-1] = last._replace(size=last.size + block.size)
        else:
            whole.append(block)
    return whole


# --- Legibility -------------------------------------------------------------------------------------------

Judge = Callable[[Sequence[str], int], bool]


def _without_trifles(
    blocks: list[Block], old: Sequence[str], new: Sequence[str], is_trifle: Judge
) -> list[Block]:
    """Drop what stayed the same between two changes, but is too little for anyone to hold on to."""
    kept: list[Block] = []
    i = j = 0
    for block, following in pairwise([*blocks, Block(len(old), len(new), 0)]):
        end, new_end = block.old + block.size, block.new + block.size
        removed = block.old - i, following.old - end
        added = block.new - j, following.new - new_end
        # Two mere insertions, or two removals, are more legible than a replacement of all.
        is_replaced = any(removed) and any(added)
        smaller = min(map(max, removed, added))
        if not (is_replaced and smaller and is_trifle(old[block.old : end], smaller)):
            kept.append(block)
            i, j = end, new_end
    return kept


def _is_blank(same: Sequence[str], smaller_change: int) -> bool:
    return all(sentence.isspace() for sentence in same)


def _is_confetti(same: Sequence[str], smaller_change: int) -> bool:
    """A few spaces and marks, with one or two words at most, between changes that are no smaller."""
    words = sum(token[0].isalnum() for token in same[:7])
    return len(same) < 7 and "\n" not in same and words <= min(2, smaller_change)


# --- Excerpts ---------------------------------------------------------------------------------------------


def _excerpts(pieces: list[Piece], context: int) -> Iterator[Piece]:
    for i, piece in enumerate(pieces):
        if piece.kind != "same":
            yield piece
            continue
        is_first, is_last = i == 0, i == len(pieces) - 1
        starts_line = is_first or pieces[i - 1].text.endswith("\n")
        head = 0 if is_first else _head_length(piece.text, context + (not starts_line))
        tail = len(piece.text) if is_last else _tail_start(piece.text, context)
        yield from _shortened(piece, head, tail)


def _shortened(piece: Piece, head: int, tail: int) -> list[Piece]:
    left_out = piece.text[head:tail]
    gap = Piece("gap", "", lines=left_out.count("\n"))
    if gap.lines < 2 and len(left_out) < CONTEXT_CHARACTERS:
        return [piece]
    parts = [Piece("same", piece.text[:head]), gap, Piece("same", piece.text[tail:])]
    return [part for part in parts if part.text or part.kind == "gap"]


def _head_length(text: str, lines: int) -> int:
    end = 0
    for _line in range(lines):
        end = text.find("\n", end) + 1 or len(text)
    return min(end, CONTEXT_CHARACTERS)


def _tail_start(text: str, lines: int) -> int:
    """Where the last whole lines begin, before the line that a change is in."""
    start = len(text)
    for _line in range(lines + 1):
        start = text.rfind("\n", 0, start)
        if start < 0:
            break
    return max(start + 1, len(text) - CONTEXT_CHARACTERS)
