"""Bytes of a file to its text: which encoding it is in, and what makes it no text at all; markup to its words."""

import codecs
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from django.utils.translation import gettext as _

from ..figures import Code
from .found import Refused

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What nobody writes but what other encodings look like when they are read as GB18030.
_UNLIKELY = re.compile("[\x80-\x9f\ue000-\uf8ff\U000f0000-\U0010ffff]")
# With the signs that Chinese has of its own: quotes, dashes, dots, numbers in circles.
_CHINESE = re.compile(r"[\u2014-\u2026\u2460-\u249b\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_OTHER = re.compile(r"[^\x00-\x7f]")
_TAG = re.compile(r"<[^<>]*>")
#: A block of code in Markdown, for verbose patterns that leave it as it is; one that is not closed goes to the end.
CODE_BLOCK = (
    r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*+(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})"
    r"(?:.*?^[ \t>]*+(?P=fence)[`~]*[ \t]*$|.*)"
)

#: In a script's tag: code that it would have shown.
GIST = r"""\ssrc\s*=\s*["']?(?P<address>https://gist\.github\.com/[\w./-]+?)\.js\b"""

# What begins an item, below which indented lines are text: a list's or a footnote's.
_ITEM = re.compile(r"[ >]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\Z)|[ ]{0,3}\[\^[^\[\]]+\]:|:[ \t]")
_INDENT = re.compile(r"[ ]{4}|[ ]{0,3}\t")


class Indented:
    """Where Markdown shows lines as they are typed since they are indented; not in lists, where they are most often text."""

    def __init__(self, source: str) -> None:
        self._ranges = list(_indented(source))

    def end_at(self, place: int) -> int | None:
        """Where the line ends in which this place is; None if it is none of these."""
        number = bisect_right(self._ranges, place, key=lambda one: one[0]) - 1
        return self._ranges[number][1] if number >= 0 and place < self._ranges[number][1] else None


def _indented(source: str) -> Iterator[tuple[int, int]]:
    place, is_in_list, is_open = 0, False, True
    for line in source.split("\n"):
        end = place + len(line)
        if not line.strip():
            is_open = True
        elif _INDENT.match(line):
            is_open = is_open and not is_in_list
            if is_open:
                yield place, end
        else:
            is_in_list = bool(_ITEM.match(line)) or (is_in_list and not (is_open and line[0] != " "))
            is_open = False
        place = end + 1


def in_utf8(data: bytes) -> bytes:
    """UTF-16 says at its start what it is, and has to be read before anything can be looked for in it."""
    if not data.startswith(_UTF16):
        return data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise Refused(_("不是完整的 UTF-16 文本")) from None


def text_of(data: bytes) -> str:
    """With line feeds alone. Raises Refused."""
    place = data.find(b"\0")
    if place >= 0:
        raise Refused(_("含有 NUL 字符，像是二进制文件"), _line(data, place))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text = _chinese(data, error.start)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def words_of(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", markup)).split())


def outside_code(
    pattern: re.Pattern[str], source: str, *, is_markdown: bool = True
) -> Iterator[re.Match[str]]:
    """What a pattern finds, but in Markdown nothing that begins in what is shown as it is typed."""
    found = pattern.search(source)
    if found is None:  # as in most notes: to look for code takes longer
        return
    if not is_markdown:
        yield from pattern.finditer(source)
        return
    code, indented, place = Code(source), Indented(source), found.start()
    while found := pattern.search(source, place):
        end = code.end_at(found.start()) or indented.end_at(found.start())
        if end is None:
            yield found
        place = found.end() if end is None else end


def with_lines(matches: Iterable[re.Match[str]]) -> Iterator[tuple[int, re.Match[str]]]:
    """Each of those in one text, from its front to its back, with its line there."""
    line, done = 1, 0
    for found in matches:
        line, done = line + found.string.count("\n", done, found.start()), found.start()
        yield line, found


def replaced(
    pattern: re.Pattern[str],
    by: str | Callable[[re.Match[str]], str],
    source: str,
    *,
    is_markdown: bool = True,
) -> str:
    """As `pattern.sub`, but for code in Markdown."""
    parts, done = [], 0
    for found in outside_code(pattern, source, is_markdown=is_markdown):
        parts += [source[done : found.start()], found.expand(by) if isinstance(by, str) else by(found)]
        done = found.end()
    return "".join([*parts, source[done:]])


def _chinese(data: bytes, start: int) -> str:
    """GB18030, if that makes Chinese of it: it makes something of nearly any bytes."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    others = len(_OTHER.findall(text))
    if not others or _UNLIKELY.search(text) or len(_CHINESE.findall(text)) < others * 0.8:
        raise Refused(_("既不是 UTF-8 也不是 GB18030"), _line(data, start))
    return text


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
