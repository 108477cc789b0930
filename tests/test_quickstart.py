"""`manage.py quickstart`, as it is run: in a copy of the checkout, by real processes on real ports."""

import fcntl
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from socket import socket

import brotli
import pytest
from django.contrib.auth.hashers import check_password
from django.core.management.base import CommandError

from papers.management.commands.quickstart import add_secret_key, free_address

from .benchmarks.browsing import Browser

ROOT = Path(__file__).resolve().parent.parent
CODE = ("manage.py", "papercache_project", "papers", "templates", "fixtures")
STOPS_WITHIN = 2.0

# A route that renders while a reader waits, which no page of the site does.
RENDERING_URLS = """
from django.http import HttpResponse
from django.urls import path
from papercache_project.urls import *
from papers.rendering import render_in_child

urlpatterns.insert(0, path("-/render", lambda request: HttpResponse(render_in_child("$x$", "markdown").html)))
"""
RENDERING_SETTINGS = """
from plain_settings import *

ROOT_URLCONF = "rendering_urls"
"""

# Where nobody looks at style sheets, none are compressed: that takes longer than all the rest.
PLAIN_SETTINGS = """
from papercache_project.settings import *

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
"""
PLAIN = {"DJANGO_SETTINGS_MODULE": "plain_settings"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return copy_code(tmp_path / "clone")


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Path, str]:
    """A clone after its first `quickstart --no-serve`, and what that printed.

    A copy for these tests to change: processes that run tests side by side share the first run, which takes long.
    """
    ours = tmp_path_factory.mktemp("quickstart")
    shared = ours if worker_id == "master" else tmp_path_factory.getbasetemp().parent / "quickstart"
    shared.mkdir(exist_ok=True)
    printed = shared / "printed.txt"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            result = quickstart(copy_code(shared / "first"), "--no-serve", "--port", "8123")
            assert result.returncode == 0, result.stderr
            printed.write_text(result.stdout)
    return Path(shutil.copytree(shared / "first", ours / "clone")), printed.read_text()


@pytest.fixture
def site(first_run: tuple[Path, str]) -> Path:
    return first_run[0]


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def plain(site: Path) -> Path:
    return with_plain_settings(site)


def with_plain_settings(folder: Path) -> Path:
    (folder / "plain_settings.py").write_text(PLAIN_SETTINGS)
    return folder


def copy_code(folder: Path) -> Path:
    """With what is compiled already, or each copy would compile it anew."""
    folder.mkdir()
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder)
    return folder


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, str(folder / "manage.py"), "quickstart", *options]


def environment(**variables: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **variables}


def quickstart(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *options),
        cwd=folder.parent,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@contextmanager
