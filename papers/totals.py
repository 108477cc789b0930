"""How many published papers there are by section, venue, month and tag: kept until a change makes it untrue."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Count, Value
from django.utils import timezone

from .columns import columns
from .models import Paper, Tag, TaggedPaper
from .prepared import NOW, Prepared, once, prepared
from .querysets import is_hidden
from .stored import kept, known, state

#: Ten years of months are drawn, up to the newest paper's.
MONTHS = 120


@dataclass
class Places:
    sections: Counter[int] = field(default_factory=Counter)  # by primary key, without what is below
    months: Counter[str] = field(default_factory=Counter)  # 2025-07
    reviews: Counter[str] = field(default_factory=Counter)  # by state
    venues: Counter[str] = field(default_factory=Counter)  # by slug
    venue_names: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.sections.total()

    def in_sections(self, pks: Iterable[int]) -> int:
        return sum(self.sections[pk] for pk in pks)


@dataclass
class Tags:
    numbers: Counter[str] = field(default_factory=Counter)  # by slug
    names: dict[str, str] = field(default_factory=dict)


def places(at: str | None = None) -> Places:
    """Two queries, and one if kept; one less for who knows the `state`."""
    now = at or state()
    return kept("places", partial(_places, now), now)


def tags(at: str | None = None) -> Tags:
    """Those that a published paper has; one query, and none if kept."""
    return kept("tags", _tags, at)


def months() -> Counter[str]:
    """The numbers of `places` by month alone, ten times as quickly; two queries, and one if kept."""
    return kept("months", _months)


def in_sections(pks: Collection[int]) -> int:
    """Papers in these sections; two queries. For a page that has no use for the other numbers, if nobody counted yet."""
    found = known("places")
    if found:
        return found.in_sections(pks)
    wanted, rows = set(pks), Paper.objects.order_by().values_list("section")
    there = rows.filter(section__in=pks).annotate(number=Count("*"))
    hidden = rows.filter(is_hidden()).annotate(number=Count("*") * -1)  # of all sections: by an index alone
    both: Any = there.union(hidden, all=True)
    return sum(number for section, number in both if section in wanted)


def of_tag(tag: Tag) -> int:
    """The same for one tag."""
    found = known("tags")
    if found:
        return found.numbers[tag.slug]
    rows: Any = TaggedPaper.objects.filter(tag=tag).order_by().values_list("tag")
    hidden = Paper.objects.filter(is_hidden()).order_by().values("pk")
    less = rows.filter(content_object__in=hidden).annotate(number=Count("*") * -1)
    return sum(number for _tag, number in rows.annotate(number=Count("*")).union(less, all=True))


def _places(at: str) -> Places:
    held = columns(at)
    everywhere = range(len(held.pks))
    return Places(
        sections=held.by_section(everywhere),
        months=held.by_month(everywhere),
        reviews=held.by_review(everywhere),
        venues=held.by_venue(everywhere),
        venue_names=held.venue_names,
    )


def _months() -> Counter[str]:
    """All by an index alone, less the hidden ones, which are few."""
    numbers: Counter[str] = Counter()
    for day, number in _days().tuples(now=timezone.now()):
        numbers[str(day)[:7]] += number
    return +numbers


@once
def _days() -> Prepared:
    """Prepared for its tuples: to make a date of each of thousands of days takes as long as to count them."""
    rows: Any = Paper.objects.order_by().values_list("published_on")
    hidden = rows.filter(is_hidden(NOW)).annotate(number=Count("*") * -1)
    return prepared(rows.annotate(number=Count("*")).union(hidden, all=True))


def _tags() -> Tags:
    """All, less those of hidden papers: these are few, and to join every other paper takes ten times as long."""
    hidden = Paper.objects.filter(is_hidden()).order_by().values("pk")
    less: Any = TaggedPaper.objects.filter(content_object__in=hidden).order_by()
    less = less.values_list("tag", Value(""), Value("")).annotate(number=Count("*") * -1)
    rows: Any = Tag.objects.order_by().values_list("pk", "slug", "name").annotate(number=Count("tagged"))
    numbers: Counter[int] = Counter()
    named = {}
    for pk, slug, name, number in rows.union(less, all=True):
        numbers[pk] += number
        if slug:
            named[pk] = slug, name
    found = Tags()
    for pk, (slug, name) in named.items():
        if numbers[pk]:
            found.numbers[slug], found.names[slug] = numbers[pk], name
    return found


def last_months(months: Counter[str]) -> list[tuple[str, int]]:
    """Every month from the first to the newest, those without a paper too; of a longer time the last ten years.

    A date far off, which is a slip of the pen, does not draw the years before it.
    """
    if not months:
        return []
    newest, oldest = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (max(months), min(months)))
    today = timezone.localdate()
    newest = min(newest, (today.year + 1) * 12 + today.month - 1)
    numbers = range(max(oldest, newest - MONTHS + 1), newest + 1)
    names = (f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers)
    return [(name, months[name]) for name in names]
