"""Formulas as scripts or browsers show them on a page, back to the TeX that they were made of."""

import re
from collections import defaultdict
from html import unescape
from urllib.parse import unquote

from .dollars import FormulaFinder

# A tag ends at its `>`, and at the latest where the next one begins or the page ends: none is looked through twice.
# What is in scripts, styles and comments only looks like one.
_TAG = re.compile(
    r"""<(?:script|style)\b[^<>]*>(?:(?!</?(?:script|style)\b).)*+ | <!--(?:(?!-->).)*+
    | <(?P<closing>/?)(?P<name>span|div|mjx-container)(?=[\s/>])
    (?P<rest>(?:[^<>"']++|"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|(?=<)|\Z)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_CLASS = re.compile(r"""\bclass\s*=\s*["']?([^"'>]*)""", re.IGNORECASE)
_KATEX = {"katex", "katex-display"}
# Of the second version of MathJax, which leaves the script beside what it shows.
_BESIDE_SCRIPTS = {
    "MathJax",
    "MathJax_CHTML",
    "MathJax_Display",
    "MathJax_Preview",
    "MathJax_SVG",
    "MathJax_SVG_Display",
    "MJXc-display",
    "mjx-chtml",
}
_SCRIPT = re.compile(
    r"""<script\b(?=[^<>]*+>)(?P<rest>(?>[^<>]*\btype\s*=\s*["']?math/tex[^<>]*))>
    (?P<tex>(?:(?!<script\b).)*?)</script\s*>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_MATHML = re.compile(
    r"<math\b(?P<rest>[^<>]*)>(?P<inside>(?:(?!<math\b).)*?)</math\s*>", re.IGNORECASE | re.DOTALL
)
# Of which the words alone, one after the other, are another formula.
_STACKED = re.compile(
    r"<m(?:frac|sqrt|root|sup|sub|subsup|under|over|underover|table|multiscripts|enclose)\b|\bvlist\b",
    re.IGNORECASE,
)
_ITS_SCRIPT = re.compile(r"\s*<script\b[^<>]*\bmath/tex", re.IGNORECASE)
_ANNOTATION = re.compile(
    r"""<annotation\b(?=[^<>]*+>)(?>[^<>]*application/x-tex[^<>]*>)
    (?P<tex>(?:(?!<annotation\b).)*?)</annotation\s*>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_LATEX = re.compile(
    r"""\sdata-latex\s*=\s*(?P<quote>["'])(?P<tex>.*?)(?P=quote)""", re.IGNORECASE | re.DOTALL
)
# What hides TeX from an old parser of XML.
_CDATA = re.compile(r"%?\s*<!\[CDATA\[|%?\s*\]\]>")
# Pictures of formulas, drawn by a service out of their addresses.
_DRAWN = re.compile(
    r"""<img\b(?=[^<>]*+>)[^<>]*?\ssrc\s*=\s*["'](?:https?:)?//(?:www\.zhihu\.com/equation\?tex=|latex\.codecogs\.com/[\w.]+\?
    |math\.jianshu\.com/math\?formula=)(?P<tex>[^"'<>]+)["'][^<>]*>""",
    re.IGNORECASE | re.VERBOSE,
)
# As pandoc writes one if it is not told who shows it.
_PANDOC = re.compile(
    r"""<span\b(?>[^<>]*?\bclass\s*=\s*["']math\ (?P<kind>inline|display)["'])[^<>]*+>(?P<tex>[^<>$]*+)</span\s*>""",
    re.IGNORECASE | re.VERBOSE,
)
_DELIMITED = re.compile(r"\s*\\[(\[]")
_ANY_TAG = re.compile(r"<[^<>]*>")
_DISPLAY = re.compile(r"""\bkatex-display\b|\bdisplay\s*=\s*["']?(?:block|true)\b""", re.IGNORECASE)


def with_tex(html: str) -> str:
    """What an author types, in the place of what KaTeX, MathJax or MathML show, as far as their TeX is on the page."""
    html = _PANDOC.sub(_of_pandoc, _SCRIPT.sub(_of_script, _without_shown(html)))
    return _DRAWN.sub(_drawn, _MATHML.sub(_annotated, html))


def count_lost(html: str) -> int:
    """Formulas that are on the page without their TeX, as drawings or as parts that mean something else in a row."""
    number = done = 0
    between: list[str] = []
    for start, end in _outermost(html, _KATEX):
        between.append(html[done:start])
        number += _is_lost(html, start, end)
        done = end
    rest = "".join([*between, html[done:]])
    return number + sum(
        _ANNOTATION.search(found[0]) is None and _STACKED.search(found[0]) is not None
        for found in _MATHML.finditer(rest)
    )


def _is_lost(html: str, start: int, end: int) -> bool:
    shown = html[start:end]
    if _tex_in(shown) or _ITS_SCRIPT.match(html, end):
        return False
    is_container = shown[:4].lower() == "<mjx"
    return _STACKED.search(shown) is not None or (is_container and not _MATHML.search(shown))


def _without_shown(html: str) -> str:
    marks = _KATEX | _BESIDE_SCRIPTS if _SCRIPT.search(html) else _KATEX
    parts, done = [], 0
    for start, end in _outermost(html, marks):
        parts += [html[done:start], _source_of(html, start, end)]
        done = end
    return "".join([*parts, html[done:]])


def _outermost(html: str, marks: set[str]) -> list[tuple[int, int]]:
    """From where to where elements go that show a formula."""
    opened: dict[str, list[int]] = defaultdict(list)
    found: list[tuple[int, int]] = []
    for tag in _TAG.finditer(html):
        places = opened[(tag["name"] or "").lower()]
        if tag["name"] and not tag["closing"] and not tag["rest"].endswith("/"):
            is_one = tag["name"][:3].lower() == "mjx" or _shows_formula(tag, marks)
            places.append(tag.start() if is_one else -1)
        elif tag["closing"] and places and (start := places.pop()) >= 0:
            while found and found[-1][0] > start:
                found.pop()
            if not found or found[-1][1] <= start:
                found.append((start, tag.end()))
    return found


def _shows_formula(tag: re.Match[str] | None, marks: set[str]) -> bool:
    classes = _CLASS.search(tag["rest"]) if tag else None
    return classes is not None and not marks.isdisjoint(classes[1].split())


def _source_of(html: str, start: int, end: int) -> str:
    """Nothing for what stands beside its script; what has no TeX stays as it is, or as its MathML."""
    shown = html[start:end]
    is_container = shown[:4].lower() == "<mjx"
    if not is_container and _shows_formula(_TAG.match(shown), _BESIDE_SCRIPTS):
        return ""
    tex = _tex_in(shown)
    if tex is None:
        mathml = None if _ITS_SCRIPT.match(html, end) else _MATHML.search(shown)
        return (mathml[0] if mathml else "") if is_container else shown
    is_display = _DISPLAY.search(shown, 0, tex.start()) is not None
    return typed(html, start, end, unescape(tex["tex"]), is_display=is_display)


def _tex_in(shown: str) -> re.Match[str] | None:
    found = _ANNOTATION.search(shown) or _LATEX.search(shown)
    return found if found and found["tex"].strip() else None


def _annotated(found: re.Match[str]) -> str:
    tex = _ANNOTATION.search(found["inside"])
    if tex is None:
        return _ANY_TAG.sub("", found["inside"])  # the sanitiser would drop its words too
    return typed(found.string, *found.span(), unescape(tex["tex"]), is_display="block" in found["rest"])


def _of_script(found: re.Match[str]) -> str:
    tex = _CDATA.sub("", found["tex"])
    return typed(found.string, *found.span(), tex, is_display="display" in found["rest"])


def _of_pandoc(found: re.Match[str]) -> str:
    if _DELIMITED.match(found["tex"]) or not found["tex"].strip():
        return found[0]
    return typed(found.string, *found.span(), unescape(found["tex"]), is_display=found["kind"] == "display")


def _drawn(found: re.Match[str]) -> str:
    """Two backslashes at the end say that it stood alone."""
    tex = unquote(unescape(found["tex"].replace("&amp;", "&").replace("+", " ").replace("&space;", " ")))
    return typed(found.string, *found.span(), tex.removesuffix("\\\\"), is_display=tex.endswith("\\\\"))


def typed(html: str, start: int, end: int, tex: str, *, is_display: bool) -> str:
    """Between dollars, or in round brackets where dollars could be money there."""
    tex = tex.strip()
    if is_display:
        return f"$${tex}$$"
    before = html[max(0, start - 1) : start]
    read = FormulaFinder(f"{before}${tex}${html[end : end + 3]}").find(len(before))
    return f"${tex}$" if read and read.tex == tex else rf"\({tex}\)"
