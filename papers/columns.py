"""Where each published paper stands, read once a generation: what is counted in memory is counted from this."""

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from itertools import compress
from typing import Any

from django.db.models import Aggregate, QuerySet, TextField

from .models import Paper, Tag, TaggedPaper
from .stored import kept, state

REVIEWS = tuple(Paper.Review.values)

Positions = Sequence[int]


@dataclass
class Columns:
    """Published papers one after the other: the same position in each array is the same paper."""

    pks: "array[int]" = field(default_factory=lambda: array("q"))
    sections: "array[int]" = field(default_factory=lambda: array("q"))
    months: "array[int]" = field(default_factory=lambda: array("i"))  # 202507
    reviews: "array[int]" = field(default_factory=lambda: array("b"))  # in `REVIEWS`, or -1
    venues: "array[int]" = field(default_factory=lambda: array("i"))  # in `venue_slugs`, or -1
    venue_slugs: list[str] = field(default_factory=list)
    venue_names: dict[str, str] = field(default_factory=dict)
    tagged: dict[str, "array[int]"] = field(default_factory=dict)  # keys by slug, those of drafts among them
    tag_names: dict[str, str] = field(default_factory=dict)

    def positions(self, pks: AbstractSet[int]) -> list[int]:
        """Of those that are published."""
        return list(compress(range(len(self.pks)), map(pks.__contains__, self.pks)))

    # How many of the papers at these positions stand where.

    def by_section(self, positions: Positions) -> Counter[int]:
        return Counter(map(self.sections.__getitem__, positions))

    def by_month(self, positions: Positions) -> Counter[str]:
        months = Counter(map(self.months.__getitem__, positions))
        return Counter({f"{month // 100:04}-{month % 100:02}": number for month, number in months.items()})

    def by_venue(self, positions: Positions) -> Counter[str]:
        venues = Counter(map(self.venues.__getitem__, positions))
        return Counter({self.venue_slugs[venue]: number for venue, number in venues.items() if venue >= 0})

    def by_review(self, positions: Positions) -> Counter[str]:
        reviews = Counter(map(self.reviews.__getitem__, positions))
        return Counter({REVIEWS[review]: number for review, number in reviews.items() if review >= 0})


class _Listed(Aggregate):
    """All values of a column as one text in JSON: a fraction of what as many rows cost to fetch."""

    function, output_field = "JSON_GROUP_ARRAY", TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="JSON_AGG(%(expressions)s)::text", **context)


def columns(at: str | None = None) -> Columns:
    """Without tags; one query, and none if kept."""
    return kept("columns", _read_papers, at)


def columns_and_tags() -> Columns:
    """Three queries more than the state's, each answered by an index alone or by a small table; none if kept."""
    now = state()
    held = columns(now)
    held.tagged, held.tag_names = kept("tagged", partial(_read_tags, held.pks), now)
    return held


def keys_of(papers: QuerySet) -> set[int]:
    return set(_values(papers, "pk")[0])


def _values(papers: QuerySet, *columns: str) -> list[list[Any]]:
    """Each of the columns of all the papers, which stand in the same order in each; one query."""
    found = papers.order_by().aggregate(**{f"all_{name}": _Listed(name) for name in columns})
    return [json.loads(found[f"all_{name}"] or "[]") for name in columns]


def _read_papers() -> Columns:
    pks, sections, days, slugs, names, reviews = _values(
        Paper.objects.published(), "pk", "section", "published_on", "venue_slug", "venue", "review_state"
    )
    made = Columns(array("q", pks), array("q", sections))
    made.months = array("i", map({day: int(day[:4] + day[5:7]) for day in set(days)}.__getitem__, days))
    made.reviews = _numbered("b", reviews, REVIEWS)
    made.venue_slugs = sorted(set(slugs) - {""})
    made.venues = _numbered("i", slugs, made.venue_slugs)
    made.venue_names = {slug: name for slug, name in sorted(set(zip(slugs, names, strict=True))) if slug}
    return made


def _numbered(kind: str, values: Iterable[str], known: Sequence[str]) -> "array[int]":
    """For each value its place among those that are known, or -1."""
    places = dict.fromkeys(values, -1) | {value: place for place, value in enumerate(known)}
    return array(kind, map(places.__getitem__, values))


def _read_tags(public: Sequence[int]) -> tuple[dict[str, "array[int]"], dict[str, str]]:
    """Keys of papers and the name, by slug, of each tag that a published paper has."""
    among = frozenset(public)
    rows: Any = TaggedPaper.objects.order_by().values_list("tag").annotate(papers=_Listed("content_object"))
    tagged = {tag: json.loads(papers) for tag, papers in rows}
    tags = Tag.objects.order_by().values_list("pk", "slug", "name")
    shown = [(pk, slug, name) for pk, slug, name in tags if not among.isdisjoint(tagged.get(pk, ()))]
    keys = {slug: array("q", tagged[pk]) for pk, slug, _name in shown}
    return keys, {slug: name for _pk, slug, name in shown}
