"""The one way in for a picture: checked, kept once under a name made of its bytes, taken out of notes."""

import base64
import binascii
import hashlib
import html
import logging
import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _

from . import pictures
from .models import Figure
from .pictures import FigureRefused
from .rendering import Format
from .rendering.marks import FIGURE_NAME, FIGURE_ROUTE

__all__ = [
    "FigureRefused",
    "TakenIn",
    "bytes_of",
    "describe",
    "is_whole",
    "name_of",
    "named_in",
    "place_of",
    "store",
    "take_in",
]

logger = logging.getLogger(__name__)


_ADDRESS = re.compile(rf"{FIGURE_ROUTE}({FIGURE_NAME})")


def named_in(source: str) -> set[str]:
    """The pictures whose addresses stand in a note, shown, linked to or quoted."""
    return set(_ADDRESS.findall(source))


def place_of(name: str) -> str:
    """Where the default storage has the file."""
    return f"figures/{name}"


def store(source: bytes | IO[bytes], *, alt: str = "", caption: str = "") -> Figure:
    """The picture's row, whether it is new or not; what was typed for it before stays. Raises FigureRefused.

    May take a second: call it while no lock is held. A file without a row, left by a crash or a rollback, is
    harmless; the next one who stores the picture takes it up.
    """
    picture = pictures.recognise(source if isinstance(source, bytes) else source.read(pictures.MAX_BYTES + 1))
    name = name_of(picture)
    known = Figure.objects.filter(pk=name).first()
    width, height = (known.width, known.height) if known else pictures.measure(picture)
    try:
        _keep(place_of(name), picture.data)
    except OSError as error:
        logger.exception("%s cannot be stored", name)
        raise FigureRefused(_("服务器存不下图片：%s。请告诉管理员。") % error.strerror) from error
    if known is None:  # somebody may be storing it at this moment
        size = {"width": width, "height": height, "bytes": len(picture.data)}
        Figure.objects.get_or_create(pk=name, defaults=size)
    describe(name, alt=alt, caption=caption)
    return Figure.objects.get(pk=name)


def name_of(picture: pictures.Picture) -> str:
    return f"{_stem(hashlib.sha256(picture.data))}.{picture.extension}"


def is_whole(name: str, file: "File[bytes]") -> bool:
    """Whether a file has the bytes that its name is made of; it is at its beginning again."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return name.startswith(f"{_stem(digest)}.")


def _stem(digest: Any) -> str:
    return str(digest.hexdigest()[:32])


def describe(name: str, *, alt: str = "", caption: str = "") -> None:
    """Where nothing is said of it yet."""
    for column, text in {"alt": alt, "caption": caption}.items():
        if text:
            Figure.objects.filter(pk=name, **{column: ""}).update(**{column: text})


# --- Files ------------------------------------------------------------------------------------------------


def put_back(name: str, data: bytes) -> None:
    """The file of a row that comes from elsewhere, as it was there."""
    _keep(place_of(name), data)


def _keep(place: str, data: bytes) -> None:
    """Under its name there is never half a file; one that is lost or damaged is written again."""
    if _has(place, data):
        return
    if not isinstance(
        default_storage, FileSystemStorage
    ):  # but an object store: it has it whole or not at all
        _replace(place, data)
        return
    target = default_storage.path(place)
    part = default_storage.path(default_storage.save(f"{place}.part", ContentFile(data)))
    _sync(part)
    os.replace(part, target)
    _sync(os.path.dirname(target))


def _has(place: str, data: bytes) -> bool:
    if not default_storage.exists(place) or default_storage.size(place) != len(data):
        return False
    with default_storage.open(place) as file:
        return bool(file.read() == data)


def _replace(place: str, data: bytes) -> None:
    if default_storage.exists(place):
        default_storage.delete(place)
    saved = default_storage.save(place, ContentFile(data))
    if saved != place:  # somebody else was quicker
        default_storage.delete(saved)


def _sync(path: str) -> None:
    """What is written survives a power cut, as the row does that will point to it."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


# --- Pictures inside notes --------------------------------------------------------------------------------

