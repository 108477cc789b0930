"""What an author's HTML may contain, and what is done to its links."""

import re

import nh3

from .marks import RESERVED, SITE_PREFIX

TAGS = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "rp",
    "rt",
    "ruby",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
}
_CELL = {"align", "colspan", "rowspan"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "col": {"align"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "li": {"id"},
    "ol": {"start"},
    "sup": {"id"},
    "td": _CELL,
    "th": _CELL,
}
# Only the classes that Markdown's footnotes bring.
_CLASSES = {"a": {"footnote-backref", "footnote-ref"}, "div": {"footnote"}}
_VALUES = {
    "align": re.compile(r"left|center|right"),
    "colspan": re.compile(r"\d{1,3}"),
    "height": re.compile(r"\d{1,5}%?"),
    "rowspan": re.compile(r"\d{1,3}"),
    "start": re.compile(r"\d{1,9}"),
    "width": re.compile(r"\d{1,5}%?"),
}

# The id of a footnote, or a link to it; its label may have any characters.
_FOOTNOTE = re.compile(r"#?fn(?:ref\d*)?-.+", re.DOTALL)
_NOT_IN_ID = re.compile(r"[^\w#-]+")

_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_LINK = re.compile(r"<(?:a|img)(?: [^<>]*)?>")
_ADDRESS = re.compile(r'( (?:href|src)=")([^"]*)"')
_EXTERNAL = re.compile(r"https?:|[/\\]{2}", re.IGNORECASE)
# Browsers drop these from addresses, so that "/\t/host" would mean "//host".
_BROKEN_ADDRESS = re.compile(r"[\t\r\n]")


def clean(html: str) -> str:
    cleaned = nh3.clean(
        _REFERENCE.sub(_harmless_reference, html),
        tags=TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed_value,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return _LINK.sub(_link, cleaned)


def _harmless_reference(found: re.Match[str]) -> str:
    """No character reference may stand for a control character or for one that our marks are made of."""
    hexadecimal, decimal = found[1], found[2]
    digits = (hexadecimal or decimal).lstrip("0")[:8]
    code = int(digits or "0", 16 if hexadecimal else 10)
    is_control = (code < 32 and code not in (9, 10, 13)) or code == 127
    return "\ufffd" if is_control or code in RESERVED else found[0]


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    if attribute in ("href", "id") and _FOOTNOTE.fullmatch(value):
        return _NOT_IN_ID.sub("-", value)
    if attribute == "id":
        return None
    if attribute in ("href", "src"):
        return _BROKEN_ADDRESS.sub("", value)
    pattern = _VALUES.get(attribute)
    return value if pattern is None or pattern.fullmatch(value) else None


def _link(tag: re.Match[str]) -> str:
    """Marks addresses on this site, and keeps other sites from reaching back."""
    address = _ADDRESS.search(tag[0])
    if address is None:
        return tag[0]
    if _EXTERNAL.match(address[2]):
        return tag[0] if tag[0].startswith("<img") else f'{tag[0][:-1]} rel="noopener noreferrer">'
    if address[2].startswith("/"):
        return _ADDRESS.sub(rf'\1{SITE_PREFIX}\2"', tag[0], count=1)
    return tag[0]
