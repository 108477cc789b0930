"""The pictures of a note: those written out in it, and files beside it, become figures; the note gets their addresses.

Pictures written out are taken from the bytes of the file, before it becomes text: a note of many megabytes is a small
one from then on.
"""

import html
import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from urllib.parse import unquote

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from .. import figures, pictures
from ..figures import FigureRefused
from ..models import Figure
from ..rendering.marks import FIGURE_NAME, FIGURE_ROUTE
from . import texts
from .folder import Folder
from .found import Refused, Trouble

#: What stands in the place of a picture that was refused: the page shows its alternative text.
NO_PICTURE = "data:,"

_WRITTEN_OUT = re.compile(
    rb"data:\s*(?:image/[\w.+-]+|application/octet-stream)(?:\s*;[\w=.-]+)*\s*;\s*base64\s*,\s*"
    rb"[A-Za-z0-9+/_%-]++=*(?:\s++[A-Za-z0-9+/_-]{20,}+=*)*+(?:\s++[A-Za-z0-9+/_-]{1,76}+={0,2}(?=\s*[\"')]))?",
    re.IGNORECASE,
)
# What only the page needed: nothing of it is in the note, and no picture in it is one of the note's. In comments and code nothing is it.
_FOR_THE_PAGE = re.compile(
    rb"<(?:(?P<name>script|style|code)\b(?P<rest>[^<>]*)>|(?P<comment>!--)|link\b[^<>]*>)", re.IGNORECASE
)
_CLOSED = {name: re.compile(rb"</%s\s*>" % name, re.IGNORECASE) for name in (b"script", b"style", b"code")}
_CLOSED[b"!--"] = re.compile(b"-->")
_TEX = re.compile(rb"\bmath/", re.IGNORECASE)
_GIST = re.compile(texts.GIST.encode(), re.IGNORECASE)
# Signs in code of Jekyll's, which are shown.
_CODE_OF_LIQUID = re.compile(rb"\{%-?\s*(?:highlight|raw)\b")
_NAME = r"""(?:[^\s<>"'()]|\([^\s<>"'()]*\))+"""
# Of a tag, what stands before an attribute: in quotes a `>` ends nothing. If the quotes are in no order, up to the first.
_BEFORE = r"""(?:(?:[^<>"']|"(?:[^"<]|<(?!img\b))*+"|'(?:[^'<]|<(?!img\b))*+')*?|[^<>]*?)"""
# In Markdown a name may have blanks in it, for kramdown and for editors; but a size or a title may stand behind it.
_SHOWN = re.compile(
    rf"""(?<!\\)!\[(?:[^\[\]\\]|\\.)*+\]\(\s*(?:<(?P<angle>[^<>\n]+)|(?P<name>{_NAME}(?:[ \t]+(?![="']){_NAME})*))
    |<img\b{_BEFORE}\ssrc\s*=\s*(?:"\s*(?P<double>[^"<>]+)|'\s*(?P<single>[^'<>]+)|(?P<bare>[^\s<>"']+))
    |^[ ]{{0,3}}\[[^\[\]\n]+\]:[ \t]*<?(?P<reference>[^\s<>]+\.(?:png|jpe?g|gif|webp|avif|svg)(?=[\s>?]))""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_LINKED = re.compile(
    r"""(?P<before>(?<=\])\(\s*|<a\b[^<>]*?\shref\s*=\s*["'])(?P<address>[^\s<>"'():]+\.(?:png|jpe?g|gif|webp|avif))(?=[\s"')])""",
    re.IGNORECASE,
)
# Any link, with its address: whether it is one to a file, the ending says. Pictures are none.
_LINK = re.compile(
    r"""(?P<picture>(?<!\\)!\[(?:[^\[\]\\]|\\.)*+\]\()|\[\[(?P<wikilink>[^\[\]|\n\#\\]+)
    |(?<=\])\(\s*(?:<(?P<angle>[^<>\n]+)>|(?P<name>[^\s<>"'()]+))
    |<a\b[^<>]*?\shref\s*=\s*(?:"\s*(?P<double>[^"<>]+)|'\s*(?P<single>[^'<>]+)|(?P<bare>[^\s<>"']+))
    |^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*<?(?P<reference>[^\s<>]+)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# What a page plays, or shows in a frame: nothing of it goes in, pictures neither.
_PLAYED = re.compile(r"<(?:video|audio|source|track|embed|object|iframe)\b[^<>]*", re.IGNORECASE)
_PLAYED_FROM = re.compile(
    r"""\s(?:src|data|poster)\s*=\s*(?:"\s*(?P<double>[^"]+)|'\s*(?P<single>[^']+)|(?P<bare>[^\s"']+))""",
    re.IGNORECASE,
)
# Pictures that are only there to choose from: the first of them.
_FIRST = r"""\ssrcset\s*=\s*["']?\s*(?P<address>[^\s<>"',]+)"""
_TO_CHOOSE = re.compile(
    rf"""<img\b(?![^<>]*\ssrc\s*=)(?P<before>[^<>]*?){_FIRST}
    |<picture\b[^<>]*>(?P<inside>(?:(?!</?picture\b|<img\b).)*+)(?=</picture\s*>)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_SOURCE = re.compile(rf"<source\b[^<>]*?{_FIRST}", re.IGNORECASE)
_IS_NOTE = re.compile(r"\.(?:md|markdown|mkd|mdown|x?html?)\Z", re.IGNORECASE)
_IS_FILE = re.compile(
    r"\.(?!(?:md|markdown|mkd|mdown|x?html?|png|jpe?g|gif|webp|avif)\Z)[a-z0-9]{1,8}\Z", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"https?:|//|#", re.IGNORECASE)
_FIGURE = re.compile(r"<figure\b[^<>]*>(?P<inside>(?:(?!<figure\b).)*?)</figure>", re.DOTALL)
_IMAGE = re.compile(r"<img\b[^<>]*>")
_OURS = re.compile(rf"""src="{FIGURE_ROUTE}(?P<name>{FIGURE_NAME})\"""")
_ALT = re.compile(r' alt="([^"]*)"')
_CAPTION = re.compile(r"<figcaption>((?:(?!<figcaption>).)*?)</figcaption>", re.DOTALL)
_MARKDOWN = re.compile(
    rf"""!\[(?P<alt>(?:[^\[\]\\]|\\.)*+)\]\(<?{FIGURE_ROUTE}(?P<name>{FIGURE_NAME})(?:\s+"(?P<title>[^"\n]*)")?"""
)

Store = Callable[[bytes], str]


def store(data: bytes) -> str:
    """The address of a picture that is kept from now on. Raises FigureRefused."""
    return f"{FIGURE_ROUTE}{figures.store(data).name}"


def look_at(data: bytes) -> str:
    """The same without keeping it. Raises FigureRefused."""
    picture = pictures.recognise(data)
    pictures.measure(picture)
    return f"{FIGURE_ROUTE}{figures.name_of(picture)}"


def without_scripts(page: bytes) -> bytes:
    """A file in HTML without its scripts and styles, in as many lines; the TeX of formulas stays, GitHub's code is a link."""
    if _CODE_OF_LIQUID.search(page):
        return page
    parts: list[bytes] = []
    done = seen = 0
    unclosed: set[bytes] = set()
    for found in _FOR_THE_PAGE.finditer(page):
        name = (found["name"] or found["comment"] or b"").lower()
        if found.start() < seen or name in unclosed or _TEX.search(found["rest"] or b""):
            continue
        closed = _CLOSED[name].search(page, found.end()) if name else found
        if closed is None:
            unclosed.add(name)
            continue
        seen = closed.end()
        if name not in (b"code", b"!--"):
            lines = page.count(b"\n", found.start(), seen)
            gist = _GIST.search(found["rest"] or b"")
            link = b'<a href="%s">%s</a>' % (gist["address"], gist["address"]) if gist else b""
            parts += [page[done : found.start()], link, b"<!--%s-->" % (b"\n" * lines) if lines else b""]
            done = seen
    return b"".join([*parts, page[done:]])


def take_out(data: bytes, keep: Store) -> tuple[bytes, list[Trouble]]:
    """The file without the pictures written out in it. One of them is in memory at a time."""
    parts: list[bytes] = []
    troubles: list[Trouble] = []
    done, line = 0, 1
    for found in _WRITTEN_OUT.finditer(data):
        line += data.count(b"\n", done, found.start())
        parts.append(data[done : found.start()])
        try:
            address = keep(figures.bytes_of(found[0].decode("ascii")))
        except FigureRefused as error:
            address = NO_PICTURE
            troubles.append(Trouble(line, str(error)))
        parts.append(address.encode())
        line, done = line + found[0].count(b"\n"), found.end()
    return (b"".join([*parts, data[done:]]) if parts else data), troubles


class LocalPictures:
    """Files that a note shows, by the names it gives them."""

    def __init__(self, folder: Folder, note: str, keep: Store, find: Callable[[str], str | None]) -> None:
        self.folder, self.note, self.keep, self.find = folder, note, keep, find
        self.troubles: list[Trouble] = []

    def take(self, source: str, first_line: int = 1, *, is_markdown: bool = False) -> str:
        """The note with the addresses of figures; what Markdown shows as code stays as it was typed."""
        source = texts.replaced(_TO_CHOOSE, _with_first, source, is_markdown=is_markdown)
        self._name_files(source, first_line, is_markdown=is_markdown)
        line, done = first_line, 0
        parts: list[str] = []
        for found in texts.outside_code(_SHOWN, source, is_markdown=is_markdown):
            start, end = found.span(found.lastgroup or 0)
            line += source.count("\n", done, start)
            parts += [source[done:start], self.address(source[start:end], line)]
            done = end
        rest = "".join([*parts, source[done:]])
        return texts.replaced(_LINKED, self._linked, rest, is_markdown=is_markdown)

    def _name_files(self, source: str, first_line: int, *, is_markdown: bool) -> None:
        """Those that are linked to or played: each once, since they stay behind."""
        linked = texts.with_lines(texts.outside_code(_LINK, source, is_markdown=is_markdown))
        played = texts.with_lines(texts.outside_code(_PLAYED, source, is_markdown=is_markdown))
        asked = [(line, one) for line, found in linked if _IS_FILE.search(one := _address_in(found))]
        for line, tag in played:
            addresses = map(_address_in, _PLAYED_FROM.finditer(tag[0]))
            asked += [(line, one) for one in addresses if not _IS_NOTE.search(one)]
        named: set[str] = set()
        for line, written in sorted(asked):
            name = None if _ELSEWHERE.match(written) else self._name(written)
            if name and name not in named and os.path.isfile(self.folder.root / name):
                reason = _("没有导入 %s：请把它放到别处，再链接过去") % name[:200]
                self.troubles.append(Trouble(first_line + line - 1, reason))
                named.add(name)

    def _linked(self, link: re.Match[str]) -> str:
        """A picture that is only linked to, such as a larger one."""
        name = self._name(link["address"])
        try:
            address = self.keep(self.folder.read(name, pictures.MAX_BYTES)) if name else link["address"]
        except (Refused, FigureRefused):
            address = link["address"]
        return f"{link['before']}{address}"

    def address(self, written: str, line: int) -> str:
        """Ours for a file that is there; what is on another site, or ours already, stays."""
        if _ELSEWHERE.match(written) or written.startswith((FIGURE_ROUTE, NO_PICTURE)):
            return written
        try:
            if written.startswith("data:"):
                return self.keep(figures.bytes_of(written))
            name = self._name(written)
            if name is None:
                raise Refused(_("找不到图片"))
            return self.keep(self.folder.read(name, pictures.MAX_BYTES))
        except (Refused, FigureRefused) as error:
            self.troubles.append(Trouble(line, f"{written[:100]}: {error}"))
            return NO_PICTURE

    def _name(self, written: str) -> str | None:
        """Browsers take a backslash for a slash."""
        path = unquote(html.unescape(written)).partition("?")[0].partition("#")[0].strip()
        return self.find(path) or self.find(path.replace("\\", "/"))


def _address_in(found: re.Match[str]) -> str:
    """Without its query and place; nothing of a picture."""
    if found.lastgroup == "picture":
        return ""
    return found[found.lastgroup or 0].partition("?")[0].partition("#")[0].strip()


def _with_first(found: re.Match[str]) -> str:
    """Of the pictures to choose from, the first as the picture."""
    if found["inside"] is None:
        rest = found[0][4 + len(found["before"]) :]
        return f'<img{found["before"]} src="{found["address"]}"{rest}'
    first = _SOURCE.search(found["inside"])
    return f'{found[0]}<img src="{first["address"]}">' if first else found[0]


def below(folder: Folder, note: str, written: str, *roots: str) -> str | None:
    """The name of a file that a note calls so: beside it, or from one of the roots if it begins with a slash."""
    bases = roots if written.startswith("/") else (posixpath.dirname(note), *roots)
    for base in bases:
        name = posixpath.normpath(posixpath.join(base, written.lstrip("/")))
        if not name.startswith("../") and folder.has(name):
            return name
    return None


@transaction.atomic
def describe(source: str, *, but: Collection[str] = ()) -> None:
    """Say of the figures of a note what it says of them, where nothing is said yet; one commit for all of them."""
    said: dict[str, tuple[str, str]] = {}
    for name, alt, caption in _said(source):
        if name in but:
            continue
        known = said.get(name, ("", ""))
        said[name] = (known[0] or alt, known[1] or caption)
    silent = Figure.objects.filter(pk__in=said).filter(Q(alt="") | Q(caption=""))
    for name in silent.values_list("pk", flat=True):
        alt, caption = said[name]
        figures.describe(name, alt=alt, caption=caption)


def _said(source: str) -> Iterator[tuple[str, str, str]]:
    """Names of figures, their alternative texts and captions."""
    for figure in _FIGURE.finditer(source):
        caption, shown = _CAPTION.search(figure["inside"]), _OURS.search(figure["inside"])
        if caption and shown:
            yield shown["name"], "", texts.words_of(caption[1])
    for image in _IMAGE.finditer(source):
        shown, alt = _OURS.search(image[0]), _ALT.search(image[0])
        if shown and alt:
            yield shown["name"], texts.words_of(alt[1]), ""
    for picture in _MARKDOWN.finditer(source):
        yield picture["name"], picture["alt"], html.unescape(picture["title"] or "")
