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
    if sys.argv[1:] in (["--version"], ["version"]):
        print(f"PaperCache {__version__} (Django {get_version()}, Python {platform.python_version()})")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "papercache_project.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"papercache: {error}")
    except (DatabaseError, InterfaceError) as error:
        if "--traceback" in sys.argv:
            raise
        said = " ".join(str(error).split())
        sys.exit(f"papercache: database: {said} (Is DATABASE_URL right, and has manage.py migrate been run?)")


if __name__ == "__main__":
    main()
