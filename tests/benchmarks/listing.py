"""Readers' lists at 1,000 papers and at 100,000: each kind of page, every facet and order, combinations at random.

    python -m tests.benchmarks.listing --keep DIR [--database postgres://USER@HOST:PORT/NAME] [--explain]

The databases are those of `tests.benchmarks.admin_lists`, made the first time in some minutes. Counts are kept for a
generation: `cold` is the first page after a change, all others come after it. The last line is what issue 5 bounds:
filtered facets at 100,000 papers, of choices drawn at random.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from . import admin_lists, scratch

ROUNDS = 5
CHOICES = 300

PAGES = {
    "front page": "/",
    "feed": "/feed.xml",
    "tags": "/tags/",
    "wanted": "/-/wanted/",
    "collection": "/-/collection/",
    "all papers": "/papers/",
    "all papers, last page": "/papers/?page={last}",
    "newest notes": "/papers/?sort=newest",
    "by title": "/papers/?sort=title",
    "by title, last page": "/papers/?sort=title&page={last}",
    "most cited": "/papers/?sort=cited",
    "section": "/papers/?section=demo-rl",
    "section, every paper": "/papers/?section=demo",
    "tag": "/papers/?tag=demo-moe",
    "two tags": "/papers/?tag=demo-moe&tag=demo-rag",
    "any of two tags": "/papers/?tag=demo-moe&tag=demo-rag&tags=any",
    "venue": "/papers/?venue=osdi-2020",
    "year": "/papers/?year=2020",
    "since, every paper": "/papers/?since=2000-01-01",
    "four facets": "/papers/?section=demo-training&tag=demo-moe&venue=osdi-2020&year=2020",
    "four facets, by title": "/papers/?section=demo-rl&tag=demo-moe&venue=osdi-2020&year=2020&sort=title",
    "four facets, newest": "/papers/?section=demo-rl&tag=demo-moe&venue=osdi-2020&year=2020&sort=newest",
    "four facets, most cited": "/papers/?section=demo-rl&tag=demo-moe&venue=osdi-2020&year=2020&sort=cited",
    "nothing found": "/papers/?venue=osdi-2020&year=2021",
    "a section's own page": "/demo/training/RL/",
    "the demo's own page": "/demo/",
    "a tag's own page": "/tags/demo-moe/",
    "a venue's own page": "/venues/osdi-2020/",
    "a year's own page": "/2020/",
    "a month's own page": "/2020/05/",
    "a paper": "{paper}",
    "a paper of a list": "{paper}?in=tag%3D{tag}&at={at}",
}


def vary() -> None:
    """Notes became public day by day, and each cites three others, some much more often than most."""
    from django.db import connection

    from papers.models import Citation, Paper, PaperKey, Section

    root = Section.objects.get(parent=None)
    root.text = "# 首页\n\n[[papers]]"
    root.save()
    if Citation.objects.exists():
        return
    random = Random(5)
    keys = list(PaperKey.objects.filter(key__startswith="demo0").values_list("key", flat=True)[:20_000])
    pks = list(Paper.objects.order_by().values_list("pk", flat=True))
    rows = (
        Citation(paper_id=pk, position=place, kind="citation", title=key, key=key)
        for pk in pks
        for place, key in enumerate({keys[int(len(keys) * random.random() ** 3)] for _ in range(3)})
    )
    while batch := list(islice(rows, 5000)):
        Citation.objects.bulk_create(batch)
    with connection.cursor() as cursor:
        midnight = " || ' 00:00:00'" if connection.vendor == "sqlite" else ""
        cursor.execute(f"UPDATE papers_paper SET first_public_at = published_on{midnight}")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")  # as the server does by itself some time after


# --- Measuring --------------------------------------------------------------------------------------------


def measure() -> dict[str, Any]:
    from django.core.cache import cache
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    pages = {name: url.format(**places()) for name, url in PAGES.items()}
    found: dict[str, Any] = {}
    for name in ("all papers", "tag", "most cited"):
        cache.clear()
        found[f"{name}, cold"] = measured(client, pages[name], rounds=1)
    found |= {name: measured(client, url) for name, url in pages.items()}
    found["facets"] = facets_at_random()
    return found


def places() -> dict[str, Any]:
    """A paper in the midst of the longest list of a tag."""
    from papers.facets import Choice
    from papers.pages import PAGE_SIZE

    last = -(-Choice().papers().count() // PAGE_SIZE)
    at = Choice(tag=("demo-moe",)).papers().count() // 2
    paper = Choice(tag=("demo-moe",)).papers()[at]
    return {"last": last, "paper": paper.get_absolute_url(), "tag": "demo-moe", "at": at + 1}


def measured(client: Any, url: str, rounds: int = ROUNDS) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, slow = [], []
    for _round in range(rounds):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            seconds = timed(lambda: answer(client, url))
        times.append(seconds)
        slow = [query for query in captured if float(query["time"]) >= 0.02]
    shown = [(float(query["time"]), query["sql"], admin_lists.explained(query["sql"])) for query in slow]
    return {"seconds": min(times), "queries": len(captured), "slow": shown}


def answer(client: Any, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)


def timed(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def facets_at_random() -> list[float]:
    """Seconds of the counts alone, for choices of one to four facets that a reader may make."""
    from papers import counting
    from papers.columns import columns
    from papers.facets import Choice
    from papers.models import Section

    counting.everything()
    random, there = Random(7), columns()
    sections = {section.uid: section for section in Section.objects.exclude(parent=None)}
    times = []
    for _choice in range(CHOICES):
        drawn: dict[str, Any] = {
            "section": random.choice(list(sections)),
            "tag": tuple(random.sample(list(there.tagged), random.choice((1, 1, 2)))),
            "venue": random.choice(list(there.venue_names)),
            "year": random.choice(range(2016, 2026)),
        }
        kept = random.sample(list(drawn), random.randint(1, 4))
        choice = Choice(**{name: drawn[name] for name in kept}).but(tags=random.choice(("", "any")))
        subtree = set()
        if choice.section:
            path = sections[choice.section].path_folded
            subtree = set(Section.objects.in_subtree(path).values_list("pk", flat=True))
        times.append(timed(lambda choice=choice, subtree=subtree: counting.count(choice, subtree)))  # type: ignore[misc]
    return times


# --- Comparing --------------------------------------------------------------------------------------------


def show(small: dict[str, Any], large: dict[str, Any], explain: bool) -> None:
    times = sorted(large.pop("facets"))
    print(f"{'page':28}{'queries':>9}{'1,000':>10}{'100,000':>10}{'ratio':>8}")
    for name, here in large.items():
        seconds, base = here["seconds"], small[name]["seconds"]
        is_slow = seconds > 1.5 * base and seconds > 0.1
        print(
            f"{name:28}{here['queries']:9}{base * 1000:7.0f} ms{seconds * 1000:7.0f} ms"
            f"{seconds / base:8.1f}{' !' if is_slow else ''}"
        )
        for took, statement, plan in here["slow"] if explain else []:
            print(f"    {took * 1000:.0f} ms: {admin_lists.short(statement)}", *plan, sep="\n        ")
    p50, p95 = times[len(times) // 2], times[len(times) * 95 // 100]
    print(
        f"{len(times)} filtered facets: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, most {times[-1] * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()) / "papercache-lists", metavar="DIR"
    )
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--explain", action="store_true", help="with the plans of what is slow")
    chosen = parser.parse_args()
    found = []
    for size in admin_lists.SIZES:
        database = admin_lists.database_of(size, chosen.keep, chosen.database)
        admin_lists.prepare(database, size)
        scratch.run(database, "-m", "tests.benchmarks.listing", "--vary")
        found.append(scratch.ask_part(database, "listing", "measure"))
    show(*found, explain=chosen.explain)


if __name__ == "__main__":
    scratch.begin(main, measure=measure, vary=vary)
