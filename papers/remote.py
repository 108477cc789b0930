"""The one way out to other hosts: configured ones, or public addresses of the web; within limits of size and time.

The address that is looked up is the one that is checked and the one that is connected to: a name that means
another machine a moment later gains nothing. No proxy, no cookie, no password is ever used.
"""

import io
import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from importlib.metadata import PackageNotFoundError, version
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from queue import Empty, Queue
from threading import Thread
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Method = Literal["GET", "HEAD"]
Reason = Literal["refused", "unknown_host", "no_connection", "timed_out", "too_big", "redirects", "broken"]

MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
# Of public hosts; a configured one may have its own.
_PORTS = {"http": 80, "https": 443}
_LONGEST_ADDRESS = 2000
# What is given out of IPv6, without those parts that stand for an IPv4 address (Teredo, 6to4) or for nothing.
_GIVEN_OUT = IPv6Network("2000::/3")
_NOT_PUBLIC = [
    ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "192.88.99.0/24")
]
# Servers answer HEAD with these though they would answer GET.
_HEAD_REFUSED = {400, 403, 404, 405, 406, 500, 501, 503}


class RemoteFailed(Exception):
    """Why there is no answer: `reason` for programs, the text for people."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, to wait for the next bytes, and for everything, redirects too; bytes after decompression."""

    connect: float = 5
    read: float = 10
    total: float = 15
    size: int = 2 * 1024 * 1024


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whatever the status is: a 404 is an answer, too. `url` is where redirects led."""

    status: int
    url: str
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    retry_after: str = ""


def get(
    url: str, *, configured: Sequence[str] = (), accept: str = "*/*", limits: Limits | None = None
) -> Answer:
    """The answer with its body. Of `configured` addresses the hosts may be anywhere. Raises RemoteFailed."""
    return _follow("GET", url, configured, accept, limits)


def look(url: str, *, configured: Sequence[str] = (), limits: Limits | None = None) -> Answer:
    """Whether something is there, without its body; by GET where HEAD is not answered. Raises RemoteFailed."""
    answer = _follow("HEAD", url, configured, "*/*", limits)
    if answer.status in _HEAD_REFUSED:
        answer = _follow("GET", url, configured, "*/*", limits, with_body=False)
    return answer


def user_agent() -> str:
    """Who asks, and where to complain."""
    try:
        number = version("papercache")
    except PackageNotFoundError:
        number = "0"
    about = [f"+{settings.PAPERCACHE_URL}", settings.PAPERCACHE_CONTACT]
    text = f"PaperCache/{number} ({'; '.join(filter(None, about))})"
    return re.sub(r"[^ -~]+", "?", text)


# --- From one address to the next -------------------------------------------------------------------------


def _follow(
    method: Method,
    url: str,
    configured: Sequence[str],
    accept: str,
    limits: Limits | None,
    *,
    with_body: bool = True,
) -> Answer:
    trusted = {_Target.read(one).origin for one in configured}
    clock = _Clock(limits or LIMITS)
    for _redirect in range(MAX_REDIRECTS + 1):
        target = _Target.read(url)
        with _answer(method, target, accept, clock, is_trusted=target.origin in trusted) as response:
            location = response.getheader("Location", "")
            if response.status not in _REDIRECTS or not location:
                body = _body(response, clock.limits.size) if with_body and method == "GET" else b""
                return Answer(
                    response.status,
                    url,
                    body,
                    response.getheader("Content-Type", ""),
                    response.getheader("Retry-After", ""),
                )
        url = _joined(url, location)
    raise RemoteFailed(
        "redirects", _("%(host)s 转址超过 %(limit)d 次。") % _named(target, limit=MAX_REDIRECTS)
    )


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location.encode("latin-1").decode(errors="replace"))
    except ValueError:
        raise _malformed(location) from None


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @classmethod
    def read(cls, url: str) -> "_Target":
        """Raises RemoteFailed for what is no plain address of the web."""
        if len(url) > _LONGEST_ADDRESS or re.search(r"[\s\x00-\x1f\x7f\\]", url):
            raise _malformed(url)
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").rstrip(".")
            host = host if host.isascii() else host.encode("idna").decode()
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except (ValueError, UnicodeError):
            raise _malformed(url) from None
        if parts.scheme not in _PORTS or not host or "@" in parts.netloc or "%" in host:
            raise _malformed(url)
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            parts.scheme, host, port, quote(f"{parts.path or '/'}{query}", safe="%/:?#[]@!$&'()*+,;=~")
        )


def _malformed(url: str) -> RemoteFailed:
    return RemoteFailed("refused", _("“%s”不是可以访问的网址。") % url[:200])


def _named(target: _Target, **more: Any) -> dict[str, Any]:
    return {"host": target.host, **more}


# --- One question -----------------------------------------------------------------------------------------


class _Clock:
    """What is left of the time for everything."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self._end = limits, time.monotonic() + limits.total

    def left(self, at_most: float) -> float:
        """Seconds for the next step. Raises TimeoutError."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, at_most)


@contextmanager
def _answer(
    method: Method, target: _Target, accept: str, clock: _Clock, *, is_trusted: bool
) -> Iterator[HTTPResponse]:
    try:
        plain = _connected(target, clock, is_trusted=is_trusted)
        with closing(plain), closing(HTTPConnection(target.host, target.port)) as connection:
            connection.sock = _Timed(plain, clock)
            _ask(connection, method, target, accept)
            yield connection.getresponse()
    except TimeoutError:
        raise RemoteFailed("timed_out", _("%(host)s 迟迟没有回答。") % _named(target)) from None
    except ssl.SSLCertVerificationError as error:
        text = _("%(host)s 的证书不可信：%(reason)s。") % _named(target, reason=error.verify_message)
        raise RemoteFailed("no_connection", text) from None
    except (HTTPException, zlib.error, EOFError):
        raise RemoteFailed("broken", _("%(host)s 的回答不完整或无法理解。") % _named(target)) from None
    except OSError:
        raise RemoteFailed("no_connection", _("连不上 %(host)s。") % _named(target)) from None


def _ask(connection: HTTPConnection, method: Method, target: _Target, accept: str) -> None:
    connection.putrequest(method, target.path, skip_host=True, skip_accept_encoding=True)
    headers = {
        "Host": target.host_header,
        "User-Agent": user_agent(),
        "Accept": accept,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()


def _connected(target: _Target, clock: _Clock, *, is_trusted: bool) -> socket.socket:
    """To the first address that takes the call. Raises RemoteFailed, OSError."""
    refusal: OSError = OSError()
    for address in _addresses(target, clock, is_trusted=is_trusted):
        plain: socket.socket | None = None
        try:
            plain = socket.create_connection((address, target.port), clock.left(clock.limits.connect))
            if target.scheme == "http":
                return plain
            plain.settimeout(clock.left(clock.limits.connect))
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except OSError as error:
            refusal = error
            if plain:
                plain.close()
    raise refusal


def _addresses(target: _Target, clock: _Clock, *, is_trusted: bool) -> list[str]:
    """Those of the host that may be asked. Raises RemoteFailed."""
    if not is_trusted and target.port not in _PORTS.values():
        raise RemoteFailed("refused", _("只访问 80 和 443 端口，%(host)s 的不是。") % _named(target))
    found = _looked_up(target, clock)
    allowed = [address for address in found if is_trusted or is_public(address)]
    if not allowed:
        raise RemoteFailed("refused", _("%(host)s 不是公网上的主机，不访问。") % _named(target))
    return allowed


def _looked_up(target: _Target, clock: _Clock) -> list[str]:
    """In a thread of its own, because a look-up takes no time limit. Raises RemoteFailed, TimeoutError."""
    answers: Queue[list[Any] | OSError | UnicodeError] = Queue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=clock.left(clock.limits.connect))
    except Empty:
        raise TimeoutError from None
    if not isinstance(found, list):
        raise RemoteFailed("unknown_host", _("找不到主机 %(host)s。") % _named(target))
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether it is a machine on the internet, and said so plainly: no IPv4 address in the clothes of IPv6."""
    try:
        ip = ip_address(address)
    except ValueError:  # with a zone
        return False
    is_given_out = isinstance(ip, IPv4Address) or ip in _GIVEN_OUT
    is_special = ip.is_multicast or ip.is_reserved or any(ip in network for network in _NOT_PUBLIC)
    return is_given_out and ip.is_global and not is_special


