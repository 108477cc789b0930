"""A paper's page, and what stands around it, at 1,000 and at 100,000 papers: the best of some rounds.

    python -m tests.benchmarks.paper_page --keep DIR [--database postgres://USER@HOST:PORT/NAME]

The databases are made the first time, some minutes for the large one, and stay: files in DIR, or NAME_1000 and
NAME_100000 on a server. "first" is what the first reader after a change waits for, "kept" what the others do.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import scratch
from .admin_lists import SIZES, database_of

ROUNDS = 9


def prepare(database: str, size: int) -> None:
    scratch.make(database)
    scratch.fill(database, size)


def measure() -> dict[str, float]:
    """Seconds by name."""
    from django.db.models import Count
    from django.test import Client

    from papers.models import Citation, Paper

    client = Client(SERVER_NAME="127.0.0.1")
    published = Paper.objects.published().filter(uid__startswith="demo-")
    keys = (
        Citation.objects.filter(kind="wikilink")
        .values("title")
        .annotate(Count("pk"))
        .order_by("-pk__count", "title")
    )
    most_cited = Paper.objects.get(uid=keys[0]["title"])
    some = published[published.count() // 2]
    pages = {
        "paper": some.get_absolute_url(),
        "paper that is cited most": most_cited.get_absolute_url(),
        "card": f"/-/card{some.get_absolute_url()}",
    }
    found = {name: _best(lambda url=url: _get(client, url)) for name, url in pages.items()}
    for url in ("/-/wanted/", "/-/collection/"):
        found[f"{url} first"] = _best(lambda url=url: _anew(client, url), rounds=2)
        found[f"{url} kept"] = _best(lambda url=url: _get(client, url))
    return found


def _best(action: Callable[[], None], rounds: int = ROUNDS) -> float:
    times = []
    for _round in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def _get(client: Any, url: str) -> None:
    assert client.get(url).status_code == 200, url


def _anew(client: Any, url: str) -> None:
    from django.core.cache import cache

    cache.clear()
    _get(client, url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    usual = Path(tempfile.gettempdir()) / "papercache-pages"
    parser.add_argument("--keep", type=Path, default=usual, metavar="DIR")
    parser.add_argument("--database", default="", metavar="URL")
    chosen = parser.parse_args()
    found: list[dict[str, float]] = []
    for size in SIZES:
        database = database_of(size, chosen.keep, chosen.database)
        prepare(database, size)
        found.append(scratch.ask_part(database, "paper_page", "measure"))
    print(f"{'page':28}{'1,000':>10}{'100,000':>10}{'ratio':>8}")
    for name, base in found[0].items():
        seconds = found[1][name]
        print(f"{name:28}{base * 1000:7.0f} ms{seconds * 1000:7.0f} ms{seconds / base:8.1f}")


if __name__ == "__main__":
    scratch.begin(main, measure=measure)
