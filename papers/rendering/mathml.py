"""Checks the converter's MathML, and turns its styles into classes, since a strict CSP ignores styles."""

import re

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
    "class",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "encoding",
    "fence",
    "form",
    "height",
    "href",
    "id",
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
_CLASSES = {
    "text-align:left": "m-left",
    "text-align:right": "m-right",
    "padding-left:0": "m-no-left",
    "padding-right:0": "m-no-right",
    "padding-left:1em": "m-condition",
    "padding-left:0.1em": "m-double-line",
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
    "margin-left:-0.16666667em": "m-back",
    "margin-left:-0.2777778em": "m-back-thick",
    "margin-left:-1em": "m-back-quad",
    "math-shift:compact": "m-cramped",
    "font-variant-caps:small-caps": "m-small-caps",
}

_TAG = re.compile(r'<(/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)(/?)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_COLOR = re.compile(r"color:(#[0-9A-Fa-f]{6})")
_SPACE = re.compile(r"\s*:\s*")


class UnexpectedMarkup(Exception):
    """The converter gave something that it never should."""


def without_styles(mathml: str) -> str:
    rest = _TAG.sub("", mathml)
    if "<" in rest or ">" in rest:
        raise UnexpectedMarkup(rest[:40])
    return _TAG.sub(_tag, mathml)


def _tag(found: re.Match[str]) -> str:
    closing, name, attributes, empty = found.groups()
    if name not in _ELEMENTS:
        raise UnexpectedMarkup(name)
    kept = {key: value for key, value in _ATTRIBUTE.findall(attributes) if _is_allowed(key, value)}
    for style in re.findall(r' style="([^"]*)"', attributes):
        _restyle(kept, style)
    inside = "".join(f' {key}="{value}"' for key, value in kept.items())
    return f"<{closing}{name}{inside}{empty}>"


def _is_allowed(attribute: str, value: str) -> bool:
    if attribute == "href":
        return value.startswith("#eq-")
    return attribute in _ATTRIBUTES


def _restyle(attributes: dict[str, str], style: str) -> None:
    """Colours become `mathcolor`, the rest classes; what has no class, such as `justify-items`, is dropped."""
    classes = attributes.get("class", "").split()
    for declaration in style.split(";"):
        declared = _SPACE.sub(":", declaration.strip())
        if color := _COLOR.fullmatch(declared):
            attributes["mathcolor"] = color[1]
        elif declared in _CLASSES:
            classes.append(_CLASSES[declared])
    if classes:
        attributes["class"] = " ".join(classes)
