"""Papers that are near to one: by shared tags, by citations, by words. Only reads.

Candidates come first, and there are a few hundred at most however large the site is: the newest published papers of
each clue. A clue is one tag of the paper, one name that its note cites, a citation of it, or its section. Each is
answered by an index in the order of the papers' keys, so that nothing is counted or sorted that is not looked at.

Every candidate is then compared with the paper by all clues. A shared clue counts the more, the fewer candidates
share it (the logarithm that search engines use): a tag that everybody has says little. Words are those of title and
summary, weighed in the same way; they alone can bring a paper of the same section up, which is what a note of ten
lines without tags has. Equal scores are in the order of papers everywhere.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import add, or_
from typing import Any, NamedTuple

from django.db.models import Case, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from .citations import normalise_key
from .models import Citation, Paper, Tag, TaggedPaper
from .prepared import NOW, Argument, Prepared, number, once, prepared, text
from .querysets import is_public_row

SHOWN = 5
NEWEST = 20  # candidates of one clue
CLUES = 10  # tags, and as many cited names

DIRECT, KEY, TAG, WORDS, SECTION = 6.0, 1.5, 1.0, 8.0, 0.3
ALIKE = 0.15  # as much of its words is a likeness by itself

_SHOWN = ("id", "uid", "title", "path", "published_on", "day_known", "venue")
_WORD = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]|[\u3400-\u9fff]+")

_EMPTY = frozenset("a an and are as at by for from in is of on the to via with".split())


def related(paper: Paper, tags: Sequence[Tag], neighbours: Collection[int]) -> list[Paper]:
    """The nearest first; `neighbours` are published papers that cite it or that it cites, by primary key. One query."""
    clues = _Clues([tag.pk for tag in tags[:CLUES]], _keys_cited_most(paper))
    candidates = _found(paper, clues, list(neighbours)[:NEWEST])
    scores = _scores(paper, candidates, clues, frozenset(neighbours))
    ranked = sorted(
        zip(scores, candidates, strict=True), key=lambda pair: -pair[0]
    )  # keeps the order of equals
    return [candidate.as_paper() for score, candidate in ranked[:SHOWN] if score]


def _keys_cited_most(paper: Paper) -> list[str]:
    counted = Counter(normalise_key(found["title"]) for found in paper.cited)
    counted.pop("", None)
    return [key for key, _times in counted.most_common(CLUES)]


# --- Candidates -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clues:
    tags: list[int]
    keys: list[str]


class _Candidate(NamedTuple):
    """No model: there are hundreds of them, and five become papers. The clues it shares are bits.

    Its section is told by its path: SQLite would go through the whole of the note to reach a later column.
    """

    pk: int
    uid: str
    title: str
    summary: str
    path: str
    published_on: date
    day_known: bool
    venue: str
    tag_bits: int | None
    key_bits: int | None

    def as_paper(self) -> Paper:
        return Paper.with_columns(_SHOWN, [self.pk, *(getattr(self, name) for name in _SHOWN[1:])])


def _found(paper: Paper, clues: _Clues, neighbours: list[int]) -> list[_Candidate]:
    """Newest first."""
    values: dict[str, Any] = {"paper": paper.pk, "section": paper.section_id, "now": timezone.now()}
    beside = [*neighbours, *[paper.pk] * (NEWEST - len(neighbours))]  # itself is none of the candidates
    for name, several in ("tag", clues.tags), ("key", clues.keys), ("beside", beside):
        values.update((f"{name}{place}", value) for place, value in enumerate(several))
    rows = _candidates(len(clues.tags), len(clues.keys), NEWEST).tuples(**values)
    return [_Candidate(*row) for row in rows]


@once
def _candidates(tags: int, keys: int, most: int) -> Prepared:
    """For so many tags and keys, with so many candidates of each."""
    named_tags, named_keys = _numbered("tag", tags, number), _numbered("key", keys, text)
    tagged, citing = TaggedPaper.objects.published(NOW), Citation.objects.published(NOW)
    newest: list[Any] = [
        tagged.filter(tag=tag).order_by("-content_object").values("content_object") for tag in named_tags
    ]
    newest += [citing.filter(key=key).order_by("-paper").values("paper").distinct() for key in named_keys]
    in_section = Paper.objects.filter(is_public_row(NOW), section=number("section"))
    newest.append(in_section.newest_first().values("pk"))
    # SQLite takes a limit one level below a union, and not in it.
    parts = [Paper.objects.order_by().filter(pk__in=rows[:most]).values("pk") for rows in newest]
    known = Paper.objects.order_by().filter(pk__in=_numbered("beside", most, number)).values("pk")
    found = Paper.objects.filter(pk__in=known.union(*parts)).exclude(pk=number("paper")).newest_first()
    bits = {
        "tag_bits": _bits(TaggedPaper.objects.all(), "content_object", "tag", named_tags),
        "key_bits": _bits(Citation.objects.all(), "paper", "key", named_keys),
    }
    return prepared(found.annotate(**bits).values_list("pk", *_Candidate._fields[1:]))


def _numbered(name: str, many: int, argument: Callable[[str], Argument]) -> list[Any]:
    return [argument(f"{name}{place}") for place in range(many)]


def _bits(rows: QuerySet, paper: str, column: str, values: Sequence[Argument]) -> Any:
    """Which of the values a paper's rows have: the first is worth 1, the second 2, the third 4 and so on."""
    if not values:
        return Value(0)
    # A note may name the same several times. Not as a sum of what is distinct: SQLite would sort for each candidate.
    bits = [
        Max(Case(When(**{column: value, "then": 1 << place}), default=0))
        for place, value in enumerate(values)
    ]
    is_one_of = reduce(or_, (Q(**{column: value}) for value in values))
    own = rows.filter(is_one_of, **{paper: OuterRef("pk")}).order_by().values(paper)
    return Subquery(own.annotate(bits=reduce(add, bits)).values("bits"))


