"""Which papers the notes of this site cite most."""

from collections import Counter, defaultdict
from typing import Any, Self

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.query import ModelIterable

from .models import Citation, Paper, PaperKey
from .querysets import PAPER_ORDER, PaperQuerySet, is_hidden
from .stored import kept

#: So many papers are ranked by their citations; whatever comes after them is in the site's order.
RANKED = 1000

#: How often each of them is cited, by primary key, in the order of the list.
Ranks = dict[int, int]


class RankedPapers(PaperQuerySet):
    """First the ranked papers that meet the conditions, by their rank, then the others as an index has them.

    To have the database sort a hundred thousand papers by their place among the ranked takes half a second.
    """

    _ranks: Ranks
    _conditions = (
        -1
    )  # so many say that a paper is public, and the ranked ones are, unless others narrow the list

    @classmethod
    def of(cls, papers: PaperQuerySet, ranks: Ranks, *, is_whole: bool) -> Self:
        found = cls(papers.model, papers.query.chain(), papers.db)
        found._ranks = ranks
        found._conditions = len(found.query.where.children) if is_whole else -1
        return found

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone._ranks, clone._conditions = self._ranks, self._conditions
        return clone

    def _fetch_all(self) -> None:
        if self._result_cache is None and issubclass(self._iterable_class, ModelIterable):
            self._result_cache = self._rows()
        super()._fetch_all()

    def _rows(self) -> list[Any]:
        start, stop = self.query.low_mark, self.query.high_mark
        found: Any = PaperQuerySet(self.model, self.query.chain(), self.db).prefetch_related(None)
        found.query.clear_limits()
        keys = found.select_related(None).values_list("pk", flat=True)
        is_whole = len(self.query.where.children) == self._conditions
        there = self._ranks if is_whole else set(keys.filter(pk__in=self._ranks))
        ranked = [pk for pk in self._ranks if pk in there]
        wanted = Q(pk__in=ranked[start:stop])
        if stop is None or stop > len(ranked):
            first, end = max(start - len(ranked), 0), None if stop is None else stop - len(ranked)
            others = keys.exclude(pk__in=self._ranks).newest_first()
            wanted |= Q(pk__in=others[first:end])
        rows = list(found.regardless().filter(wanted).newest_first())
        for row in rows:
            row.cited_here = self._ranks.get(row.pk)
        return sorted(rows, key=lambda row: -(row.cited_here or 0))


def most_cited_first(papers: PaperQuerySet, *, is_whole: bool = False) -> PaperQuerySet:
    """The ranked ones have `cited_here`, the number of other published notes that name them.

    `is_whole` says that the papers are all public ones.
    """
    ranks = kept("most_cited", most_cited)
    if type(papers) is PaperQuerySet:
        return RankedPapers.of(papers, ranks, is_whole=is_whole)
    counts = defaultdict(list)  # hits of a search are few, and it finds them in a way of its own
    for pk, count in ranks.items():
        counts[count].append(pk)
    cited = (When(pk__in=pks, then=Value(count)) for count, pks in counts.items())
    cited_here = Case(*cited, default=Value(0), output_field=IntegerField())
    return papers.annotate(cited_here=cited_here).order_by("-cited_here", *PAPER_ORDER)


def most_cited() -> Ranks:
    """Three queries.

    A note counts once however often it names a paper, and not for itself; a name that two papers share names neither.
    """
    owner = _owners()
    named = Citation.objects.exclude(paper__in=_hidden()).order_by().values_list("key", "paper")
    pairs = {(owner[key], note) for key, note in named if key in owner}
    counts = dict(Counter(paper for paper, note in pairs if paper != note).most_common(RANKED))
    in_order = Paper.objects.filter(pk__in=counts).newest_first().values_list("pk", flat=True)
    return {pk: counts[pk] for pk in sorted(in_order, key=lambda pk: -counts[pk])}


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
