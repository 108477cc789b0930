"""Checks the converter's MathML, and turns its styles into classes, since a strict CSP ignores styles."""

import re
from html import escape

from .tex import MARKER

_ELEMENTS = {
    "a",
    "annotation",
    "b",
    "code",
    "em",
    "i",
    "maction",
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "s",
    "semantics",
    "span",
    "strong",
    "u",
}
_ATTRIBUTES = {
    "accent",
    "accentunder",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "encoding",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowspan",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
}
# Those whose values matter too: a label may have any characters, but it cannot end the attribute.
_VALUES = {
    "class": re.compile(r"math-core-[a-z-]+|menclose-[a-z]+"),
    "href": re.compile(r"#eq-.*"),
    "id": re.compile(r"eq-.*"),
}
# Whatever has no class here is unexpected: to drop it would draw another formula than was written.
_CLASSES = {
    "text-align:left": "m-left",
    "text-align:right": "m-right",
    "padding-left:0": "m-no-left",
    "padding-left:0.1em": "m-double-line",
    "padding-left:0.1667em": "m-thin-left",
    "padding-left:0.2222em": "m-medium-left",
    "padding-left:0.2778em": "m-thick-left",
    "padding-left:1em": "m-condition",
    "padding-right:0": "m-no-right",
    "padding-right:0.1667em": "m-thin-right",
    "padding-right:0.2222em": "m-medium-right",
    "padding-right:0.2778em": "m-thick-right",
    "padding-top:0": "m-tight",
    "padding-top:0.1667em": "m-continued",
    "width:100%": "m-full",
    "width:50%": "m-half",
    "width:7.5%": "m-margin",
    "border-top:0.05em solid currentcolor": "m-line-top",
    "border-right:0.05em solid currentcolor": "m-line-right",
    "border-bottom:0.05em solid currentcolor": "m-line-bottom",
    "border-left:0.05em solid currentcolor": "m-line-left",
    "border-top:0.05em dashed currentcolor": "m-dash-top",
    "border-right:0.05em dashed currentcolor": "m-dash-right",
    "border-bottom:0.05em dashed currentcolor": "m-dash-bottom",
    "border-left:0.05em dashed currentcolor": "m-dash-left",
    "math-shift:compact": "m-cramped",
    "font-variant-caps:small-caps": "m-small-caps",
}
# What one of the classes above says too.
_IMPLIED = {"", "justify-items:start", "justify-items:end", "padding-right:0.1em", "padding-bottom:0"}

_TAG = re.compile(r'<(/?)([a-z]+)((?: [a-z]+="[^"<>]*")*+)(/?)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_COLOR = re.compile(r"color:(#[0-9A-Fa-f]{6})")
_FONT_SIZE = re.compile(r"font-size:(\d+(?:\.\d+)?%)")
_BACK = re.compile(r"margin-left:-([\d.]+)(em|rem|ex)")
_WIDTH = re.compile(r"width:[\d.]+rem")
_SPACE = re.compile(r"\s*:\s*")
_COLORED_BOX = re.compile(rf'<mrow mathcolor="(#\w+)"(?: class="m(-deep)")?>((?:<mrow>)*)<mi>{MARKER}</mi>')
_STRUCK = re.compile(rf'<menclose notation="updiagonalstrike">((?:<mrow>)*)<mi>{MARKER}</mi>')
_SOURCE_OPEN, _SOURCE_CLOSE = '<annotation encoding="application/x-tex">', "</annotation></semantics></math>"
# A line under the last row comes as a row of its own, with one empty cell.
_LAST_LINE = re.compile(r'<mtr><mtd class="[^"]*\bm-(line|dash)-top\b[^"]*"></mtd></mtr></mtable>')
# Characters that the browser stretches, or draws in the right place, instead of others that it does not.
_REDRAWN = {
    '<mo stretchy="false">\u20d7</mo>': '<mo stretchy="true">\u20d7</mo>',
    '<mo stretchy="true">~</mo>': '<mo stretchy="true">\u02dc</mo>',
    '<mo stretchy="true">\u0332</mo></mover>': '<mo stretchy="true" class="m-bar">\u0332</mo></mover>',
    "<mo>\u20db</mo>": "<mo>\u02d9\u02d9\u02d9</mo>",
    "<mo>\u20dc</mo>": "<mo>\u02d9\u02d9\u02d9\u02d9</mo>",
}
_TO_REDRAW = re.compile("|".join(map(re.escape, _REDRAWN)))

# Negative spaces are classes by eighteenths of an em, the unit that TeX counts them in.
_UNITS = {"em": 18.0, "rem": 18.0, "ex": 8.0}
_BACK_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 24, 36)


