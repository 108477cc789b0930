"""How long a query may take while somebody waits for a page. Commands and migrations take the time they need."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

#: Seconds for an editor, whose bulk operations and moves of whole sections take longer than a page.
EDITORS = 120.0
#: Steps of SQLite's machine between two looks at the clock: some 50 microseconds.
STEPS = 4000

GetResponse = Callable[[HttpRequest], HttpResponse]

_until: ContextVar[float | None] = ContextVar("until", default=None)


def limit_queries(get_response: GetResponse) -> GetResponse:
    connection_created.connect(prepare)

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(reverse("admin:index")):
            with within(EDITORS), _postgres_waits(EDITORS):
                return get_response(request)
        with within(settings.PAPERCACHE_QUERY_SECONDS):
            return get_response(request)

    return middleware


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """On SQLite: a query that still runs after this time is interrupted."""
    before = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(before)


def _is_late() -> bool:
    until = _until.get()
    return until is not None and time.monotonic() > until


def prepare(connection: Any, **kwargs: Any) -> None:
    """A receiver of connection_created, in processes that serve pages."""
    if connection.vendor == "sqlite":
        connection.connection.set_progress_handler(_is_late, STEPS)
    elif connection.vendor == "postgresql":
        _set_timeout(connection, settings.PAPERCACHE_QUERY_SECONDS)


@contextmanager
def _postgres_waits(seconds: float) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with suppress(DatabaseError):  # the page's own queries will say so
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        _set_timeout(connection, seconds)
    try:
        yield
    finally:
        with suppress(DatabaseError):  # gone, or in a transaction that failed: then it is not used again
            _set_timeout(connection, settings.PAPERCACHE_QUERY_SECONDS)


def _set_timeout(connection: Any, seconds: float) -> None:
    """By the driver itself: no query of the page's."""
    if connection.connection is not None:
        with connection.wrap_database_errors:
            connection.connection.execute(f"SET statement_timeout = {int(seconds * 1000)}")


def is_exceeded(error: BaseException) -> bool:
    """Whether a query ended by such a limit."""
    return str(error) == "interrupted" or getattr(error.__cause__, "sqlstate", "") == "57014"
