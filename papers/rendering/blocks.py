"""The block structure of GitHub's Markdown: containers, and the leaves in them.

Python-Markdown splits a text at blank lines and guesses; this reads it line by line, as the CommonMark
specification describes, in time linear in its length. To the specification are added: formulas between `$$`,
footnotes, definition lists, and a bullet below a number that nests from two blanks on, as people type it.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from .cleaning import TAGS
from .lines import Line
from .marks import BLOCK_NAMES
from .tables import alignments, has_columns, is_delimiter_row

Kind = Literal[
    "document",
    "quote",
    "list",
    "item",
    "definitions",
    "term",
    "definition",
    "footnote",
    "paragraph",
    "heading",
    "rule",
    "code",
    "fence",
    "formula",
    "html",
    "table",
    "mark",
]

# Markers beyond this depth are text: no note means them, and a page of nested lists would cost memory and stack.
DEEPEST = 40


@dataclass(slots=True)
class Block:
    """`line` is that of the first of `lines`, which are a leaf's, without the markers of its containers."""

    kind: Kind
    line: int
    children: list["Block"] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    #: A heading's level, or the number that a list starts with.
    number: int = 0
    #: A list's marker, the closing line of a fence or formula or HTML, a footnote's label.
    marker: str = ""
    #: Of an item: where its marker stands, and where its content begins.
    marker_indent: int = 0
    content_indent: int = 0
    #: What stands behind the opening of a fence.
    info: str = ""
    is_loose: bool = False
    is_closed: bool = False

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


_ATX = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_SETEXT = re.compile(r"(=+|-+)[ \t]*$")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_MARKER = re.compile(r"(?:([-+*])|(\d{1,9})([.)]))(?=[ \t]|$)")
_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_FOOTNOTE = re.compile(r"\[\^([^\]\s][^\]]*)\]:[ \t]*")
_DEFINITION = re.compile(r":(?=[ \t])")
_MARK = re.compile(rf"\[\[({'|'.join(BLOCK_NAMES)})\]\][ \t]*$")

