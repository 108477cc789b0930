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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Sum, When

from .citations import normalise_key
from .models import Citation, Paper, Tag, TaggedPaper

SHOWN = 5
NEWEST = 40  # candidates of one clue
CLUES = 10  # tags, and as many cited names

DIRECT, KEY, TAG, WORDS, SECTION = 6.0, 1.5, 1.0, 8.0, 0.3
ALIKE = 0.15  # as much of its words is a likeness by itself

_COLUMNS = ("uid", "section", "title", "summary", "path", "published_on", "day_known", "venue")
_WORD = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]|[\u3400-\u9fff]+")

_EMPTY = frozenset("a an and are as at by for from in is of on the to via with".split())


def related(paper: Paper, tags: Sequence[Tag], neighbours: Collection[int]) -> list[Paper]:
    """The nearest first; `neighbours` are published papers that cite it or that it cites, by primary key. One query."""
    keys = _keys_cited_most(paper)
    clues = _Clues([tag.pk for tag in tags[:CLUES]], keys)
    candidates = list(_candidates(paper, clues, list(neighbours)[:NEWEST]))
    scores = _scores(paper, candidates, clues, frozenset(neighbours))
    ranked = sorted(
        zip(scores, candidates, strict=True), key=lambda pair: -pair[0]
    )  # keeps the order of equals
    return [candidate for score, candidate in ranked[:SHOWN] if score]


def _keys_cited_most(paper: Paper) -> list[str]:
    counted = Counter(normalise_key(found["title"]) for found in paper.cited)
    counted.pop("", None)
    return [key for key, _times in counted.most_common(CLUES)]


# --- Candidates -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clues:
    tags: list[int]
    keys: list[str]


def _candidates(paper: Paper, clues: _Clues, neighbours: list[int]) -> QuerySet[Paper]:
    """Newest first, with the clues that each shares as bits of `tag_bits` and `key_bits`."""
    tagged, citing = TaggedPaper.objects.published(), Citation.objects.published()
    newest: list[Any] = [
        tagged.filter(tag=tag).order_by("-content_object").values("content_object") for tag in clues.tags
    ]
    newest += [citing.filter(key=key).order_by("-paper").values("paper").distinct() for key in clues.keys]
    newest.append(Paper.objects.published().filter(section=paper.section_id).newest_first().values("pk"))
    # SQLite takes a limit one level below a union, and not in it.
    parts = [Paper.objects.order_by().filter(pk__in=rows[:NEWEST]).values("pk") for rows in newest]
    known = Paper.objects.order_by().filter(pk__in=neighbours).values("pk")
    found = Paper.objects.filter(pk__in=known.union(*parts)).exclude(pk=paper.pk)
    return (
        found.newest_first()
        .only(*_COLUMNS)
        .annotate(
            tag_bits=_bits(TaggedPaper.objects.all(), "content_object", "tag", clues.tags),
            key_bits=_bits(Citation.objects.all(), "paper", "key", clues.keys),
        )
    )


def _bits(rows: QuerySet, paper: str, column: str, values: Sequence[Any]) -> Subquery | None:
    """Which of the values a paper's rows have: the first is worth 1, the second 2, the third 4 and so on."""
    worth = Case(
        *(When(**{column: value, "then": 1 << place}) for place, value in enumerate(values)),
        default=0,
        output_field=IntegerField(),
    )
    own = rows.filter(**{paper: OuterRef("pk"), f"{column}__in": values}).order_by().values(paper)
    return Subquery(own.annotate(bits=Sum(worth, distinct=True)).values("bits"))


# --- Scores -----------------------------------------------------------------------------------------------


def _scores(paper: Paper, candidates: list[Paper], clues: _Clues, neighbours: frozenset[int]) -> list[float]:
    """In the candidates' order; zero for one that shares nothing with the paper but a section and a few words."""
    tags = [_shared(candidate, "tag_bits", clues.tags) for candidate in candidates]
    keys = [_shared(candidate, "key_bits", clues.keys) for candidate in candidates]
    likeness = _likeness(_words(paper), [_words(candidate) for candidate in candidates])
    weight_of_tag, weight_of_key = _weights(tags), _weights(keys)
    scores = []
    for place, candidate in enumerate(candidates):
        clue = (
            DIRECT * (candidate.pk in neighbours)
            + TAG * _total(weight_of_tag, tags[place])
            + KEY * _total(weight_of_key, keys[place])
        )
        is_near = clue > 0 or likeness[place] >= ALIKE
        is_same_section = candidate.section_id == paper.section_id
        scores.append(is_near * (clue + WORDS * likeness[place] + SECTION * is_same_section))
    return scores


def _shared(candidate: Any, column: str, values: Sequence[Any]) -> set[Any]:
    bits = getattr(candidate, column) or 0
    return {value for place, value in enumerate(values) if bits >> place & 1}


def _weights(sets: list[set[Any]]) -> dict[Any, float]:
    """The rarer among the candidates, the heavier."""
    counted = Counter(value for one in sets for value in one)
    return {value: math.log(1 + len(sets) / times) for value, times in counted.items()}


def _total(weights: dict[Any, float], values: Iterable[Any]) -> float:
    """The same sum in whatever order the values come. What no candidate has is as heavy as the rarest."""
    rarest = max(weights.values(), default=1.0)
    return math.fsum(weights.get(value, rarest) for value in values)


def _likeness(own: set[str], others: list[set[str]]) -> list[float]:
    """How much of its own words each has, by weight: from 0 to 1."""
    weights = _weights(others)
    everything = _total(weights, own) or 1.0
    return [_total(weights, own & words) / everything for words in others]


def _words(paper: Paper) -> set[str]:
    """Latin words, and Chinese by overlapping pairs of characters."""
    found: set[str] = set()
    for run in _WORD.findall(f"{paper.title} {paper.summary}".lower()):
        found.update(
            [run] if run[0] < "\u3400" else (run[start : start + 2] for start in range(len(run) - 1))
        )
    return found - _EMPTY
