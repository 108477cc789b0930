"""Pages that are the same for everybody, kept in memory in front of Django.

Whoever asks for one again gets it without middleware, template or compression. What may be kept is what Django's answer
allows any cache to keep, and it is kept as long as its edition lasts.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from hashlib import blake2b
from sys import intern
from typing import Any, Final
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import parse_etags

from . import encodings, missed
from .editions import Edition, Editions
from .facets import Choice

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]
Key = tuple[str, str, str, str, str]

#: In a request's environment: what `may_be_kept` of the answer to it is compressed here, and once.
MARK: Final = "papers.page_cache"

#: What views read of a query string. A page is the same whatever else is in it.
PARAMETERS: Final = frozenset({"page", "in", "at", "p", *(field.name for field in fields(Choice))})

#: What a page takes beside its bodies: headers, key, places in dictionaries. Measured.
OVERHEAD: Final = 3_200

# What has to answer while the database does not: nothing is asked of it.
_SIGNS_OF_LIFE: Final = frozenset(["/healthz", "/readyz"])

# What is said anew for each encoding, or was said of one request alone; and what a 304 repeats.
_REPLACED: Final = frozenset(["content-length", "etag", "vary", "x-request-id"])
_VALIDATING: Final = frozenset(["cache-control", "etag", "vary"])


def may_be_kept(environ: Environ, response: Any) -> bool:
    """Only what says of itself that it is for everybody. What is counted has to come to Django each time."""
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and response.get("Cache-Control", "").startswith("public")
        and encodings.is_compressible(response.get("Content-Type", ""))
        and not (response.cookies or missed.COUNTED in environ)
        and set(response.get("Vary", "").split(", ")) <= {"", "Cookie"}
    )


# --- What is kept -----------------------------------------------------------------------------------------


class Answer:
    """A page in one encoding, as it goes to the server."""

    __slots__ = ("body", "encoding", "etag", "headers", "is_quick", "short_headers")

    def __init__(self, headers: Headers, text: bytes, encoding: str, is_quick: bool) -> None:
        self.encoding, self.is_quick = encoding, is_quick and encoding != encodings.IDENTITY
        self.body = encodings.compressed(text, encoding, is_quick)
        self.etag = f'"{blake2b(self.body, digest_size=12).hexdigest()}"'
        self.headers = [*headers, ("ETag", self.etag), ("Content-Length", str(len(self.body)))]
        if encoding:
            self.headers.append(("Content-Encoding", intern(encoding)))
        self.short_headers = [pair for pair in self.headers if pair[0].lower() in _VALIDATING]

    def is_named_by(self, tags: str) -> bool:
        """In an If-None-Match, where a proxy may have made a weak tag of it."""
        if tags == self.etag:
            return True
        return any(tag == "*" or tag.removeprefix("W/") == self.etag for tag in parse_etags(tags))


class Page:
    """In the encodings in which it was asked for.

    The first answer is compressed quickly, since many pages are asked for but once; who asks again gets a smaller one.
    """

    __slots__ = ("answers", "headers")

    def __init__(self, headers: Headers, text: bytes, encoding: str) -> None:
        # Most of them are the same on all pages: kept once. The others are said anew for each encoding.
        kept = [(intern(name), intern(value)) for name, value in headers if name.lower() not in _REPLACED]
        self.headers = [*kept, ("Vary", "Accept-Encoding, Cookie")]
        self.answers = {encoding: Answer(self.headers, text, encoding, is_quick=True)}

    def add(self, encoding: str) -> Answer:
        """The answer in an encoding in which it is not here yet, or only a quick one is."""
        first = list(self.answers.values())[0]  # noqa: RUF015  # another thread may add one
        text = encodings.plain(first.body, first.encoding)
        self.answers[encoding] = answer = Answer(self.headers, text, encoding, is_quick=False)
        return answer

    @property
    def size(self) -> int:
        answers = list(self.answers.values())  # another thread may add one
        return OVERHEAD + sum(len(answer.body) for answer in answers)


# --- In front of Django -----------------------------------------------------------------------------------


class PageCache:
    """A WSGI application around Django's; what it believes of hosts and schemes has to be true already."""

    def __init__(self, application: Application, megabytes: int) -> None:
        self.application = application
        self.editions = Editions(megabytes * 1024 * 1024)
        self.cookies = (
            settings.SESSION_COOKIE_NAME,
            settings.LANGUAGE_COOKIE_NAME,
            settings.CSRF_COOKIE_NAME,
            "messages",
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self._pass(environ, start_response)
        edition = self.editions.present()
        page: Page | None = edition.get(key)
        if page is None:
            return self._make(environ, start_response, edition, key)
        encoding = _encoding(environ)
        answer = page.answers.get(encoding)
        if answer is None or (answer.is_quick and "HTTP_IF_NONE_MATCH" not in environ):
            answer = page.add(encoding)
            edition.keep(key, page, page.size)
        return _send(answer, environ, start_response)

    def _key(self, environ: Environ) -> Key | None:
        """What a page depends on; none if the request is not a reader's whom the site does not know."""
        cookies = environ.get("HTTP_COOKIE")
        if cookies and any(name in cookies for name in self.cookies):
            return None
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ["PATH_INFO"] in _SIGNS_OF_LIFE:
            return None
        query = environ.get("QUERY_STRING", "")
        if query:
            if not query.isascii():  # Django would have to guess its encoding
                return None
            query = _what_views_read(query)
        # As SECURE_PROXY_SSL_HEADER has it.
        scheme = environ.get("HTTP_X_FORWARDED_PROTO") or environ["wsgi.url_scheme"]
        host, prefix = environ.get("HTTP_HOST", ""), environ.get("SCRIPT_NAME", "")
        return scheme, host, prefix, environ["PATH_INFO"], query

    def _pass(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        response = self.application(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            self.editions.look_again()
        return response

    def _make(
        self, environ: Environ, start_response: StartResponse, edition: Edition, key: Key
    ) -> Iterable[bytes]:
        """Several threads may make the same page at once; none has to wait for another."""
        environ[MARK] = True
        head: list[Any] = []
        response: Any = self.application(environ, lambda *words: head.extend(words))
        if not may_be_kept(environ, response):
            start_response(*head)
            return response
        page = Page(head[1], response.content, _encoding(environ))
        if key[-1] == environ.get("QUERY_STRING", ""):  # pages repeat what is in their address
            edition.keep(key, page, page.size)
        response.content = b"".join(_send(page.answers[_encoding(environ)], environ, start_response))
        return response  # which the server closes when all is sent: what Django does afterwards can wait


def _what_views_read(query: str) -> str:
    parts = query.split("&")
    return "&".join(part for part in parts if unquote_plus(part.partition("=")[0]) in PARAMETERS)


def _encoding(environ: Environ) -> str:
    return encodings.accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))[0]


def _send(answer: Answer, environ: Environ, start_response: StartResponse) -> list[bytes]:
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags and answer.is_named_by(tags):
        start_response("304 Not Modified", answer.short_headers.copy())
        return [b""]
    start_response("200 OK", answer.headers.copy())
    return [answer.body if environ["REQUEST_METHOD"] == "GET" else b""]
