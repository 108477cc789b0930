"""HTML of other sites' generators as the source of a note: what it says is kept, what only its page needed goes.

What is a formula, code or only text is read as `render` reads it, and stays as it was typed.
"""

import re
from dataclasses import replace

import nh3

from .cleaning import TAGS, shallow
from .dollars import without_emphasis
from .inline import Inline
from .leftovers import without_leftovers
from .marks import LESS_THAN
from .old_lists import with_lists
from .old_tables import with_tables
from .pieces import Piece, with_sources
from .shown_formulas import with_tex
from .source import normalised
from .wrappers import unwrapped

_HEAD = re.compile(
    r"<head\b[^<>]*>(?:(?!<head\b).)*?</head\s*>|<title\b[^<>]*>[^<]*</title\s*>", re.IGNORECASE | re.DOTALL
)
_CODE = re.compile(
    r"""<div\b(?=[^<>]*+>)(?>[^<>]*class\s*=\s*["'][^"'<>]*\blanguage-(?P<language>[\w+#.-]{1,40})[^<>]*>)
    \s*(?:<div\b[^<>]*>\s*)?
    <pre\b[^<>]*>\s*<code\b[^<>]*>""",
    re.IGNORECASE | re.VERBOSE,
)
_INLINE_CODE = re.compile(r"(?<=<code>)[^<]*(?:<(?!/?code\b)[^<]*)+(?=</code\s*>)", re.IGNORECASE)
_NO_TAG = re.compile(rf"<(?!/?(?:{'|'.join(sorted(TAGS))})\b[^<>]*>)", re.IGNORECASE)
_TRAILING = re.compile(r"(?<!\s)(?<!<br>)(?:\s|<br>)++(?=</p>)")
_SPAN = re.compile(r"</?span\b[^<>]*>", re.IGNORECASE)

_CELL = {"align", "colspan", "rowspan"}
_ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title", "name"},
    "abbr": {"title"},
    "code": {"class"},
    "col": {"align", "span"},
    "details": {"open"},
    "div": {"align", "style"},
    "img": {"src", "alt", "title"},
    "ol": {"start", "reversed", "type"},
    "p": {"align", "style"},
    "span": {"style"},
    "td": _CELL | {"style"},
    "th": _CELL | {"style", "scope"},
}
# The styles that `render` makes something of.
_STYLE = re.compile(r"text-align|font-weight|font-style|text-decoration", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")


def tidied(source: str) -> str:
    """Well-formed, without head, scripts, styles, wrappers and empty paragraphs; `<eos>` is text, lists are lists."""
    html, pieces = with_pieces(source)
    return with_sources(html.replace(LESS_THAN, "&lt;"), [_plain(piece) for piece in pieces]).strip()


def with_pieces(source: str) -> tuple[str, list[Piece]]:
    """The same with placeholders for what stays as it was typed."""
    inline = Inline("html")
    marked = inline.read_html(_in_tex(without_leftovers(_HEAD.sub("", normalised(source)))), 1)
    safe = nh3.clean(
        shallow(marked),
        tags=TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return _TRAILING.sub("", with_lists(with_tables(unwrapped(safe)))), inline.pieces


def _in_tex(html: str) -> str:
    """Formulas that a script or a browser would have shown, as what an author types; code with its language and signs."""
    html = _CODE.sub(lambda found: f'<pre><code class="language-{found["language"]}">', with_tex(html))
    return _INLINE_CODE.sub(lambda found: _NO_TAG.sub("&lt;", found[0]), html)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return value if _STYLE.search(value) else None
    if attribute == "class":
        return next((name for name in value.split() if _LANGUAGE.fullmatch(name)), None)
    return value


def _plain(piece: Piece) -> Piece:
    """Code without what coloured it elsewhere, formulas without what Markdown took for emphasis in them."""
    if piece.source[:4].lower() == "<pre":
        return replace(piece, source=_SPAN.sub("", piece.source))
    is_formula = piece.source[:1] in ("$", "\\")
    return replace(piece, source=without_emphasis(piece.source)) if is_formula else piece
