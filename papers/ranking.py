"""Which papers the notes of this site cite most."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Self

from django.db.models import Case, IntegerField, Value, When
from django.db.models.query import ModelIterable

from .models import Citation, Paper, PaperKey
from .querysets import PAPER_ORDER, PaperQuerySet, is_hidden
from .stored import kept

#: So many papers are ranked by their citations; whatever comes after them is in the site's order.
RANKED = 1000

Ranks = dict[int, list[int]]


class RankedPapers(PaperQuerySet):
    """A page is put together of two parts: ranked papers, which are few, and then the others as an index has them.

    To sort a hundred thousand papers by their place among the ranked takes half a second.
    """

    _ranked: list[int]

    @classmethod
    def of(cls, papers: PaperQuerySet, ranked: list[int]) -> Self:
        found = cls(papers.model, papers.query.chain(), papers.db)
        found._ranked = ranked
        return found

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone._ranked = self._ranked
        return clone

    def _fetch_all(self) -> None:
        is_page = self.query.is_sliced and issubclass(self._iterable_class, ModelIterable)
        if self._result_cache is None and is_page:
            self._result_cache = list(self._page())
        super()._fetch_all()

    def _page(self) -> Iterator[Any]:
        start, stop = self.query.low_mark, self.query.high_mark
        found: Any = PaperQuerySet(self.model, self.query.chain(), self.db).prefetch_related(None)
        found.query.clear_limits()
        ranked = found.filter(pk__in=self._ranked)
        here = list(ranked[start:stop])
        yield from here
        before = start + len(here)
        if before != stop:
            start = 0 if here else start - ranked.count()
            stop = None if stop is None else start + stop - before
            yield from found.exclude(pk__in=self._ranked).newest_first()[start:stop]


def most_cited_first(papers: PaperQuerySet) -> PaperQuerySet:
    """With `cited_here`, the number of other published notes that name a paper (0 outside of the ranked ones)."""
    ranks = kept("most_cited", most_cited)
    if not ranks:
        return papers.annotate(cited_here=Value(0)).newest_first()
    exact = Case(*(When(pk__in=pks, then=Value(count)) for count, pks in ranks.items()), default=Value(0))
    ranked = [pk for pks in ranks.values() for pk in pks]
    cited = Case(When(pk__in=ranked, then=exact), default=Value(0), output_field=IntegerField())
    found = papers.annotate(cited_here=cited).order_by("-cited_here", *PAPER_ORDER)
    return RankedPapers.of(found, ranked) if type(found) is PaperQuerySet else found


def most_cited() -> Ranks:
    """Primary keys of the most cited papers by their number of citations, highest first; two queries.

    A note counts once however often it names a paper, and not for itself; a name that two papers share names neither.
    """
    owner = _owners()
    named = Citation.objects.exclude(paper__in=_hidden()).order_by().values_list("key", "paper")
    pairs = {(owner[key], note) for key, note in named if key in owner}
    counts = Counter(paper for paper, note in pairs if paper != note)
    ranks: defaultdict[int, list[int]] = defaultdict(list)
    for pk, count in counts.most_common(RANKED):
        ranks[count].append(pk)
    return dict(ranks)


def _owners() -> dict[str, int]:
    """The published paper that each cited name is the name of.

    Joined to papers, SQLite would look for every cited name among the names of each paper in turn.
    """
    cited = PaperKey.objects.filter(key__in=Citation.objects.order_by().values("key"))
    owners: defaultdict[str, list[int]] = defaultdict(list)
    for key, paper in cited.exclude(paper__in=_hidden()).values_list("key", "paper"):
        owners[key].append(paper)
    return {key: papers[0] for key, papers in owners.items() if len(papers) == 1}


def _hidden() -> Any:
    return Paper.objects.filter(is_hidden()).order_by().values("pk")
