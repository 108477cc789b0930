"""Editions: what is kept of one, and when the next one begins."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from threading import Event, Thread

import pytest
from django.utils import timezone

from papers import derived, editions
from papers.models import Paper

MEGABYTE = 1024 * 1024


# --- What is kept of one ----------------------------------------------------------------------------------


def test_no_more_is_kept_than_allowed_and_the_least_used_goes_first() -> None:
    edition = editions.Edition(1, timezone.now(), 30)
    for key in "abc":
        edition.keep(key, key, 10)
    edition.get("a")
    edition.keep("d", "d", 10)
    assert [edition.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    assert edition.size == 30


def test_what_is_kept_again_counts_once() -> None:
    edition = editions.Edition(1, timezone.now(), 30)
    edition.keep("a", "a", 10)
    edition.keep("a", "A", 20)
    assert (edition.get("a"), edition.size) == ("A", 20)


def test_what_is_larger_than_all_room_puts_nothing_out() -> None:
    edition = editions.Edition(1, timezone.now(), 30)
    edition.keep("a", "a", 10)
    edition.keep("b", "b", 31)
    assert (edition.get("a"), edition.get("b"), edition.size) == ("a", None, 10)


@pytest.fixture
def restless_threads() -> Iterator[None]:
    """Each takes its turn after a few steps instead of thousands."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("restless_threads")
def test_who_asks_disturbs_nobody_who_keeps() -> None:
    edition, is_over = editions.Edition(1, timezone.now(), 50), Event()

    def ask() -> None:
        for key in cycle(range(60)):
            edition.get(key)
            if is_over.is_set():
                return

    thread = Thread(target=ask)
    thread.start()
    try:
        for number in range(100_000):
            edition.keep(number % 100, number, 1)
    finally:
        is_over.set()
        thread.join()
    assert edition.size == 50


def test_many_threads_keep_the_count_right() -> None:
    edition = editions.Edition(1, timezone.now(), 500)

    def work(start: int) -> None:
        for number in range(2000):
            key = (start * number) % 97
            edition.get(key)
            edition.keep(key, key, 1 + number % 20)

    threads = [Thread(target=work, args=[start]) for start in (3, 5, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert edition.size == sum(size for _value, size in edition._kept.values()) <= 500


# --- When the next one begins -----------------------------------------------------------------------------


def test_a_server_is_asked_once_a_second(monkeypatch: pytest.MonkeyPatch, published_paper: Paper) -> None:
    found = editions.Editions(MEGABYTE)
    found._patience, now = 1.0, [100.0]
    monkeypatch.setattr(editions, "monotonic", lambda: now[0])
    first = found.present()
    derived.raise_generation()
    assert found.present() is first
    now[0] += 1
    assert found.present() is not first


# --- The number in a file ---------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return state_file(tmp_path / "a%20b ä.sqlite3", 7)


def state_file(path: Path, generation: int) -> Path:
    write_state(path, "CREATE TABLE papers_sitestate (id INTEGER PRIMARY KEY, generation)")
    write_state(path, f"INSERT INTO papers_sitestate VALUES (1, {generation})")
    return path


def write_state(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute(statement)


@pytest.fixture
def number(file: Path) -> Iterator[Callable[[], int]]:
    number = editions._File(file)
    yield number
    if number._connection:
        number._connection.close()


def test_a_file_says_at_once_what_others_write(file: Path, number: Callable[[], int]) -> None:
    assert number() == 7
    write_state(file, "UPDATE papers_sitestate SET generation = 8")
    assert number() == 8
    write_state(file, "DELETE FROM papers_sitestate")
    assert number() == 0


def test_a_file_is_not_held_while_nobody_asks(file: Path, number: Callable[[], int]) -> None:
    number()
    write_state(file, "UPDATE papers_sitestate SET generation = 8")
    number()
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


def test_a_file_in_its_place_is_noticed_at_once(
    file: Path, number: Callable[[], int], tmp_path: Path
) -> None:
    number()
    state_file(tmp_path / "backup.sqlite3", 5).replace(file)
    assert number() == 5


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        editions._File(tmp_path / "none.sqlite3")()
    assert list(tmp_path.iterdir()) == []
