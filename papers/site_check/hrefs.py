"""The links and pictures of stored HTML, told apart by where they lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ..models import Paper, Section
from ..rendering.marks import SITE_PREFIX
from .inside import local, own_host

BATCH = 200

_TAG = re.compile(r'<(?:a|img)\s(?:[^<>"]|"[^"]*")*>')
_ADDRESS = re.compile(r'(?<=\s)(?:href|src)="([^"]*)"')
_ID = re.compile(r'\sid="([^"]*)"')
_PAPER_COLUMNS = ("uid", "path", "notes", "notes_html", "status", "publish_at", "paper_url", "code_url")


@dataclass(frozen=True, slots=True)
class Link:
    """`typed` as it stands in the HTML. On this site a path with its query and an id; elsewhere the whole address."""

    typed: str
    path: str = ""
    fragment: str = ""
    url: str = ""


def html_of(thing: Section | Paper) -> str:
    return thing.text_html if isinstance(thing, Section) else thing.notes_html


def ids_of(html: str) -> set[str]:
    return {unescape(id) for id in _ID.findall(html)}


def links_of(html: str, page: str) -> list[Link]:
    """Of a page at this path, each once."""
    typed = (found for tag in _TAG.findall(html) for found in _ADDRESS.findall(tag))
    read = (_read(unescape(href).removeprefix(SITE_PREFIX), page) for href in dict.fromkeys(typed))
    return [link for link in read if link]


def _read(typed: str, page: str) -> Link | None:
    """None for what is no address of the web, such as that of a mailbox."""
    try:
        parts = urlsplit(urljoin(f"http://{own_host()}{page}", typed))
    except ValueError:  # `http://[`
        return Link(typed, url=typed)
    if parts.scheme not in ("http", "https"):
        return None
    whole = parts.geturl()
    if parts.netloc.lower() != own_host():
        return Link(typed, url=whole.partition("#")[0])
    path, _sign, fragment = local(whole).partition("#")
    return Link(
        typed, unquote(path.partition("?")[0]) + "?".join(["", *path.split("?")[1:]]), unquote(fragment)
    )


# --- Whose ------------------------------------------------------------------------------------------------


def batches() -> Iterator[list[Section | Paper]]:
    """All sections, then all papers, drafts too; no cursor stays open meanwhile."""
    yield list(Section.objects.order_by("path_folded").only("uid", "path", "text", "text_html"))
    papers: Any = Paper.objects.order_by("pk").only(*_PAPER_COLUMNS)
    last = 0
    while batch := list(papers.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk
