"""What every kind of source does with one file: its text without the pictures, its front matter, its note."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

from ..citations import normalise_key
from ..models import Paper
from ..rendering import SOURCE_LIMIT
from ..rendering.leftovers import with_lazy_pictures
from ..rendering.shown_formulas import count_lost
from ..rendering.tidying import tidied
from . import embedded, front_matter, levels, markup, texts
from .embedded import LocalPictures, Store
from .folder import Folder
from .found import Anything, Refused, Trouble
from .front_matter import Front

MARKDOWN_FILES = (".md", ".markdown", ".mkd", ".mdown")
HTML_FILES = (".html", ".htm", ".xhtml")

# Of markup that shrinks to a note: what is longer even without its pictures is none.
_LONGEST = 8 * SOURCE_LIMIT
_DRAWING = re.compile(r"<svg\b", re.IGNORECASE)
_IS_MATHS = re.compile(r"<mjx-|\bclass=[\"'](?:MathJax|katex)", re.IGNORECASE)
_FIRST_HEADING = re.compile(
    r"(?P<before>\s*(?:<div\b[^<>]*>\s*)*)<h1\b[^<>]*>(?P<title>.*?)</h1>\s*", re.DOTALL | re.IGNORECASE
)
_MARKDOWN_HEADING = re.compile(r"(?P<before>\s*)#[ \t]+(?P<title>[^\n]+)(?:\n+|\Z)")


class Source(Protocol):
    """One kind of source: which of its files are notes, and what is in one."""

    kind: str
    folder: Folder

    @property
    def titles(self) -> Mapping[str, str]:
        """What sections are called, by their paths in lower case without the outer slashes."""

    def files(self) -> Iterator[str]: ...

    def read(self, name: str, keep: Store) -> Anything | None:
        """None for a file that is no note. Raises Refused."""


@dataclass
class Text:
    """A file as text, its pictures kept."""

    name: str
    text: str
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def text_of(folder: Folder, name: str, keep: Store) -> Text:
    data = texts.in_utf8(folder.read(name))
    data, troubles = embedded.take_out(embedded.without_scripts(data) if is_html(name) else data, keep)
    if len(data) > _LONGEST:
        size = {"size": len(data) // 1024, "limit": _LONGEST // 1024}
        raise Refused(_("不计图片还有 %(size)d KB 文字，超过上限 %(limit)d KB") % size)
    return Text(name, texts.text_of(data), troubles)


def front_of(text: Text) -> Front:
    return front_matter.read(text.text)


def is_markdown(name: str) -> bool:
    return name.lower().endswith(MARKDOWN_FILES)


def is_html(name: str) -> bool:
    return name.lower().endswith(HTML_FILES)


def may_be_note(name: str) -> bool:
    return is_markdown(name) or is_html(name)


def unread(folder: Folder) -> Iterator[str]:
    """Folders that are not gone into though there are files in them that may be notes."""
    return (name for name in folder.skipped_folders() if any(map(may_be_note, folder.files(name))))


def stem_of(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]


@dataclass
class Note:
    """The source of a note as it is to be kept; `title` is that of its first heading, if that is what it begins with."""

    source: str
    title: str
    format: str
    rest: str  # without that heading

    def columns(self, title: str) -> dict[str, Any]:
        """Of a paper with this title, which its page shows itself."""
        is_titled = bool(self.title) and normalise_key(self.title) == normalise_key(title)
        notes = levels.below_title(self.rest if is_titled else self.source, self.format)
        return {"title": title, "notes": notes, "notes_format": self.format}


def note_of(text: Text, front: Front, pictures: LocalPictures, change: Callable[[str], str] = str) -> Note:
    """`change` is what the kind of source does to its own signs."""
    body = change(front.body)
    if is_markdown(text.name):
        text.troubles += _drawings(markup.count_drawings(body), front.body_line)
        body = markup.with_pictures(markup.without_scripts(body))
        body = pictures.take(body, front.body_line, is_markdown=True)
        body = markup.with_links(body).strip("\n")
        heading = _MARKDOWN_HEADING.match(body)
        title = _without_closing_signs(heading["title"]) if heading else ""
        note_format = Paper.NotesFormat.MARKDOWN.value
    else:
        text.troubles += _drawn(body, front.body_line)
        body = tidied(pictures.take(with_lazy_pictures(body), front.body_line))
        heading = _FIRST_HEADING.match(body)
        title = heading["title"] if heading else ""
        note_format = Paper.NotesFormat.HTML.value
    text.troubles += pictures.troubles
    rest = heading["before"] + body[heading.end() :] if heading else body
    return Note(
        body + "\n" if body else "",
        texts.words_of(title),
        note_format,
        rest.strip("\n") + "\n" if rest.strip() else "",
    )


def _without_closing_signs(title: str) -> str:
    """They stand behind a blank: `# C#` has none."""
    whole = title.rstrip(" \t")
    bare = whole.rstrip("#")
    return bare if not bare or bare[-1] in " \t" else whole


def _drawn(body: str, line: int) -> Iterator[Trouble]:
    """What stands on the page as drawings alone; those of formulas whose TeX is there are no loss."""
    formulas = count_lost(body)
    if formulas:
        yield Trouble(line, _("有 %d 个公式只画在页面上，没有 TeX，没有导入") % formulas)
    yield from _drawings(0 if _IS_MATHS.search(body) else len(_DRAWING.findall(body)), line)


def _drawings(number: int, line: int) -> Iterator[Trouble]:
    if number:
        yield Trouble(line, _("有 %d 幅写在页面里的 SVG 图，没有导入。请存成 PNG 或 WebP 再贴") % number)
