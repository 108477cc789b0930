"""What the size of a site costs its readers and editors: pages of each kind at 1,000, 10,000 and 100,000 papers.

    python -m tests.benchmarks.scale --keep DIR [--database postgres://USER@HOST:PORT/NAME] [--plot FILE.svg]

Every page is asked for with an empty cache, as the first reader after a change does, and each time another one of its
kind: another paper, month, tag, word. The baseline is the median at 1,000 papers in the same run. The databases are
those of `tests.benchmarks.admin_lists`, made the first time in some minutes.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice, pairwise
from math import log10
from pathlib import Path
from random import Random
from typing import Any

from . import admin_lists, scratch

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 60
WORDS = ("推理", "缓存", "调度", "显存", "MoE推理", "quantized", "FlashServe", "HydraMesh-77", "流水线 通信")

Kinds = dict[str, Iterator[str]]


# --- Measuring --------------------------------------------------------------------------------------------


def kinds() -> Kinds:
    """Addresses of each kind of page, the same for the same site."""
    from papers.models import Paper, Section, Tag

    random = Random(7)
    pks = list(Paper.objects.published().order_by("pk").values_list("pk", flat=True))
    papers = Paper.objects.in_bulk(random.sample(pks, ROUNDS))
    months = sorted({f"/{day:%Y/%m}/" for day in Paper.objects.dates("published_on", "month")})
    sections = [section.path for section in Section.objects.filter(uid__startswith="demo-").order_by("uid")]
    tags = [tag.get_absolute_url() for tag in Tag.objects.public().order_by("slug")]
    filters = ("", "section=demo-rl", "tag=demo-moe", "month=2020-05", "q=FlashServe")
    return {
        "front page": cycle(["/"]),
        "section": cycle(sections),
        "month list": cycle(random.sample(months, min(ROUNDS, len(months)))),
        "tag page": cycle(tags),
        "paper": cycle(papers[pk].get_absolute_url() for pk in papers),
        "search": cycle(f"/search/?q={word}" for word in WORDS),
        "admin list": cycle(f"/admin/papers/paper/?{query}" for query in filters),
        "feed": cycle(["/feed.xml", "/demo/feed.json"]),
    }


def measure() -> dict[str, list[float]]:
    """Seconds of each request, sorted, by kind of page."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    reader, editor = Client(SERVER_NAME="127.0.0.1"), Client(SERVER_NAME="127.0.0.1")
    editor.force_login(get_user_model()._default_manager.get(username="editor"))
    found = {}
    for name, addresses in kinds().items():
        client = editor if name.startswith("admin") else reader
        client.get(next(addresses))  # what a process does once
        found[name] = sorted(seconds(client, url) for url in islice(addresses, ROUNDS))
    return found


def seconds(client: Any, url: str) -> float:
    from django.core.cache import cache

    cache.clear()
    start = time.perf_counter()
    response = client.get(url)
    took = time.perf_counter() - start
    assert response.status_code == 200, (url, response.status_code)
    return took


# --- Comparing --------------------------------------------------------------------------------------------


def at(times: list[float], share: float) -> float:
    """Milliseconds."""
    return 1000 * times[min(int(len(times) * share), len(times) - 1)]


def show(found: dict[int, dict[str, list[float]]]) -> None:
    print(f"{'ms: median, p95':16}" + "".join(f"{size:>18,}" for size in SIZES) + f"{'ratio':>8}")
    for name, base in found[SIZES[0]].items():
        cells = [f"{at(found[size][name], 0.5):9.1f}{at(found[size][name], 0.95):9.1f}" for size in SIZES]
        ratio = at(found[SIZES[-1]][name], 0.5) / at(base, 0.5)
        is_slow = ratio > 1.5 or at(found[SIZES[-1]][name], 0.95) > 100
        print(f"{name:16}{''.join(cells)}{ratio:8.2f}{' !' if is_slow else ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()) / "papercache-lists", metavar="DIR"
    )
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    chosen = parser.parse_args()
    found = {}
    for size in SIZES:
        database = admin_lists.database_of(size, chosen.keep, chosen.database)
        admin_lists.prepare(database, size)
        scratch.run(database, "-m", "tests.benchmarks.listing", "--vary")
        found[size] = scratch.ask_part(database, "scale", "measure")
    show(found)
    if chosen.plot:
        medians = {name: [at(found[size][name], 0.5) for size in SIZES] for name in found[SIZES[0]]}
        chosen.plot.write_text(plot(medians, "PostgreSQL" if chosen.database else "SQLite"), encoding="utf-8")


# --- The plot ---------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 60, 50, 150, 50
COLOURS = ("#0b6e99", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be123c", "#0f766e", "#4338ca", "#57534e")


def plot(medians: dict[str, list[float]], engine: str) -> str:
    """Time against size, both logarithmic, a line for each kind of page; text and lines on white in either mode."""
    most = max(max(line) for line in medians.values())
    least = min(min(line) for line in medians.values())
    low, high = log10(least) - 0.1, log10(most) + 0.1
    columns = [LEFT + place * (WIDTH - LEFT - RIGHT) / (len(SIZES) - 1) for place in range(len(SIZES))]

    def row(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - log10(value)) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">Median time of a page with an empty cache, {engine}</text>',
    ]
    for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if low <= log10(tick) <= high:
            parts.append(f'<path d="M{LEFT} {row(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
            parts.append(f'<text x="{LEFT - 8}" y="{row(tick) + 4:.1f}" text-anchor="end">{tick} ms</text>')
    for x, size in zip(columns, SIZES, strict=True):
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 24}" text-anchor="middle">{size:,}</text>')
    labels = spread([row(line[-1]) for line in medians.values()])
    for (name, line), colour, y in zip(medians.items(), COLOURS, labels, strict=False):
        points = " ".join(f"{x:.1f},{row(value):.1f}" for x, value in zip(columns, line, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{WIDTH - RIGHT + 8}" y="{y + 4:.1f}" fill="{colour}">{name} {line[-1]:.0f} ms</text>'
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">papers</text></svg>'
    )
    return "\n".join(parts)


def spread(rows: list[float], apart: float = 15) -> list[float]:
    """Places for labels near their rows that do not cover one another, in the given order."""
    moved = list(rows)
    order = sorted(range(len(rows)), key=rows.__getitem__)
    for before, here in pairwise(order):
        moved[here] = max(moved[here], moved[before] + apart)
    return moved


if __name__ == "__main__":
    scratch.begin(main, measure=measure)
