"""The neutral marks that stored HTML carries, and the filling of them when a page is made.

Marks are made of Unicode noncharacters. No text has a use for these: they are taken out of every source, and
character references to them are replaced, so that nobody can type a mark or break one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString, mark_safe

#: The names that may stand as `[[name]]`, alone on a line, for a list that the site makes.
BLOCK_NAMES = ("topics", "papers")

# These stay inside `render`: around a piece's number, and for a `<` that starts no tag.
PIECE_OPEN, PIECE_CLOSE, LESS_THAN = "\ufdd0", "\ufdd1", "\ufdd2"

# These are stored: around a block's name, and before a path on this site.
_BLOCK_OPEN, _BLOCK_CLOSE, SITE_PREFIX = "\ufdd3", "\ufdd4", "\ufdd5"

RESERVED = range(0xFDD0, 0xFDF0)

_BLOCK = re.compile(f"{_BLOCK_OPEN}([a-z]+){_BLOCK_CLOSE}")
_MARK = re.compile(f"{SITE_PREFIX}|{_BLOCK.pattern}")


@dataclass(frozen=True, slots=True)
class Targets:
    """What the rest of the site has to offer for a note's marks.

    `prefix` is the script prefix without its last slash (`/papercache`); `blocks` is HTML that is safe already.
    """

    prefix: str = ""
    blocks: Mapping[str, str] = field(default_factory=dict)


def block_mark(name: str) -> str:
    return f"{_BLOCK_OPEN}{name}{_BLOCK_CLOSE}"


def block_names(html: str) -> frozenset[str]:
    """The blocks that `finish` will ask for, so that only these need to be built."""
    return frozenset(_BLOCK.findall(html))


def finish(html: str, targets: Targets) -> SafeString:
    """A block that is not offered becomes the words that the author typed."""
    prefix = escape(targets.prefix)

    def fill(mark: re.Match[str]) -> str:
        name = mark[1]
        if name is None:
            return prefix
        block = targets.blocks.get(name)
        return f"<p>[[{name}]]</p>" if block is None else block

    return mark_safe(_MARK.sub(fill, html))
