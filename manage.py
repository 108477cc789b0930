#!/usr/bin/env python
"""Django's command line for PaperCache."""

import os
import platform
import re
import sys

from django import get_version
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, InterfaceError
from django.db.migrations.exceptions import InconsistentMigrationHistory

from papers import __version__

NO_TABLES = "Is DATABASE_URL right, and has manage.py migrate been run?"
ADVICE = {
    "locked|already exists|duplicate key": "Is another command at work? Wait for its end, and run this one again.",
    "disk I/O|disk is full|No space left": "Is the disk full?",
    "readonly|unable to open|ermission denied": "Is DATABASE_URL right, and may this user write the database and in its folder?",
    "server closed|terminating|connection was lost": "Run it again when the database is back.",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "papercache_project.settings")
    try:
        try:
            run()
        finally:
            flush()
    except KeyboardInterrupt:
        print("papercache: interrupted; run it again to complete it.", file=sys.stderr)
        sys.exit(130)  # what a shell says of Ctrl-C
    except ImproperlyConfigured as error:
        sys.exit(f"papercache: {error}")
    except EOFError:
        sys.exit("papercache: asks for an answer, and there is nobody to give one: run it on a terminal.")
    except InconsistentMigrationHistory as error:
        sys.exit(f"papercache: {error} Was this database made by another version? Restore a backup of it.")
    except (DatabaseError, InterfaceError, UnicodeEncodeError, OSError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"papercache: {in_words(error)}")


def in_words(error: Exception) -> str:
    """Of an OSError, most of all, that nobody reads the output any more, or that its disk is full."""
    if isinstance(error, DatabaseError | InterfaceError):
        said = " ".join(str(error).split())
        advice = next((advice for words, advice in ADVICE.items() if re.search(words, said)), NO_TABLES)
        return f"database: {said} ({advice})"
    if isinstance(error, UnicodeEncodeError):
        return f"{error} (Texts are Chinese: set PYTHONUTF8=1 and no PYTHONIOENCODING.)"
    return str(error)


def run() -> None:
    if sys.argv[1:] in (["--version"], ["version"]):
        print(f"PaperCache {__version__} (Django {get_version()}, Python {platform.python_version()})")
    else:
        execute_from_command_line(sys.argv)


def flush() -> None:
    """Now, since Python would do it after the end, with a traceback; it tries again there, so that it needs a way out."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


if __name__ == "__main__":
    main()
