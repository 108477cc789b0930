"""Reading pages as tests do: their text, their links, and the whole site as its server calls it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.util import setup_testing_defaults

VOID = frozenset(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])


class _Reader(HTMLParser):
    def __init__(self, selected: str) -> None:
        super().__init__()
        self.selected, self.depth = selected, 0
        self.found: list[tuple[dict[str, str], str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == self.selected and tag not in VOID:
            self.depth += 1
            self.found.append((attributes, ""))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == self.selected

    def handle_data(self, data: str) -> None:
        if self.depth and self.found:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def _read(html: str, tag: str) -> _Reader:
    reader = _Reader(tag)
    reader.feed(html)
    return reader


def one_line(text: str) -> str:
    return " ".join(text.split())


def text_of(response: Any, tag: str = "main") -> str:
    """What a reader sees inside the first element of this name."""
    found = _read(response.content.decode(), tag).found
    return one_line(found[0][1]) if found else ""


def texts_of(response: Any, tag: str) -> list[str]:
    return [one_line(text) for _attributes, text in _read(response.content.decode(), tag).found]


def attributes_of(response: Any, tag: str) -> list[dict[str, str]]:
    return [attributes for name, attributes in _read(response.content.decode(), tag).tags if name == tag]


def links_in(html: str) -> list[str]:
    """Every href and src, as written."""
    tags = _read(html, "").tags
    return [attributes[name] for _tag, attributes in tags for name in ("href", "src") if name in attributes]


def meta(response: Any, name: str) -> list[str]:
    found = attributes_of(response, "meta")
    return [attributes["content"] for attributes in found if attributes.get("name") == name]


def canonical(response: Any) -> str:
    return next(link["href"] for link in attributes_of(response, "link") if link.get("rel") == "canonical")


def words_of_markdown(line: str) -> str:
    """A line of Markdown without its marks: `- **[a](b)** c` is `a c`."""
    bare = re.sub(r"^(#+|-) ", "", line.strip())
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", bare)
    return re.sub(r"\*+", "", bare)


@dataclass(frozen=True)
class Answer:
    """A response as it leaves the WSGI application."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def call(application: Application, target: str, **environ: str) -> Answer:
    """GET a target as it stands in the request line: no client in between tidies it."""
    path, _mark, query = target.partition("?")
    given = {
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
    }
    full: dict[str, Any] = {**given, "HTTP_HOST": "127.0.0.1", "wsgi.input": BytesIO(), **environ}
    setup_testing_defaults(full)
    seen: list[Any] = []
    body = application(full, lambda status, headers, *_: seen.extend([status, headers]))
    try:
        content = b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close:
            close()
    return Answer(int(seen[0].split()[0]), dict(seen[1]), content)


def path_of(url: str) -> str:
    """Path and query of an absolute or local address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
