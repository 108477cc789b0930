"""What the site says between two changes, and what this process keeps of it in memory.

An edition ends with the next generation number, with the next scheduled publication, and with the day, since some pages
speak of the last months. What is made of one is kept in that one and goes with it: nothing old can get into a new one.
"""

import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeVar

from django.db import Error, connection
from django.utils import timezone

from . import derived, stored
from .models import SiteState
from .open_file import identity

#: Seconds for which the answer to "has anything changed?" holds. A file is asked for each request while there are less
#: than a thousand of them a second; for each of more, letting other threads in between would double a request's cost.
FILE_PATIENCE: Final = 0.001
SERVER_PATIENCE: Final = 1.0

Value = TypeVar("Value")


class Edition:
    """At most `limit` bytes, as those count who bring something; what was asked for longest ago goes first."""

    def __init__(self, generation: int, until: datetime, limit: int) -> None:
        self.generation, self.until, self.limit = generation, until, limit
        self.size = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        try:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        except KeyError:  # nothing, or another thread has let it go just now
            return None

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        with self._lock:
            self._forget(key)
            if size > self.limit:
                return
            self._kept[key] = value, size
            self.size += size
            while self.size > self.limit:  # in one step each: others ask without the lock
                _key, (_value, less) = self._kept.popitem(last=False)
                self.size -= less

    def _forget(self, key: Hashable) -> None:
        self.size -= self._kept.pop(key, (None, 0))[1]


class Editions:
    """The present one, and when it is over."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._present = Edition(-1, datetime.max.replace(tzinfo=UTC), limit=0)  # until the database is asked
        self._due = 0.0
        self._lock = Lock()
        database: Any = connection
        is_file = database.vendor == "sqlite" and not database.is_in_memory_db()
        self._number: Callable[[], int] = (
            _File(Path(database.settings_dict["NAME"])) if is_file else lambda: _asked(derived.generation)
        )
        self._patience = FILE_PATIENCE if is_file else SERVER_PATIENCE

    def present(self) -> Edition:
        """Asked before a page is made, so that what is written meanwhile gets into an edition that ends at once.

        One thread looks; the others go on with what they know, however long the answer takes. While the database is
        away the last edition goes on.
        """
        if monotonic() >= self._due and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._present

    def look_again(self) -> None:
        """After something may have been written by this process."""
        self._due = 0.0

    def _look(self) -> None:
        self._due = monotonic() + self._patience  # first, lest a `look_again` meanwhile is lost
        try:
            if self._number() != self._present.generation or timezone.now() >= self._present.until:
                self._begin(*_asked(stored.moment))
        except (Error, sqlite3.Error) as error:
            self._due = monotonic() + SERVER_PATIENCE
            words = " ".join(str(error).split())
            logging.getLogger(__name__).warning("pages are served as they were last: %s", words)

    def _begin(self, generation: int, publication: datetime | None) -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        midnight = timezone.make_aware(datetime.combine(tomorrow, time.min))
        self._present = Edition(generation, min(publication or midnight, midnight), self.limit)


# --- The generation number, as it is now ------------------------------------------------------------------


class _File:
    """By a connection beside Django's, which stays open: a twentieth of what a query of Django's takes.

    Called under a lock, by one thread after another.
    """

    SQL: Final = f"SELECT generation FROM {SiteState._meta.db_table} WHERE id = 1"

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def __call__(self) -> int:
        if self._connection is None or self._opened != identity(self._path):
            self._open()
        assert self._connection
        row = self._connection.execute(self.SQL).fetchone()
        return row[0] if row else 0

    def _open(self) -> None:
        if self._connection:
            self._connection.close()
        # Each of the threads that ask has the lock while it does.
        self._connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            timeout=1,
            isolation_level=None,
            check_same_thread=False,
        )
        self._opened = identity(self._path)


def _asked(question: Callable[[], Value]) -> Value:
    """Outside of a request nobody else looks after Django's connection."""
    _let_go_if_over()
    try:
        return question()
    finally:
        _let_go_if_over()


def _let_go_if_over() -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
