"""HTML in Markdown that browsers run, or show out of other files: text for GitHub's Markdown. Pure."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from ..rendering.ends import Ends
from ..rendering.leftovers import NOSCRIPT, linked, with_lazy_pictures, without_script
from ..rendering.shown_formulas import with_tex
from .texts import outside_code

_RUN = re.compile(r"<(?P<name>script|style|svg)\b[^<>]*>", re.IGNORECASE)
_PLAYED = re.compile(r"<(?P<name>iframe|video|audio)\b[^<>]*>", re.IGNORECASE)
_TEX = re.compile(r"<script\b[^<>]*\bmath/tex", re.IGNORECASE)
_SOURCE = re.compile(r"""\ssrc\s*=\s*["']?(?P<address>[^\s<>"']+)""", re.IGNORECASE)
# With its line, where that has nothing else.
_TAG = r"</?(?:picture|source|link)\b[^<>]*>"
_TAGS = re.compile(rf"^[ \t]{{0,8}}{_TAG}[ \t]*+\n|{_TAG}", re.IGNORECASE | re.MULTILINE)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_DRAWING = re.compile(r"<svg\b", re.IGNORECASE)
_INDENTED = re.compile(r"(?:\A|^[ \t]*\n)(?:(?:[ ]{4}|[ ]{0,3}\t)[^\n]*+(?:\n|\Z))++", re.MULTILINE)
_NO_END_OF_LINE = re.compile(r"[^\n]")


def count_drawings(source: str) -> int:
    return sum(1 for _one in in_text(_DRAWING, source))


def without_scripts(source: str) -> str:
    """In as many lines; those with TeX in them are formulas. Drawings go too."""

    def instead(whole: str) -> str:
        return with_tex(whole) if _TEX.match(whole) else "\n" * whole.count("\n")

    return _elements(_RUN, source, instead)


def with_pictures(source: str) -> str:
    """Those that a script would have put in the place of others, once."""
    parts: list[str] = []
    done = 0
    for place in [found.start() for found in in_text(NOSCRIPT, source)]:
        if place >= done and (noscript := NOSCRIPT.match(source, place)):
            parts += [source[done:place], without_script(noscript)]
            done = noscript.end()
    return _elements(_IMAGE, "".join([*parts, source[done:]]), with_lazy_pictures)


def with_links(source: str) -> str:
    """Films and other pages are links, as they are in HTML; of pictures to choose from there is one."""
    return _elements(_TAGS, _elements(_PLAYED, source, _link), lambda _tag: "")


def in_text(pattern: re.Pattern[str], source: str) -> Iterator[re.Match[str]]:
    """What a pattern finds in Markdown, but for all kinds of code: the match is in a text as long as the source."""
    return outside_code(pattern, _INDENTED.sub(_blank, source)) if pattern.search(source) else iter(())


def _blank(found: re.Match[str]) -> str:
    return _NO_END_OF_LINE.sub(" ", found[0])


def _link(whole: str) -> str:
    found = _SOURCE.search(whole)
    return linked(found["address"]) if found else ""


def _elements(pattern: re.Pattern[str], source: str, by: Callable[[str], str]) -> str:
    """With what `by` makes of each: of its whole element where the pattern names that; what is not closed stays."""
    ends = Ends(source)
    parts: list[str] = []
    done = 0
    for found in in_text(pattern, source):
        start, name = found.start(), found.groupdict().get("name")
        closed = ends.after(_closing_tag(name.lower()), found.end()) if name else found
        if closed is None or start < done:
            continue
        parts += [source[done:start], by(source[start : closed.end()])]
        done = closed.end()
    return "".join([*parts, source[done:]])


@cache
def _closing_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.IGNORECASE)