class UnexpectedMarkup(Exception):
    """The converter gave something that it never should."""


def without_styles(mathml: str) -> str:
    rest = _TAG.sub("", mathml)
    if "<" in rest or ">" in rest:
        raise UnexpectedMarkup(rest[:40])
    _check_nesting(mathml)
    mathml = _TAG.sub(_tag, mathml)
    mathml = _COLORED_BOX.sub(r'<mrow class="m-box\2" mathbackground="\1">\3', mathml)
    mathml = _STRUCK.sub(r'<menclose notation="horizontalstrike">\1', mathml)
    if MARKER in mathml.partition(_SOURCE_OPEN)[0]:
        raise UnexpectedMarkup("mi")
    mathml = _LAST_LINE.sub(r'<mtr class="m-last-\1"></mtr></mtable>', mathml)
    return _TO_REDRAW.sub(lambda found: _REDRAWN[found[0]], mathml)


def _check_nesting(mathml: str) -> None:
    """One formula, whose tags are all closed by themselves: what follows it is not inside it."""
    open_tags: list[str] = []
    for tag in _TAG.finditer(mathml):
        closing, name, _attributes, empty = tag.groups()
        is_inside = len(open_tags) > len(closing)
        if is_inside == (name == "math") or (closing and open_tags[-1:] != [name]):
            raise UnexpectedMarkup(name)
        if closing:
            open_tags.pop()
        elif not empty:
            open_tags.append(name)
    if open_tags:
        raise UnexpectedMarkup(open_tags[-1])


def with_source(mathml: str, tex: str) -> str:
    """With what the author typed, for copying, instead of what the converter was given."""
    start = mathml.rfind(_SOURCE_OPEN)
    if start < 0 or not mathml.endswith(_SOURCE_CLOSE):
        raise UnexpectedMarkup("math")
    return f"{mathml[:start]}{_SOURCE_OPEN}{escape(tex, quote=False)}{_SOURCE_CLOSE}"


def _tag(found: re.Match[str]) -> str:
    closing, name, attributes, empty = found.groups()
    if name not in _ELEMENTS:
        raise UnexpectedMarkup(name)
    kept: dict[str, str] = {}
    for attribute, value in _ATTRIBUTE.findall(attributes):
        if attribute == "style":
            _restyle(kept, value)
        elif _is_allowed(attribute, value):
            kept[attribute] = value
        else:
            raise UnexpectedMarkup(attribute)
    inside = "".join(f' {key}="{value}"' for key, value in kept.items())
    return f"<{closing}{name}{inside}{empty}>"


def _is_allowed(attribute: str, value: str) -> bool:
    allowed = _VALUES.get(attribute)
    return attribute in _ATTRIBUTES if allowed is None else allowed.fullmatch(value) is not None


def _restyle(attributes: dict[str, str], style: str) -> None:
    """Colours and sizes become attributes, the rest classes."""
    classes = attributes.get("class", "").split()
    for declaration in style.split(";"):
        declared = _SPACE.sub(":", declaration.strip())
        if color := _COLOR.fullmatch(declared):
            attributes["mathcolor"] = color[1]
            classes += ["m-deep"] if _is_deep(color[1]) else []
        elif size := _FONT_SIZE.fullmatch(declared):
            attributes["mathsize"] = size[1]
        elif back := _BACK.fullmatch(declared):
            classes.append(_back(float(back[1]) * _UNITS[back[2]]))
        elif declared in _CLASSES:
            classes.append(_CLASSES[declared])
        elif declared not in _IMPLIED and not _WIDTH.fullmatch(declared):
            raise UnexpectedMarkup(declared)
    if classes:
        attributes["class"] = " ".join(classes)


def _is_deep(color: str) -> bool:
    """Too dark to be read on dark paper."""
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.22


def _back(eighteenths: float) -> str:
    return f"m-back-{min(_BACK_STEPS, key=lambda step: abs(step - eighteenths))}"
