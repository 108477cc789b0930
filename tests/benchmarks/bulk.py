"""Work on a whole site: loaddata, rebuild, sitemap, feeds, backup and restore at two sizes, with the time and the memory they take.

    python -m tests.benchmarks.bulk [--sizes 1000 10000] [--database postgres://USER@HOST:PORT/NAME]

Memory is the highest that a process of the command had. It is bounded if the second size takes as much as the first:
the last column is their ratio. Databases and fixtures are made for the run and go with it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from . import scratch

WATCHED_EVERY = 0.2  # seconds


class Cost(NamedTuple):
    seconds: float
    megabytes: float  # the highest that one of its processes had
    processor: float  # seconds, of all its processes
    together: float  # the highest that all of them had at once; what they share counts for each


def cost(database: str, *words: str) -> Cost:
    """Of a Python program of ours on a database."""
    return cost_of([sys.executable, *words], scratch.environment(database))


def cost_of(command: list[str], environment: dict[str, str]) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=scratch.ROOT, env=environment, stdout=subprocess.DEVNULL)
    with _watched(process.pid) as seen:
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with status {process.returncode}")
    megabytes = usage.ru_maxrss / 1024
    return Cost(seconds, megabytes, usage.ru_utime + usage.ru_stime, max(megabytes, *seen, 0))


@contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """Megabytes of a process and those below it, now and then."""
    seen: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(WATCHED_EVERY):
            seen.append(sum(map(_pages, _family(pid))) * resource.getpagesize() / 1024**2)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _family(int(child))


def _pages(pid: int) -> int:
    """In memory; none of a process that has just ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return 0


# --- What is measured ---------------------------------------------------------------------------------------


def write_fixture(path: Path) -> None:
    """The typed content of the site, an item a line, which is YAML too."""
    from django.core.serializers.python import Serializer

    from papers.models import Paper, Section, Tag, TaggedPaper

    serializer = Serializer()
    with path.open("w", encoding="utf-8") as fixture:
        for queryset in (
            Section.objects.order_by("path"),
            Tag.objects.order_by("uid"),
            Paper.objects.order_by("pk"),
            TaggedPaper.objects.order_by("pk"),
        ):
            for thing in queryset.iterator(chunk_size=500):
                natural = {"use_natural_foreign_keys": True, "use_natural_primary_keys": True}
                (item,) = serializer.serialize([thing], **natural)
                fixture.write(f"- {json.dumps(item, ensure_ascii=False, default=str)}\n")


def ask_for(what: str) -> None:
    """Every file of the sitemap, or the feeds of the site and of every section and tag."""
    from django.test import Client

    from papers import sitemaps
    from papers.models import Section, Tag

    if what == "sitemap":
        addresses = ["/sitemap.xml", *(f"/sitemap.xml?{part}" for part in sitemaps.parts())]
    else:
        places = [thing.get_absolute_url() for thing in (*Section.objects.all(), *Tag.objects.public())]
        addresses = [f"{place}{name}" for place in places for name in ("feed.xml", "feed.json")]
    client = Client(SERVER_NAME="127.0.0.1")
    for address in addresses:
        assert client.get(address).status_code == 200, address


def costs_at(size: int, folder: Path, server: str) -> dict[str, Cost]:
    names = ("source", "target", "restored")
    source, target, restored = (database(f"{name}_{size}", folder, server) for name in names)
    fixture, backup = folder / f"papers_{size}.yaml", str(folder / f"papers_{size}.zip")
    scratch.make(source)
    scratch.fill(source, size)
    scratch.run(source, "-m", "tests.benchmarks.bulk", "--write", str(fixture))
    for empty in (target, restored):
        scratch.make(empty)
        scratch.manage(empty, "migrate", "--verbosity", "0")
    try:
        return {
            f"loaddata ({fixture.stat().st_size / 1e6:.0f} MB)": cost(
                target, "manage.py", "loaddata", str(fixture)
            ),
            "loaddata again": cost(target, "manage.py", "loaddata", str(fixture)),
            "rebuild": cost(target, "manage.py", "rebuild"),
            "rebuild --check": cost(target, "manage.py", "rebuild", "--check"),
            "sitemap": cost(target, "-m", "tests.benchmarks.bulk", "--ask", "sitemap"),
            "feeds": cost(target, "-m", "tests.benchmarks.bulk", "--ask", "feeds"),
            "backup": cost(target, "manage.py", "backup", backup),
            "restore": cost(restored, "manage.py", "restore", backup),
        }
    finally:
        for made in (source, target, restored):
            scratch.drop(made)


def database(name: str, folder: Path, server: str) -> str:
    if server:
        return scratch.named(server, f"{scratch.name_of(server)}_{name}")
    return f"sqlite:///{folder / name}.sqlite3"


def show(sizes: list[int], found: list[dict[str, Cost]]) -> None:
    print(f"{'':22}" + "".join(f"{size:>14,}" + " " * 12 for size in sizes) + f"{'memory':>8}")
    for rows in zip(*(costs.items() for costs in found), strict=True):
        name, taken = rows[-1][0], [row[1] for row in rows]
        cells = "".join(f"{one.seconds:12.1f} s{one.megabytes:9.0f} MB" for one in taken)
        print(f"{name:22}{cells}{taken[-1].megabytes / taken[0].megabytes:10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--database", default="", metavar="URL")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [costs_at(size, Path(folder), chosen.database) for size in chosen.sizes]
    show(chosen.sizes, found)


if __name__ == "__main__":
    scratch.begin(main, write=lambda file: write_fixture(Path(file)), ask=ask_for)
