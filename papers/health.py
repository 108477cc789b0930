"""Whether everything is there that a page needs: asked by what sends readers to this server, or does not."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from . import figures, search
from .models import Paper, SearchRow

#: Seconds for which an answer holds: however often it is asked for, no more work is done.
HOLDS = 1.0
#: Below this, saves and uploads would soon fail.
LEAST_SPACE = 64 * 1024 * 1024


@dataclass(frozen=True)
class State:
    """`faults` by part, in words that tell a stranger nothing; empty where a part is well."""

    faults: dict[str, str]

    @property
    def is_ready(self) -> bool:
        """Without its cache the site is slower, and no less there: all servers at once may be without it."""
        return not any(fault for part, fault in self.faults.items() if part != "cache")

    def __str__(self) -> str:
        return "".join(f"{part}: {fault or 'ok'}\n" for part, fault in self.faults.items())


_lock = Lock()
_last: tuple[float, State] = (float("-inf"), State({"server": "starting"}))


def state() -> State:
    """At most a second old, or what was found last while it is being looked at again."""
    global _last
    if time.monotonic() - _last[0] >= HOLDS and _lock.acquire(blocking=False):
        try:
            _last = (time.monotonic(), look())
        finally:
            _lock.release()
    return _last[1]


def look() -> State:
    parts = {
        "database": _database,
        "migrations": _migrations,
        "search": _search,
        "cache": _cache,
        "static": _static,
        "disk": _disk,
    }
    return State({name: _fault(asked) for name, asked in parts.items()})


def _fault(asked: Callable[[], str]) -> str:
    try:
        return asked()
    except DatabaseError:
        return "database does not answer"
    except OSError:
        return "cannot be looked at"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    """More may be applied than this version knows: the next one migrates before it serves."""
    missing = _known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    return f"{len(missing)} to apply" if missing else ""


@lru_cache(maxsize=1)
def _known_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)


def _search() -> str:
    """A question to the index itself, and whether the newest paper is in it."""
    search.keys(search.parse("readyz"), ())
    newest = Paper.objects.order_by("-pk").values_list("pk", flat=True).first()
    is_indexed = newest is None or SearchRow.objects.filter(pk=newest).exists()
    return "" if is_indexed else "index is behind"


def _cache() -> str:
    key, value = "papers.health", secrets.token_hex(4)
    cache.set(key, value, 60)
    return "" if cache.get(key) else "does not answer"


def _static() -> str:
    """Without them every page would fail; a server reads which there are when it starts."""
    is_listed = settings.DEBUG or getattr(staticfiles_storage, "hashed_files", True)
    return "" if is_listed else "not collected"


def _disk() -> str:
    for folder in _folders():
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            return "not writable"
        if shutil.disk_usage(folder).free < LEAST_SPACE:
            return "no space left"
    return ""


def _folders() -> Iterator[Path]:
    """Where pictures go, or will be made to go, and the database if it is a file."""
    pictures = Path(settings.MEDIA_ROOT).absolute() / figures.place_of("")
    yield next(folder for folder in (pictures, *pictures.parents) if folder.exists())
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and Path(name).exists():
        yield Path(name).absolute().parent
