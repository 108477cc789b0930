"""What a source holds, whatever its kind: the same for every reader, and all that the writer knows of it."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """One file is left out: a sentence, and the line that it is about."""

    def __init__(self, reason: str, line: int = 1) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something in a file that was left out, while the rest went in."""

    line: int
    reason: str


@dataclass(slots=True)
class Found:
    """One note. What the source does not say is not in `values`, and stays as it is on the site.

    `values` are columns of Paper as a revision has them; `section` are the slugs below the root; of `slugs` the first
    one that is free is taken; `addresses` are former paths for certain, `guesses` those that it may have had;
    `uid` is there if the source knows the paper's.
    """

    source: str
    values: dict[str, Any]
    section: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    uid: str = ""
    tags: tuple[str, ...] = ()
    is_draft: bool = False
    addresses: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()
    troubles: list[Trouble] = field(default_factory=list)
    #: When readers first saw it.
    first_public_at: str = ""
    #: A hash of the file's text, by which it is known when it is renamed; an export's notes are known by their uids.
    content: str = ""
    #: Only an export of this site does: even of what is not public.
    keeps_addresses: bool = False

    def digest(self) -> str:
        """Equal while the source says the same."""
        return _digest([self.values, self.section, self.slugs, self.tags, self.is_draft])


@dataclass(slots=True)
class FoundSection:
    """A section as a revision has it: only an export of this site has these."""

    source: str
    values: dict[str, Any]
    addresses: tuple[str, ...] = ()
    troubles: list[Trouble] = field(default_factory=list)

    def digest(self) -> str:
        return _digest(self.values)


@dataclass(slots=True)
class FoundChange:
    """What an editor had saved of a public paper and not published yet."""

    source: str
    uid: str
    values: dict[str, Any]
    tags: tuple[str, ...] = ()
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(slots=True)
class FoundPage:
    """A page of the site's own at the path of a section: `values` are its title and text."""

    source: str
    values: dict[str, Any]
    section: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    troubles: list[Trouble] = field(default_factory=list)

    def digest(self) -> str:
        return _digest(self.values)


Anything = Found | FoundSection | FoundChange | FoundPage


def _digest(said: Any) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