class _Timed:
    """A socket as far as `http.client` uses one, of which each step keeps to the clock."""

    def __init__(self, plain: socket.socket, clock: _Clock) -> None:
        self._plain, self._clock = plain, clock

    def sendall(self, data: bytes) -> None:
        self._plain.settimeout(self._clock.left(self._clock.limits.read))
        self._plain.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._plain, self._clock))

    def close(self) -> None:
        """Whoever opened the real one closes it."""


class _Reader(io.RawIOBase):
    def __init__(self, plain: socket.socket, clock: _Clock) -> None:
        self._plain, self._clock = plain, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._plain.settimeout(self._clock.left(self._clock.limits.read))
        return self._plain.recv_into(buffer)


# --- The body ---------------------------------------------------------------------------------------------


def _body(response: HTTPResponse, limit: int) -> bytes:
    """So much of it at most, counted as it is sent and as it is unpacked. Raises RemoteFailed, OSError, and others."""
    encoding = response.getheader("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise HTTPException(encoding)
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    body, sent = bytearray(), 0
    while chunk := response.read1(64 * 1024):
        sent += len(chunk)
        while chunk:
            body += unpack.decompress(chunk, 64 * 1024) if unpack else chunk
            chunk = unpack.unconsumed_tail if unpack else b""
            if max(len(body), sent) > limit:
                raise RemoteFailed("too_big", _("对方的回答超过 %d kB，没有读完。") % (limit // 1024))
    if response.length or (unpack and not unpack.eof):
        raise EOFError
    return bytes(body)
