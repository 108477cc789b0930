"""The file that is the database stays open from one request to the next, while it is the same one.

Opening it takes as long as half a page. But its disk may be taken away, or another file be put in its place: what is
saved then must not go where nobody looks for it.
"""

import os
from typing import Any

from django.core.signals import request_started
from django.db import connection
from django.db.backends.signals import connection_created


def watch() -> None:
    if connection.vendor == "sqlite":
        connection_created.connect(remember)
        request_started.connect(let_go)


def remember(connection: Any, **kwargs: Any) -> None:
    connection.opened = _identity(connection)


def let_go(**kwargs: Any) -> None:
    database: Any = connection
    if (
        database.connection is not None
        and not database.in_atomic_block
        and getattr(database, "opened", None) != _identity(database)
    ):
        database.close()


def _identity(connection: Any) -> tuple[int, int] | None:
    """None for what is no file, but in memory."""
    try:
        status = os.stat(connection.settings_dict["NAME"])
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
