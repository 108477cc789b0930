"""Four editors save the same 20 papers for a while: nothing that a save accepted is lost, and nothing breaks.

    python -m tests.benchmarks.four_editors [--seconds 60] [--database postgres://USER@HOST:PORT/NAME]

The database is made for the run and gone afterwards: a file, or NAME, which must not exist yet. The server is Granian
with two workers. Exits with 1 if a text was lost or overwritten unseen, an answer was a 5xx, the server complained, or
`rebuild --check` found something stale.
"""

import argparse
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from . import scratch
from .browsing import Answer, Browser, Form

PAPERS = 20
EDITORS = ("ada", "bo", "chen", "dora")
PASSWORD = "four-editors-at-once"
MERGE_ROUNDS = 6
MARKER = re.compile(r"M-[a-z]+-\d+-M")
COMPLAINTS = re.compile(r"Traceback|database is locked|deadlock|ERROR|CRITICAL|panicked")


@dataclass
class Findings:
    """What the editors did and saw; lists and counters that threads only add to."""

    times: dict[str, list[float]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    accepted: list[tuple[int, str]] = field(default_factory=list)
    # Markers that an editor saw and let go: in a conflict, or in the summary that was replaced.
    let_go: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def note(self, kind: str, answer: Answer) -> Answer:
        self.times.setdefault(kind, []).append(answer.seconds)
        if answer.status >= 500 or answer.status in (400, 403, 404):
            self.wrong.append(f"{kind}: {answer.status} {answer.text[:300]}")
        return answer


# --- One editor -------------------------------------------------------------------------------------------


class Editor(threading.Thread):
    #: Seconds between opening a form and saving it, at most: short, so that others come between.
    pause = 0.4

    def __init__(self, name: str, port: int, papers: list[int], findings: Findings) -> None:
        super().__init__(name=name)
        self.browser, self.papers, self.findings = Browser(port), papers, findings
        self.until = 0.0
        self.random = random.Random(name)
        self.number = 0

    def run(self) -> None:
        try:
            while time.time() < self.until:
                self._edit(self.papers[int(PAPERS * self.random.random() ** 3)])  # some are more popular
        except (OSError, HTTPException, LookupError, RuntimeError) as error:
            self.findings.wrong.append(f"{self.name} stopped: {error!r}")

    def log_in(self) -> None:
        """Before the run: it takes a while, by design of the passwords' hashes."""
        form = self.browser.get("/admin/login/").form_with("username")
        form.set("username", self.name)
        form.set("password", PASSWORD)
        answer = self.browser.post("/admin/login/", form, "")
        if answer.status != 302:
            raise RuntimeError(f"login answered {answer.status}")

    def _edit(self, paper: int) -> None:
        url = f"/admin/papers/paper/{paper}/change/"
        opened = self.findings.note("open", self.browser.get(url))
        self.number += 1
        marker = f"M-{self.name}-{self.number}-M"
        form = opened.form_with("based_on")
        self._write(form, marker)
        time.sleep(self.random.uniform(0, self.pause))
        if self.random.random() < 0.05:
            self.findings.counts["left the form"] += 1
            return
        button = self.random.choice(["_save", "_publish"])
        self._finish(paper, marker, url, button, self.browser.post(url, form, button))

    def _write(self, form: Form, marker: str) -> None:
        """A sentence somewhere in the note, at its beginning (where others write too), or a new summary."""
        sentence, dice = f"这句话是 {marker} 写的。", self.random.random()
        notes = form.get("notes")
        if dice < 0.15:
            self.findings.let_go |= set(MARKER.findall(form.get("summary")))
            form.set("summary", sentence)
        elif dice < 0.3:
            form.set("notes", f"{sentence}\n\n{notes}")
        elif dice < 0.6:
            form.set("notes", re.sub("^.*", lambda line: f"{line[0]}{sentence}", notes, count=1))
        else:
            lines = notes.split("\n")
            lines.insert(self.random.randint(0, len(lines)), f"\n{sentence}\n")
            form.set("notes", "\n".join(lines))

    def _finish(self, paper: int, marker: str, url: str, button: str, answer: Answer) -> None:
        """Through the merge pages, as many as it takes, to an accepted save or away."""
        gives_way = False
        for round_ in range(MERGE_ROUNDS):
            if answer.status != 409:
                break
            self.findings.note("merge page", answer)
            self.findings.counts["merge pages"] += 1
            if self.random.random() < 0.1:
                self.findings.counts["left the merge"] += 1
                return
            time.sleep(self.random.uniform(0, 0.3))
            form, chose_theirs = self._choose(answer)
            gives_way = gives_way or chose_theirs
            answer = self.browser.post(url, form, button)
            if answer.status == 302:
                self.findings.counts[f"merged in round {round_ + 1}"] += 1
        self._count(paper, marker, button, answer, gives_way)

    def _choose(self, page: Answer) -> tuple[Form, bool]:
        """What the page shows in conflict may go; what it does not show may not."""
        form = page.form_with("merge_head")
        self.findings.let_go |= set(MARKER.findall(page.conflicts))
        chose_theirs = False
        for name, values in form.radios.items():
            value = self.random.choice(values)
            self.findings.counts[f"chose {value}"] += 1
            chose_theirs = chose_theirs or value == "theirs"
            form.set(name, value)
        return form, chose_theirs

    def _count(self, paper: int, marker: str, button: str, answer: Answer, gives_way: bool) -> None:
        self.findings.note("save", answer)
        if answer.status == 302:
            self.findings.counts[f"accepted {button}"] += 1
            if not gives_way:
                self.findings.accepted.append((paper, marker))
            if self.random.random() < 0.5:
                self.findings.note("list", self.browser.get(answer.location))
        elif answer.status == 409:
            self.findings.counts["gave up merging"] += 1
        else:
            self.findings.counts[f"refused with {answer.status}"] += 1
            self.findings.wrong.append(f"refused: {answer.errors}")


# --- The site ---------------------------------------------------------------------------------------------


def set_up(database: str, papers: int = PAPERS, editors: Sequence[str] = EDITORS) -> list[int]:
    """Papers and editors; the papers' primary keys."""
    scratch.fill(database, papers)
    os.environ.update(scratch.environment(database))
    import django

    django.setup()
    from django.contrib.auth.models import Group, User

    from papers import roles
    from papers.models import Paper

    publishers = Group.objects.get(name=roles.PUBLISHER)
    for name in editors:
        User.objects.create_user(name, password=PASSWORD, is_staff=True).groups.add(publishers)
    return list(Paper.objects.order_by("pk").values_list("pk", flat=True))


@contextmanager
def served(database: str, port: int, log: Path, **more: str) -> Iterator[None]:
    options = ["--interface", "wsgi", "--http", "1", "--host", "127.0.0.1", "--port", str(port)]
    options += ["--workers", "2", "--blocking-threads", "2", "--workers-kill-timeout", "5"]
    options += ["--log-level", "warning", "--working-dir", str(scratch.ROOT)]
    words = [sys.executable, "-P", "-m", "granian", "papercache_project.wsgi:application", *options]
    environment = scratch.environment(database, PAPERCACHE_URL=f"http://127.0.0.1:{port}", **more)
    with log.open("w") as output:
        server = subprocess.Popen(words, env=environment, stdout=output, stderr=output)
        try:
            wait_for(port, server)
            yield
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
        try:
            if Browser(port).get("/healthz").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- What is left -----------------------------------------------------------------------------------------


def lost(findings: Findings) -> list[str]:
    """Accepted texts that are neither in the row nor in the history."""
    from papers.models import Paper, Revision

    kept: dict[int, set[str]] = {}
    for paper in Paper.objects.all():
        history = Revision.objects.filter(kind="paper", uid=paper.uid)
        texts = [paper.notes, paper.summary, *(text(revision.data) for revision in history)]
        kept[paper.pk] = set(MARKER.findall(" ".join(texts)))
    return [marker for paper, marker in findings.accepted if marker not in kept[paper]]


def overwritten(findings: Findings) -> list[str]:
    """Texts that one revision has and the next has not, though nobody was shown that they would go."""
    from papers.models import Paper, Revision

    found = []
    for uid in Paper.objects.values_list("uid", flat=True):
        before: set[str] = set()
        for revision in Revision.objects.filter(kind="paper", uid=uid).order_by("number"):
            now = set(MARKER.findall(text(revision.data)))
            gone = before - now - findings.let_go
            found += [f"{marker} by revision {revision.number} of {uid}" for marker in gone]
            before = now
    return found


def text(data: dict[str, Any]) -> str:
    return f"{data['notes']} {data['summary']}"


def report(findings: Findings, seconds: float) -> None:
    saves = findings.counts["accepted _save"] + findings.counts["accepted _publish"]
    print(f"{saves} accepted saves in {seconds:.0f} s: {saves / seconds:.1f} per second")
    for name, count in sorted(findings.counts.items()):
        print(f"  {name}: {count}")
    print(f"{'milliseconds':14}{'number':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for kind, times in findings.times.items():
        cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
        shown = [cuts[49], cuts[94], cuts[98], max(times)]
        print(f"{kind:14}{len(times):8}" + "".join(f"{1000 * value:8.0f}" for value in shown))


def judge(findings: Findings, database: str, log: Path) -> list[str]:
    """Everything that is wrong; also says what was checked."""
    print(
        f"{len(findings.accepted)} texts of accepted saves looked for; {len(findings.let_go)} let go by choice"
    )
    complaints = [line for line in log.read_text().splitlines() if COMPLAINTS.search(line)]
    wrong = [f"lost: {marker}" for marker in lost(findings)]
    wrong += [f"overwritten unseen: {what}" for what in overwritten(findings)]
    wrong += [f"server: {line}" for line in complaints]
    print("rebuild --check:", scratch.manage(database, "rebuild", "--check").strip().splitlines()[-1])
    return wrong + findings.wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--database", default="", metavar="URL")
    chosen = parser.parse_args()
    with scratch.lent(chosen.database) as (database, folder):
        wrong = measure(database, chosen.seconds, folder / "server.log")
    print(f"wrong: {len(wrong)}", *wrong[:20], sep="\n  ")
    sys.exit(bool(wrong))


def measure(database: str, seconds: int, log: Path) -> list[str]:
    papers, port, findings = set_up(database), free_port(), Findings()
    with served(database, port, log):
        editors = [Editor(name, port, papers, findings) for name in EDITORS]
        for editor in editors:
            editor.log_in()
        for editor in editors:
            editor.until = time.time() + seconds
            editor.start()
        for editor in editors:
            editor.join()
    report(findings, seconds)
    return judge(findings, database, log)


if __name__ == "__main__":
    main()
