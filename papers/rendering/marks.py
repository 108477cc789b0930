"""The neutral marks that stored HTML carries, and the filling of them when a page is made.

Marks are made of Unicode noncharacters. No text has a use for these: they are taken out of every source, and
character references to them are replaced, so that nobody can type a mark or break one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape

from django.utils.safestring import SafeString, mark_safe

#: The names that may stand as `[[name]]`, alone on a line, for a list that the site makes.
BLOCK_NAMES = ("topics", "papers")

#: Where pictures are; a picture's name begins with half of the SHA-256 of its bytes.
FIGURE_ROUTE = "/-/figures/"
FIGURE_NAME = r"[0-9a-f]{32}\.(?:png|jpg|webp|gif|avif)"

# These stay inside `render`: around a piece's number, for a `<` that starts no tag, around a number of raw HTML.
PIECE_OPEN, PIECE_CLOSE, LESS_THAN = "\ufdd0", "\ufdd1", "\ufdd2"
RAW_OPEN, RAW_CLOSE = "\ufddc", "\ufddd"

# These are stored: around a block's name; before a path on this site; around a paper's name, an id on its
# page and what is linked to it; around a picture's name, inside its tag.
_BLOCK_OPEN, _BLOCK_CLOSE, SITE_PREFIX = "\ufdd3", "\ufdd4", "\ufdd5"
_LINK_OPEN, _LINK_PLACE, _LINK_TEXT, _LINK_CLOSE = "\ufdd6", "\ufddb", "\ufdd7", "\ufdd8"
_FIGURE_OPEN, _FIGURE_CLOSE = "\ufdd9", "\ufdda"

RESERVED = range(0xFDD0, 0xFDF0)

_BLOCK = re.compile(f"{_BLOCK_OPEN}(?P<block>[a-z]+){_BLOCK_CLOSE}")
_LINK = re.compile(
    f"{_LINK_OPEN}(?P<name>[^{_LINK_PLACE}]*){_LINK_PLACE}(?P<place>[^{_LINK_TEXT}]*)"
    f"{_LINK_TEXT}(?P<text>[^{_LINK_CLOSE}]*){_LINK_CLOSE}"
)
_FIGURE = re.compile(f"{_FIGURE_OPEN}(?P<figure>{FIGURE_NAME}){_FIGURE_CLOSE}")
_MARK = re.compile(f"{SITE_PREFIX}|{_BLOCK.pattern}|{_LINK.pattern}|{_FIGURE.pattern}")


@dataclass(frozen=True, slots=True)
class Targets:
    """What the rest of the site has to offer for a note's marks.

    `prefix` is the script prefix without its last slash (`/papercache`); `blocks` is HTML that is safe already;
    `papers` are addresses by the name that a note gives a paper; `figures` are widths and heights by file name.
    """

    prefix: str = ""
    blocks: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def block_mark(name: str) -> str:
    return f"{_BLOCK_OPEN}{name}{_BLOCK_CLOSE}"


def link_mark(name: str, html: str, place: str = "") -> str:
    """`name` is a paper's as it was typed, `place` an id on its page; `html` is safe already and without marks."""
    return f"{_LINK_OPEN}{escape(name)}{_LINK_PLACE}{place}{_LINK_TEXT}{html}{_LINK_CLOSE}"


def figure_mark(name: str) -> str:
    """Stands for the attributes `src`, `width`, `height` and how the picture is loaded."""
    return f"{_FIGURE_OPEN}{name}{_FIGURE_CLOSE}"


def block_names(html: str) -> frozenset[str]:
    """The blocks that `finish` will ask for, so that only these need to be built."""
    return frozenset(found["block"] for found in _BLOCK.finditer(html))


def paper_names(html: str) -> frozenset[str]:
    """The names of papers, as typed, that `finish` will look for in `Targets.papers`."""
    return frozenset(unescape(found["name"]) for found in _LINK.finditer(html))


def linked_places(html: str) -> frozenset[tuple[str, str]]:
    """Names of papers with the id on their page that is meant, where one is."""
    return frozenset(
        (unescape(found["name"]), found["place"]) for found in _LINK.finditer(html) if found["place"]
    )


def figure_names(html: str) -> frozenset[str]:
    return frozenset(found["figure"] for found in _FIGURE.finditer(html))


def finish(html: str, targets: Targets) -> SafeString:
    """What is not offered becomes the words that the author typed."""
    prefix = escape(targets.prefix)

    def fill(mark: re.Match[str]) -> str:
        match mark.lastgroup:
            case "block":
                block = targets.blocks.get(mark["block"])
                return f"<p>[[{mark['block']}]]</p>" if block is None else block
            case "text":
                return _link(mark, targets.papers.get(unescape(mark["name"])))
            case "figure":
                return _picture(mark["figure"], prefix, targets.figures.get(mark["figure"]))
        return prefix

    return mark_safe(_MARK.sub(fill, html))


def _link(mark: re.Match[str], url: str | None) -> str:
    if url is None:
        return mark["text"]
    place = f"#{mark['place']}" if mark["place"] else ""
    return f'<a class="to-paper" href="{escape(url)}{place}">{mark["text"]}</a>'


def _picture(name: str, prefix: str, size: tuple[int, int] | None) -> str:
    """The size keeps the page from jumping when the picture comes."""
    source = f'src="{prefix}{FIGURE_ROUTE}{name}" loading="lazy" decoding="async"'
    return f'{source} width="{size[0]}" height="{size[1]}"' if size else source
