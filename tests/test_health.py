"""What monitors ask: whether the site is alive, whether it is ready for readers, and which version it is."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client

import papers
from papers import health
from papers.models import Paper, SearchRow

PARTS = ("database", "migrations", "search", "cache", "static", "disk")


@pytest.fixture(autouse=True)
def forget(monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "HOLDS", 0)


def ready(client: Client) -> tuple[int, dict[str, str]]:
    response = client.get("/readyz")
    return response.status_code, dict(line.split(": ") for line in response.content.decode().splitlines())


def test_ready_with_every_part_named(client: Client, published_paper: Paper) -> None:
    assert ready(client) == (200, dict.fromkeys(PARTS, "ok"))


def test_no_cache_keeps_the_answer(client: Client, db: None) -> None:
    assert client.get("/readyz").headers["Cache-Control"] == "no-store"


def test_not_ready_while_the_database_is_away(client: Client, db: None, monkeypatch: Any) -> None:
    def refuse(*_args: Any) -> None:
        raise OperationalError('connection to server at "10.0.0.1", user "papercache" failed')

    with monkeypatch.context() as away:
        away.setattr(connection, "cursor", refuse)
        status, parts = ready(client)
    assert (status, parts["database"], parts["cache"]) == (503, "database does not answer", "ok")


def test_not_ready_with_a_migration_to_apply(client: Client, db: None, monkeypatch: Any) -> None:
    known = health._known_migrations() | {("papers", "9999_next")}
    monkeypatch.setattr(health, "_known_migrations", lambda: known)
    assert ready(client)[1]["migrations"] == "1 to apply"


def test_ready_with_a_migration_that_only_the_next_version_knows(
    client: Client, db: None, monkeypatch: Any
) -> None:
    known = {name for name in health._known_migrations() if name[0] != "sessions"}
    monkeypatch.setattr(health, "_known_migrations", lambda: known)
    assert ready(client)[0] == 200


def test_not_ready_while_the_newest_paper_cannot_be_searched(client: Client, published_paper: Paper) -> None:
    SearchRow.objects.all().delete()
    status, parts = ready(client)
    assert (status, parts["search"]) == (503, "index is behind")


def test_ready_without_its_cache_which_it_says(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(cache, "get", lambda *_args: None, raising=False)
    status, parts = ready(client)
    assert (status, parts["cache"]) == (200, "does not answer")


def test_not_ready_on_a_full_disk(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1024))
    assert ready(client)[1]["disk"] == "no space left"


def test_not_ready_where_no_picture_can_be_kept(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(health.os, "access", lambda *_args: False)
    assert ready(client)[1]["disk"] == "not writable"


def test_not_ready_without_style_sheets(client: Client, db: None, monkeypatch: Any) -> None:
    """Every page would be a 500: the next server must not be restarted."""
    monkeypatch.setattr(health, "staticfiles_storage", SimpleNamespace(hashed_files={}))
    assert ready(client)[1]["static"] == "not collected"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_not_ready_where_pictures_would_go_into_a_file(
    client: Client, db: None, settings: Any, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = str(tmp_path / place)
    assert ready(client)[1]["disk"] in ("not writable", "cannot be looked at")


def test_asked_again_within_a_second_it_does_nothing(
    client: Client, db: None, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    client.get("/readyz")
    monkeypatch.setattr(health, "HOLDS", 60)
    with django_assert_num_queries(0):
        assert client.get("/readyz").status_code == 200


def test_it_asks_few_questions(
    client: Client, published_paper: Paper, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(7):
        client.get("/readyz")


def test_alive_and_ready_are_asked_over_plain_http(client: Client, db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/papers/")] == [200, 200, 301]


@pytest.mark.parametrize("word", ["--version", "version"])
def test_the_command_line_says_the_version(word: str) -> None:
    command = [sys.executable, "manage.py", word]
    done = subprocess.run(
        command, cwd=site_settings.BASE_DIR, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith(f"PaperCache {papers.__version__} (Django ")
