"""What is counted over all published papers, kept until a change, or a scheduled publication, makes it untrue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Min
from django.utils import timezone

from . import derived
from .models import Paper

Value = TypeVar("Value")

#: Longest stay in the cache, for what nobody asks for any more.
LONGEST = timedelta(days=1)


def kept(name: str, make: Callable[[], Value]) -> Value:
    """What `make` returns: made once a generation, and again when a scheduled paper becomes public. One query if kept.

    The value has to be the same in every language. Generation and hour are read before it is made: a write meanwhile
    gives newer content under an older number, never older content under a newer one.
    """
    key = f"papers.{name}.{derived.generation()}"
    now = timezone.now()
    found: tuple[datetime, Value] | None = cache.get(key)
    if found and now < found[0]:
        return found[1]
    until = min(_next_publication() or now + LONGEST, now + LONGEST)
    value = make()
    cache.set(key, (until, value), (until - now).total_seconds())
    return value


def _next_publication() -> datetime | None:
    first: datetime | None = Paper.objects.scheduled().aggregate(first=Min("publish_at"))["first"]
    return first
