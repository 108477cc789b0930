"""Published papers that a query finds, by the place of the hit and then in the site's order."""

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet

from papers.models import Paper
from papers.querysets import PAPER_ORDER

from . import filters, held
from .held import Held
from .needs import Need, all_needs, needs_of
from .query import Query, Term, parse
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


def keys(query: Query, public: Iterable[int]) -> set[int]:
    """Primary keys of what `find` finds but for the filters, and perhaps of drafts; one query for each thing excluded.

    `public` are those of all published papers: they are found where no words are looked for.
    """
    needs, unwanted = all_needs(_wanted(query)), _excluded(query)
    if not (needs or unwanted or query.has_filters):
        return set()
    return set(held.keys(needs) if needs else public).difference(*map(held.keys, unwanted))


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


def _excluded(query: Query) -> list[tuple[Need, ...]]:
    return [needs for term in query.terms if term.is_excluded and (needs := needs_of(term))]


def _conditions(query: Query) -> Iterator[Q]:
    """What is excluded, and the filters."""
    for needs in _excluded(query):
        yield ~Q(Held(needs))
    yield from filters.conditions(query)
