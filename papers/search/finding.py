"""Published papers that a query finds, by the place of the hit and then in the site's order."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import slugify

from papers import paths
from papers.models import Paper, Section, Tag, TaggedPaper
from papers.querysets import PAPER_ORDER

from . import held
from .held import Held
from .needs import all_needs, needs_of
from .query import Filter, Query, Term, parse, years
from .results import FoundPapers, Hits
from .rows import COLUMNS

# The tier of what a paper is called and by whom.
NAMES = COLUMNS.index("names")


def find(query: Query) -> FoundPapers:
    """Published papers that meet the query, annotated with the `tier` of the hit; none for an empty query."""
    needs = all_needs(_wanted(query))
    conditions = list(_conditions(query))
    if not (needs or conditions):
        return FoundPapers(Paper).none()
    return FoundPapers(Paper).holding(needs).filter(*conditions)


def keys(query: Query) -> Iterable[int]:
    """Primary keys of what `find` finds, and perhaps of drafts: whoever counts them knows which papers are public."""
    needs = all_needs(_wanted(query))
    if not needs or query.has_filters:
        return find(query).order_by().values_list("pk", flat=True)
    found = held.keys(needs)
    excluded = [
        held.keys(unwanted) for term in query.terms if term.is_excluded and (unwanted := needs_of(term))
    ]
    return set(found).difference(*excluded) if excluded else found


def among(papers: QuerySet, query: Query) -> QuerySet:
    """Those of any papers, drafts as well, that meet the query; in their own order. Any word may be unfinished."""
    needs = all_needs(_wanted(query), min_prefix=1)
    holding = [Held(needs, is_walking=not Hits(needs).are_few())] if needs else []
    conditions = [*holding, *_conditions(query)]
    return papers.filter(*conditions) if conditions else papers.none()


def named(papers: QuerySet, text: str) -> QuerySet:
    """Those of any papers, drafts as well, whose titles, aliases, authors, venue, tags or slug hold these words.

    In the site's order; any word may be unfinished. A query of its own, to know how many there may be.
    """
    needs = all_needs(_wanted(parse(text)), min_prefix=1)
    if not needs:
        return papers.none()
    is_walking = not Hits(needs).are_few(NAMES)
    return papers.filter(Held(needs, NAMES, is_walking)).order_by(*PAPER_ORDER)


def _wanted(query: Query) -> list[Term]:
    return [term for term in query.terms if not term.is_excluded]


def _conditions(query: Query) -> Iterator[Q]:
    """What is excluded, and the filters."""
    for term in query.terms:
        if term.is_excluded and (excluded := needs_of(term)):
            yield ~Q(Held(excluded))
    yield from _filters(query)


# --- Filters ----------------------------------------------------------------------------------------------


def _filters(query: Query) -> Iterator[Q]:
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


def _signed(one: Filter, condition: Q) -> Q:
    return ~condition if one.is_excluded else condition


def _is_tagged(name: str) -> Q:
    """Asked of each paper: a common tag has too many to list them first."""
    named = Q(name__iexact=name) | Q(slug=paths.fold(name)) | Q(slug=slugify(name, True))
    tags = Tag.objects.filter(named).order_by().values("pk")
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
    """`SOSP` is every year's; `SOSP 2023` is one."""
    slug = slugify(name, allow_unicode=True)
    return Q(venue_slug=slug) | Q(venue_slug__startswith=f"{slug}-") if slug else Q(pk__in=[])


def _is_of(text: str) -> Q:
    """Of the years under which the site lists its papers."""
    first, last = years(text) or (1, 1)
    return Q(published_on__range=(date(max(first, 1), 1, 1), date(max(last, 1), 12, 31)))
