"""Search in 100,000 papers: a page of results with its excerpts, and the counts beside it, against substrings.

    python -m tests.benchmarks.search --keep DIR [--database postgres://USER@HOST:PORT/NAME] [--papers N] [--rounds N]

The database is made the first time, many minutes for 100,000 papers, and stays: a file in DIR, or NAME_N on a server.
The baseline is what a site without an index would do: the same words with LIKE, on the same rows, in the same run.
Columns are milliseconds: of the results, then of their number by section, tag, venue and year; `cpu` leaves out what the machine did for others, and on a server what the server did.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

from . import scratch

PAGE = 20
KINDS: dict[str, list[str]] = {
    "one character": ["推", "延", "模", "图", "化", "存", "训", "缓"],
    "two characters": ["推理", "缓存", "显存", "调度", "量化", "延迟", "碎片", "通信"],
    "three and more": [
        "注意力",
        "大模型",
        "键值缓存",
        "流水线",
        "长文本处理",
        "在线推理",
        "尾延迟",
        "推理加速",
    ],
    "phrase": ["“检索增强生成”", '"large language models"', "“真实的对话负载上”", '"mixture of experts"'],
    "English word": ["attention", "serving", "quantized", "HydraMesh", "schedulers", "elastic", "OSDI"],
    "several words": ["推理 显存", "serving scalable", "Zhang 缓存", "调度 流水线 GPU", "attention 在线推理"],
    "mixed": ["MoE推理", "GPU算子", "KV缓存", "HydraMesh系统"],
    "rare": ["HydraMesh-77", "2309.06180", "nosuchword", "龘龘", "FlashServe Novák 容错"],
    "filters": [
        "推理 tag:MoE",
        "缓存 section:serving year:2020-2023",
        "serving venue:OSDI",
        "推理 -显存",
        "tag:MoE year:2020",
    ],
}
DEEP = ["推理", "缓存", "attention", "推"]


# --- What is measured -------------------------------------------------------------------------------------


def asked(text: str, start: int = 0) -> int:
    """What a page of results asks of search; how many it shows."""
    from papers import search
    from papers.pages import listed

    query = search.parse(text)
    papers = list(listed(search.find(query))[start : start + PAGE])
    search.excerpts(query, papers)
    return len(papers)


def counted(text: str) -> int:
    """What the facets beside the results ask for; the number of results."""
    from papers import counting
    from papers.facets import Choice

    return counting.count(Choice(q=text)).total


def by_substring(text: str) -> int:
    """The words of a query anywhere in a paper, in the order of the places."""
    from django.db.models import Case, IntegerField, Q, Value, When

    from papers import search
    from papers.models import Paper, TaggedPaper
    from papers.pages import listed
    from papers.querysets import PAPER_ORDER

    tiers = (
        ("title", "title_official"),
        ("authors", "venue", "aliases", "tags"),
        ("summary",),
        ("plain_text",),
    )

    def holds(word: str, name: str) -> Q:
        if name == "tags":
            return Q(pk__in=TaggedPaper.objects.filter(tag__name__icontains=word).values("content_object"))
        return Q(**{f"{name}__icontains": word})

    words = [term.text for term in search.parse(text).terms if not term.is_excluded] or [text]
    up_to = [[name for names in tiers[: tier + 1] for name in names] for tier in range(4)]
    held = [
        reduce(and_, (reduce(or_, (holds(word, name) for name in names)) for word in words))
        for names in up_to
    ]
    cases = (When(condition, then=Value(tier)) for tier, condition in enumerate(held[:-1]))
    tier = Case(*cases, default=Value(3), output_field=IntegerField())
    found = Paper.objects.published().filter(held[-1]).annotate(tier=tier).order_by("tier", *PAPER_ORDER)
    count = found.count()
    list(listed(found)[:PAGE])
    return count


def measure(rounds: int) -> dict[str, Any]:
    """Milliseconds of every round of every query, by kind."""
    found = {}
    for kind, texts in KINDS.items():
        asked(texts[0])
        runs = [timed(asked, text) for _round in range(rounds) for text in texts]
        counted(texts[0])
        facets = [timed(counted, text) for _round in range(rounds) for text in texts]
        baseline = [timed(by_substring, text) for text in texts[:3]]
        found[kind] = {"ours": runs, "facets": facets, "baseline": baseline}
    deep = [timed(asked, text, 10 * PAGE) for _round in range(rounds) for text in DEEP]
    return {**found, "page 11": {"ours": deep, "facets": [], "baseline": []}}


def timed(work: Callable[..., int], *arguments: Any) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    count = work(*arguments)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000, count


# --- Showing ----------------------------------------------------------------------------------------------


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


def show(found: dict[str, Any]) -> None:
    print(
        f"{'kind':16}{'hits':>14}{'p50':>8}{'p95':>8}{'cpu p50':>9}{'cpu p95':>9}"
        f"{'facets p50':>12}{'p95':>8}{'cpu p95':>9}{'LIKE p50':>10}{'LIKE p95':>10}"
    )
    longer = [runs for kind, runs in found.items() if kind != "one character"]
    both = {name: [run for runs in longer for run in runs[name]] for name in ("ours", "facets", "baseline")}
    for kind, runs in {**found, "all but the 1st": both}.items():
        hits = [count for _wall, _cpu, count in runs["facets"]] or [0]
        numbers = [*measures(runs["ours"]), *measures(runs["facets"])]
        like = measures(runs["baseline"])
        print(
            f"{kind:16}{f'{min(hits)}-{max(hits)}':>14}{numbers[0]:8.1f}{numbers[1]:8.1f}{numbers[2]:9.1f}"
            f"{numbers[3]:9.1f}{numbers[4]:12.1f}{numbers[5]:8.1f}{numbers[7]:9.1f}{like[0]:10.0f}{like[1]:10.0f}"
        )


def measures(runs: list[tuple[float, float, int]]) -> list[float]:
    """Wall and processor time, the middle and the slow end of each."""
    walls, cpus = ([run[place] for run in runs] for place in (0, 1))
    return [percentile(column, share) for column in (walls, cpus) for share in (0.5, 0.95)]


def database_of(papers: int, folder: Path, server: str) -> str:
    if server:
        return scratch.named(server, f"{scratch.name_of(server)}_{papers}")
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(folder / f'papers_{papers}.sqlite3').absolute()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    folder = Path(tempfile.gettempdir()) / "papercache-search"
    parser.add_argument("--keep", type=Path, default=folder, metavar="DIR")
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10)
    chosen = parser.parse_args()
    database = database_of(chosen.papers, chosen.keep, chosen.database)
    if scratch.make(database):
        scratch.fill(database, chosen.papers)
    show(scratch.ask_part(database, "search", "measure", str(chosen.rounds)))


if __name__ == "__main__":
    scratch.begin(main, measure=lambda rounds: measure(int(rounds)))
