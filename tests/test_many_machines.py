"""Two servers of one site: the same database and Redis, nothing else that they share; then nginx before them."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests import sites
from tests.benchmarks.browsing import Browser
from tests.benchmarks.scratch import ROOT
from tests.conftest import missing
from tests.sites import Server, Site, eventually
from tests.test_faults import form_of

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAPER = "/RL/2025-07-p7.html"


@pytest.fixture(scope="module")
def servers(filled_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    folder, port = tmp_path_factory.mktemp("machines"), sites.free_port()
    redis = {"CACHE_URL": f"redis://127.0.0.1:{port}/0"}
    with sites.copied(filled_database, folder) as database, sites.redis(folder, port):
        site = Site(folder, database, redis)
        with site.served() as one, site.served() as other:
            yield [one, other]


def publish(browser: Browser, uid: str, **fields: str) -> None:
    url, form = form_of(browser, uid)
    for name, value in fields.items():
        form.set(name, value)
    assert browser.post(url, form, "_publish").status == 302


def test_a_change_made_on_one_is_right_on_the_other_within_a_second(servers: list[Server]) -> None:
    one, other = servers
    pages = (PAPER, "/papers/", "/RL/", "/feed.xml", "/search/?q=Renamed")
    assert not [path for path in pages if "Renamed on one" in other.get(path).text]
    publish(one.editor(), "p7", title="Renamed on one")
    until = time.monotonic() + 1
    asked_at = 0.0
    while "Renamed on one" not in other.get(PAPER).text:
        assert asked_at < until
        asked_at = time.monotonic()
    for path in pages:
        assert "Renamed on one" in re.sub("</?mark>", "", other.get(path).text), path


def test_who_logged_in_on_one_saves_on_the_other(servers: list[Server]) -> None:
    one, other = servers
    browser = one.editor("bo")
    there = other.browser()
    there.cookies = browser.cookies
    publish(there, "p8", notes="存在另一台上")
    assert "存在另一台上" in other.get("/RL/2025-07-p8.html").text


def test_more_threads_than_connections_get_their_pages(site: Site) -> None:
    if site.database.startswith("sqlite:"):
        pytest.skip("SQLite has no connections to share")
    answers: list[int] = []
    with site.served(PAPERCACHE_DATABASE_POOL="2") as server:

        def read() -> None:
            answers.extend(server.get(path).status for path in (PAPER, "/papers/", "/search/?q=Paper", "/"))

        readers = [threading.Thread(target=read) for _number in range(8)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert server.editor().get("/admin/").status == 200
    assert answers == [200] * 32


# --- As the README has it ---------------------------------------------------------------------------------


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def nginx(
    filled_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[list[Server], int, Path]]:
    """The README's file with ports and folders of the test's."""
    if not (program := shutil.which("nginx", path="/usr/sbin:/usr/bin")):
        missing("nginx")
    folder, port = tmp_path_factory.mktemp("nginx"), sites.free_port()
    subject = ["-subj", "/CN=papers.example.org", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    files = ["-keyout", str(folder / "site.key"), "-out", str(folder / "site.pem")]
    subprocess.run(["openssl", "req", "-x509", *subject, *files], check=True, capture_output=True)
    with sites.copied(filled_database, folder) as database:
        site = Site(folder, database, {"PAPERCACHE_URL": "https://papers.example.org"})
        with site.served() as one, site.served() as other:
            config = folder / "nginx.conf"
            config.write_text(_configured(folder, port, [one.port, other.port]))
            words = [str(program), "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
            subprocess.run([*words, "-t"], check=True, capture_output=True)
            with subprocess.Popen([*words, "-g", "daemon off;"]) as process:
                eventually(lambda: _listens(port))
                yield [one, other], port, folder
                process.terminate()


def _configured(folder: Path, port: int, backends: list[int]) -> str:
    changes = {
        "listen 80;": f"listen 127.0.0.1:{sites.free_port()};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "127.0.0.1:8000": f"127.0.0.1:{backends[0]}",
        "127.0.0.1:8001": f"127.0.0.1:{backends[1]}",
        "/etc/ssl/papers.example.org": str(folder / "site"),
        "/var/log/nginx/papercache.log": str(folder / "access.log"),
        "allow 127.0.0.1;": "",
    }
    text = block("nginx")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return f"worker_processes 1; pid {folder}/pid; events {{ }} http {{ {folders} {text} }}"


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def asked(port: int, path: str, method: str = "GET", body: Any = None, **headers: str) -> Any:
    context = ssl._create_unverified_context()
    connection = HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": "papers.example.org", **given})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def test_pages_come_through_nginx_over_https(nginx: Any) -> None:
    answer = asked(nginx[1], PAPER)
    assert answer.status == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_one_name_of_a_request_is_in_both_logs_and_in_the_answer(nginx: Any) -> None:
    servers, port, folder = nginx
    name = asked(port, "/papers/?page=1", X_Request_Id="from-a-stranger").headers.get_all("X-Request-Id")
    assert len(name) == 1
    eventually(lambda: name[0] in (folder / "access.log").read_text())
    lines = [json.loads(line) for server in servers for line in server.log.splitlines() if "{" in line]
    assert [line["path"] for line in lines if line.get("request") == name[0]] in (["/papers/"], [])
    assert "from-a-stranger" not in (folder / "access.log").read_text()


def test_one_server_is_enough(nginx: Any) -> None:
    servers, port, _folder = nginx
    servers[1].kill()
    assert [asked(port, path).status for path in (PAPER, "/papers/", "/", "/feed.xml")] == [200] * 4


def test_slow_clients_take_nothing_from_readers(nginx: Any) -> None:
    port = nginx[1]
    context = ssl._create_unverified_context()
    slow = []
    for _number in range(12):
        raw = socket.create_connection(("127.0.0.1", port))
        connection = context.wrap_socket(raw)
        head = "POST /admin/login/ HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 1000\r\n\r\na="
        connection.sendall(head.encode())
        slow.append(connection)
    assert asked(port, PAPER).status == 200
    for connection in slow:
        connection.close()


def test_what_is_too_long_is_refused_by_nginx(nginx: Any) -> None:
    port = nginx[1]
    assert (
        asked(port, "/admin/login/", "POST", b"x" * (49 * 1024 * 1024), Expect="100-continue").status == 413
    )
    assert asked(port, "/papers/", X_Long="x" * 20_000).status == 400
    assert asked(port, "/papers/?q=" + "x" * 20_000).status == 414


def test_strangers_do_not_learn_what_is_ready(nginx: Any) -> None:
    assert asked(nginx[1], "/readyz").status == 403
    assert asked(nginx[1], "/healthz").status == 200


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    if not (program := shutil.which("systemd-analyze")):
        missing("systemd-analyze (Debian's package systemd)")
    granian = Path(sys.executable).parent / "granian"
    text = block("ini").replace("/srv/papercache/.venv/bin/granian", str(granian))
    unit = tmp_path / "papercache@.service"
    unit.write_text(text.replace("User=papercache", "User=root"))
    (tmp_path / "papercache@8000.service").symlink_to(unit)
    done = subprocess.run(
        [str(program), "verify", str(tmp_path / "papercache@8000.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if "papercache" in line] == []


def test_the_servers_options_are_ones_that_granian_takes(site: Site) -> None:
    words = re.search(r"(--http1-buffer-size.*?)\n", block("ini"))
    assert words
    with site.served(*words[1].split()) as server:
        assert server.get(PAPER).status == 200
