"""Ids and the list of contents."""

import re
import unicodedata
from html import unescape
from urllib.parse import unquote

from .cleaning import author_id
from .pieces import Piece
from .result import Heading
from .text import plain_text

#: Keeps the ids of a note apart from those of the page around it.
PREFIX = "s-"
_LONGEST = 80

_HEADING = re.compile(r"<h([1-6])((?: [^<>]*)?)>(.*?)</h\1>", re.DOTALL)
_ID = re.compile(r' id="([^"]*)"')
_LINK_HERE = re.compile(r'(<a\b[^<>]*? href="#)([^"]*)"')
_NOT_IN_ID = re.compile(r"[^\w\s-]")
_GAP = re.compile(r"[\s-]+")


def number_headings(html: str, pieces: list[Piece]) -> tuple[str, tuple[Heading, ...]]:
    """The HTML with an id in each heading, and the headings that have words."""
    taken: dict[str, int] = {}
    contents: list[Heading] = []

    def with_id(found: re.Match[str]) -> str:
        level, attributes, inner = found.groups()
        given = _ID.search(attributes)
        text = plain_text(inner, pieces)
        id = unique(given[1] if given else heading_id(text), taken)
        if text:
            contents.append(Heading(int(level), id, text))
        return f'<h{level} id="{id}"{_ID.sub("", attributes)}>{inner}</h{level}>'

    return _HEADING.sub(with_id, html), tuple(contents)


def aim_links(html: str) -> str:
    """Links within the note lead to the ids that we gave: `#结论`, as on GitHub, to `#s-结论`."""
    ids = set(_ID.findall(html))

    def aimed(link: re.Match[str]) -> str:
        target = unquote(unescape(link[2]))
        candidates = (target, heading_id(target), author_id(target))
        found = next((id for id in candidates if id in ids), link[2])
        return f'{link[1]}{found}"'

    return _LINK_HERE.sub(aimed, html) if ' href="#' in html else html


def heading_id(text: str) -> str:
    """`2. 推理 加速!` becomes `s-2-推理-加速`."""
    words = _NOT_IN_ID.sub("", unicodedata.normalize("NFC", text).lower())
    slug = _GAP.sub("-", words)[:_LONGEST].strip("-")
    return PREFIX + (slug or "section")


def unique(id: str, taken: dict[str, int]) -> str:
    """`taken` says where to go on counting, so that a thousand equal headings cost no million comparisons."""
    candidate, number = id, taken.get(id, 0)
    while candidate in taken:
        number += 1
        candidate = f"{id}-{number}"
    taken[id] = max(number, 1)
    taken.setdefault(candidate, 1)
    return candidate