#: What an import writes where a picture could not go in: readers see its words, and nothing waits to be stored.
NO_PICTURE = "data:,"
MAX_REFUSED = 20  # more need not be looked at: the editor has to see to these first


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A note whose pictures are files; those refused are still in it, and why they were."""

    source: str
    refused: list[str]


def take_in(source: str, note_format: Format, *, seconds: float = inf) -> TakenIn:
    """Store each picture that is written out in a note as a `data:` address, and put its own address there.

    All else stays as it is: code, links, and such addresses where no picture is shown. When the time is up the rest
    is refused; what is stored stays stored, so that another go gets further.
    """
    parts: list[str] = []
    refused: list[str] = []
    addresses: dict[str, str] = {}
    done, line, end = 0, 1, monotonic() + seconds
    for number, (start, stop) in enumerate(_written_out(source, note_format), 1):
        uri = source[start:stop]
        line += source.count("\n", done, start)
        parts.append(source[done:start])
        done = start
        if uri == NO_PICTURE:
            continue
        try:
            if uri not in addresses:
                addresses[uri] = _address_of(uri, is_late=monotonic() > end)
            parts.append(addresses[uri])
            line, done = line + uri.count("\n"), stop
        except FigureRefused as error:
            where = {"number": number, "line": line, "reason": error}
            refused.append(_("第 %(number)d 张图片（第 %(line)d 行）：%(reason)s") % where)
            if len(refused) == MAX_REFUSED:
                break
    return TakenIn("".join([*parts, source[done:]]), refused)


def _address_of(uri: str, *, is_late: bool) -> str:
    if is_late:
        raise FigureRefused(_("这次图片太多，没有处理完。已处理的不会重做，请再保存一次。"))
    return f"{FIGURE_ROUTE}{store(bytes_of(uri)).name}"


def bytes_of(uri: str) -> bytes:
    """What a `data:` address holds. Raises FigureRefused."""
    header, _comma, text = html.unescape(uri).removeprefix(uri[:5]).partition(",")
    payload = unquote_to_bytes(text)
    if not header.rstrip().lower().endswith(";base64"):
        return payload
    digits = payload.translate(bytes.maketrans(b"-_", b"+/"), b" \t\r\n\f").rstrip(b"=")
    if len(digits) > pictures.MAX_BYTES * 4 // 3 + 4:
        raise pictures.too_big()
    try:
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        raise FigureRefused(_("base64 数据不完整或有误。请重新粘贴。")) from None


# What can stand before a picture's address: `![alt](`, `[name]:` or `<img … src=`. How far back it may begin:
_REACH = 4000
_BEFORE = re.compile(
    r"""(?: (?P<inline> \]\(\s{0,9}) | (?P<reference> \]:[ \t]{0,9}) | (?P<html> src\s{0,9}=\s{0,9}) )
        (?P<quote> ["'<]?) (?=data:)""",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS = r"(?:[^\[\]\\]|\\.)*+"
_START = {
    "inline": (("![",), re.compile(rf"(?<!\\)!\[{_WORDS}(?:\[{_WORDS}\]{_WORDS})*+\Z", re.DOTALL)),
    "reference": (("\n",), re.compile(r"\n[ \t>]*\[[^\[\]\n^][^\[\]\n]*\Z")),
    "html": (("<img", "<IMG"), re.compile(r"""<...[\s/](?:[^<>"']|"[^"]*"|'[^']*')*+(?<=[\s"'/])\Z""")),
}

# The address itself, by what stands before it.
_IN_QUOTES = {
    '"': re.compile('[^"]++(?=")'),
    "'": re.compile("[^']++(?=')"),
    "<": re.compile("[^<>]++(?=>)"),
}
_BARE = {
    "inline": re.compile(r"[^\s()<>]++(?:\s++[A-Za-z0-9+/=]++)*(?=\s*[)\"'(])"),  # lines of base64
    "reference": re.compile(r"[^\s<>]++"),
    "html": re.compile(r"[^\s<>\"']++"),
}


def _written_out(source: str, note_format: Format) -> Iterator[tuple[int, int]]:
    """Where the `data:` addresses of pictures stand."""
    code = Code(source) if note_format == "markdown" else None
    place = 0
    while found := _BEFORE.search(source, place):
        place = found.end()
        kind = next(name for name in _BARE if found[name])
        if note_format == "html" and kind != "html":
            continue
        start = _start_of_picture(source, kind, found.start())
        pattern = _IN_QUOTES.get(found["quote"]) or _BARE[kind]
        address = pattern.match(source, place) if start >= 0 else None
        if address and not (code and code.end_at(start)):
            yield address.span()
            place = address.end()


def _start_of_picture(source: str, kind: str, end: int) -> int:
    """Where the picture begins whose address comes next; -1 if it is no picture's."""
    words, pattern = _START[kind]
    low = max(0, end - _REACH)
    before = source[low:end] if low else f"\n{source[:end]}"
    place = max(before.rfind(word) for word in words)
    found = pattern.match(before, place) if place >= 0 else None
    return max(0, end - len(before) + place) if found else -1


class Code:
    """Where Markdown shows text as it is written: there an address is no picture's."""

    _FENCE = re.compile(
        r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<rail>`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE
    )
    _TICKS = re.compile("`+")

    def __init__(self, source: str) -> None:
        self.blocks = list(self._find_blocks(source))
        self.spans = list(self._find_spans(source))

    def end_at(self, place: int) -> int | None:
        """Where the code ends in which this place is; None if it is in none."""
        return max(
            filter(None, (_end_at(place, ranges) for ranges in (self.blocks, self.spans))), default=None
        )

    def _find_blocks(self, source: str) -> Iterator[tuple[int, int]]:
        place = 0
        while found := self._FENCE.search(source, place):
            rail = found["rail"]
            closing = re.compile(rf"^[ \t>]*{rail[0]}{{{len(rail)},}}[ \t\r]*$", re.MULTILINE)
            end = closing.search(source, found.end())
            place = end.end() if end else len(source)
            yield found.start(), place

    def _find_spans(self, source: str) -> Iterator[tuple[int, int]]:
        """From a run of ticks to the next of the same length on its line."""
        line: list[re.Match[str]] = []
        for ticks in self._TICKS.finditer(source):
            if line and source.find("\n", line[-1].end(), ticks.start()) >= 0:
                yield from _pairs(line)
                line = []
            line.append(ticks)
        yield from _pairs(line)


def _end_at(place: int, ranges: list[tuple[int, int]]) -> int | None:
    number = bisect_right(ranges, (place, inf)) - 1
    return ranges[number][1] if number >= 0 and place < ranges[number][1] else None


def _pairs(runs: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    last = {ticks[0]: number for number, ticks in enumerate(runs)}
    opened: re.Match[str] | None = None
    for number, ticks in enumerate(runs):
        if opened is None:
            opened = ticks if number < last[ticks[0]] else None
        elif ticks[0] == opened[0]:
            yield opened.start(), ticks.end()
            opened = None
