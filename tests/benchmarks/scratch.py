"""A database to measure on, made for it alone, and the commands that fill it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).parents[2]


def environment(database: str, **more: str) -> dict[str, str]:
    """What the caller has set must not decide what is measured."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    settings = {"DJANGO_SETTINGS_MODULE": "papercache_project.settings", "SECRET_KEY": "measured" * 8}
    return {**kept, **settings, "DATABASE_URL": database, **more}


def run(database: str, *words: str, **more: str) -> str:
    """Run a Python program of ours on a database; what it prints."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment(database, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def begin(main: Callable[[], None], **parts: Callable[..., Any]) -> None:
    """What a benchmark does when it is started: all, or one of the parts that it starts by itself.

    Each part has a process of its own, since a process has one database.
    """
    name, *words = sys.argv[1:] or [""]
    part = parts.get(name.removeprefix("--"))
    if part is None:
        main()
        return
    import django

    django.setup()
    found = part(*words)
    if found is not None:
        print(json.dumps(found))


def ask_part(database: str, program: str, name: str, *words: str) -> Any:
    """What such a part finds on a database."""
    return json.loads(run(database, "-m", f"tests.benchmarks.{program}", f"--{name}", *words))


def manage(database: str, *words: str) -> str:
    return run(database, "manage.py", *words)


def fill(database: str, papers: int) -> None:
    """Tables, style sheets and papers; what is there stays."""
    manage(database, "migrate", "--verbosity", "0")
    manage(database, "collectstatic", "--noinput", "--verbosity", "0")
    manage(database, "make_demo", "--papers", str(papers))


def named(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def name_of(database: str) -> str:
    return urlsplit(database).path.strip("/")


def make(database: str) -> bool:
    """Whether it was made now: a file makes itself, a server has to be asked."""
    if database.startswith("sqlite:"):
        return not Path(urlsplit(database).path[1:]).exists()
    is_there = ask(database, "SELECT 1 FROM pg_database WHERE datname = %s", [name_of(database)])
    if not is_there:
        ask(database, f'CREATE DATABASE "{name_of(database)}"')
    return not is_there


def drop(database: str) -> None:
    if not database.startswith("sqlite:"):
        ask(database, f'DROP DATABASE "{name_of(database)}" WITH (FORCE)')


@contextmanager
def lent(chosen: str) -> Iterator[tuple[str, Path]]:
    """A database, in a file unless one is chosen that is not there yet, and a folder; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = chosen or f"sqlite:///{folder}/papers.sqlite3"
        if not make(database):
            raise SystemExit(f"{name_of(database)} is there already: name one that is not")
        try:
            yield database, Path(folder)
        finally:
            drop(database)


def ask(database: str, statement: str, values: list[str] | None = None) -> bool:
    """Whether a statement gave a row."""
    import psycopg

    url = named(database, "postgres").replace("postgres://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        return bool(cursor.description and cursor.fetchone())
