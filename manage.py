#!/usr/bin/env python
"""Django's command line for PaperCache."""

import os
import platform
import sys

from django import get_version
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, InterfaceError

from papers import __version__


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
    except (DatabaseError, InterfaceError, UnicodeEncodeError, OSError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"papercache: {in_words(error)}")


def in_words(error: Exception) -> str:
    """Of an OSError, most of all, that nobody reads the output any more, or that its disk is full."""
    if isinstance(error, DatabaseError | InterfaceError):
        said = " ".join(str(error).split())
        return f"database: {said} (Is DATABASE_URL right, and has manage.py migrate been run?)"
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
