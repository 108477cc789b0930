"""From blocks to the element tree on which Python-Markdown reads what is in the lines."""

import re
import xml.etree.ElementTree as etree

from markdown import Markdown
from markdown.util import AtomicString

from .alerts import alert_of
from .blocks import Block
from .code import code_block
from .inline import Inline
from .marks import block_mark
from .pieces import Piece
from .proofreading import check_heading, check_text
from .result import Problem, gettext_noop
from .tables import alignments, cells
from .text import SOFT_BREAK

# Text without any of these is only text.
_INLINE_SIGN = re.compile(r"[\\*_\[\]<&~=!]|  \n")

_REFERENCE = re.compile(
    r"""[ ]{0,3}\[(?!\^)((?:[^\[\]\\]|\\.){1,999})\]:[ \t]*\n?[ \t]*(<[^<>\n]*>|[^\s<]\S*)
    (?:(?:[ \t]+|[ \t]*\n[ \t]*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))[ \t]*(?=\n|$)|[ \t]*(?=\n|$))\n?""",
    re.VERBOSE | re.DOTALL,
)
_IMAGE_ALONE = re.compile(r"\s*<img\s[^<>]*>\s*", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_BLANKS = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BLANK_END = re.compile(r"(?:\n[ \t]*)*\Z")

Footnotes = dict[str, Block]


def take_references(block: Block, md: Markdown, footnotes: Footnotes) -> None:
    """Moves definitions of links and footnotes from the blocks to where Python-Markdown looks for them."""
    for child in block.children:
        if child.kind == "footnote":
            footnotes.setdefault(child.marker, child)
        if child.kind == "paragraph" and child.lines[0].startswith("["):
            _take_from(child, md)
        take_references(child, md, footnotes)
    block.children = [child for child in block.children if child.kind != "paragraph" or child.lines]


def _take_from(paragraph: Block, md: Markdown) -> None:
    text = paragraph.text
    position = 0
    while found := _REFERENCE.match(text, position):
        label = _BLANKS.sub(" ", found[1].strip()).lower()
        address = found[2][1:-1] if found[2].startswith("<") else found[2]
        if not label:
            break
        title = found[3][1:-1] if found[3] else ""
        md.references.setdefault(label, (_ESCAPED.sub(r"\1", address), _ESCAPED.sub(r"\1", title)))
        position = found.end()
    if position:
        paragraph.line += text.count("\n", 0, position)
        paragraph.lines = text[position:].split("\n") if text[position:].strip() else []


class TreeBuilder:
    """Builds elements below a parent; what Markdown must not read goes to `inline` and leaves a placeholder."""

    def __init__(self, inline: Inline) -> None:
        self.inline = inline
        self._heading_level = 0

    def build(self, parent: etree.Element, blocks: list[Block]) -> None:
        for block in blocks:
            if block.kind != "footnote":
                getattr(self, f"_build_{block.kind}")(parent, block)

    def _text(self, block: Block, text: str | None = None) -> str:
        """With placeholders; an AtomicString if nothing in it is for Python-Markdown."""
        text = (block.text if text is None else text).rstrip()
        read = self.inline.read(text, block.line)
        self.inline.problems += check_text(read, block.line, self.inline.pieces)
        read = SOFT_BREAK.sub("", read)  # browsers would show a blank
        return read if _INLINE_SIGN.search(read) else AtomicString(read)

    def _put(self, parent: etree.Element, piece: Piece) -> None:
        etree.SubElement(parent, "p").text = AtomicString(self.inline.put(piece))

    # --- Leaves -------------------------------------------------------------------------------------------

    def _build_paragraph(self, parent: etree.Element, block: Block) -> None:
        etree.SubElement(parent, "p").text = self._text(block)

    def _build_heading(self, parent: etree.Element, block: Block) -> None:
        element = etree.SubElement(parent, f"h{block.number}")
        element.text = self._text(block)
        self.inline.problems += check_heading(block.number, self._heading_level, block.line, block.text)
        self._heading_level = block.number

    def _build_rule(self, parent: etree.Element, block: Block) -> None:
        etree.SubElement(parent, "hr")

    def _build_code(self, parent: etree.Element, block: Block) -> None:
        code = _BLANK_END.sub("\n", block.text, count=1)
        self._put(parent, code_block(block.text, code, "", self.inline.count_code()))

    def _build_fence(self, parent: etree.Element, block: Block) -> None:
        code = "".join(f"{line}\n" for line in block.lines)
        if not block.is_closed:
            message = gettext_noop("代码块没有结束的一行，后面的内容都算作代码。")
            self.inline.report(Problem(block.line, (block.marker + block.info)[:80], "fence", message))
        source = f"{block.marker}{block.info}\n{code}{block.marker}"
        if block.info.lower() == "math" and code.strip():
            self._put_formula(parent, block, source, code)
        else:
            self._put(parent, code_block(source, code, block.info, self.inline.count_code()))

    def _build_formula(self, parent: etree.Element, block: Block) -> None:
        opening = "\\[" if block.marker == "\\]" else "$$"
        tex = "\n".join(line.strip() for line in block.lines)
        self._put_formula(parent, block, f"{opening}{tex}{block.marker}", tex)

    def _put_formula(self, parent: etree.Element, block: Block, source: str, tex: str) -> None:
        number = self.inline.put_formula(source, tex, block.line, is_display=True)
        etree.SubElement(parent, "p").text = AtomicString(number)

    def _build_html(self, parent: etree.Element, block: Block) -> None:
        text = self.inline.read_html(block.text, block.line)
        if _IMAGE_ALONE.fullmatch(text):
            text = f"<p>{text.strip()}</p>"
        etree.SubElement(parent, "p").text = AtomicString(self.inline.put_raw(text))

    def _build_mark(self, parent: etree.Element, block: Block) -> None:
        source = f"[[{block.marker}]]"
        self._put(parent, Piece(source, block_mark(block.marker), "", inline=source))

    def _build_table(self, parent: etree.Element, block: Block) -> None:
        header, delimiter_row, *rows = block.lines
        sides = alignments(delimiter_row)
        table = etree.SubElement(parent, "table")
        self._build_row(etree.SubElement(table, "thead"), "th", header, sides, block.line)
        body = etree.SubElement(table, "tbody") if rows else table
        for number, row in enumerate(rows, block.line + 2):
            self._build_row(body, "td", row, sides, number)

    def _build_row(self, parent: etree.Element, tag: str, row: str, sides: list[str], line: int) -> None:
        element = etree.SubElement(parent, "tr")
        for side, text in zip(sides, cells(row, len(sides)), strict=True):
            cell = etree.SubElement(element, tag, {"align": side} if side else {})
            cell.text = self._text(Block("paragraph", line), text)

    # --- Containers ---------------------------------------------------------------------------------------

    def _build_quote(self, parent: etree.Element, block: Block) -> None:
        if alert := alert_of(block):
            element, title = alert.open(parent)
            title.text = self._text(Block("paragraph", block.line), alert.title)
        else:
            element = etree.SubElement(parent, "blockquote")
        self.build(element, block.children)

    def _build_list(self, parent: etree.Element, block: Block) -> None:
        is_ordered = block.marker in (".", ")")
        element = etree.SubElement(parent, "ol" if is_ordered else "ul")
        if is_ordered and block.number != 1:
            element.set("start", str(block.number))
        is_loose = block.is_loose or any(item.is_loose for item in block.children)
        for item in block.children:
            self._build_item(element, item, is_loose=is_loose)

    def _build_item(self, parent: etree.Element, item: Block, *, is_loose: bool) -> None:
        element = etree.SubElement(parent, "li")
        if box := self._task_box(item):
            element.set("class", "task")
            item.children[0].lines[0] = item.children[0].lines[0][box.end() :]
        self._build_children(element, item.children, is_loose=is_loose)
        if box:
            first = element[0] if is_loose else element
            first.text = self.inline.put(_box(box)) + " " + (first.text or "")

    def _task_box(self, item: Block) -> re.Match[str] | None:
        first = item.children[0] if item.children else None
        return _TASK.match(first.lines[0]) if first and first.kind == "paragraph" else None

    def _build_children(self, element: etree.Element, blocks: list[Block], *, is_loose: bool) -> None:
        """In a tight list, paragraphs are but text."""
        for block in blocks:
            if block.kind != "paragraph" or is_loose:
                self.build(element, [block])
            elif len(element):
                element[-1].tail = self._text(block)
            else:
                element.text = self._text(block)

    def _build_definitions(self, parent: etree.Element, block: Block) -> None:
        element = etree.SubElement(parent, "dl")
        for child in block.children:
            if child.kind == "term":
                etree.SubElement(element, "dt").text = self._text(child)
            else:
                definition = etree.SubElement(element, "dd")
                self._build_children(definition, child.children, is_loose=child.is_loose)


def _box(found: re.Match[str]) -> Piece:
    is_done = found[1] != " "
    html = f'<input type="checkbox" disabled{" checked" if is_done else ""} aria-label="{"已完成" if is_done else "未完成"}">'
    return Piece(found[0].strip(), html, "")
