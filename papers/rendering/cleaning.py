"""What an author's HTML may contain, and what is done to its links."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import nh3

from .marks import RESERVED, SITE_PREFIX
from .pieces import Piece, with_sources

TAGS = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
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
    "samp",
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
    "wbr",
}
#: Kinds of alerts, as GitHub names them.
ALERTS = ("note", "tip", "important", "warning", "caution")

_CELL = {"align", "colspan", "rowspan"}
_ATTRIBUTES = {
    "*": {"id", "style"},
    "a": {"href", "title", "name"},
    "abbr": {"title"},
    "code": {"class"},
    "col": {"align", "span"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "table": {"align"},
    "td": _CELL,
    "th": _CELL | {"scope"},
    "tr": {"align"},
} | {tag: {"align"} for tag in ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6")}
# The classes that our own Markdown brings, and those that stand for an author's styles.
_STYLED = {"s-center", "s-right", "s-bold", "s-italic", "s-underline", "s-strike"}
_CLASSES = {
    "a": {"footnote-backref", "footnote-ref"},
    "details": {"alert", *(f"alert-{kind}" for kind in ALERTS)},
    "div": {"footnote", "alert", *(f"alert-{kind}" for kind in ALERTS)} | _STYLED,
    "li": {"task"} | _STYLED,
    "p": {"alert-title"} | _STYLED,
} | dict.fromkeys(("span", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"), _STYLED)
_VALUES = {
    "align": re.compile(r"left|center|right"),
    "colspan": re.compile(r"\d{1,3}"),
    "height": re.compile(r"\d{1,5}%?"),
    "rowspan": re.compile(r"\d{1,3}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "span": re.compile(r"\d{1,3}"),
    "start": re.compile(r"\d{1,9}"),
    "type": re.compile(r"[1aAiI]"),
    "width": re.compile(r"\d{1,5}%?"),
}

#: Before an id that an author gave, so that it is none of the page's.
AUTHOR_PREFIX = "n-"

# The styles that carry meaning; a strict Content-Security-Policy ignores all of them.
_STYLES = (
    (re.compile(r"text-align\s*:\s*center", re.IGNORECASE), "s-center"),
    (re.compile(r"text-align\s*:\s*right", re.IGNORECASE), "s-right"),
    (re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), "s-bold"),
    (re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE), "s-italic"),
    (re.compile(r"text-decoration[\w-]*\s*:[^;]*underline", re.IGNORECASE), "s-underline"),
    (re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE), "s-strike"),
)
_LONGEST_STYLE = 1000
_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")

_RULES: dict[str, Any] = {
    "tags": TAGS,
    "attributes": _ATTRIBUTES,
    "allowed_classes": _CLASSES,
    "url_schemes": {"http", "https", "mailto"},
    "link_rel": None,
}
_RULES_FOR_OURS = _RULES | {"attributes": _ATTRIBUTES | {"a": _ATTRIBUTES["a"] | {"rel"}}}

# The id of a footnote, or a link to it; its label may have any characters.
_FOOTNOTE = re.compile(r"(#?)(fn(?:ref\d*)?-.+)", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_NOT_IN_FOOTNOTE = re.compile(r"[^\w-]")
_NOT_IN_ID = re.compile(r"[^\w#-]+")
_LONGEST_ID = 80

# The sanitiser's time grows with the square of the depth, and no note means this one.
_DEEPEST = 200
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*?(/?)>", re.IGNORECASE)
# These cannot stand in one of their own, or hold nothing; their closing tags are often left out.
_FLAT = frozenset(
    """
    area base body br caption col colgroup dd dt embed head hr html img input li link meta option p param rp rt source
    tbody td tfoot th thead tr track wbr
    """.split()
)

# What Python-Markdown leaves behind of a link in a picture's words; no source has these characters.
_LEFT_OVER = re.compile("\x02[a-z]*:?[0-9]*\x03?|\x03")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_OPENING = re.compile(r"<([a-z][a-z0-9]*) [^<>]*>")
_STYLE = re.compile(r' style="([^"]*)"')
_CLASS = re.compile(r' class="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
_NAME = re.compile(r' name="[^"]*"')
_ADDRESS = re.compile(r'( href=")([^"]*)"')
_EXTERNAL = re.compile(r"https?:|[/\\]{2}", re.IGNORECASE)
# Browsers drop these from addresses, so that "/\t/host" would mean "//host".
_BROKEN_ADDRESS = re.compile(r"[\t\r\n]")


def clean(html: str, pieces: list[Piece], reshaped: Callable[[str], str] = str) -> str:
    """`pieces` are those whose placeholders are in the HTML; `reshaped` may take elements out of it."""
    safe = nh3.clean(
        _REFERENCE.sub(_harmless_reference, shallow(_LEFT_OVER.sub("", html))),
        attribute_filter=partial(_allowed_value, pieces),
        **_RULES,
    )
    # Without the elements that were dropped, `<p><object><p>` is a paragraph in a paragraph, which browsers read as
    # something else. What is read a second time is what browsers read too; and addresses, which the filter may have
    # changed, are looked at once more.
    again = nh3.clean(reshaped(_OPENING.sub(_finished, safe)), **_RULES_FOR_OURS)
    ids: set[str] = set()
    return _OPENING.sub(lambda found: _with_own_id(found[0], ids), again)


class Nesting:
    """Of the tags of one text, in their order."""

    def __init__(self) -> None:
        self._depth = 0

    def keeps(self, name: str, *, is_closing: bool) -> bool:
        """Whether the tag is not nested too deep. One that closes itself is not to be asked for."""
        if name in _FLAT:
            return True
        self._depth = max(0, self._depth - 1) if is_closing else self._depth + 1
        return self._depth + is_closing <= _DEEPEST


def shallow(html: str) -> str:
    """Without the tags that are nested too deep; their text stays."""
    if html.count("<") <= _DEEPEST:
        return html
    nesting = Nesting()

    def kept(tag: re.Match[str]) -> str:
        keeps = tag[3] or nesting.keeps(tag[2].lower(), is_closing=bool(tag[1]))
        return tag[0] if keeps else ""

    return _TAG.sub(kept, html)


def _harmless_reference(found: re.Match[str]) -> str:
    """No character reference may stand for a control character or for one that our marks are made of."""
    hexadecimal, decimal = found[1], found[2]
    digits = (hexadecimal or decimal).lstrip("0")[:8]
    code = int(digits or "0", 16 if hexadecimal else 10)
    is_control = (code < 32 and code not in (9, 10, 13)) or code == 127
    return "\ufffd" if is_control or code in RESERVED else found[0]


def _allowed_value(pieces: list[Piece], tag: str, attribute: str, value: str) -> str | None:
    footnote = _FOOTNOTE.fullmatch(value)
    if footnote and attribute == ("href" if footnote[1] else "id"):
        return footnote[1] + _footnote_id(footnote[2])
    if attribute in ("id", "name"):
        return author_id(value) or None
    if attribute == "style":
        # Not a style any more: what `_finished` makes classes of.
        style = value[:_LONGEST_STYLE]
        return " ".join(name for pattern, name in _STYLES if pattern.search(style)) or None
    if attribute == "class" and tag == "code":
        return next((name for name in value.split() if _LANGUAGE.fullmatch(name)), None)
    if attribute in ("href", "src"):
        return _BROKEN_ADDRESS.sub("", with_sources(value, pieces)).strip().replace(" ", "%20")
    pattern = _VALUES.get(attribute)
    return value if pattern is None or pattern.fullmatch(value) else None


def author_id(id: str) -> str:
    """What becomes of an id that an author gave: `fn:1`, as kramdown has it, becomes `n-fn-1`."""
    plain = _NOT_IN_ID.sub("-", id)[:_LONGEST_ID].strip("-")
    return AUTHOR_PREFIX + plain if plain else ""


def _footnote_id(id: str) -> str:
    """Others for other labels: `[^*]` is not `[^†]`."""
    plain = _BLANKS.sub("-", id)
    return _NOT_IN_FOOTNOTE.sub(lambda sign: f"-{ord(sign[0]):x}", plain)[:_LONGEST_ID]


def _finished(found: re.Match[str]) -> str:
    """One tag: styles are classes, names are ids, and other sites cannot reach back through a link."""
    tag = found[0]
    if style := _STYLE.search(tag):
        tag = _with_classes(_STYLE.sub("", tag), found[1], style[1])
    tag = tag.replace(' class=""', "")
    if found[1] != "a":
        return tag
    tag = tag.replace(' name="', ' id="') if ' id="' not in tag else _NAME.sub("", tag)
    address = _ADDRESS.search(tag)
    if address and _EXTERNAL.match(address[2]):
        return f'{tag[:-1]} rel="noopener noreferrer">'
    if address and address[2].startswith("/"):
        return _ADDRESS.sub(rf'\1{SITE_PREFIX}\2"', tag, count=1)
    return tag


def _with_own_id(tag: str, ids: set[str]) -> str:
    """Of equal ids the first stays."""
    id = _ID.search(tag)
    if id and id[1] in ids:
        return tag.replace(id[0], "", 1)
    if id:
        ids.add(id[1])
    return tag


def _with_classes(tag: str, name: str, classes: str) -> str:
    if not _CLASSES.get(name, set()) >= _STYLED:
        return tag
    if given := _CLASS.search(tag):
        return tag.replace(given[0], f' class="{given[1]} {classes}"')
    return f'{tag[:-1]} class="{classes}">'
