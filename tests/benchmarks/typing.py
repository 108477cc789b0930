"""Typing in a note with everything on: the longest task of the page's main thread, and how soon the preview follows.

    python -m tests.benchmarks.typing [--kilobytes 50] [--keys 80] [--closed]

The site is the seed with one such note, on an SQLite file that is gone afterwards, served by Granian as `quickstart`
does; the browser is Debian's Chromium with the preview open, and its own trace says how long each task took. "wall" is
what the clock says, "processor" what the thread itself used: they differ on a machine that is busy with other things.
Keys come in bursts of ten, one every 100 ms, with a pause for the preview behind each; some of them are Enter in a
list, a name behind `[[`, and bold. Exits with 1 if a task took more than 50 ms of the processor.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from . import scratch
from .four_editors import free_port, served
from .rendering import PART

LIMIT = 50.0  # milliseconds
BURST, EVERY, PAUSE = 10, 100, 900
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
WATCH = """() => {
    const area = document.getElementById("id_notes");
    window.shown = [];
    let last = 0;
    area.addEventListener("input", () => { last = performance.now(); });
    area.addEventListener("desk:shown", () => {
        if (last) window.shown.push(performance.now() - last);
        last = 0;
    });
    const place = area.value.indexOf("\\n- ", area.value.length / 2);
    area.focus();
    area.setSelectionRange(place, place);
}"""


def set_up(database: str, kilobytes: int) -> str:
    """The primary key of the note's paper."""
    scratch.manage(database, "migrate", "--verbosity", "0")
    scratch.manage(database, "collectstatic", "--noinput", "--verbosity", "0")
    scratch.manage(database, "loaddata", "papercache", "--verbosity", "0")
    words = ("-m", "tests.benchmarks.typing", "--fill", "--kilobytes", str(kilobytes))
    return scratch.run(database, *words).strip()


def add_note(kilobytes: int) -> None:
    """As a paper, and an account that may write it."""
    import django

    django.setup()
    from django.contrib.auth.models import User

    from papers.models import Section
    from tests.conftest import make_paper

    User.objects.create_superuser("editor", password="editor")
    text, number = "", 0
    while len(text.encode()) < kilobytes * 1000:
        number += 1
        text += PART.format(n=number)
    section = Section.objects.get(path="/llm/engineering/inference/")
    print(make_paper(section, "2025-07-Typed", title="正在写的", notes=text).pk)


def keys(count: int) -> Iterator[str]:
    """Mostly Chinese, as an input method gives it."""
    text = "写时复制让共享成为可能"
    for number in range(count):
        match number % 40:
            case 9:
                yield "Enter"
            case 19:
                yield "Control+b"
            case 29:
                yield "[["
            case _:
                yield text[number % len(text)]


def type_into(page: Any, count: int) -> None:
    for number, key in enumerate(keys(count), start=1):
        if len(key) > 2:
            page.keyboard.press(key)
        else:
            page.keyboard.insert_text(key)
        page.wait_for_timeout(PAUSE if number % BURST == 0 else EVERY)


def tasks(trace: bytes) -> list[tuple[float, float]]:
    """Of the renderers' main threads: milliseconds by the clock and of the processor, the longest first."""
    events = json.loads(trace)["traceEvents"]
    named = [event for event in events if event["name"] == "thread_name"]
    main = {(event["pid"], event["tid"]) for event in named if event["args"].get("name") == "CrRendererMain"}
    found = [event for event in events if event["name"] == "RunTask" and event.get("ph") == "X"]
    return sorted(
        (
            (event["dur"] / 1000, event.get("tdur", event["dur"]) / 1000)
            for event in found
            if (event["pid"], event["tid"]) in main
        ),
        reverse=True,
    )


def measure(site: str, form: str, count: int, is_open: bool) -> tuple[list[tuple[float, float]], list[float]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=site)
        page.goto(f"/admin/login/?next={form}")
        page.fill("#id_username", "editor")
        page.evaluate("open => localStorage.setItem('papercache-preview', open)", "open" if is_open else "")
        page.fill("#id_password", "editor")
        page.click("[type=submit]")
        page.wait_for_timeout(4000)
        page.evaluate(WATCH)
        browser.start_tracing(page=page, categories=TRACED)
        type_into(page, count)
        trace = browser.stop_tracing()
        shown = page.evaluate("window.shown")
        browser.close()
    return tasks(trace), shown


def show(found: list[tuple[float, float]], shown: list[float]) -> float:
    by_clock, by_processor = found, sorted((used for _wall, used in found), reverse=True)
    print(f"{len(found):,} tasks; the longest, in milliseconds:")
    print(f"  wall       {' '.join(f'{wall:6.1f}' for wall, _used in by_clock[:8])}")
    print(f"  processor  {' '.join(f'{used:6.1f}' for used in by_processor[:8])}")
    if shown:
        print(f"preview after the last key: median {median(shown):.0f} ms, longest {max(shown):.0f} ms")
    return by_processor[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kilobytes", type=int, default=50)
    parser.add_argument("--keys", type=int, default=80)
    parser.add_argument("--closed", action="store_true", help="without the preview")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.fill:
        add_note(chosen.kilobytes)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "papercache_project.settings")
    with tempfile.TemporaryDirectory() as folder:
        database, places = f"sqlite:///{folder}/papers.sqlite3", {"MEDIA_ROOT": f"{folder}/media"}
        pk, port = set_up(database, chosen.kilobytes), free_port()
        with served(database, port, Path(folder) / "server.log", **places):
            form = f"/admin/papers/paper/{pk}/change/"
            found, shown = measure(f"http://127.0.0.1:{port}", form, chosen.keys, not chosen.closed)
    raise SystemExit(show(found, shown) > LIMIT)


if __name__ == "__main__":
    main()
