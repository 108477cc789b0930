"""Where each published paper stands, read once a generation: what is counted in memory is counted from this."""

from array import array
from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from django.db.models import CharField
from django.db.models.functions import Cast

from .models import Paper, Tag, TaggedPaper
from .stored import kept

REVIEWS = tuple(Paper.Review.values)

_SIGNS = str.maketrans("", "", "-: T")


@dataclass
class Columns:
    """Published papers one after the other: the same position in each array is the same paper."""

    pks: "array[int]" = field(default_factory=lambda: array("q"))
    sections: "array[int]" = field(default_factory=lambda: array("q"))
    months: "array[int]" = field(default_factory=lambda: array("i"))  # 202507
    public: "array[int]" = field(default_factory=lambda: array("q"))  # since when: 20250731235959, UTC
    reviews: "array[int]" = field(default_factory=lambda: array("b"))  # places in `REVIEWS`
    venues: "array[int]" = field(default_factory=lambda: array("i"))  # places in `venue_slugs`
    venue_slugs: list[str] = field(default_factory=list)
    venue_names: dict[str, str] = field(default_factory=dict)
    tagged: dict[str, "array[int]"] = field(default_factory=dict)  # positions by slug
    tag_names: dict[str, str] = field(default_factory=dict)

    def positions(self, pks: AbstractSet[int]) -> list[int]:
        """Of those that are published."""
        return list(compress(range(len(self.pks)), map(pks.__contains__, self.pks)))


def columns() -> Columns:
    return kept("columns", read_columns)


def read_columns() -> Columns:
    """Three queries, each answered by an index alone or by a small table."""
    made = Columns()
    _read_papers(made)
    _read_tags(made)
    return made


def _read_papers(made: Columns) -> None:
    # As text: a hundred thousand dates take longer to make than the digits that are wanted of them.
    texts = {"on": Cast("published_on", CharField()), "at": Cast("first_public_at", CharField())}
    rows: Any = Paper.objects.published().newest_first().annotate(**texts)
    place: dict[str, int] = {}
    for pk, section, on, at, slug, name, review in rows.values_list(
        "pk", "section", "on", "at", "venue_slug", "venue", "review_state"
    ):
        made.pks.append(pk)
        made.sections.append(section)
        made.months.append(int(on[:4] + on[5:7]))
        made.public.append(int(at[:19].translate(_SIGNS)) if at else 0)
        made.reviews.append(REVIEWS.index(review) if review in REVIEWS else -1)
        made.venues.append(place.setdefault(slug, len(place)))
        made.venue_names[slug] = max(name, made.venue_names.get(slug, ""))
    made.venue_slugs = list(place)


def _read_tags(made: Columns) -> None:
    place = {pk: position for position, pk in enumerate(made.pks)}
    tags = {pk: (slug, name) for pk, slug, name in Tag.objects.order_by().values_list("pk", "slug", "name")}
    tagged: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
    for tag, paper in TaggedPaper.objects.order_by().values_list("tag", "content_object"):
        if paper in place and tag in tags:
            tagged[tag].append(place[paper])
    made.tagged = {tags[pk][0]: positions for pk, positions in tagged.items()}
    made.tag_names = dict(tags[pk] for pk in tagged)