_IN_TEXT = {
    "a",
    "abbr",
    "b",
    "br",
    "code",
    "del",
    "em",
    "i",
    "img",
    "ins",
    "kbd",
    "mark",
    "pre",
    "rp",
    "rt",
    "ruby",
}
_IN_TEXT |= {"small", "span", "strong", "sub", "sup", "u"}
_HTML_OPENING = re.compile(rf"</?(?:{'|'.join(sorted(TAGS - _IN_TEXT))})(?:\s|/?>|$)", re.IGNORECASE)
_HTML_WHOLE_TAG = re.compile(
    r"""(?:<([a-z][a-z0-9]*)(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*/?>
    |</([a-z][a-z0-9]*)\s*>)[ \t]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)|\\.")

# Only lines that begin with one of these can be more than text.
_MAY_START_BLOCK = frozenset(">#`~<$\\-+*_=:|[0123456789")
# What a leaf takes in without looking at it, until its own end.
_RAW = frozenset({"fence", "formula", "html"})


class BlockReader:
    """Reads a text once. What is open and never closed is in `unclosed`, by its line."""

    def __init__(self) -> None:
        self.document = Block("document", 1)
        #: Containers that may go on, the outermost first; and the leaf that may, in the last of them.
        self._open = [self.document]
        self._leaf: Block | None = None
        #: How many quotes the line before was in, if it was blank.
        self._blank_in: int | None = None
        self._lines: list[str] = []
        self._hopeless: dict[str, int] = {}
        #: Lines with a `$$` or `\\[` that nothing closes, and the first one with too many markers.
        self.unclosed: list[tuple[int, str]] = []
        self.too_deep: int | None = None

    def read(self, text: str) -> Block:
        self._lines = text.removesuffix("\n").split("\n")
        for number, raw in enumerate(self._lines, 1):
            self._read_line(Line(raw, number))
        return self.document

    def _read_line(self, line: Line) -> None:
        matched = self._match(line)
        goes_on = matched == len(self._open)
        if self._leaf and self._leaf.kind in _RAW and goes_on and self._read_raw(self._leaf, line):
            self._blank_in = None
        elif line.is_blank:
            self._read_blank(line, matched)
        else:
            self._read_blocks(line, matched)
            self._blank_in = None

    # --- Containers that go on ----------------------------------------------------------------------------

    def _match(self, line: Line) -> int:
        """How many of the open containers this line goes on with; their markers are read."""
        for depth, block in enumerate(self._open):
            if not _goes_on(block, line):
                return depth
        return len(self._open)

    def _close(self, depth: int) -> None:
        """Only so many containers stay open, and no leaf."""
        del self._open[depth:]
        self._leaf = None

    def _quotes(self) -> int:
        return sum(block.kind == "quote" for block in self._open)

    def _read_blank(self, line: Line, matched: int) -> None:
        if matched == len(self._open) and self._leaf and self._leaf.kind == "code":
            line.skip_blanks(4)
            self._leaf.lines.append(line.rest)
        else:
            self._close(matched)
        self._blank_in = self._quotes()

    def _add(self, block: Block, depth: int) -> Block:
        """Into the container at that depth, where everything else is over."""
        self._close(depth)
        parent = self._open[-1]
        if parent.children and self._blank_in == self._quotes():
            parent.is_loose = True
        parent.children.append(block)
        return block

    # --- New blocks ---------------------------------------------------------------------------------------

    def _read_blocks(self, line: Line, matched: int) -> None:
        while True:
            paragraph = self._leaf if self._leaf and self._leaf.kind == "paragraph" else None
            if line.indent >= 4:
                if paragraph is None:
                    self._read_code(line, matched)
                    return
                break
            if line.first not in _MAY_START_BLOCK:
                break
            interrupted = paragraph if matched == len(self._open) else None
            if self._open_leaf(line, matched, interrupted):
                return
            if not self._open_container(line, matched, interrupted):
                break
            matched = len(self._open)
            if line.is_blank:
                return
        self._read_text(line, matched)

    def _open_container(self, line: Line, depth: int, interrupted: Block | None) -> bool:
        if len(self._open) > DEEPEST:
            self.too_deep = self.too_deep or line.number
            return False
        if line.first == ">":
            self._open_quote(line, depth)
        elif marker := _MARKER.match(line.raw, line.start):
            return self._open_item(line, depth, marker, interrupted)
        elif label := _FOOTNOTE.match(line.raw, line.start):
            footnote = Block("footnote", line.number, marker=label[1], content_indent=4)
            self._open.append(self._add(footnote, depth))
            line.skip_marker(label.end() - label.start())
        elif line.first == ":" and _DEFINITION.match(line.raw, line.start):
            return self._open_definition(line, depth, interrupted)
        else:
            return False
        return True

    def _open_quote(self, line: Line, depth: int) -> None:
        self._open.append(self._add(Block("quote", line.number), depth))
        line.skip_marker(1)
        line.skip_blanks(1)

    def _open_item(self, line: Line, depth: int, marker: re.Match[str], interrupted: Block | None) -> bool:
        kind, start = marker[1] or marker[3], int(marker[2] or 0)
        is_empty = not line.raw[marker.end() :].strip()
        if interrupted and (is_empty or (marker[2] and start != 1)):
            return False
        item = Block("item", line.number, marker=kind, marker_indent=line.indent)
        self._add_item(item, depth, start)
        item.content_indent = _read_marker(line, marker.end() - marker.start())
        return True

    def _add_item(self, item: Block, depth: int, start: int) -> None:
        """To the list that stands last in the container, if it has such markers; else to a new one."""
        before = self._open[depth - 1].children[-1:]
        if before and before[0].kind == "list" and before[0].marker == item.marker:
            self._close(depth)
            before[0].is_loose |= self._blank_in == self._quotes()
            before[0].children.append(item)
        else:
            items = Block("list", item.line, [item], number=start, marker=item.marker)
            self._add(items, depth)
        self._open.append(item)

    def _open_definition(self, line: Line, depth: int, interrupted: Block | None) -> bool:
        siblings = self._open[depth - 1].children
        before = siblings[-1] if siblings else None
        has_gap = before is not None and before.kind == "paragraph" and self._leaf is None
        if before and (before is interrupted or has_gap):
            siblings.remove(before)
            terms = [Block("term", before.line + i, lines=[text]) for i, text in enumerate(before.lines)]
            if not (siblings and siblings[-1].kind == "definitions"):
                siblings.append(Block("definitions", before.line))
            siblings[-1].children += terms
        if not (siblings and siblings[-1].kind == "definitions"):
            return False
        self._close(depth)
        definition = Block("definition", line.number, is_loose=has_gap)
        siblings[-1].children.append(definition)
        self._open.append(definition)
        definition.content_indent = _read_marker(line, 1)
        return True

    # --- Leaves -------------------------------------------------------------------------------------------

    def _open_leaf(self, line: Line, depth: int, interrupted: Block | None) -> bool:
        match line.first:
            case "#":
                return self._read_heading(line, depth)
            case "`" | "~":
                return self._open_fence(line, depth)
            case "$" | "\\":
                return self._open_formula(line, depth)
            case "<":
                return self._open_html(line, depth, interrupted)
            case "[":
                return self._read_mark(line, depth)
            case "=" | "-" | "_" | "*" | ":" | "|":
                return self._read_underline(line, depth, interrupted)
        return False

    def _read_heading(self, line: Line, depth: int) -> bool:
        found = _ATX.match(line.text)
        if found is None:
            return False
        text = _without_closing_signs(line.text[found.end() :].strip())
        self._add(Block("heading", line.number, lines=[text], number=len(found[1])), depth)
        return True

    def _read_underline(self, line: Line, depth: int, interrupted: Block | None) -> bool:
        """What makes a heading or a table of the paragraph before, or is a rule."""
        text = line.text
        if interrupted and (found := _SETEXT.match(text)):
            interrupted.kind, interrupted.number = "heading", 1 if found[1][0] == "=" else 2
            self._leaf = None
        elif _RULE.match(text):
            self._add(Block("rule", line.number), depth)
        elif interrupted and not _MARKER.match(text) and is_delimiter_row(text):
            return self._open_table(text, interrupted)
        else:
            return False
        return True

    def _open_table(self, delimiter_row: str, paragraph: Block) -> bool:
        if not has_columns(paragraph.lines[-1], len(alignments(delimiter_row))):
            return False
        siblings = self._open[-1].children
        header = paragraph.lines.pop()
        line = paragraph.line + len(paragraph.lines)
        if not paragraph.lines:
            siblings.remove(paragraph)
        self._leaf = Block("table", line, lines=[header, delimiter_row])
        siblings.append(self._leaf)
        return True

    def _open_fence(self, line: Line, depth: int) -> bool:
        found = _FENCE.match(line.text)
        if found is None:
            return False
        rail, info = (found[1], found[2]) if found[1] else (found[3], found[4])
        fence = Block("fence", line.number, marker=rail, info=info.strip(), marker_indent=line.indent)
        self._leaf = self._add(fence, depth)
        return True

    def _read_mark(self, line: Line, depth: int) -> bool:
        found = _MARK.match(line.text) if depth == 1 else None
        if found is None:
            return False
        self._add(Block("mark", line.number, marker=found[1]), depth)
        return True

    def _open_html(self, line: Line, depth: int, interrupted: Block | None) -> bool:
        text, end = line.text, ""
        if text.startswith("<!--"):
            end = "-->"
        elif re.match(r"<pre(?:\s|>|$)", text, re.IGNORECASE):
            end = "</pre>"
        elif not _HTML_OPENING.match(text):
            tag = None if interrupted else _HTML_WHOLE_TAG.match(text)
            if tag is None or (tag[1] or tag[2]).lower() not in TAGS:
                return False
        block = self._add(Block("html", line.number, lines=[line.rest], marker=end), depth)
        is_over = bool(end) and end in text.lower()
        self._leaf = None if is_over else block
        return True

    def _read_code(self, line: Line, depth: int) -> None:
        if not (self._leaf and self._leaf.kind == "code" and depth == len(self._open)):
            self._leaf = self._add(Block("code", line.number), depth)
        line.skip_blanks(4)
        self._leaf.lines.append(line.rest)

    def _read_raw(self, leaf: Block, line: Line) -> bool:
        """Whether the leaf takes the line."""
        if leaf.kind == "html":
            return self._read_html(leaf, line)
        if leaf.kind == "formula":
            self._read_formula(leaf, line)
        elif line.indent < 4 and _closes_fence(leaf, line.text):
            leaf.is_closed, self._leaf = True, None
        else:
            line.skip_blanks(leaf.marker_indent)
            leaf.lines.append(line.rest)
        return True

    def _read_html(self, leaf: Block, line: Line) -> bool:
        if not leaf.marker and line.is_blank:
            return False
        leaf.lines.append(line.rest)
        if leaf.marker and leaf.marker in line.rest.lower():
            self._leaf = None
        return True

    # --- Formulas -----------------------------------------------------------------------------------------

    def _open_formula(self, line: Line, depth: int) -> bool:
        """A line that begins with `$$` or `\\[`; in one that has both its ends, nothing else may stand."""
        text, opening = line.text, line.text[:2]
        closing = {"$$": "$$", "\\[": "\\]"}.get(opening)
        if closing is None:
            return False
        end = text.find(closing, 2)
        if end >= 0:
            if text[end + 2 :].strip() or not text[2:end].strip():
                return False
            self._add(Block("formula", line.number, lines=[text[2:end]], marker=closing), depth)
            return True
        if not self._closes_later(line, closing, depth, may_have_gaps=True):
            self.unclosed.append((line.number, text))
            return False
        self._leaf = self._add(Block("formula", line.number, lines=[text[2:]], marker=closing), depth)
        return True

    def _closes_later(self, line: Line, closing: str, depth: int, *, may_have_gaps: bool) -> bool:
        """Looks ahead to the end of the container; where that failed once, it fails for all that begin before."""
        if line.number < self._hopeless.get(closing, 0):
            return False
        containers = self._open[:depth]
        number = line.number
        for number, raw in enumerate(self._lines[line.number :], line.number + 1):
            ahead = Line(raw, number)
            if not all(_goes_on(block, ahead) for block in containers):
                break
            if closing in ahead.rest:
                return True
            if ahead.is_blank and not may_have_gaps:
                return False
        self._hopeless[closing] = number
        return False

    def _read_formula(self, leaf: Block, line: Line) -> None:
        inside, closing, behind = line.rest.partition(leaf.marker)
        leaf.lines.append(inside)
        if closing:
            self._leaf = None
            if behind.strip():
                self._read_words(behind.strip(), line, len(self._open))

    # --- Text ---------------------------------------------------------------------------------------------

    def _read_text(self, line: Line, depth: int) -> None:
        """A line that opens nothing goes on with a table, and with a paragraph even outside of its containers."""
        leaf, goes_on = self._leaf, depth == len(self._open)
        if leaf and leaf.kind == ("table" if goes_on else "paragraph"):
            leaf.lines.append(line.text)
        else:
            self._read_words(line.text, line, depth)

    def _read_words(self, text: str, line: Line, depth: int) -> None:
        """Text of a paragraph, up to a `$$` that opens a formula which later lines close."""
        opening = _open_dollars(text) if "$$" in text else -1
        if opening > 0 and self._closes_later(line, "$$", depth, may_have_gaps=False):
            self._append(text[:opening].rstrip(), line, depth)
            formula = Block("formula", line.number, lines=[text[opening + 2 :]], marker="$$")
            self._leaf = self._add(formula, depth)
        else:
            self._append(text, line, depth)

    def _append(self, text: str, line: Line, depth: int) -> None:
        if not (self._leaf and self._leaf.kind == "paragraph"):
            self._leaf = self._add(Block("paragraph", line.number), depth)
        self._leaf.lines.append(text)


def _goes_on(block: Block, line: Line) -> bool:
    """Whether the line is in the container too; if so, what marks it there is read."""
    match block.kind:
        case "quote":
            if line.is_blank or line.indent > 3 or line.first != ">":
                return False
            line.skip_marker(1)
            line.skip_blanks(1)
        case "item" | "definition" | "footnote":
            if line.is_blank:
                return bool(block.children) or block.kind == "footnote"
            if line.indent < block.content_indent and not _is_bullet_below_number(block, line):
                return False
            line.skip_blanks(block.content_indent)
    return True


def _is_bullet_below_number(item: Block, line: Line) -> bool:
    """`1. …` with `  - …` below it: too far left for CommonMark, and yet nobody means anything else."""
    is_below = item.marker in (".", ")") and line.indent >= item.marker_indent + 2
    if is_below and (marker := _MARKER.match(line.raw, line.start)) and marker[1]:
        item.content_indent = line.indent
        return True
    return False


def _read_marker(line: Line, length: int) -> int:
    """Reads a list marker; where the content of its item begins, in columns of the container."""
    before = line.indent + length
    line.skip_marker(length)
    if line.is_blank or line.indent > 4:
        line.skip_blanks(1)
        return before + 1
    width = line.indent
    line.skip_blanks(width)
    return before + width


def _closes_fence(fence: Block, text: str) -> bool:
    rail = text.rstrip(" \t")
    return len(rail) >= len(fence.marker) and set(rail) == {fence.marker[0]}


def _without_closing_signs(heading: str) -> str:
    words = heading.rstrip("#")
    return words.rstrip() if not words or words[-1] in " \t" else heading


def _open_dollars(text: str) -> int:
    """Where a `$$` stands that has no partner in the line; -1 if there is none."""
    masked = _CODE_SPAN.sub(lambda found: " " * len(found[0]), text)
    places = [found.start() for found in re.finditer(r"\$\$", masked)]
    return places[-1] if len(places) % 2 else -1
