"""A folder of Markdown with front matter; its folders are sections."""

import posixpath
import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import unquote

from django.utils.translation import gettext as _

from . import embedded, pages, reading, said, shortcodes, texts
from .embedded import LocalPictures, Store
from .folder import Folder
from .found import Found, Trouble
from .front_matter import Front

_LINK = re.compile(
    r"(?<![!\\])\[(?P<text>[^\[\]\n]{1,500})\]\((?P<file>[^()\s:<>]+\.(?:md|markdown))(?P<place>#[^()\s]*)?\)"
)
_OWN = ("readme", "license", "changelog", "contributing")


class Markdown:
    kind = "markdown"
    #: Whether the month goes before the slug: in a vault, the name of a file is the name of a paper.
    puts_month_first = False

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.titles: dict[str, str] = {}

    def files(self) -> Iterator[str]:
        return (name for name in self.folder.files() if reading.is_markdown(name))

    def read(self, name: str, keep: Store) -> Found | None:
        stem = reading.stem_of(name)
        if stem.lower() in _OWN and "/" not in name:
            return None
        text = reading.text_of(self.folder, name, keep)
        front = reading.front_of(text)
        for line, sign in shortcodes.unknown(front.body):
            reason = _("模板 %s 没有执行：它的内容照原样留在文章里") % sign[:200]
            text.troubles.append(Trouble(front.body_line + line - 1, reason))
        record = said.Record(front)
        record.read()
        pictures = LocalPictures(self.folder, name, keep, partial(self.find, name))
        note = reading.note_of(text, front, pictures, self.changed)
        title = front.text("title") or note.title or said.undated(stem)[0] or stem
        record.read_authors(note.source)
        when = said.when(front, stem)
        values = record.values | note.columns(title) | said.columns_of(when)
        month = f"{when[0]:%Y-%m}" if when and self.puts_month_first else ""
        return Found(
            name,
            values,
            section=self._section(front, name),
            slugs=_slugs(front.text("slug"), stem, month),
            tags=record.tags,
            is_draft=said.is_draft(front) or pages.is_in_drafts(name),
            addresses=said.former(front),
            guesses=(f"/{name.rpartition('.')[0]}.html", f"/{name.rpartition('.')[0]}/"),
            troubles=text.troubles + record.troubles,
            content=text.digest,
        )

    def find(self, note: str, written: str) -> str | None:
        """Beside the note, in the folder that Hexo has for it, or where a generator keeps files for all."""
        own = posixpath.join(reading.stem_of(note), written)
        return embedded.below(self.folder, note, written, "", "static", "assets") or embedded.below(
            self.folder, note, own
        )

    def changed(self, source: str) -> str:
        """A link to another file is one to the note that it holds, wherever that is going to be."""
        return texts.replaced(_LINK, _wikilink, shortcodes.shown(source))

    def _section(self, front: Front, name: str) -> tuple[str, ...]:
        said_so = front.list("section") or front.list("categories") or front.list("category")
        return said.segments(said_so or pages.folders_of(name))


def _wikilink(found: re.Match[str]) -> str:
    stem = posixpath.basename(unquote(found["file"])).rpartition(".")[0]
    slug = said.slug_of(stem)
    return f"[[{slug}{found['place'] or ''}|{found['text']}]]" if slug else found[0]


def _slugs(given: str, stem: str, month: str) -> tuple[str, ...]:
    slug = said.slug_of(given) or said.slug_of(stem) or "note"
    dated = bool(said.DATED.match(slug))
    return (slug if given or dated or not month else f"{month}-{slug}", f"{month}-{slug}-2".strip("-"))
