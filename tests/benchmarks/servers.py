"""Servers on a processor of their own, and what they have taken of it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from . import scratch
from .four_editors import free_port

SERVER_ON = "0"
TICK = 1 / os.sysconf("SC_CLK_TCK")

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on; open_file_cache max=100;
    keepalive_requests 1000000000;
    server {{ listen 127.0.0.1:{port}; root {folder}/www; gzip_static on; }}
}}
"""


@dataclass
class Server:
    port: int
    pid: int

    @property
    def workers(self) -> list[int]:
        """Those who answer: the children, if it has some."""
        return [pid for pid in _processes() if _stat(pid)[1] == str(self.pid)] or [self.pid]

    def seconds(self) -> float:
        return sum(TICK * (int(stat[11]) + int(stat[12])) for stat in map(_stat, self.workers))

    def memory(self) -> int:
        status = "".join(Path(f"/proc/{pid}/status").read_text() for pid in self.workers)
        return sum(1024 * int(kilobytes) for kilobytes in re.findall(r"VmRSS:\s+(\d+)", status))


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _stat(pid: int) -> list[str]:
    """From the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["Z", "0"]


@contextmanager
def running(words: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_ON, *words], cwd=scratch.ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with suppress(OSError):
            ask(port, "/")
            return
        time.sleep(0.01)
    raise SystemExit(f"{process.args} did not start")


def granian(application: str, threads: int, environment: dict[str, str]) -> AbstractContextManager[Server]:
    port = free_port()
    options = ["--interface", "wsgi", "--http", "1", "--host", "127.0.0.1", "--port", str(port)]
    options += ["--workers", "1", "--blocking-threads", str(threads), "--log-level", "critical"]
    words = [sys.executable, "-P", "-m", "granian", application, *options, "--working-dir", str(scratch.ROOT)]
    return running(words, port, {**environment, "PAPERCACHE_URL": f"http://127.0.0.1:{port}"})


def site(database: str, threads: int, megabytes: int = 128) -> AbstractContextManager[Server]:
    environment = scratch.environment(database, PAPERCACHE_PAGE_CACHE_MB=str(megabytes))
    return granian("papercache_project.wsgi:application", threads, environment)


def naive(page: Path, threads: int) -> AbstractContextManager[Server]:
    return granian("tests.benchmarks.naive:application", threads, {**os.environ, "NAIVE_PAGE": str(page)})


def nginx(folder: Path) -> AbstractContextManager[Server]:
    """Of what is in its folder `www`, with what is compressed there."""
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    return running(["nginx", "-c", str(folder / "nginx.conf")], port, dict(os.environ))


def ask(port: int, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status not in (200, 304):
        raise SystemExit(f"{path} answered {response.status}")
    return dict(response.getheaders()), body
