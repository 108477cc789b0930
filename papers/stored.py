"""What is counted over all published papers, kept until a change, or a scheduled publication, makes it untrue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import connection
from django.db.models import Min, QuerySet, Subquery
from django.utils import timezone

from .models import Paper, SiteState
from .prepared import NOW, Prepared, once, prepared

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
    found: tuple[Value] | None = cache.get(_key(name, now))
    if found:
        return found[0]
    value = make()
    cache.set(_key(name, now), (value,), LONGEST.total_seconds())
    return value


def known(name: str) -> Any:
    """What is kept under the name, or None; one query."""
    now = state()
    found = cache.get(_key(name, now)) if now else None
    return found[0] if found else None


def _key(name: str, now: str) -> str:
    return f"papers.{name}.{now}"


def state() -> str:
    """Changes with every generation, and at the moment of every scheduled publication; empty before the first."""
    for generation, following in _state().tuples(now=timezone.now()):
        return f"{generation}.{following or ''}".replace(" ", "T")  # no spaces: it is part of keys
    return ""


@once
def _state() -> Prepared:
    return prepared(_states(NOW))


def moment() -> tuple[int, datetime | None]:
    """The generation, 0 before the first, and when the next scheduled paper becomes public; one query."""
    return _states(timezone.now()).first() or (0, None)


def _states(now: Any) -> QuerySet:
    first = (
        Paper.objects.scheduled(now)
        .order_by()
        .values("status")
        .annotate(first=Min("publish_at"))
        .values("first")
    )
    states = SiteState.objects.filter(pk=1).annotate(next=Subquery(first))
    return states.values_list("generation", "next")


# --- In this process --------------------------------------------------------------------------------------

_shared: dict[str, tuple[str, Any]] = {}


def shared(name: str, make: Callable[[], Value]) -> Value:
    """As `kept`, but in this process alone and never copied: what most pages need, and nobody changes.

    In a transaction it is made anew: what it sees there may never become true.
    """
    now = "" if connection.in_atomic_block else state()
    at, value = _shared.get(name, ("", None))
    if now and at == now:
        return value
    value = make()
    if now:
        _shared[name] = now, value
    return value


def forget() -> None:
    """What this process has made; for a database that is replaced by another."""
    _shared.clear()
