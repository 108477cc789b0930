"""What a result shows of a paper: the words that were found, marked, and where in the note they stand."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from papers.models import Paper

from .needs import MIN_PREFIX, parts_of
from .query import Query
from .tokens import SUFFIX, WORD, Token, aligned, stem

LENGTH = 140  # characters of a note
LEAD = 40  # of them before the first hit, at most
# Of a note beyond so many characters nothing is shown, and of so many hits the best place is chosen.
MAX_TEXT, MAX_HITS = 100_000, 300
MAX_PAPERS = 30

_STOP = re.compile(r"[。！？；!?]\s*|\.\s+")
_GAP = r"(?:\s*|[-‐‑_.·'’/:])"
_AFTER = f"(?!{WORD})"


class Part(NamedTuple):
    text: str
    is_hit: bool = False


class Span(NamedTuple):
    """A place in a text, and the number of the words that stand there."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Texts as their authors wrote them, nothing escaped; `anchor` is the id of the heading above the note's words."""

    title: tuple[Part, ...]
    summary: tuple[Part, ...]
    note: tuple[Part, ...] = ()
    anchor: str = ""


Finder = Callable[[str], Iterator[tuple[int, int]]]


def excerpts(query: Query, papers: Iterable[Paper]) -> dict[int, Excerpt]:
    """By primary key, of the papers on one page; one query for their notes, none if no words are looked for."""
    shown = list(papers)[:MAX_PAPERS]
    wanted = [term for term in query.terms if not term.is_excluded]
    finders = [_finder(part, term.is_phrase) for term in wanted for part in parts_of(term)]
    notes: dict[int, Any] = {}
    if finders:
        rows = Paper.objects.filter(pk__in=[paper.pk for paper in shown]).order_by()
        notes = {
            pk: (text, contents) for pk, text, contents in rows.values_list("pk", "plain_text", "contents")
        }
    return {paper.pk: _excerpt(paper, finders, *notes.get(paper.pk, ("", []))) for paper in shown}


def _excerpt(paper: Paper, finders: Sequence[Finder], text: str, contents: list[dict[str, Any]]) -> Excerpt:
    title, summary = (_marked(shown, _spans(shown, finders)) for shown in (paper.title, paper.summary))
    spans = _spans(text[:MAX_TEXT], finders)
    if not spans:
        return Excerpt(title, summary)
    best = _best(spans)
    start, end = _window(text, best)
    inside = [
        Span(max(span.start, start), min(span.end, end), 0)
        for span in spans
        if start < span.end and span.start < end
    ]
    parts = _marked(text[start:end], [Span(span.start - start, span.end - start, 0) for span in inside])
    before, after = (Part("…"),) * (start > 0), (Part("…"),) * (end < len(text))
    return Excerpt(title, summary, (*before, *parts, *after), _heading(text, contents, best.start))


# --- Finding ----------------------------------------------------------------------------------------------


def _spans(text: str, finders: Sequence[Finder]) -> list[Span]:
    """In the order of the text; none overlap another of the same number."""
    if not (text and finders):
        return []
    normalised, places = aligned(text)
    found = [
        Span(places[start], places[end], number)
        for number, finder in enumerate(finders)
        for start, end in finder(normalised)
        if _is_beginning(text, places[start])
    ]
    return sorted(span for span in found if span.end > span.start)


def _is_beginning(text: str, place: int) -> bool:
    """Not in the middle of a word, unless a capital letter begins another there, as in FlashAttention."""
    before, here = text[place - 1 : place], text[place : place + 1]
    is_inside = re.match(WORD, before) is not None and re.match(WORD, here) is not None
    return not is_inside or (before.islower() and here.isupper())


def _finder(part: list[Token], is_phrase: bool) -> Finder:
    if len(part) == 1 and not part[0].is_cjk and not is_phrase:
        return lambda text: _words(part[0].text, text)
    pattern = re.compile(_pattern(part, is_phrase))
    return lambda text: (found.span() for found in pattern.finditer(text))


def _words(wanted: str, text: str) -> Iterator[tuple[int, int]]:
    """By their beginning and by their stem: the same words as an index finds."""
    root = stem(wanted)
    for found in re.finditer(f"{re.escape((root or wanted)[:3])}{WORD}*{SUFFIX}", text):
        word = found[0]
        is_same = word == wanted or (root and stem(word) == root)
        if is_same or (len(wanted) >= MIN_PREFIX and word.startswith(wanted)):
            yield found.span()


def _pattern(part: list[Token], is_phrase: bool) -> str:
    first, last = part[0], part[-1]
    pattern, end = "", first.start
    for token in part:
        if token.end > end:
            pattern += _GAP * (token.start >= end > first.start) + re.escape(
                token.text[max(end - token.start, 0) :]
            )
            end = token.end
    is_unfinished = not is_phrase and last.end - first.start >= MIN_PREFIX
    return pattern if last.is_cjk or is_unfinished else pattern + _AFTER


# --- Showing ----------------------------------------------------------------------------------------------


def _best(spans: list[Span]) -> Span:
    """Where most of the words stand near one another; the first such place."""
    candidates = spans[:MAX_HITS]

    def number_of_words(index: int) -> int:
        limit = candidates[index].start + LENGTH - LEAD
        return len({span.number for span in candidates[index:] if span.end <= limit})

    return candidates[max(range(len(candidates)), key=lambda index: (number_of_words(index), -index))]


def _window(text: str, hit: Span) -> tuple[int, int]:
    """From the beginning of the sentence if it is near, else from between two words."""
    earliest = max(hit.start - LEAD, 0)
    stops = [found.end() for found in _STOP.finditer(text, earliest, hit.start)]
    start = earliest if not earliest else (stops[-1] if stops else _between(text, earliest, hit.start))
    latest = min(start + LENGTH, len(text))
    return start, max(latest if latest == len(text) else _cut(text, hit.end, latest), hit.end)


def _between(text: str, earliest: int, latest: int) -> int:
    """Behind the first space, if a word would be cut."""
    if not (text[earliest - 1].isascii() and text[earliest - 1].isalnum()):
        return earliest
    space = text.find(" ", earliest, latest)
    return space + 1 if space >= 0 else earliest


def _cut(text: str, earliest: int, latest: int) -> int:
    if not (text[latest].isascii() and text[latest].isalnum()):
        return latest
    space = text.rfind(" ", earliest, latest)
    return space if space >= 0 else latest


def _marked(text: str, spans: Iterable[Span]) -> tuple[Part, ...]:
    """The text in parts, overlapping hits as one."""
    parts: list[Part] = []
    end = 0
    for span in _merged(spans):
        if span[0] > end:
            parts.append(Part(text[end : span[0]]))
        parts.append(Part(text[span[0] : span[1]], True))
        end = span[1]
    return (*parts, Part(text[end:])) if text[end:] else tuple(parts)


def _merged(spans: Iterable[Span]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end, _number in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _heading(text: str, contents: list[dict[str, Any]], place: int) -> str:
    """The last heading that begins at the place or before it: they stand in the text in their order, between spaces."""
    padded, anchor, behind = f" {text} ", "", 0
    for heading in contents:
        start = padded.find(f" {heading['text']} ", behind)
        if start > place:
            break
        if start >= 0:
            anchor, behind = heading["id"], start + len(heading["text"]) + 1
    return anchor
