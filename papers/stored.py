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


def kept(name: str, make: Callable[[], Value]) -> Value:
    """What `make` returns: made once a generation, and again when a scheduled paper becomes public. One query if kept.

    The value has to be the same in every language. Its key is read before it is made: a write meanwhile puts newer
    content under an older key, which nobody asks for any more, and never the other way round.
    """
    state = _state()
    if state is None:
        return make()
    key = f"papers.{name}.{state}"
    found: tuple[Value] | None = cache.get(key)
    if found:
        return found[0]
    value = make()
    cache.set(key, (value,), LONGEST.total_seconds())
    return value


def _state() -> str | None:
    """Changes with every generation, and at the moment of every scheduled publication."""
    first = (
        Paper.objects.scheduled()
        .order_by()
        .values("status")
        .annotate(first=Min("publish_at"))
        .values("first")
    )
    states = SiteState.objects.filter(pk=1).annotate(next=Subquery(first))
    found: tuple[int, datetime | None] | None = states.values_list("generation", "next").first()
    return f"{found[0]}.{found[1].timestamp() if found[1] else ''}" if found else None
