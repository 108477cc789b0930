"""The one way out to other hosts: what is asked, what is refused, and when it gives up."""

import gzip
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from papers import remote
from papers.remote import Limits, RemoteFailed
from tests.conftest import missing
from tests.servers import Elsewhere, elsewhere, never_ends, redirects, says, stays_silent

SMALL = Limits(size=1000)
QUICK = Limits(read=0.2, total=0.4)
PUBLIC = "93.184.216.34"


@pytest.fixture
def server() -> Iterator[Elsewhere]:
    with elsewhere() as server:
        yield server


def get(server: Elsewhere, path: str = "/", limits: Limits = SMALL) -> remote.Answer:
    return remote.get(server.url + path, configured=[server.url], limits=limits)


def reason(url: str, **options: Any) -> str:
    with pytest.raises(RemoteFailed) as failure:
        remote.get(url, **{"limits": SMALL, **options})
    assert str(failure.value)
    return failure.value.reason


def reason_of(server: Elsewhere, **options: Any) -> str:
    return reason(f"{server.url}/", configured=[server.url], **options)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What a name server says; each answer is given once, the last one from then on; `a b` are two addresses."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        answers = known.get(host, [host])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in found.split()]

    monkeypatch.setattr(remote.socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, server: Elsewhere) -> list[tuple[str, int]]:
    """Whom it calls up; the local server answers for all of them."""
    calls: list[tuple[str, int]] = []
    connect = socket.create_connection

    def call(address: tuple[str, int], *args: Any) -> Any:
        calls.append(address)
        return connect(("127.0.0.1", server.server_port), *args)

    monkeypatch.setattr(remote.socket, "create_connection", call)
    return calls


# --- What comes back --------------------------------------------------------------------------------------


def test_an_answer_has_status_body_and_type(server: Elsewhere) -> None:
    server.behaviours["/"] = says(b"hello", 200, Content_Type="text/plain")
    answer = get(server)
    assert (answer.status, answer.body, answer.content_type) == (200, b"hello", "text/plain")


def test_an_error_is_an_answer_too(server: Elsewhere) -> None:
    server.behaviours["/"] = says(b"later", 429, Retry_After="7")
    assert (get(server).status, get(server).retry_after) == (429, "7")


def test_what_is_compressed_is_unpacked(server: Elsewhere) -> None:
    server.behaviours["/"] = says(gzip.compress(b"a" * 900), Content_Encoding="gzip")
    assert get(server).body == b"a" * 900


def test_it_says_who_asks_and_nothing_else(server: Elsewhere, settings: Any) -> None:
    settings.PAPERCACHE_URL, settings.PAPERCACHE_CONTACT = (
        "https://papers.example",
        "a@papers.example\r\nX: y",
    )
    server.behaviours["/"] = says(b"")
    get(server)
    headers = server.asked[0].headers
    assert headers["User-Agent"].startswith("PaperCache/")
    assert headers["User-Agent"].endswith("(+https://papers.example; a@papers.example?X: y)")
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_no_proxy_is_asked(server: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.behaviours["/"] = says(b"direct")
    assert get(server).body == b"direct"


def test_letters_of_other_scripts_are_sent_as_bytes(server: Elsewhere) -> None:
    server.behaviours["/%E8%AE%BA%E6%96%87?q=%E6%8E%A8"] = says(b"found")
    assert get(server, "/论文?q=推").body == b"found"


# --- Whom it asks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "::127.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fd00::1",
        "ff02::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2001:db8::1",
        "not an address",
    ],
)
def test_what_is_not_on_the_internet_is_not_public(address: str) -> None:
    assert not remote.is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_on_the_internet_is_public(address: str) -> None:
    assert remote.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
        "http://localhost./",
        "https://127.0.0.1:443/",
    ],
)
def test_loopback_is_refused_however_it_is_written(url: str) -> None:
    assert reason(url) == "refused"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.org/",
        "example.org",
        "",
        "http://",
        "http://user:password@example.org/",
        "http://@example.org/",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: x",
        "http://example.org\\@127.0.0.1/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    assert reason(url) == "refused"


def test_other_ports_than_those_of_the_web_are_refused(names: dict[str, list[str]]) -> None:
    names["example.org"] = [PUBLIC]
    assert reason("http://example.org:8080/") == "refused"


def test_a_name_that_means_a_private_address_is_refused(
    names: dict[str, list[str]], calls: list[tuple[str, int]]
) -> None:
    names["example.org"] = ["10.0.0.1"]
    assert reason("http://example.org/") == "refused"
    assert calls == []


def test_it_calls_the_very_address_that_was_checked(
    names: dict[str, list[str]], calls: list[tuple[str, int]], server: Elsewhere
) -> None:
    """A second look-up would find another machine."""
    names["example.org"] = [PUBLIC, "127.0.0.1"]
    server.behaviours["/"] = says(b"public")
    assert remote.get("http://example.org/", limits=SMALL).body == b"public"
    assert calls == [(PUBLIC, 80)]
    assert server.asked[0].headers["Host"] == "example.org"


def test_of_a_name_s_addresses_only_public_ones_are_called(
    names: dict[str, list[str]], calls: list[tuple[str, int]], server: Elsewhere
) -> None:
    names["example.org"] = [f"127.0.0.1 ::1 {PUBLIC} fe80::1"]
    server.behaviours["/"] = says(b"public")
    assert remote.get("http://example.org/", limits=SMALL).body == b"public"
    assert calls == [(PUBLIC, 80)]


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(remote.socket, "getaddrinfo", look_up)
    assert reason("http://nobody.example/") == "unknown_host"


