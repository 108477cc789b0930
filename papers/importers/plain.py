"""A folder of Markdown with front matter; its folders are sections."""

import posixpath
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from . import embedded, liquid, pages, reading, said, shortcodes, texts
from .embedded import LocalPictures, Store
from .folder import Folder
from .found import Found, Trouble
from .front_matter import Front
from .reading import Note, Text

_LINK = re.compile(
    r"(?<![!\\])\[(?P<text>[^\[\]\n]{1,500})\]\((?P<file>[^()\s:<>]+\.(?:md|markdown))(?P<place>#[^()\s]*)?\)"
)
# An alias that is a path rather than a name.
_RELATIVE = re.compile(r"[^\s/:][^\s:]*[-/][^\s:]*")
# What Notion puts behind the name of a page or a folder.
_OF_NOTION = re.compile(r"(?<=[^/]) [0-9a-f]{32}(?=/|\Z)")
_OWN = ("readme", "license", "changelog", "contributing")


class Notes:
    """What all folders of Markdown have in common, whatever feeds on them."""

    #: The folder that is the top of the site: what lies beside it is none of its notes.
    root = ""
    #: Whether the month goes before the slug: in a vault, the name of a file is the name of a paper.
    puts_month_first = False
    #: Whether readers could see a note from its day on: what has only moved is no news.
    was_a_site = False

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.titles: dict[str, str] = {}
        self._pages = pages.Pages(folder, self.is_note)

    def files(self) -> Iterator[str]:
        return (name for name in self.folder.files() if self.is_note(name) or self._is_beside(name))

    def _is_beside(self, name: str) -> bool:
        return not name.startswith(self.root) and reading.may_be_note(name)

    def is_note(self, name: str) -> bool:
        return name.startswith(self.root) and reading.is_markdown(name)

    def note_in(self, name: str, keep: Store) -> Found | None:
        place = self.place(name)
        if not place or self._is_beside(name):
            return None
        text = reading.text_of(self.folder, name, keep)
        return self._found(text, self.front_of(text), place, keep)

    def front_of(self, text: Text) -> Front:
        return reading.front_of(text)

    def place(self, name: str) -> str:
        """Its path without the ending: of an `index.md` with nothing beside it, the folder's. Nothing for the site's own."""
        if name.removeprefix(self.root).rpartition(".")[0].lower() in _OWN:
            return ""
        place = self._pages.place(name)
        below = place.removeprefix(self.root) if place.startswith(self.root) else ""
        return _OF_NOTION.sub("", below or name.removeprefix(self.root).rpartition(".")[0])

    def _found(self, text: Text, front: Front, place: str, keep: Store) -> Found:
        name, stem = text.name, posixpath.basename(place)
        record = said.Record(front)
        record.read()
        note = self.note_of(text, front, place, keep)
        title = front.text("title") or note.title or said.undated(stem)[0] or stem
        record.read_authors(note.source)
        when = said.when(front, stem)
        month = f"{when[0]:%Y-%m}" if when and self.puts_month_first else ""
        return Found(
            name,
            record.values | note.columns(title) | said.columns_of(when),
            section=self.section_of(front, place),
            slugs=_slugs(front.text("slug"), stem, month, reading.stem_of(name)),
            tags=record.tags,
            is_draft=said.is_draft(front) or pages.is_in_drafts(name),
            troubles=text.troubles + record.troubles,
            content=text.digest,
            first_public_at=said.since(when) if self.was_a_site else "",
            **self.paths_of(front, name, when),
        )

    def note_of(self, text: Text, front: Front, place: str, keep: Store) -> Note:
        for line, sign in shortcodes.unknown(front.body):
            reason = _("模板 %s 没有执行：它的内容照原样留在文章里") % sign[:200]
            text.troubles.append(Trouble(front.body_line + line - 1, reason))
        pictures = LocalPictures(self.folder, text.name, keep, partial(self.find, text.name))
        return reading.note_of(text, front, pictures, partial(self._linked, text.name, place))

    def paths_of(self, front: Front, name: str, when: tuple[date, bool] | None) -> dict[str, Any]:
        """The addresses that the note had, and those that it may have had."""
        place, here = self.place(name), name.removeprefix(self.root).rpartition(".")[0]
        guesses = (f"/{here}.html", f"/{place}.html", f"/{place}/", *_relative(front, place))
        return {"addresses": (*own_paths(front), *said.former(front)), "guesses": guesses}

    def find(self, note: str, written: str) -> str | None:
        """Beside the note, in the folder that Hexo has for it, or where a generator keeps files for all."""
        own = posixpath.join(reading.stem_of(note), written)
        return embedded.below(
            self.folder, note, written, self.root, "", "static", "assets"
        ) or embedded.below(self.folder, note, own)

    def changed(self, source: str) -> str:
        """With what its signs showed."""
        return shortcodes.shown(source)

    def _linked(self, name: str, place: str, source: str) -> str:
        """A link to another file is one to the note that it holds, wherever that is going to be."""
        linked = texts.replaced(_LINK, partial(self._wikilink, name), self.changed(source))
        if not place or name.removeprefix(self.root).startswith(f"{place}."):
            return linked
        return liquid.with_addresses_here(linked, "", "", f"/{place}/", is_markdown=True)

    def _wikilink(self, name: str, found: re.Match[str]) -> str:
        file = unquote(found["file"])
        there = embedded.below(self.folder, name, file, self.root) or file
        slug = said.slug_of(posixpath.basename(self.place(there)) or reading.stem_of(there))
        return f"[[{slug}{found['place'] or ''}|{found['text']}]]" if slug else found[0]

    def section_of(self, front: Front, place: str) -> tuple[str, ...]:
        said_so = front.list("section") or front.list("categories") or front.list("category")
        return said.segments(said_so or pages.folders_of(place))


class Markdown(Notes):
    kind = "markdown"

    def read(self, name: str, keep: Store) -> Found | None:
        return self.note_in(name, keep)


def own_paths(front: Front) -> tuple[str, ...]:
    """Where the note says it is; a link to elsewhere or a pattern says nothing of it."""
    said_so = (front.values.get(name) for name in ("url", "permalink"))
    paths = (path.strip() for path in said_so if isinstance(path, str) and ":" not in path)
    return tuple(f"/{unquote(path).lstrip('/')}" for path in paths if path)


def _relative(front: Front, place: str) -> Iterator[str]:
    """Aliases that are paths from the note's folder; those that may be names are none."""
    folder = place.rpartition("/")[0]
    aliases = (alias for alias in front.list("aliases", "alias") if _RELATIVE.fullmatch(alias))
    return (posixpath.normpath(f"/{folder}/{unquote(alias)}") for alias in aliases)


def _slugs(given: str, stem: str, month: str, whole: str) -> tuple[str, ...]:
    slug = said.slug_of(given) or said.slug_of(stem) or "note"
    dated = bool(said.DATED.match(slug))
    first = slug if given or dated or not month else f"{month}-{slug}"
    # Notion has pages of one name in one folder.
    last = [said.slug_of(whole)] if _OF_NOTION.search(whole) else []
    return (first, f"{month}-{slug}-2".strip("-"), *last)