def serving(folder: Path, port: int, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The process as soon as it says how to stop it; nothing of it stays after the test."""
    with subprocess.Popen(
        command(folder, "--port", str(port)),
        cwd=folder.parent,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout
            assert any("Ctrl-C" in line for line in process.stdout)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def get(port: int, path: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def wait_until_served(port: int) -> None:
    def is_served() -> bool:
        with suppress(OSError):
            return get(port, "/healthz")[0] == 200
        return False

    assert wait_until(is_served, 60)


def status_of(pid: int) -> tuple[str, int]:
    """The state and the parent of a process; Z and 0 if there is none."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "Z", 0
    return words[0], int(words[1])


def family(pid: int) -> set[int]:
    """The process and everything below it."""
    parents = {int(folder.name): status_of(int(folder.name))[1] for folder in Path("/proc").glob("[0-9]*")}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def assert_stops(process: subprocess.Popen[str], send: Callable[[], None]) -> None:
    members = family(process.pid)
    started = time.monotonic()
    send()
    process.wait(STOPS_WITHIN)
    left = STOPS_WITHIN - (time.monotonic() - started)
    assert wait_until(lambda: all(status_of(pid)[0] == "Z" for pid in members), left)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line on stderr, and nothing else but a status of 1."""
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr


def query(folder: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(folder / "papercache.sqlite3")) as database:
        return database.execute(sql).fetchall()


# --- Setting up -------------------------------------------------------------------------------------------


def test_the_first_run_prints_where_to_read_and_to_edit(first_run: tuple[Path, str]) -> None:
    assert "http://127.0.0.1:8123/\n" in first_run[1]
    assert "http://127.0.0.1:8123/admin/\n" in first_run[1]


def test_who_listens_everywhere_is_told_to_say_under_which_address(plain: Path) -> None:
    everywhere = ("--no-serve", "--host", "0.0.0.0", "--port", "8123")
    assert "PAPERCACHE_URL=http://192.0.2.1:8123" in quickstart(plain, *everywhere, **PLAIN).stdout
    named = {"PAPERCACHE_URL": "http://papers.example.org", **PLAIN}
    assert "192.0.2.1" not in quickstart(plain, *everywhere, **named).stdout


def test_the_first_run_writes_a_secret_key_for_its_owner_alone(site: Path) -> None:
    assert re.fullmatch(r"SECRET_KEY='[\w-]{60,}'\n", (site / ".env").read_text())
    assert stat.S_IMODE((site / ".env").stat().st_mode) == 0o600


def test_the_first_run_loads_the_first_content(site: Path) -> None:
    assert query(site, "SELECT count(*) FROM papers_paper") == [(23,)]


def test_the_printed_password_opens_the_admin(first_run: tuple[Path, str]) -> None:
    folder, printed = first_run
    password = re.search(r"admin\b.*[：:]\s*(\S+)$", printed, re.MULTILINE)
    [(stored, is_superuser)] = query(
        folder, "SELECT password, is_superuser FROM auth_user WHERE username = 'admin'"
    )
    assert password
    assert check_password(password[1], stored)
    assert is_superuser


def test_a_given_password_is_taken_and_not_printed(clone: Path) -> None:
    given = {"PAPERCACHE_ADMIN_PASSWORD": "correct horse battery", **PLAIN}
    result = quickstart(with_plain_settings(clone), "--no-serve", **given)
    [(stored,)] = query(clone, "SELECT password FROM auth_user")
    assert check_password("correct horse battery", stored)
    assert "correct horse" not in result.stdout + result.stderr


def test_a_second_run_changes_nothing(plain: Path) -> None:
    def everything() -> tuple:
        tables = query(
            plain, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        rows = {name: query(plain, f'SELECT * FROM "{name}"') for (name,) in tables}
        return (plain / ".env").read_text(), rows

    before = everything()
    result = quickstart(plain, "--no-serve", PAPERCACHE_ADMIN_PASSWORD="another", **PLAIN)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2
    assert everything() == before


def test_a_key_from_the_environment_needs_no_file(clone: Path) -> None:
    key = {"SECRET_KEY": "0123456789" * 6, **PLAIN}
    assert quickstart(with_plain_settings(clone), "--no-serve", **key).returncode == 0
    assert not (clone / ".env").exists()


@pytest.mark.parametrize(
    "before", ["DEBUG=no\n", "DEBUG=no", "DEBUG=no\nSECRET_KEY=\n", "SECRET_KEY=''\nDEBUG=no\n"]
)
def test_a_key_is_added_to_an_existing_file(tmp_path: Path, before: str) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(before)
    add_secret_key(env_file)
    assert re.fullmatch(r"DEBUG=no\nSECRET_KEY='[\w-]+'\n", env_file.read_text())
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600


# --- Serving ----------------------------------------------------------------------------------------------


def test_it_serves_the_site(site: Path, port: int) -> None:
    with serving(site, port):
        wait_until_served(port)
        status, html = get(port, "/")
        assert status == 200
        assert f"http://127.0.0.1:{port}/" in html


def test_a_configured_address_is_kept(plain: Path, port: int) -> None:
    with serving(plain, port, PAPERCACHE_URL="http://papers.example.org", **PLAIN):
        wait_until_served(port)
        assert "http://papers.example.org/" in get(port, "/")[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it(plain: Path, port: int, number: signal.Signals) -> None:
    with serving(plain, port, **PLAIN) as process:
        wait_until_served(port)
        assert_stops(process, lambda: process.send_signal(number))


def test_ctrl_c_stops_it_with_a_reader_connected_and_a_renderer_running(plain: Path, port: int) -> None:
    (plain / "rendering_urls.py").write_text(RENDERING_URLS)
    (plain / "rendering_settings.py").write_text(RENDERING_SETTINGS)
    with serving(plain, port, DJANGO_SETTINGS_MODULE="rendering_settings") as process:
        wait_until_served(port)
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as reader:
            reader.request("GET", "/-/render")
            assert b"<math" in reader.getresponse().read()
            assert len(family(process.pid)) == 3  # the server, its worker, the renderer
            assert_stops(process, lambda: os.killpg(process.pid, signal.SIGINT))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_while_it_starts(plain: Path, port: int, number: signal.Signals) -> None:
    with serving(plain, port, **PLAIN) as process:
        assert_stops(process, lambda: os.killpg(process.pid, number))


# --- What is served ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(first_run: tuple[Path, str]) -> Iterator[int]:
    """The port of a site that runs while these tests do."""
    port = free_port()
    with serving(first_run[0], port):
        wait_until_served(port)
        yield port


@pytest.fixture(scope="module")
def gunicorn(first_run: tuple[Path, str]) -> Iterator[int]:
    """The same site by another server."""
    port = free_port()
    words = ["papercache_project.wsgi:application", "--bind", f"127.0.0.1:{port}", "--threads", "2"]
    command = [sys.executable, "-m", "gunicorn", *words, "--log-level", "warning"]
    with subprocess.Popen(command, cwd=first_run[0], env=environment()) as process:
        wait_until_served(port)
        yield port
        process.terminate()


@pytest.fixture(params=["served", "gunicorn"])
def either(request: pytest.FixtureRequest) -> int:
    return int(request.getfixturevalue(request.param))


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """`If_None_Match="…"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        body = response.read()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def test_a_page_is_kept_with_its_tag(either: int) -> None:
    _status, first, page = ask(either, "/papers/")
    _status, second, again = ask(either, "/papers/")
    assert (first["etag"], page) == (second["etag"], again)
    assert int(first["content-length"]) == len(page)


def test_a_page_comes_compressed(either: int) -> None:
    _status, headers, body = ask(either, "/papers/", Accept_Encoding="gzip, br")
    assert headers["content-encoding"] == "br"
    assert brotli.decompress(body) == ask(either, "/papers/")[2]


def test_head_says_how_long_a_page_is_and_no_more(either: int) -> None:
    for _time in range(2):
        status, headers, body = ask(either, "/tags/", "HEAD")
        assert (status, body) == (200, b"")
        assert int(headers["content-length"]) == len(ask(either, "/tags/")[2])


def test_who_has_a_page_is_told_so(either: int) -> None:
    etag = ask(either, "/papers/")[1]["etag"]
    status, headers, body = ask(either, "/papers/", If_None_Match=f"W/{etag}")
    assert (status, headers["etag"], body) == (304, etag, b"")


def test_one_connection_takes_every_kind_of_answer(either: int) -> None:
    with closing(HTTPConnection("127.0.0.1", either, timeout=10)) as connection:
        for method, path in [
            ("GET", "/"),
            ("HEAD", "/"),
            ("GET", "/nothing"),
            ("HEAD", "/about/"),
            ("GET", "/"),
        ]:
            connection.request(method, path, headers={"If-None-Match": "*"})
            connection.getresponse().read()


def test_static_files_are_kept_for_ever_and_come_compressed(either: int) -> None:
    stylesheet = re.search(rb'href="(/static/[^"]+\.css)"', ask(either, "/")[2])
    assert stylesheet
    for encoding in ("br", "gzip"):
        status, headers, _body = ask(either, stylesheet[1].decode(), Accept_Encoding=encoding)
        assert (status, headers["content-encoding"], headers["vary"]) == (200, encoding, "Accept-Encoding")
        assert "immutable" in headers["cache-control"]
        assert headers["x-content-type-options"] == "nosniff"


def test_what_is_saved_in_the_admin_is_served_at_once(site: Path, served: int) -> None:
    browser = logged_in(served, site)
    (uid, key), *_others = query(site, "SELECT uid, id FROM papers_paper ORDER BY id")
    assert b"<title>Saved" not in ask(served, page_of(served, uid))[2]
    url = f"/admin/papers/paper/{key}/change/"
    form = browser.get(url).form_with("based_on")
    form.set("title", "Saved just now")
    assert browser.post(url, form, "_publish").status == 302
    browser.connection.close()
    assert b"<title>Saved just now" in ask(served, page_of(served, uid))[2]


def test_what_another_process_writes_is_served_at_once(site: Path, served: int) -> None:
    assert b"<title>Elsewhere" not in ask(served, "/about/")[2]
    code = "from papers.models import Section as S; s = S.objects.get(path='/about/'); s.title = 'Elsewhere'; s.save()"
    words = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    subprocess.run(words, cwd=site, env=environment(), check=True)
    assert b"<title>Elsewhere" in ask(served, "/about/")[2]


def logged_in(port: int, site: Path) -> Browser:
    code = "from django.contrib.auth.models import User; User.objects.create_superuser('ada', password='a-pass-word')"
    words = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    subprocess.run(words, cwd=site, env=environment(), check=True)
    browser = Browser(port)
    form = browser.get("/admin/login/").form_with("username")
    form.set("username", "ada")
    form.set("password", "a-pass-word")
    assert browser.post("/admin/login/", form, "").status == 302
    return browser


def page_of(port: int, uid: str) -> str:
    return ask(port, f"/p/{uid}/")[1]["location"]


# --- Refusals ---------------------------------------------------------------------------------------------


def test_a_taken_port_is_refused_before_any_work(clone: Path, port: int) -> None:
    with socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert_refused(quickstart(clone, "--port", str(port)), str(port))
    assert sorted(path.name for path in clone.iterdir()) == sorted(CODE)


@pytest.mark.parametrize("number", [0, -1, 65536])
def test_a_port_that_does_not_exist_is_refused(number: int) -> None:
    with pytest.raises(CommandError, match=rf"\A.* {number} .*\Z"):
        free_address("127.0.0.1", number)


@pytest.mark.parametrize("host", ["203.0.113.1", "bad..name"])
def test_an_unusable_host_is_refused(host: str, port: int) -> None:
    with pytest.raises(CommandError, match=rf"\A.* {host} .*\Z"):
        free_address(host, port)


def test_an_unwritable_env_file_is_refused(clone: Path) -> None:
    (clone / ".env").mkdir()
    assert_refused(quickstart(clone, "--no-serve"), str(clone / ".env"))


def test_an_unwritable_database_file_is_refused(clone: Path) -> None:
    url = f"sqlite:///{clone / 'manage.py' / 'papercache.sqlite3'}"
    assert_refused(quickstart(clone, "--no-serve", DATABASE_URL=url), "DATABASE_URL")


def test_an_unreachable_database_is_refused(clone: Path, port: int) -> None:
    url = f"postgres://somebody:s3cret@127.0.0.1:{port}/papercache"
    result = quickstart(clone, "--no-serve", DATABASE_URL=url)
    assert_refused(result, "DATABASE_URL", str(port))
    assert "s3cret" not in result.stderr


def test_an_unwritable_static_folder_is_refused(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    shutil.copytree(site, folder, ignore=shutil.ignore_patterns(".static"))
    (folder / ".static").touch()
    assert_refused(quickstart(folder, "--no-serve"), str(folder / ".static"))
