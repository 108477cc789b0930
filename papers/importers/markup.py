"""HTML in Markdown that browsers run, or show out of other files: text for GitHub's Markdown."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator

from ..figures import Code
from ..rendering.leftovers import NOSCRIPT, linked, with_lazy_pictures, without_script
from ..rendering.shown_formulas import with_tex
from .texts import GIST, outside_code

_RUN = re.compile(r"<(?P<name>script|style|svg)\b[^<>]*>", re.IGNORECASE)
_PLAYED = re.compile(r"<(?P<name>iframe|video|audio)\b[^<>]*>", re.IGNORECASE)
_TEX = re.compile(r"<script\b[^<>]*\bmath/tex", re.IGNORECASE)
_GIST = re.compile(rf"<script\b[^<>]*?{GIST}", re.IGNORECASE)
_SOURCE = re.compile(r"""\ssrc\s*=\s*["']?(?P<address>[^\s<>"']+)""", re.IGNORECASE)
# With its line, where that has nothing else.
_TAG = r"</?(?:picture|source|link)\b[^<>]*>"
_TAGS = re.compile(rf"^[ \t]{{0,8}}{_TAG}[ \t]*+\n|{_TAG}", re.IGNORECASE | re.MULTILINE)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_CLOSING = re.compile(r"</(?P<name>script|style|svg|iframe|video|audio)\s*>", re.IGNORECASE)


def count_drawings(source: str) -> int:
    return sum(source[start : start + 4].lower() == "<svg" for start, _end in _places(_RUN, source))


def without_scripts(source: str) -> str:
    """In as many lines; those with TeX in them are formulas, GitHub's code is a link. Drawings go too."""

    def instead(whole: str) -> str:
        gist = _GIST.match(whole)
        if gist:
            return linked(gist["address"])
        return with_tex(whole) if _TEX.match(whole) else "\n" * whole.count("\n")

    return _elements(_RUN, source, instead)


def with_pictures(source: str) -> str:
    """Those that a script would have put in the place of others, once."""
    parts: list[str] = []
    done = 0
    code = Code(source)
    for noscript in outside_code(NOSCRIPT, source):
        if code.end_at(noscript.end() - 1) is None:
            parts += [source[done : noscript.start()], without_script(noscript)]
            done = noscript.end()
    return _elements(_IMAGE, "".join([*parts, source[done:]]), with_lazy_pictures)


def with_links(source: str) -> str:
    """Films and other pages are links, as they are in HTML; of pictures to choose from there is one."""
    return _elements(_TAGS, _elements(_PLAYED, source, _link), lambda _tag: "")


def _link(whole: str) -> str:
    found = _SOURCE.search(whole)
    return linked(found["address"]) if found else ""


def _elements(pattern: re.Pattern[str], source: str, by: Callable[[str], str]) -> str:
    """With what `by` makes of each: of its whole element where the pattern names that; what is not closed stays."""
    parts: list[str] = []
    done = 0
    for start, end in _places(pattern, source):
        parts += [source[done:start], by(source[start:end])]
        done = end
    return "".join([*parts, source[done:]])


def _places(pattern: re.Pattern[str], source: str) -> Iterator[tuple[int, int]]:
    """Where they are. One that is only spoken of, `<svg>`, does not go on to the end of another or of its name in code."""
    found = list(outside_code(pattern, source))
    if "name" not in pattern.groupindex:
        yield from (one.span() for one in found)
        return
    closings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    code = Code(source)
    for closing in _CLOSING.finditer(source) if found else ():
        if code.end_at(closing.start()) is None:
            closings[closing["name"].lower()].append(closing.span())
    done, following = 0, _following(found)
    for one in found:
        ends = closings[one["name"].lower()]
        place = bisect_left(ends, (one.end(), 0))
        if one.start() < done or place == len(ends):
            continue
        other = following[one.start()]
        is_in_it = pattern is _RUN and _begins_line(source, one.start()) and not _begins_line(source, other)
        if other > ends[place][0] or is_in_it:
            done = ends[place][1]
            yield one.start(), done


def _following(found: list[re.Match[str]]) -> dict[int, int]:
    """Where each begins, and where the next of its name does."""
    places: dict[int, int] = {}
    last: dict[str, int] = {}
    for one in reversed(found):
        name = one["name"].lower()
        places[one.start()] = last.get(name, len(one.string))
        last[name] = one.start()
    return places


def _begins_line(source: str, place: int) -> bool:
    before = source[max(0, place - 9) : place].rpartition("\n")
    return not before[2].strip() and (bool(before[1]) or place < 9)
