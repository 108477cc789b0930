"""The admin's list of papers at 1,000 and at 100,000: pages, filters, searches and orders, the best of five rounds.

    python -m tests.benchmarks.admin_lists --keep DIR [--database postgres://USER@HOST:PORT/NAME] [--explain]

The databases are made the first time, some minutes for the large one, and stay: files in DIR, or NAME_1000 and
NAME_100000 on a server. Both sizes are measured in one run; the small one is the baseline.
"""

import argparse
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from . import scratch

SIZES = (1_000, 100_000)
ROUNDS = 5
# What is slower than both is shown with what the database says of it.
SLOW_RATIO, SLOW_SECONDS = 1.5, 0.1

LISTS = {
    "plain": "",
    "page 2": "p=2",
    "last page": "p={last}",  # as far as the capped count goes
    "by title": "o=1",
    "by title, descending": "o=-1",
    "by month, ascending": "o=3",
    "state: draft": "state=draft",
    "state: scheduled": "state=scheduled",
    "state: published": "state=published",
    "state: changed": "state=changed",
    "state: unchecked": "state=unchecked",
    "section, of 15": "section=demo-rl",
    "section, all": "section=demo",
    "tag": "tag=demo-moe",
    "month": "month=2020-05",
    "venue": "venue=OSDI+2020",
    "section, tag, month, venue": "section=demo-training&tag=demo-moe&month=2020-05&venue=OSDI+2020",
    "search: many": "q=Serving",
    "search: many, two words": "q=Serving+Scalable",
    "search: some": "q=FlashServe",
    "search: one": "q=HydraMesh-77",
    "search: Chinese, many": "q=缓存",
    "search: none": "q=nosuchword",
    "search: arXiv id": "q=2309.06180",
    "search in a section": "q=Serving&section=demo-rl",
}


# --- Databases --------------------------------------------------------------------------------------------


def database_of(size: int, folder: Path, server: str) -> str:
    if server:
        return scratch.named(server, f"{scratch.name_of(server)}_{size}")
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(folder / f'papers_{size}.sqlite3').absolute()}"


def prepare(database: str, size: int) -> None:
    """Make what is missing."""
    scratch.make(database)
    scratch.fill(database, size)
    scratch.run(database, "-m", "tests.benchmarks.admin_lists", "--vary")


def vary() -> None:
    """Of a hundred papers two are drafts, one is scheduled, one has changes and one is unchecked."""
    from datetime import timedelta

    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.db.models import F
    from django.db.models.functions import Mod
    from django.utils import timezone

    from papers.models import Paper

    users = get_user_model()._default_manager
    if users.exists():
        return
    papers = Paper.objects.annotate(turn=Mod(F("pk"), 100))
    papers.filter(turn__lt=2).update(status="draft")
    papers.filter(turn=2).update(publish_at=timezone.now() + timedelta(days=3650))
    papers.filter(turn=3).update(revision=1, head_revision=2)
    papers.exclude(turn=4).update(review_state="reviewed")
    users.create_superuser("editor", password="editor")
    if connection.vendor == "postgresql":  # which does so by itself in time, as SQLite does not
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


# --- Measuring --------------------------------------------------------------------------------------------


def measure() -> dict[str, Any]:
    """Seconds, number of queries and slowest statement of every list."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from papers.admin.base import COUNT_LIMIT
    from papers.admin.papers import PaperAdmin
    from papers.models import Paper

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model()._default_manager.get(username="editor"))
    last = -(-min(Paper.objects.count(), COUNT_LIMIT) // PaperAdmin.list_per_page)
    lists = {name: query.format(last=last) for name, query in LISTS.items()}
    return {name: measured(client, f"/admin/papers/paper/?{query}") for name, query in lists.items()}


def measured(client: Any, url: str) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        response = client.get(url)
        times.append(time.perf_counter() - start)
        assert response.status_code == 200, (url, response.status_code)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(url)
    slow = [query for query in captured if float(query["time"]) >= 0.02]
    return {
        "seconds": min(times),
        "queries": len(captured),
        "hits": hits(response.content.decode()),
        "slow": [(float(query["time"]), query["sql"], explained(query["sql"])) for query in slow],
    }


def hits(page: str) -> int:
    """The capped count below the list."""
    pages = page.partition('class="paginator">')[2].partition("</p>")[0]
    found = re.findall(r"\b([0-9]+) ", re.sub("<[^>]*>", "", pages))
    return int(found[-1]) if found else -1


def explained(statement: str) -> list[str]:
    """How the database goes about it; a captured statement has its values in it."""
    from django.db import DatabaseError, connection

    with connection.cursor() as cursor:
        try:
            words = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            cursor.execute(f"{words} {statement}".replace("%", "%%"), ())
        except DatabaseError as error:
            return [f"not explained: {error}"]
        return [str(row[-1]) for row in cursor.fetchall()]


# --- Comparing --------------------------------------------------------------------------------------------


def show(small: dict[str, Any], large: dict[str, Any], explain: bool) -> None:
    print(f"{'list':28}{'hits':>7}{'queries':>9}{'1,000':>10}{'100,000':>10}{'ratio':>8}")
    for name, here in large.items():
        seconds, base = here["seconds"], small[name]["seconds"]
        ratio = seconds / base
        is_slow = ratio > SLOW_RATIO and seconds > SLOW_SECONDS
        print(
            f"{name:28}{here['hits']:7}{here['queries']:9}{base * 1000:7.0f} ms{seconds * 1000:7.0f} ms"
            f"{ratio:8.1f}{' !' if is_slow else ''}"
        )
        for took, statement, plan in here["slow"] if explain and is_slow else []:
            print(f"    {took * 1000:.0f} ms: {short(statement)}", *plan, sep="\n        ")


def short(statement: str) -> str:
    """Without the long list of columns."""
    head, _from, rest = statement.partition(" FROM ")
    return f"{head[:60]}… FROM {rest[:700]}" if len(head) > 60 else statement[:700]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()) / "papercache-lists", metavar="DIR"
    )
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--explain", action="store_true", help="with the plans of what is slow")
    parser.add_argument("--only-prepare", action="store_true")
    chosen = parser.parse_args()
    databases = {size: database_of(size, chosen.keep, chosen.database) for size in SIZES}
    for size, database in databases.items():
        prepare(database, size)
    if chosen.only_prepare:
        return
    found = [scratch.ask_part(database, "admin_lists", "measure") for database in databases.values()]
    show(*found, explain=chosen.explain)


if __name__ == "__main__":
    scratch.begin(main, measure=measure, vary=vary)
