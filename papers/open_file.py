"""The file that is the database stays open from one request to the next, while it is the same one.

Opening it takes as long as half a page. But its disk may be taken away, or another file be put in its place: what is
saved then must not go where nobody looks for it.
"""

import os
from pathlib import Path
from typing import Any

from django.core.signals import request_started
from django.db import connection
from django.db.backends.signals import connection_created


def watch() -> None:
    if connection.vendor == "sqlite":
        connection_created.connect(remember)
        request_started.connect(let_go)


def remember(connection: Any, **kwargs: Any) -> None:
    connection.opened = identity(connection.settings_dict["NAME"])


def let_go(**kwargs: Any) -> None:
    database: Any = connection
    if (
        database.connection is not None
        and not database.in_atomic_block
        and getattr(database, "opened", None) != identity(database.settings_dict["NAME"])
    ):
        database.close()


def identity(name: str | Path) -> tuple[int, int] | None:
    """Of the file that has the name now; None if there is none, as for a database in memory."""
    try:
        status = os.stat(name)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
