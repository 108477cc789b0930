"""Lighthouse, with its mobile settings, on the site's kinds of page: scores, weights and shifts.

    python -m tests.benchmarks.lighthouse [--modules DIR] [--rounds 3] [--only paper] [--slowdown 4]

Needs npm and Debian's Chromium; npm's package `lighthouse` is installed into DIR the first time and stays there. The
site is the seed with one paper of 100 formulas and 20 figures, on an SQLite file that is gone afterwards, served by
Granian as `quickstart` does. Each score is the median of the rounds; Chromium is told to find no other host.

Lighthouse slows the processor down four times, as if this were an idle developer's machine, whose `speed` is 1500 and
more. On a busier or slower one take less: 2 at 800, 1 below 400.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from . import scratch
from .four_editors import free_port, served

PAGES = {
    "front page": "/",
    "section": "/llm/engineering/inference/",
    "paper": "/llm/engineering/inference/2025-07-Showcase.html",
    "search": "/search/?q=推理",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --host-resolver-rules='MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'"
)


def install(modules: Path) -> Path:
    program = modules / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        modules.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", str(modules), "--no-audit", "lighthouse"], check=True)
    return program


def set_up(database: str, **places: str) -> None:
    scratch.manage(database, "migrate", "--verbosity", "0")
    scratch.manage(database, "collectstatic", "--noinput", "--verbosity", "0")
    scratch.manage(database, "loaddata", "papercache", "--verbosity", "0")
    scratch.run(database, "-m", "tests.benchmarks.lighthouse", "--showcase", **places)


def add_showcase() -> None:
    import django

    django.setup()
    from papers.models import Section
    from tests.showcase import make_showcase

    make_showcase(Section.objects.get(path="/llm/engineering/inference/"))


def audit(program: Path, url: str, slowdown: float) -> dict[str, Any]:
    words = ["node", str(program), url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    words += [f"--only-categories={','.join(CATEGORIES)}", f"--throttling.cpuSlowdownMultiplier={slowdown}"]
    environment = {**os.environ, "CHROME_PATH": "/usr/bin/chromium"}
    for _try in range(3):  # on a busy machine it may lose its own trace
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return json.loads(done.stdout)
    raise SystemExit(done.stderr[-3000:])


def kilobytes(report: dict[str, Any], *kinds: str) -> float:
    """As they came over the network, compressed."""
    requests = report["audits"]["network-requests"]["details"]["items"]
    wanted = [request for request in requests if (request.get("resourceType", "").lower() in kinds)]
    return sum(request["transferSize"] for request in wanted) / 1000


def show(name: str, reports: list[dict[str, Any]]) -> None:
    def mid(value: Any) -> float:
        return median(value(report) for report in reports)

    scores = [round(100 * mid(lambda r, c=c: r["categories"][c]["score"] or 0)) for c in CATEGORIES]
    shift = mid(lambda r: r["audits"]["cumulative-layout-shift"]["numericValue"])
    paint, largest, blocked = (
        mid(lambda r, a=a: r["audits"][a]["numericValue"] / 1000)
        for a in ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")
    )
    speed = mid(lambda r: r["environment"]["benchmarkIndex"])
    page = mid(lambda r: kilobytes(r, "document", "stylesheet", "script"))
    script, font = mid(lambda r: kilobytes(r, "script")), mid(lambda r: kilobytes(r, "font"))
    numbers = " ".join(f"{score:>5}" for score in scores)
    print(
        f"{name:11} {numbers} {shift:6.3f} {paint:6.2f} {largest:7.2f} {blocked:7.2f} "
        f"{page:8.1f} {script:7.1f} {font:7.1f} {speed:6.0f}"
    )
    for audit in reports[0]["audits"].values():
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] == "binary":
            print(f"            {audit['id']}: {audit['title']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--modules", type=Path, default=Path(tempfile.gettempdir()) / "papercache-lighthouse")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slowdown", type=float, default=4)
    parser.add_argument("--only", choices=PAGES, metavar="PAGE", help=", ".join(PAGES))
    parser.add_argument("--showcase", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.showcase:
        add_showcase()
        return
    program = install(chosen.modules)
    with tempfile.TemporaryDirectory() as folder:
        database, places = f"sqlite:///{folder}/papers.sqlite3", {"MEDIA_ROOT": f"{folder}/media"}
        set_up(database, **places)
        port = free_port()
        with served(database, port, Path(folder) / "server.log", **places):
            measure(program, f"http://127.0.0.1:{port}", chosen.rounds, chosen.only, chosen.slowdown)


def measure(program: Path, site: str, rounds: int, only: str | None, slowdown: float) -> None:
    print(
        f"{'':11} {' '.join(c[:5].rjust(5) for c in CATEGORIES)}  shift  first largest blocked  page kB  script    font  speed"
    )
    for name, path in PAGES.items():
        if only in (None, name):
            show(name, [audit(program, site + path, slowdown) for _round in range(rounds)])


if __name__ == "__main__":
    main()
