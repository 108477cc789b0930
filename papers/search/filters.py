"""`tag:`, `section:`, `venue:` and `year:` of a query: what each of them names, and as conditions on papers."""

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import slugify

from papers import paths
from papers.models import Section, Tag, TaggedPaper

from .query import Filter, Query, years


def conditions(query: Query) -> Iterator[Q]:
    """Tags all of them; of sections, venues and years, which a paper has one of, any."""
    for tag in query.tags:
        yield _signed(tag, _is_tagged(tag.value))
    for chosen, condition in ((query.sections, _is_in), (query.venues, _is_at), (query.years, _is_of)):
        wanted = [condition(one.value) for one in chosen if not one.is_excluded]
        if wanted:
            yield reduce(or_, wanted)
        for one in chosen:
            if one.is_excluded:
                yield ~condition(one.value)


def tags_named(name: str) -> QuerySet[Tag]:
    named = Q(name__iexact=name) | Q(slug=paths.fold(name)) | Q(slug=slugify(name, True))
    return Tag.objects.filter(named).order_by()


def sections_within(name: str) -> QuerySet[Section]:
    """The sections of this name, and all below; two queries."""
    return Section.objects.filter(_is_in(name)).order_by()


def venues_named(name: str, slugs: list[str]) -> set[str]:
    """`SOSP` is every year's; `SOSP 2023` is one."""
    wanted = slugify(name, allow_unicode=True)
    return {slug for slug in slugs if slug == wanted or slug.startswith(f"{wanted}-")} if wanted else set()


def span_of(text: str) -> tuple[int, int]:
    """The first and the last year."""
    first, last = years(text) or (1, 1)
    return max(first, 1), max(last, 1)


def _signed(one: Filter, condition: Q) -> Q:
    return ~condition if one.is_excluded else condition


def _is_tagged(name: str) -> Q:
    """Asked of each paper: a common tag has too many to list them first."""
    tags = tags_named(name).values("pk")
    return Q(Exists(TaggedPaper.objects.filter(content_object=OuterRef("pk"), tag__in=tags)))


def _is_in(name: str) -> Q:
    """A section by its title, its path or the end of it, and all sections below; one query."""
    path = paths.fold(f"/{name.strip('/')}/".replace("//", "/"))
    named = Section.objects.filter(Q(title__iexact=name) | Q(path_folded__endswith=path) | Q(uid=name))
    inside = Q(pk__in=[])
    for found in named.values_list("path_folded", flat=True):
        low, high = paths.subtree_bounds(found)
        inside |= Q(path_folded__gte=low, path_folded__lt=high)
    return inside


def _is_at(name: str) -> Q:
    slug = slugify(name, allow_unicode=True)
    return Q(venue_slug=slug) | Q(venue_slug__startswith=f"{slug}-") if slug else Q(pk__in=[])


def _is_of(text: str) -> Q:
    """Of the years under which the site lists its papers."""
    first, last = span_of(text)
    return Q(published_on__range=(date(first, 1, 1), date(last, 12, 31)))
