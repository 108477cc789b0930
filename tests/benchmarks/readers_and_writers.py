"""Eight editors save while 32 readers read: nothing is lost, nothing breaks, and nobody waits for long.

    python -m tests.benchmarks.readers_and_writers [--seconds 120] [--database postgres://USER@HOST:PORT/NAME]

The database is made for the run and gone afterwards: a file, or NAME, which must not exist yet. The editors are those of
`four_editors`, at the same 20 of 300 papers, but each saves every other second; readers go from page to page, to lists,
searches and feeds, and look at each for a second. Every save makes the whole site anew for all readers. They are in a
process of their own so that they do not slow the editors. The server is Granian with two workers; what it takes in the
first ten seconds after its start, while all forty come at once, is left out of the times. Exits with 1
if an answer was a 5xx, a text was lost or overwritten unseen, the server complained, `rebuild --check` found something
stale, or the slowest hundredth of what readers or editors asked for took longer than half a second.
"""

import argparse
import os
import random
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from http.client import HTTPException
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import quote

from . import scratch
from .browsing import Browser
from .four_editors import Editor, Findings, free_port, judge, report, served, set_up

PAPERS = 300
EDITORS = ("ada", "bo", "chen", "dora", "emil", "fang", "gao", "hui")
READERS = 32
# Seconds that a reader looks at a page, and that an editor writes, at most.
LOOK, WRITE = 2.0, 4.0
LISTS = ["/", "/papers/", "/tags/", "/feed.xml", "/search/?q=推理", "/search/?q=attention", "/papers/?page=2"]
LIMIT = 0.5
WARMING = 10.0  # seconds


def read(port: int, paths: list[str], until: float, number: int) -> Findings:
    """All readers, each in a thread."""
    findings = Findings()
    readers = [
        threading.Thread(target=_read, args=(port, paths, until, seed, findings)) for seed in range(number)
    ]
    for reader in readers:
        reader.start()
    forget_the_start(findings)
    for reader in readers:
        reader.join()
    return findings


def forget_the_start(findings: Findings) -> None:
    time.sleep(WARMING)
    findings.times.clear()


def _read(port: int, paths: list[str], until: float, seed: int, findings: Findings) -> None:
    dice, browser = random.Random(seed), Browser(port)
    try:
        while time.time() < until:
            path = dice.choice(LISTS) if dice.random() < 0.3 else paths[int(len(paths) * dice.random() ** 2)]
            kind = "search" if "?q=" in path else "list" if path in LISTS else "page"
            findings.note(kind, browser.get(quote(path, safe="/?=&%")))
            time.sleep(dice.uniform(0, LOOK))
    except (OSError, HTTPException) as error:
        findings.wrong.append(f"reader {seed} stopped: {error!r}")


def measure(database: str, seconds: int, log: Path) -> list[str]:
    from papers.models import Paper

    papers, port, findings = list(Paper.objects.order_by("pk")), free_port(), Findings()
    paths = [paper.get_absolute_url() for paper in papers]
    with served(database, port, log), ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        editors = [Editor(name, port, [paper.pk for paper in papers], findings) for name in EDITORS]
        for editor in editors:
            editor.log_in()
        until = time.time() + seconds
        reading = elsewhere.submit(read, port, paths, until, READERS)
        for editor in editors:
            editor.until, editor.pause = until, WRITE
            editor.start()
        forget_the_start(findings)
        for editor in editors:
            editor.join()
        read_too = reading.result()
    findings.times |= read_too.times
    findings.wrong += read_too.wrong
    findings.times["all"] = [took for times in findings.times.values() for took in times]
    report(findings, seconds)
    return judge(findings, database, log) + slow(findings)


def slow(findings: Findings) -> list[str]:
    late = []
    for kind, times in findings.times.items():
        p99 = sorted(times)[int(len(times) * 0.99)]
        if p99 > LIMIT:
            late.append(f"slow: {kind} p99 {p99 * 1000:.0f} ms")
    return late


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--database", default="", metavar="URL")
    chosen = parser.parse_args()
    print("load of the machine before:", *(f"{load:.1f}" for load in os.getloadavg()))
    with scratch.lent(chosen.database) as (database, folder):
        set_up(database, PAPERS, EDITORS)
        wrong = measure(database, chosen.seconds, folder / "server.log")
    print("load of the machine after:", *(f"{load:.1f}" for load in os.getloadavg()))
    print(f"wrong: {len(wrong)}", *wrong[:20], sep="\n  ")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
