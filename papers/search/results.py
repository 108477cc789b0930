"""Sets of papers whose pages come quickly however many there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.query import ModelIterable
from django.db.models.sql.where import AND

from papers.querysets import PAPER_ORDER, PaperQuerySet, is_public_row, is_published

from .held import LAST_TIER, Held, counts
from .needs import Need

#: `count()` goes so far.
COUNT_LIMIT = 1000

# So many hits are looked up one by one and sorted; more are soon met on a walk through the papers in their order.
FEW = 2000

BY_TIER = ("tier", *PAPER_ORDER)


@dataclass
class Hits:
    """What has to be found, and about how often it is."""

    needs: tuple[Need, ...]

    @cached_property
    def counts(self) -> list[int]:
        """For each tier with those before it, at most FEW + 1; drafts and near misses of phrases count too."""
        return counts([(self.needs, tier) for tier in range(LAST_TIER + 1)], FEW + 1)

    def are_few(self, tier: int = LAST_TIER) -> bool:
        return self.counts[tier] <= FEW

    def looked_up(self) -> list[Any]:
        """The database is to start from the hits. SQLite would start from what an index says is public."""
        return [is_public_row(), Held(self.needs)]

    def walked(self) -> list[Any]:
        return [is_published(), Held(self.needs, is_walking=True)]

    def some(self) -> list[Any]:
        """Enough of the hits to count to the limit, unless too many are drafts."""
        return [is_public_row(), Held(self.needs, limit=COUNT_LIMIT + COUNT_LIMIT // 5)]

    def of_tier(self, tier: int) -> list[Any]:
        """Held in this tier and in none before, as suits their number."""
        is_walking = not self.are_few(tier)
        before = [~Q(Held(self.needs, tier - 1, is_walking))] if tier and self.counts[tier - 1] else []
        is_public = is_published() if is_walking else is_public_row()
        return [is_public, Held(self.needs, tier, is_walking), *before]


class FoundPapers(PaperQuerySet):
    """A set of papers like any other, but its pages are put together tier by tier, and `count` stops at COUNT_LIMIT.

    Of what a common word finds, hardly anything is looked at: to sort it all would take most of the time.
    """

    _hits: Hits | None = None
    _own_conditions = 0

    def holding(self, needs: tuple[Need, ...]) -> Self:
        found = self.published()
        if not needs:
            return found.annotate(tier=Value(0)).order_by(*PAPER_ORDER)
        found = found.filter(Held(needs))
        found._hits, found._own_conditions = Hits(needs), len(found.query.where.children)
        tiers = (When(Held(needs, tier), then=tier) for tier in range(LAST_TIER))
        tier = Case(*tiers, default=LAST_TIER, output_field=IntegerField())
        return found.annotate(tier=tier).order_by(*BY_TIER)

    def count(self) -> int:
        """At most COUNT_LIMIT, where words are looked for."""
        hits = self._hits
        if hits is None or not self._is_whole or self.query.is_sliced or self._result_cache is not None:
            return super().count()
        is_narrowed = len(self.query.where.children) > self._own_conditions
        if not (is_narrowed or hits.are_few()) and self._counted(hits.some()) >= COUNT_LIMIT:
            return COUNT_LIMIT
        return self._counted(hits.looked_up())

    def _counted(self, conditions: list[Any]) -> int:
        return self._instead(conditions).order_by().values("pk")[:COUNT_LIMIT].count()

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone._hits, clone._own_conditions = self._hits, self._own_conditions
        return clone

    def _fetch_all(self) -> None:
        is_page = self.query.high_mark is not None and issubclass(self._iterable_class, ModelIterable)
        if self._result_cache is None and self._hits is not None and is_page and self._is_whole:
            self._result_cache = list(self._page(self._hits))
        super()._fetch_all()

    @property
    def _is_whole(self) -> bool:
        """Whether the conditions of `holding` still stand first, and all of them have to hold."""
        return self.query.where.connector == AND and not self.query.combinator and not self.query.distinct

    def _instead(self, conditions: list[Any]) -> Any:
        """The same set, said by other conditions than those of `holding`."""
        found: Any = self.all()
        found._hits = None
        found.query.clear_limits()
        del found.query.where.children[: self._own_conditions]
        return found.filter(*conditions).prefetch_related(None)

    def _page(self, hits: Hits) -> Iterator[Any]:
        start, stop = self.query.low_mark, self.query.high_mark or 0
        if hits.are_few() or tuple(self.query.order_by) != BY_TIER:
            found = self._instead(hits.looked_up() if hits.are_few() else hits.walked())
            yield from found[start:stop]
            return
        wanted = stop - start
        for tier in range(LAST_TIER + 1):
            if not (wanted and hits.counts[tier]):
                continue
            conditions = hits.of_tier(tier)
            if start:
                keys = self._of_tier(tier, conditions).values_list("pk", flat=True)[: start + wanted]
                here = list(keys)
                conditions = [is_public_row(), Q(pk__in=here[start:])]
                start = max(start - len(here), 0)
            page = list(self._of_tier(tier, conditions)[:wanted])
            yield from page
            wanted -= len(page)

    def _of_tier(self, tier: int, conditions: list[Any]) -> Any:
        return self._instead(conditions).annotate(tier=Value(tier)).order_by(*PAPER_ORDER)
