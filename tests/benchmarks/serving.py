"""What a page costs its server, beside nginx and beside a Django view that has the page's bytes in memory.

    python -m tests.benchmarks.serving --keep DIR [--seconds 3] [--rounds 3] [--threads 3] [--only PART …]

Each server is alone on the first processor and the load generator on the second. "µs" is the server's processor time for
a request, the best of some rounds that take turns; "/s" are requests per second, the best likewise. The databases are
made the first time, some minutes for the large one, and stay in DIR. Debian's packages nginx and wrk are needed. What
each line means, and what came out, is in README.md beside this file.
"""

import argparse
import gzip
import math
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

from . import scratch
from .browsing import Browser
from .servers import Server, ask, naive, nginx, site

PARTS = ("warm", "cold", "many", "random", "worker", "saving")
LOAD_ON = "1"
HOT = "/measured/hot.html"
COMMON = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
SIZES = {"few": 0, "many": 100_000}
SAVES = 5
PASSWORD = "saved-and-served"

# `at` alone changes nothing of a page, and has a place of its own in the page cache.
EACH_ANOTHER = """
local number = os.time() * 10000
request = function()
    number = number + 1
    return wrk.format(nil, wrk.path .. (wrk.path:find("?", 1, true) and "&" or "?") .. "at=" .. number)
end
"""
AT_RANDOM = """
local paths = {{}}
for line in io.lines("{file}") do paths[#paths + 1] = line end
request = function() return wrk.format(nil, paths[math.random(#paths)]) end
"""


# --- Load -------------------------------------------------------------------------------------------------


@dataclass
class Load:
    """What is asked of a server, and the best that came of it."""

    name: str
    server: Server
    path: str
    script: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    connections: int = 64
    seconds: float = math.inf
    rate: float = 0.0

    def run(self, seconds: int) -> None:
        words = [
            "taskset",
            "-c",
            LOAD_ON,
            "wrk",
            "-t1",
            f"-c{self.connections}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
        ]
        for name, value in {"Accept-Encoding": "gzip, br", **self.headers}.items():
            words += ["-H", f"{name}: {value}"]
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(self.script)
            script.flush()
            url = f"http://127.0.0.1:{self.server.port}{self.path}"
            before = self.server.seconds()
            told = subprocess.run(
                [*words, "-s", script.name, url], capture_output=True, text=True, check=True
            ).stdout
        if "Non-2xx" in told or "Socket errors" in told:
            raise SystemExit(f"{self.name}: {told}")
        number = max(1, _number(r"(\d+) requests in", told))
        self.seconds = min(self.seconds, (self.server.seconds() - before) / number)
        self.rate = max(self.rate, _number(r"Requests/sec:\s+([\d.]+)", told))


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise SystemExit(f"wrk said: {text}")
    return float(found[1])


def measure(loads: list[Load], rounds: int, seconds: int) -> None:
    """In turns, so that what else the machine does falls on all of them."""
    for _round in range(rounds):
        for load in loads:
            load.run(seconds)


def show(loads: list[Load], file: Load, view: Load) -> None:
    for load in loads:
        ratios = f"{load.seconds / file.seconds:8.2f}{load.rate / file.rate:8.2f}{load.seconds / view.seconds:8.2f}"
        print(f"{load.name:40}{1e6 * load.seconds:8.1f}{load.rate:9.0f}{ratios}", flush=True)


# --- Parts ------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """The servers of comparison, and what to measure beside them."""

    file: Load
    view: Load
    databases: dict[str, str]
    chosen: argparse.Namespace

    def report(self, loads: list[Load]) -> None:
        everything = [self.file, self.view, *loads]
        measure(everything, self.chosen.rounds, self.chosen.seconds)
        show(loads, self.file, self.view)


def warm(bench: Bench) -> None:
    with site(bench.databases["few"], bench.chosen.threads) as server:
        tag = warmed(server, [HOT])["etag"]
        loads = [Load("warm page", server, HOT)]
        loads.append(Load("its 304", server, HOT, headers={"If-None-Match": tag}))
        bench.report(loads)
    show([bench.file, bench.view], bench.file, bench.view)


def cold(bench: Bench) -> None:
    """With the cache on, and an address each time that was never asked for."""
    pages = {
        "paper": HOT,
        "front page": "/",
        "section": "/llm/engineering/",
        "listing": "/papers/",
        "search": "/search/?q=attention",
        "feed": "/feed.xml",
    }
    with site(bench.databases["few"], bench.chosen.threads, megabytes=8) as server:
        warmed(server, list(pages.values()))
        bench.report(
            [Load(f"cold {name}", server, path, EACH_ANOTHER, connections=2) for name, path in pages.items()]
        )