# --- Scores -----------------------------------------------------------------------------------------------


def _scores(
    paper: Paper, candidates: list[_Candidate], clues: _Clues, neighbours: frozenset[int]
) -> list[float]:
    """In the candidates' order; zero for one that shares nothing with the paper but a section and a few words."""
    tags = _worth([candidate.tag_bits or 0 for candidate in candidates], len(clues.tags))
    keys = _worth([candidate.key_bits or 0 for candidate in candidates], len(clues.keys))
    own_words = _words(paper.title, paper.summary)
    likeness = _likeness(own_words, [_words(one.title, one.summary) for one in candidates])
    section, scores = _folder(paper.path or paper.true_path or ""), []
    for candidate, tag, key, alike in zip(candidates, tags, keys, likeness, strict=True):
        clue = DIRECT * (candidate.pk in neighbours) + TAG * tag + KEY * key
        is_near = clue > 0 or alike >= ALIKE
        is_same_section = _folder(candidate.path) == section
        scores.append(is_near * (clue + WORDS * alike + SECTION * is_same_section))
    return scores


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _worth(bits: list[int], many: int) -> list[float]:
    """What the clues that each candidate shares are worth together. Many candidates share the same ones."""
    of_each = {one: [place for place in range(many) if one >> place & 1] for one in set(bits)}
    weights = _weights(range(many), [of_each[one] for one in bits])
    worth = {one: math.fsum(weights[place] for place in shared) for one, shared in of_each.items()}
    return [worth[one] for one in bits]


def _likeness(own: frozenset[str], others: list[frozenset[str]]) -> list[float]:
    """How much of its own words each has, by weight: from 0 to 1."""
    common = [own & words for words in others]
    weights = _weights(own, common)
    everything = math.fsum(weights.values()) or 1.0
    return [math.fsum(weights[word] for word in words) / everything for words in common]


def _weights(values: Iterable[Any], shared: Sequence[Iterable[Any]]) -> dict[Any, float]:
    """The rarer among the candidates, the heavier; what none has is as heavy as what one has."""
    counted = Counter(value for one in shared for value in one)
    return {value: math.log(1 + len(shared) / (counted[value] or 1)) for value in values}


@lru_cache(maxsize=2048)
def _words(title: str, summary: str) -> frozenset[str]:
    """Latin words, and Chinese by overlapping pairs of characters. The newest papers are compared with many."""
    found: set[str] = set()
    for run in _WORD.findall(f"{title} {summary}".lower()):
        found.update(
            [run] if run[0] < "\u3400" else (run[start : start + 2] for start in range(len(run) - 1))
        )
    return frozenset(found - _EMPTY)
