"""Whole HTML pages whose file path is their address."""

import re
from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _

from . import embedded, reading, said, texts
from .embedded import LocalPictures, Store
from .folder import Folder
from .found import Found, Refused

_H1 = re.compile(r"<h1\b[^<>]*>((?:(?!<h1\b).)*?)</h1\s*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]*>((?:(?!<title\b).)*?)</title\s*>", re.IGNORECASE | re.DOTALL)
_META = re.compile(
    r"""<meta\b(?>[^<>]*?\bname\s*=\s*["']?description["'])[^<>]*\bcontent\s*=\s*"([^"<>]*)\"""",
    re.IGNORECASE,
)


class Pages:
    kind = "html"

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.titles: dict[str, str] = {}

    def files(self) -> Iterator[str]:
        return (name for name in self.folder.files() if reading.is_html(name))

    def read(self, name: str, keep: Store) -> Found | None:
        if reading.stem_of(name).lower() in ("index", "404"):
            return None
        text = reading.text_of(self.folder, name, keep)
        front = reading.front_of(text)
        record = said.Record(front)
        record.read()
        note = reading.note_of(text, front, LocalPictures(self.folder, name, keep, partial(self._find, name)))
        stem = reading.stem_of(name)
        title = front.text("title") or _title(front.body, stem)
        if not note.source.strip():
            raise Refused(_("页面里没有正文"))
        when = said.when(front, stem)
        record.read_authors(note.source)
        values = record.values | note.columns(title) | said.columns_of(when)
        description = _META.search(front.body)
        if description and (summary := texts.words_of(description[1])):
            values.setdefault("summary", summary[:2000])
        return Found(
            name,
            values,
            section=said.segments(tuple(name.split("/")[:-1])),
            slugs=tuple(filter(None, [said.slug_of(stem)])) or ("note",),
            tags=record.tags,
            is_draft=said.is_draft(front),
            addresses=(f"/{name}", *said.former(front)),
            troubles=text.troubles + record.troubles,
            content=text.digest,
        )

    def _find(self, note: str, written: str) -> str | None:
        return embedded.below(self.folder, note, written, "")


def _title(page: str, stem: str) -> str:
    """The heading of the page itself: its title often is that of all of them."""
    for pattern in (_H1, _TITLE):
        found = pattern.search(page)
        if found and (words := texts.words_of(found[1])):
            return words
    return " ".join(said.undated(stem)[0].replace("_", " ").replace("-", " ").split()) or stem