def many(bench: Bench) -> None:
    with ExitStack() as stack:
        loads = []
        for name, database in bench.databases.items():
            server = stack.enter_context(site(database, bench.chosen.threads))
            warmed(server, [HOT])
            loads.append(Load(f"hot page, {name} papers", server, HOT))
        bench.report(loads)
    print(f"many as fast as few: {loads[0].seconds / loads[1].seconds:.2f}")


def at_random(bench: Bench) -> None:
    paths = paths_of(bench.databases["many"])[: bench.chosen.among]
    with (
        tempfile.NamedTemporaryFile("w") as file,
        site(bench.databases["many"], bench.chosen.threads) as server,
    ):
        file.write("\n".join(paths))
        file.flush()
        before = server.memory()
        warmed(server, [HOT, *paths])
        print(f"{len(paths)} pages kept in {(server.memory() - before) / 1e6:.0f} MB")
        script = AT_RANDOM.format(file=file.name)
        loads = [
            Load("hot page", server, HOT),
            Load(f"at random among {len(paths)}", server, "/", script),
        ]
        bench.report(loads)
    print(f"at random as fast as hot: {loads[0].seconds / loads[1].seconds:.2f}")


def worker(bench: Bench) -> None:
    """A process that has answered every kind of page, the desk's too, and keeps none."""
    database, threads = bench.databases["few"], bench.chosen.threads
    times = []
    for _time in range(3):
        start = time.perf_counter()
        with site(database, threads) as server:
            times.append((time.perf_counter() - start, server.seconds()))
    took, worked = min(times)
    print(f"start to first answer: {took:.2f} s (best of 3), {worked:.2f} s of the worker's processor time")
    with site(database, threads, megabytes=0) as server:
        started = server.memory()
        kinds = [
            "/papers/?sort=cited",
            "/tags/",
            "/search/?q=推理",
            "/feed.json",
            "/sitemap.xml",
            "/-/wanted/",
        ]
        kinds += ["/-/collection/", "/-/papers.bib", "/llm/", HOT, HOT.replace(".html", ".json")]
        for path in kinds:
            ask(server.port, quote(path, safe="/?=&"))
        browser = logged_in(server.port)
        for path in ("", "papers/paper/", "papers/paper/1/change/", "papers/section/", "papers/tag/"):
            browser.get(f"/admin/{path}")
        print(
            f"worker: {started / 1e6:.0f} MB at its start, {server.memory() / 1e6:.0f} MB with everything loaded"
        )


def saving(bench: Bench) -> None:
    """From a pressed button to the new page, of a note of 30 kB."""
    times = []
    with site(bench.databases["few"], bench.chosen.threads) as server:
        browser = logged_in(server.port)
        url = f"/admin/papers/paper/{key_of(bench.databases['few'])}/change/"
        for number in range(SAVES + 1):
            form = browser.get(url).form_with("based_on")
            form.set("notes", note(f"第{number}次保存", 30_000))
            start = time.perf_counter()
            answer = browser.post(url, form, "_publish")
            while f"第{number}次保存" not in ask(server.port, HOT)[1].decode():
                if answer.status != 302 or time.perf_counter() - start > 10:
                    raise SystemExit(f"not saved: {answer.status} {answer.errors}")
            times.append(time.perf_counter() - start)
    times = [1000 * seconds for seconds in times[1:]]  # the first one starts the renderer
    print(f"save to new page: {statistics.median(times):.0f} ms (median of {SAVES}; best {min(times):.0f})")


# --- What is needed ---------------------------------------------------------------------------------------


def warmed(server: Server, paths: list[str]) -> dict[str, str]:
    """Each asked for twice: who asks again gets the small answer. The last one's headers."""
    headers: dict[str, str] = {}
    for path in paths:
        for _time in range(2):
            headers, _body = ask(server.port, path, Accept_Encoding="gzip, br")
    return headers


def prepare(database: str, papers: int) -> None:
    """The seed, or as many papers as asked for, and the note that is measured; what is there stays."""
    scratch.manage(database, "migrate", "--verbosity", "0")
    scratch.manage(database, "collectstatic", "--noinput", "--verbosity", "0")
    if papers:
        scratch.manage(database, "make_demo", "--papers", str(papers))
    else:
        scratch.manage(database, "loaddata", "papercache", "--verbosity", "0")
    scratch.run(database, "-m", "tests.benchmarks.serving", "--fill")


def fill() -> None:
    from django.contrib.auth.models import User

    from papers.models import Paper, Section

    if User.objects.filter(username="ada").exists():
        return
    root = Section.objects.get(parent=None)
    section = Section(uid="measured", parent=root, slug="measured", title="测量")
    section.save()
    fields = {"title": "测量用的笔记", "published_on": date(2025, 7, 1), "notes": note("热", 12_000)}
    Paper(uid="measured", section=section, slug="hot", status="published", **fields).save()
    User.objects.create_superuser("ada", password=PASSWORD)


def paths_of(database: str) -> list[str]:
    return scratch.run(database, "-m", "tests.benchmarks.serving", "--paths").split()


def print_paths() -> None:
    from papers.models import Paper

    for path in Paper.objects.published().filter(uid__startswith="demo-").values_list("path", flat=True):
        print(quote(path))


def key_of(database: str) -> str:
    code = "from papers.models import Paper; print(Paper.objects.get(uid='measured').pk)"
    return scratch.manage(database, "shell", "--no-imports", "-c", code).strip()


def note(words: str, size: int) -> str:
    """Sections of a heading, a paragraph that compresses as prose does, a formula and code, up to so many bytes."""
    chance, parts = random.Random(words), [words]
    while len("\n\n".join(parts).encode()) < size:
        prose = "".join(chance.choices(COMMON, k=120))
        number = len(parts)
        parts += [
            f"## 第{number}节 {prose[:6]}",
            f"{prose}，见 $O(n^{number})$。",
            f"```python\nx = {number}\n```",
        ]
    return "\n\n".join(parts)


def logged_in(port: int) -> Browser:
    browser = Browser(port)
    form = browser.get("/admin/login/").form_with("username")
    form.set("username", "ada")
    form.set("password", PASSWORD)
    if browser.post("/admin/login/", form, "").status != 302:
        raise SystemExit("the login failed")
    return browser


def load_of_the_machine() -> str:
    return Path("/proc/loadavg").read_text().split()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    usual = Path(tempfile.gettempdir()) / "papercache-serving"
    parser.add_argument("--keep", type=Path, default=usual, metavar="DIR")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--among", type=int, default=10_000, help="pages that are asked for at random")
    parser.add_argument("--threads", type=int, default=3, help="as quickstart does on one processor")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=str(PARTS)
    )
    chosen = parser.parse_args()
    if not (shutil.which("nginx") and shutil.which("wrk")):
        raise SystemExit("nginx and wrk are needed (Debian's packages of these names)")
    chosen.keep.mkdir(parents=True, exist_ok=True)
    needed = [name for name in SIZES if name == "few" or {"many", "random"} & set(chosen.only)]
    databases = {name: f"sqlite:///{(chosen.keep / f'{name}.sqlite3').absolute()}" for name in needed}
    for name, database in databases.items():
        prepare(database, SIZES[name])
    run(databases, chosen)


def run(databases: dict[str, str], chosen: argparse.Namespace) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        page = page_of(databases["few"], folder)
        small = (folder / "page.br").stat().st_size
        print(
            f"page of {len(page):,} bytes, {small:,} compressed; load of the machine {load_of_the_machine()}"
        )
        file = Load("nginx: the compressed file", stack.enter_context(nginx(folder)), "/")
        view = Load(
            "Django: a view of the same bytes",
            stack.enter_context(naive(folder / "page.br", chosen.threads)),
            "/",
        )
        bench = Bench(file, view, databases, chosen)
        print(f"{'':40}{'µs':>8}{'/s':>9}{'× nginx':>8}{'/s':>8}{'× view':>8}")
        actions: dict[str, Callable[[Bench], None]] = {
            "warm": warm,
            "cold": cold,
            "many": many,
            "random": at_random,
            "worker": worker,
            "saving": saving,
        }
        for name in chosen.only:
            actions[name](bench)
    print(f"load of the machine {load_of_the_machine()}")


def page_of(database: str, folder: Path) -> bytes:
    """As its readers get it, for the two that are compared with."""
    with site(database, 1) as server:
        _headers, page = ask(server.port, HOT)
        warmed(server, [HOT])
        _headers, small = ask(server.port, HOT, Accept_Encoding="br")
    (folder / "page.br").write_bytes(small)
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_bytes(page)
    (folder / "www" / "index.html.gz").write_bytes(gzip.compress(page, 9, mtime=0))
    folder.chmod(0o755)
    return page


if __name__ == "__main__":
    own: dict[tuple[str, ...], Callable[[], None]] = {("--fill",): fill, ("--paths",): print_paths}
    action = own.get(tuple(sys.argv[1:]))
    if action:  # this program, started by itself on one database
        import django

        django.setup()
        action()
    else:
        main()
