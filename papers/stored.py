"""What is counted over all published papers, kept until a change, or a scheduled publication, makes it untrue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Min, Subquery

from .models import Paper, SiteState

Value = TypeVar("Value")

#: Longest stay in the cache, for what nobody asks for any more.
LONGEST = timedelta(days=1)


def kept(name: str, make: Callable[[], Value], at: str | None = None) -> Value:
    """What `make` returns: made once a generation, and again when a scheduled paper becomes public.

    One query if kept, none if the caller knows the present `state` already. The value has to be the same in every
    language. The state is read before the value is made: a write meanwhile puts newer content under an older state,
    for which nobody asks any more, and never the other way round.
    """
    now = at or state()
    if not now:
        return make()
    key = f"papers.{name}.{now}"
    found: tuple[Value] | None = cache.get(key)
    if found:
        return found[0]
    value = make()
    cache.set(key, (value,), LONGEST.total_seconds())
    return value


def state() -> str:
    """Changes with every generation, and at the moment of every scheduled publication; empty before the first."""
    generation, publication = moment()
    return f"{generation}.{publication.timestamp() if publication else ''}" if generation else ""


def moment() -> tuple[int, datetime | None]:
    """The generation, 0 before the first, and when the next scheduled paper becomes public; one query."""
    first = (
        Paper.objects.scheduled()
        .order_by()
        .values("status")
        .annotate(first=Min("publish_at"))
        .values("first")
    )
    states = SiteState.objects.filter(pk=1).annotate(next=Subquery(first))
    return states.values_list("generation", "next").first() or (0, None)
