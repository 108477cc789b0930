"""Searches that found nothing and addresses that led nowhere: how often each was asked for, not by whom.

Counts wait in this process and are written a batch at a time after an answer has gone out; a process that is killed
loses its last batch, some seconds of them.
"""

import logging
import re
import time
from collections import Counter
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from . import paths
from .models import MISSED_MAX_LENGTH, Address, Missed, Paper, Section

#: In a request's environment, where nothing from outside has this name: the site asks itself.
MARK = "papers.site_check"

#: Likewise: a page that is there, and has to be made each time that it is asked for.
COUNTED = "papers.counted"

BATCH = 50  # different texts that wait at most
SECONDS = 10.0  # for which they wait, until the next request after that
KEPT = 1000  # rows of a kind

_SEARCH, _ADDRESS = Missed.Kind.SEARCH, Missed.Kind.ADDRESS
# What a search should not keep: mail addresses, telephone and other numbers of people.
_PERSONAL = re.compile(r"@|\d[\d -]{6,}\d")
# What only looks for holes in other people's programs.
_SCANNED = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|env|sql|bak|zip|gz|ini|ya?ml)(?:/|$)|/(?:wp-|\.)|cgi-bin")

_lock = Lock()
_waiting: Counter[tuple[str, str]] = Counter()
_since = 0.0


# --- On a reader's way ------------------------------------------------------------------------------------


def note_search(request: HttpRequest, words: str) -> None:
    request.META[COUNTED] = True
    text = " ".join(words.casefold().split())
    if not _PERSONAL.search(text):
        _note(request, _SEARCH, text)


def note_address(request: HttpRequest) -> None:
    """Where a section or paper could have been; twins and feeds count for their page."""
    path = _tidy(paths.fold(paths.without_doubled_slashes(request.path_info)))
    top = path.split("/")[1]
    is_ours = top in {*paths.RESERVED_AT_TOP, settings.PAPERCACHE_ADMIN_PATH} or top.isdigit()
    if not (is_ours or _SCANNED.search(path)):
        _note(request, _ADDRESS, path)


def _tidy(path: str) -> str:
    """One spelling for all that a section or a paper of this path would answer to."""
    path, _feed = paths.split_feed(path.rstrip("/") or "/")
    path, _twin = paths.split_twin(path)
    return path if path.endswith("/") or "." in path.rpartition("/")[2] else f"{path}/"


def _note(request: HttpRequest, kind: str, text: str) -> None:
    """Of anonymous readers: who is signed in tries things out."""
    is_reader = settings.SESSION_COOKIE_NAME not in request.COOKIES and MARK not in request.META
    is_text = 0 < len(text) <= MISSED_MAX_LENGTH and text.isprintable()
    if not (request.method == "GET" and is_reader and is_text):
        return
    global _since
    with _lock:
        if not _waiting:
            _since = time.monotonic()
        if (kind, text) in _waiting or len(_waiting) < 2 * BATCH:
            _waiting[kind, text] += 1


# --- After the answer -------------------------------------------------------------------------------------


def flush_if_due(**kwargs: Any) -> None:
    """A receiver of request_finished."""
    if _waiting and (len(_waiting) >= BATCH or time.monotonic() - _since >= SECONDS):
        flush()
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # the request's own end of it is over


def flush() -> None:
    """Three statements, two more while there are too many rows. A database that is busy loses the batch, not the site."""
    counts = take()
    try:
        counts = _without_known_addresses(counts)
        if counts:
            _add(counts)
            _forget_the_rest()
    except DatabaseError as error:
        logging.getLogger(__name__).warning("what was not found could not be counted: %s", error)


def take() -> Counter[tuple[str, str]]:
    """What waits, which waits no more."""
    with _lock:
        counts = Counter(_waiting)
        _waiting.clear()
    return counts


def _without_known_addresses(counts: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """An address that is somebody's answers 404 while its paper is a draft, and must not be told of."""
    asked = [text for kind, text in counts if kind == _ADDRESS]
    known = _held(asked) if asked else set()
    return Counter({(kind, text): number for (kind, text), number in counts.items() if text not in known})


def _held(folded: list[str]) -> set[str]:
    found: set[str] = set()
    for rows in (Paper.objects, Section.objects, Address.objects):
        held: Any = rows.order_by().filter(path_folded__in=folded)
        found.update(held.values_list("path_folded", flat=True))
    return found


def _add(counts: Counter[tuple[str, str]]) -> None:
    """INSERT … ON CONFLICT with a sum, which the ORM has not. In order, so that two processes wait for each other."""
    table, today = connection.ops.quote_name(Missed._meta.db_table), timezone.localdate()
    rows = [(kind, text, number, today) for (kind, text), number in sorted(counts.items())]
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    sql = (
        f"INSERT INTO {table} (kind, text, count, last_seen) VALUES {places} ON CONFLICT (kind, text) "
        f"DO UPDATE SET count = {table}.count + excluded.count, last_seen = excluded.last_seen"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])


def _forget_the_rest() -> None:
    """Least asked goes first."""
    for kind in Missed.Kind.values:
        most = Missed.objects.filter(kind=kind).order_by("-count", "-last_seen", "text")
        rest = list(most.values_list("pk", flat=True)[KEPT:])
        if rest:
            Missed.objects.filter(pk__in=rest).delete()


# --- Reading ----------------------------------------------------------------------------------------------


def most(kind: str) -> Any:
    """The most asked for first; of addresses only those at which there still is nothing and nobody's draft."""
    rows = Missed.objects.filter(kind=kind)
    if kind != _ADDRESS:
        return rows
    for model in (Paper, Section, Address):
        held: Any = model._default_manager.filter(path_folded=OuterRef("text"))
        rows = rows.exclude(Exists(held))
    return rows
