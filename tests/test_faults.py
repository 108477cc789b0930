"""What happens when something is pulled out from under the site: real servers and commands, killed and cut off."""

import json
import signal
import threading
from contextlib import contextmanager, suppress
from http.client import HTTPException
from os import killpg
from pathlib import Path
from typing import Any

import pytest

from tests import sites
from tests.benchmarks.browsing import Browser
from tests.sites import Site, eventually

PAPER = "/RL/2025-07-p7.html"
HISTORY = """
import django; django.setup()
import json
from papers.models import Paper, Revision
print(json.dumps([revision.data["notes"] for revision in Revision.objects.filter(kind="paper")]))
"""


def form_of(browser: Browser, uid: str) -> tuple[str, Any]:
    """The address of a paper's form, and the form."""
    found = browser.get(f"/admin/papers/paper/?q={uid}").text
    url = found.split("/change/")[0].rpartition('href="')[2] + "/change/"
    return url, browser.get(url).form_with("based_on")


# --- A server that is killed ------------------------------------------------------------------------------


class Writer(threading.Thread):
    """Publishes one text after the other until the server is gone; knows which ones it accepted."""

    def __init__(self, browser: Browser, uid: str) -> None:
        super().__init__()
        self.browser, self.uid, self.accepted = browser, uid, list[str]()

    def run(self) -> None:
        with suppress(OSError, HTTPException, LookupError):
            while True:
                url, form = form_of(self.browser, self.uid)
                text = f"第 {len(self.accepted)} 次，{self.uid}。"
                form.set("notes", text)
                if self.browser.post(url, form, "_publish").status == 302:
                    self.accepted.append(text)


def test_a_killed_server_has_kept_every_save_that_it_accepted(site: Site) -> None:
    with site.served() as server:
        writers = [Writer(server.editor(name), uid) for name, uid in (("ada", "p7"), ("bo", "p8"))]
        for writer in writers:
            writer.start()
        eventually(lambda: all(len(writer.accepted) > 2 for writer in writers))
        server.kill()
        for writer in writers:
            writer.join()
    kept = set(json.loads(site.run("-c", HISTORY)[1]))
    assert {text for writer in writers for text in writer.accepted} <= kept
    assert site.is_right()


# --- A command that is killed -----------------------------------------------------------------------------

KILLED = """
import django; django.setup()
import signal
from django.core.management import call_command

def stop(*args, **kwargs):
    global left
    left -= 1
    if not left:
        print("here", flush=True)
        signal.pause()

{before}
call_command({command}, verbosity=1)
"""
SAVES = "left = 8\nfrom django.db.models.signals import post_save\npost_save.connect(stop)"
REPAIRS = """
left = 3
from papers import derived
from papers.models import Paper
Paper.objects.update(notes_html="old")
derived.make_side_rows = stop
"""


@contextmanager
def killed_at(site: Site, words: list[str], line: str) -> Any:
    """A command that has been killed after it said something."""
    with site.start("-u", *words) as process:
        assert process.stdout
        said = next((said for said in process.stdout if line in said), "")
        killpg(process.pid, signal.SIGKILL)
        assert said
    yield


def contents(site: Site) -> str:
    words = [
        "manage.py",
        "dumpdata",
        "papers.section",
        "papers.paper",
        "papers.taggedpaper",
        "papers.revision",
    ]
    return site.run(*words)[1]


def test_a_killed_loaddata_has_loaded_nothing(site: Site) -> None:
    before = contents(site)
    script = KILLED.format(before=SAVES, command='"loaddata", "papercache"')
    with killed_at(site, ["-c", script], "here"):
        assert contents(site) == before
        assert site.is_right()


def test_a_killed_rebuild_leaves_what_the_next_one_finishes(site: Site) -> None:
    script = KILLED.format(before=REPAIRS, command='"rebuild"')
    with killed_at(site, ["-c", script], "here"):
        status, output = site.run("manage.py", "rebuild", "--check")
        assert (status, "10 stale" in output) == (1, True), output
        assert site.run("manage.py", "rebuild")[0] == 0
        assert site.is_right()


@pytest.mark.parametrize("migration", ["papers.0007", "papers.0012"])
def test_a_killed_migrate_can_be_run_again(site: Site, migration: str) -> None:
    assert site.run("manage.py", "migrate", "papers", "0006")[0] == 0
    with killed_at(site, ["manage.py", "migrate"], f"Applying {migration}"):
        status, output = site.run("manage.py", "migrate")
        assert status == 0, output
        assert site.is_right()


# --- A database that goes away and comes back ---------------------------------------------------------------


def test_readers_get_a_plain_503_while_the_database_is_away_and_pages_again_after(site: Site) -> None:
    with sites.loose(site) as database, database.site.served() as server:
        assert server.get("/papers/").status == 200
        database.take_away()
        answers = [server.get(path) for path in (PAPER, "/", "/search/?q=x", "/nothing", "/admin/")]
        assert {answer.status for answer in answers[:4]} == {503}
        assert answers[4].status in (302, 503)
        assert not [
            answer for answer in answers if "Traceback" in answer.text or "sqlite" in answer.text.lower()
        ]
        assert server.get("/healthz").status == 200
        assert "database does not answer" in eventually(lambda: away(server))
        assert "Traceback" not in server.log
        database.bring_back()
        eventually(lambda: server.get(PAPER).status == 200)
        eventually(lambda: server.get("/readyz").status == 200)


def away(server: sites.Server) -> str:
    answer = server.get("/readyz")
    return answer.text if answer.status == 503 else ""


def test_an_editor_keeps_the_text_and_saves_it_after(site: Site) -> None:
    with sites.loose(site) as database, database.site.served() as server:
        browser = server.editor()
        url, form = form_of(browser, "p7")
        form.set("notes", "写了一个小时")
        database.take_away()
        refused = browser.post(url, form, "_publish")
        assert (refused.status, "写了一个小时" in refused.text) == (503, True)
        database.bring_back()
        eventually(lambda: server.get("/readyz").status == 200)
        assert browser.post(url, form, "_publish").status == 302
        assert "写了一个小时" in server.get(PAPER).text


# --- A cache that does ------------------------------------------------------------------------------------


def test_without_its_cache_the_site_goes_on_and_takes_it_up_again(site: Site, tmp_path: Path) -> None:
    port = sites.free_port()
    site.variables["CACHE_URL"] = f"redis://127.0.0.1:{port}/0"
    with site.served() as server:
        with sites.redis(tmp_path, port):
            eventually(lambda: "cache: ok" in server.get("/readyz").text)
            assert server.get("/papers/").status == 200
        assert [server.get(path).status for path in ("/papers/?tag=x", "/search/?q=Paper", PAPER)] == [
            400,
            200,
            200,
        ]
        assert server.editor().get("/admin/").status == 200
        eventually(lambda: "cache: does not answer" in server.get("/readyz").text)
        with sites.redis(tmp_path, port):
            eventually(lambda: "cache: ok" in server.get("/readyz").text)
        assert "Traceback" not in server.log
