"""A note in HTML as Markdown that shows the same: formulas, citations and links between papers as they were typed."""

import re
from html import unescape
from typing import Any
from urllib.parse import quote

from markdownify import MarkdownConverter

from .marks import LESS_THAN, PIECE_CLOSE, PIECE_OPEN
from .pieces import PLACEHOLDER, Piece
from .tidying import with_pieces

_CODE = re.compile(
    r"<pre\b[^<>]*>\s*(?:<code\b(?P<attributes>[^<>]*)>)?(?P<code>.*)</pre\s*>", re.IGNORECASE | re.DOTALL
)
_END_OF_CODE = re.compile(r"</code\s*>\Z", re.IGNORECASE)
_LANGUAGE = re.compile(r"\blang(?:uage)?-([\w+#.-]{1,40})")
_TAG = re.compile(r"</?span\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"(?:(?<!\s)\s++)?<br\s*/?>\s*", re.IGNORECASE)
_TICKS = re.compile("`+")
_PIECE = re.compile(rf"(?P<before>\n*){PIECE_OPEN}(?P<number>\d+){PIECE_CLOSE}(?P<behind>\n*)")
# At the start of a line these would begin a heading, a list, a quotation or a definition, or be a line across the page.
_SIGN = re.compile(
    r"""^([ \t]*+(?:\d{1,9}(?=[.)](?:\s|$))|(?=(?:\#{1,6}|[+:-])(?:\s|$)|>|(?:=+|-+)[ \t]*$|\[[^\[\]\n]+\]:)))""",
    re.MULTILINE | re.VERBOSE,
)
# Where a line of text begins in a block of its own; paragraphs are looked at when they are whole.
_BLOCKS = {"[document]", "blockquote", "dd", "div", "li", "section"}
_BEFORE = _BLOCKS | {"br", "dl", "figure", "hr", "ol", "p", "pre", "table", "ul"}
# What ends an address in round brackets, or would have to be closed.
_NO_ADDRESS = re.compile(r"[\s<>]+")
_BRACKETS = re.compile(r"\([^()]*\)")
# In a line: what would escape, begin code, strike out, mark, link, stand for a character, or be a tag.
_TEXT_SIGN = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|`|~(?=~)|=(?==)|\[(?=[^\[\]]*\]\()|&(?=#?\w+;)|<(?=[A-Za-z/!])"
)
_GAPS = re.compile(r"\n{3,}")
# Longer than anybody's: the converter looks through one to its end from each of its blanks.
_LONG_GAP = re.compile(r"[\t \r\n]{200,}")

# Whatever stands in one of these is written with it.
_WHOLE = ["details", "dl", "figure", "ruby"]


def to_markdown(source: str) -> str:
    html, pieces = with_pieces(source)
    spaced = _LONG_GAP.sub(lambda found: "\n" if "\n" in found[0] else " ", html.replace("\u00a0", " "))
    text: str = _Converter(pieces).convert(spaced)
    bare = _GAPS.sub("\n\n", text).strip().replace(LESS_THAN, "<")
    whole = _PIECE.sub(lambda found: _typed(pieces, found), bare).strip()
    return f"{whole}\n" if whole else ""


def _typed(pieces: list[Piece], found: re.Match[str]) -> str:
    """What Markdown has for it: code between fences, formulas without entities."""
    source = _source(pieces, found["number"])
    code = _CODE.fullmatch(source)
    return _fenced(code) if code else f"{found['before']}{unescape(_BREAK.sub(' ', source))}{found['behind']}"


def _source(pieces: list[Piece], digits: str) -> str:
    return pieces[int(digits)].source if int(digits) < len(pieces) else ""


def _fenced(found: re.Match[str]) -> str:
    code = unescape(_TAG.sub("", _END_OF_CODE.sub("", found["code"].rstrip()))).strip("\n")
    longest = max((len(ticks) for ticks in _TICKS.findall(code)), default=0)
    rail = "`" * max(3, longest + 1)
    language = _LANGUAGE.search(found["attributes"] or "")
    return f"\n\n{rail}{language[1] if language else ''}\n{code}\n{rail}\n\n"


class _Converter(MarkdownConverter):
    """What Markdown has no signs for stays HTML, which notes may hold."""

    def __init__(self, pieces: list[Piece]) -> None:
        super().__init__()
        self._pieces = pieces

    class Options:
        heading_style = "atx"
        bullets = "-"
        newline_style = "backslash"
        escape_misc = False

    def escape(self, text: str, parent_tags: Any) -> str:
        escaped: str = super().escape(_TEXT_SIGN.sub(r"\\\g<0>", text), parent_tags)  # type: ignore[misc]
        return escaped

    def process_text(self, element: Any, parent_tags: Any = None) -> str:
        text: str = super().process_text(element, parent_tags)  # type: ignore[misc]
        if not {"pre", "code"}.isdisjoint(parent_tags or ()):
            return text
        first, end, rest = text.partition("\n")
        return f"{_escaped(first) if _begins_line(element) else first}{end}{_escaped(rest)}"

    def convert_p(self, element: Any, text: str, parent_tags: Any) -> str:
        plain: str = super().convert_p(element, _escaped(text.lstrip()), parent_tags)  # type: ignore[misc]
        return plain

    def convert_a(self, element: Any, text: str, parent_tags: Any) -> str:
        if element.get("href"):
            element["href"] = _address(element["href"])
        link: str = super().convert_a(element, text, parent_tags)  # type: ignore[misc]
        return link

    def convert_figure(self, element: Any, text: str, parent_tags: Any) -> str:
        if element.find_parent([*_WHOLE, "table"]):
            return ""
        image, caption = element.find("img"), element.find("figcaption")
        if image is None or len(element.find_all("img")) > 1 or element.find("table"):
            return f"\n\n{element}\n\n"
        words = " ".join(caption.get_text().split()) if caption else ""
        return f"\n\n{_image(image, words)}\n\n"

    def convert_img(self, element: Any, text: str, parent_tags: Any) -> str:
        return _image(element, element.get("title", ""))

    def convert_table(self, element: Any, text: str, parent_tags: Any) -> str:
        """Cells over several columns, and blocks in cells, are more than pipes can say."""
        if element.find_parent([*_WHOLE, "table"]):
            return ""
        is_wide = any(cell.get("colspan") or cell.get("rowspan") for cell in element.find_all(["td", "th"]))
        has_blocks = element.find(["p", "ul", "ol", "pre", "figure", "br", "table"]) is not None
        whole = "".join(_source(self._pieces, number) for number in PLACEHOLDER.findall(str(element)))
        has_pipes = "|" in whole or "|" in element.get_text()
        if is_wide or has_blocks or has_pipes:
            return f"\n\n{element}\n\n"
        table: str = super().convert_table(element, text, parent_tags)  # type: ignore[misc]
        return table

    def _as_html(self, element: Any, text: str, parent_tags: Any) -> str:
        return f"<{element.name}>{text}</{element.name}>"

    convert_kbd = convert_mark = convert_sub = convert_sup = convert_u = convert_ins = convert_small = (
        _as_html
    )

    def _as_block(self, element: Any, text: str, parent_tags: Any) -> str:
        return "" if element.find_parent(_WHOLE) else f"\n\n{element}\n\n"

    convert_details = convert_dl = convert_ruby = _as_block


def _escaped(text: str) -> str:
    return _SIGN.sub(r"\1\\", text)


def _begins_line(element: Any) -> bool:
    while element.previous_sibling is None and element.parent.name == "span":
        element = element.parent
    before = element.previous_sibling
    return element.parent.name in _BLOCKS and (before is None or before.name in _BEFORE)


def _address(written: str) -> str:
    address = _NO_ADDRESS.sub(lambda found: quote(found[0]), written.strip())
    bare = _BRACKETS.sub("", address)
    is_closed = "(" not in bare and ")" not in bare
    return address if is_closed else address.replace("(", "%28").replace(")", "%29")


def _image(image: Any, title: str) -> str:
    alt = " ".join(image.get("alt", "").split()).replace("[", "\\[").replace("]", "\\]")
    source = _address(image.get("src", ""))
    if not source:
        return alt
    shown = title.replace('"', "'")
    return f'![{alt}]({source} "{shown}")' if shown and shown != alt else f"![{alt}]({source})"
