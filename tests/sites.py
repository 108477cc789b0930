"""Whole sites as they run: real servers over a database of their own, and what may be done to them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .benchmarks import scratch
from .benchmarks.browsing import Answer, Browser
from .conftest import missing

PASSWORD = "a-password-of-tests"
PATIENCE = 30.0  # of a test that waits for what has to come

SETTINGS = """
from papercache_project.settings import *

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
CONTENT = f"""
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.conftest import make_paper, make_section
root = make_section("", parent=None, uid="root", title="站名")
section = make_section("RL", parent=root, title="强化学习")
for number in range(12):
    make_paper(section, f"2025-07-p{{number}}", uid=f"p{{number}}", title=f"Paper {{number}}", notes="正文 $x$\\n" * 9)
for name in ("ada", "bo"):
    User.objects.create_superuser(name, password="{PASSWORD}")
"""


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What it returns as soon as that is something; a test may wait, but not for a fixed time."""
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found or time.monotonic() > until:
            assert found, "it did not come in time"
            return found
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- One site ---------------------------------------------------------------------------------------------


@dataclass
class Site:
    """A folder for settings, pictures and logs, and a database, shared by all of its servers."""

    folder: Path
    database: str
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        (self.folder / "site_settings.py").write_text(SETTINGS)
        ours = {
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "PYTHONPATH": f"{self.folder}:{scratch.ROOT}",
            "MEDIA_ROOT": str(self.folder / "media"),
        }
        return scratch.environment(self.database, **{**ours, **self.variables, **more})

    def start(self, *words: str, **more: str) -> "subprocess.Popen[str]":
        """A command of ours, in a group of its own so that a kill reaches its children."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=scratch.ROOT,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        with self.start(*words) as process:
            output = process.communicate(timeout=120)[0]
        return process.returncode, output

    def is_right(self) -> bool:
        """What `rebuild --check` says; its words are the failure's."""
        status, output = self.run("manage.py", "rebuild", "--check")
        assert status == 0, output
        return True

    @contextmanager
    def served(self, *options: str, **more: str) -> Iterator["Server"]:
        port = free_port()
        words = [
            "-P",
            "-m",
            "granian",
            "papercache_project.wsgi:application",
            "--interface",
            "wsgi",
            "--http",
            "1",
        ]
        words += ["--port", str(port), "--blocking-threads", "4", "--workers-kill-timeout", "2"]
        words += ["--log-level", "warning", "--working-dir", str(scratch.ROOT), *options]
        log = self.folder / f"{port}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, *words],
                env=self.environment(**more),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        server = Server(port, process, log)
        try:
            eventually(server.is_alive)
            yield server
        finally:
            server.kill()


@dataclass
class Server:
    port: int
    process: "subprocess.Popen[bytes]"
    log_file: Path
    browsers: list[Browser] = field(default_factory=list)

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def is_alive(self) -> bool:
        assert self.process.poll() is None, self.log
        with suppress(OSError, HTTPException):
            return self.get("/healthz").status == 200
        return False

    def get(self, path: str) -> Answer:
        browser = Browser(self.port)
        try:
            return browser.get(path)
        finally:
            browser.connection.close()

    def browser(self) -> Browser:
        browser = Browser(self.port)
        self.browsers.append(browser)
        return browser

    def editor(self, name: str = "ada") -> Browser:
        browser = self.browser()
        form = browser.get("/admin/login/").form_with("username")
        form.set("username", name)
        form.set("password", PASSWORD)
        assert browser.post("/admin/login/", form, "").status == 302
        return browser

    def kill(self) -> None:
        """All of it, at once and without a word."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for browser in self.browsers:
            browser.connection.close()

    def ask(self, head: str, body: bytes = b"", timeout: float = PATIENCE) -> int:
        """The status of the answer to what no browser sends; 0 where the connection ends instead."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            with suppress(OSError):
                connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
            with suppress(OSError, IndexError, ValueError):
                return int(connection.recv(4096).split(b" ")[1])
        return 0


# --- Databases --------------------------------------------------------------------------------------------


@contextmanager
def filled(folder: Path) -> Iterator[str]:
    """The address of a database with a dozen papers and two editors, on the server that the tests run on."""
    with _made(folder, "first") as database:
        status, output = Site(folder, database).run("-c", CONTENT)
        assert status == 0, output
        yield database


@contextmanager
def copied(database: str, folder: Path) -> Iterator[str]:
    if database.startswith("sqlite:"):
        shutil.copy(urlsplit(database).path[1:], folder / "copy.sqlite3")
        yield f"sqlite:///{folder}/copy.sqlite3"
        return
    with _made(folder, f"copy_{free_port()}", template=scratch.name_of(database)) as copy:
        yield copy


@contextmanager
def _made(folder: Path, name: str, template: str = "template1") -> Iterator[str]:
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield f"sqlite:///{folder}/{name}.sqlite3"
        return
    database = scratch.named(given, f"papercache_{os.getpid()}_{name}")
    scratch.ask(database, f'CREATE DATABASE "{scratch.name_of(database)}" TEMPLATE "{template}"')
    try:
        yield database
    finally:
        scratch.drop(database)


# --- What goes away and comes back ------------------------------------------------------------------------


class Cable:
    """A way to another port on this machine, that can be cut and mended."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, free_port()
        self._ends: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._let_in, args=[self._door], daemon=True).start()

    def cut(self) -> None:
        """Whoever comes is refused, and whoever is there hears no more."""
        for end in (self._door, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, there = door.accept()[0], socket.create_connection(("127.0.0.1", self.target))
                self._ends += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@dataclass
class Loose:
    """The database of a site, which can be taken away."""

    site: Site
    take_away: Callable[[], Any]
    bring_back: Callable[[], Any]


@contextmanager
def loose(site: Site) -> Iterator[Loose]:
    """A file's folder is moved elsewhere, a server's cable is cut."""
    parts = urlsplit(site.database)
    if site.database.startswith("sqlite:"):
        here, away = site.folder / "disk", site.folder / "unmounted"
        here.mkdir()
        Path(parts.path[1:]).rename(here / "papers.sqlite3")
        moved = Site(site.folder, f"sqlite:///{here}/papers.sqlite3", site.variables)
        yield Loose(moved, lambda: here.rename(away), lambda: away.rename(here))
        return
    cable = Cable(parts.port or 5432)
    database = parts._replace(netloc=f"{parts.username}@127.0.0.1:{cable.port}").geturl()
    yield Loose(Site(site.folder, database, site.variables), cable.cut, cable.mend)
    cable.cut()


# --- Redis ------------------------------------------------------------------------------------------------


@contextmanager
def redis(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    program = shutil.which("redis-server")
    if not program:
        missing("redis-server")
    words = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([*words, "--daemonize", "no"], stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _answers(port))
            yield process
        finally:
            process.kill()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