def test_a_name_that_cannot_be() -> None:
    assert reason(f"http://{'a' * 70}.org/") == "unknown_host"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}/", configured=[f"http://127.0.0.1:{port}"]) == "no_connection"


def test_another_port_of_a_configured_host_is_not_configured(server: Elsewhere) -> None:
    assert reason("http://127.0.0.1/", configured=[server.url]) == "refused"


# --- Redirects --------------------------------------------------------------------------------------------


def test_a_redirect_is_followed_and_the_last_address_told(server: Elsewhere) -> None:
    server.behaviours |= {"/": redirects("there?x=1"), "/there?x=1": says(b"here")}
    answer = get(server)
    assert (answer.body, answer.url) == (b"here", f"{server.url}/there?x=1")


def test_five_redirects_are_followed(server: Elsewhere) -> None:
    server.behaviours |= {f"/{n}": redirects(f"/{n + 1}") for n in range(5)} | {"/5": says(b"end")}
    assert get(server, "/0").body == b"end"


def test_redirects_in_a_circle_end(server: Elsewhere) -> None:
    server.behaviours["/"] = redirects("/")
    assert reason_of(server) == "redirects"
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://169.254.169.254/latest", "file:///etc/passwd", "http://a:b@x/", "http://["],
)
def test_a_redirect_to_what_may_not_be_asked_is_refused(server: Elsewhere, url: str) -> None:
    server.behaviours["/"] = redirects(url)
    assert reason_of(server) == "refused"


def test_a_redirect_without_an_address_is_the_answer(server: Elsewhere) -> None:
    server.behaviours["/"] = says(b"lost", 302)
    assert get(server).status == 302


# --- Limits -----------------------------------------------------------------------------------------------


def test_a_silent_host_is_given_up(server: Elsewhere) -> None:
    server.behaviours["/"] = stays_silent
    assert reason_of(server, limits=QUICK) == "timed_out"


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nX: ", b""])
def test_a_host_that_trickles_is_given_up(server: Elsewhere, head: bytes) -> None:
    """No single wait is long, but all together are."""
    server.behaviours["/"] = never_ends(b"a", head, pause=0.02)
    assert reason_of(server, limits=QUICK) == "timed_out"


def test_redirects_share_the_time(server: Elsewhere) -> None:
    server.behaviours["/"] = redirects("/slow")
    server.behaviours["/slow"] = never_ends(b"a", pause=0.02)
    assert reason_of(server, limits=QUICK) == "timed_out"


def test_a_look_up_that_hangs_is_given_up(server: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote.socket, "getaddrinfo", lambda *_args, **_kwargs: server.over.wait())
    assert reason("http://example.org/", limits=Limits(connect=0.05)) == "timed_out"


@pytest.mark.parametrize("head", [b"", b"Content-Length: 99999999\r\n"])
def test_more_than_the_limit_is_not_read(server: Elsewhere, head: bytes) -> None:
    server.behaviours["/"] = never_ends(b"a" * 1000, b"HTTP/1.0 200 OK\r\n" + head + b"\r\n")
    assert reason_of(server) == "too_big"


def test_a_small_body_that_unpacks_to_a_huge_one_is_not_unpacked(server: Elsewhere) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.behaviours["/"] = says(bomb, Content_Encoding="gzip")
    assert reason_of(server, limits=Limits(size=200_000)) == "too_big"


def test_what_follows_the_end_of_a_compressed_body_counts(server: Elsewhere) -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"a", mtime=0)
    server.behaviours["/"] = never_ends(b"a" * 1000, head)
    assert reason_of(server) == "too_big"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        b"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"half", mtime=0)[:-9],
        b"HTTP/1.0 200 OK\r\nContent-Encoding: br\r\n\r\nx",
        b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_an_answer_that_is_none_is_called_broken(server: Elsewhere, answer: bytes) -> None:
    server.behaviours["/"] = lambda handler: handler.wfile.write(answer) and None
    assert reason_of(server) == "broken"


# --- Encryption -------------------------------------------------------------------------------------------


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Elsewhere, tmp_path: Path) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -days 2 -keyout key -out cert"
    try:
        subprocess.run(made.split(), cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError:
        missing("openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    url = f"https://127.0.0.1:{server.server_port}"
    assert reason(url, configured=[url], limits=Limits()) == "no_connection"
    assert server.asked == []


# --- Only whether something is there ----------------------------------------------------------------------


def look(server: Elsewhere) -> remote.Answer:
    return remote.look(server.url, configured=[server.url], limits=SMALL)


def test_a_look_asks_for_no_body(server: Elsewhere) -> None:
    server.behaviours["/"] = says(b"x" * 100_000)
    assert (look(server).status, look(server).body) == (200, b"")
    assert [asked.command for asked in server.asked] == ["HEAD", "HEAD"]


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_host_that_refuses_to_be_looked_at_is_asked_properly(server: Elsewhere, status: int) -> None:
    server.behaviours["/"] = lambda handler: says(b"x", status if handler.command == "HEAD" else 200)(handler)
    assert look(server).status == 200


def test_a_look_reads_nothing_of_a_body_without_end(server: Elsewhere) -> None:
    endless = never_ends(b"a" * 1000)
    server.behaviours["/"] = lambda handler: (
        says(b"", 405)(handler) if handler.command == "HEAD" else endless(handler)
    )
    assert look(server).status == 200
