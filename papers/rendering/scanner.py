"""Takes code, formulas and marks out of Markdown before Markdown sees them."""

import re
from bisect import bisect_right
from html import escape

from .cleaning import TAGS
from .code import code_block, code_span
from .formulas import Formula, convert
from .marks import BLOCK_NAMES, LESS_THAN, block_mark
from .pieces import Piece, placeholder
from .result import Problem

_TOKEN = re.compile(
    rf"""
      (?P<escape> \\[\\`$<] )
    | (?P<fence> ^(?P<prefix>[ \t]*(?:>[ \t]*)*) (?P<rail>`{{3,}}(?=[^`\n]*$)|~{{3,}}) (?P<info>.*)$ )
    | (?P<mark> ^[ ]{{0,3}}\[\[(?P<name>{"|".join(BLOCK_NAMES)})\]\][ \t]*$ )
    | (?P<ticks> `+ )
    | (?P<formula> \$ | \\[(\[] )
    | (?P<less> < )
    """,
    re.MULTILINE | re.VERBOSE,
)

# A line break inside a paragraph; and with it, a formula's inside up to what closes it.
_BREAK = r"\n(?![ \t>]*(?:\n|\Z))"
_FORMULAS = (
    # No blank after the opening dollar or before the closing one, no digit behind it: prices are not formulas.
    (re.compile(rf"\$(?![\s$])((?:[^\\$`\n]|\\.|{_BREAK})++)(?<!\s)\$(?!\d)"), False),
    (re.compile(rf"\$\$((?:[^\\$\n]|\\.|\\?{_BREAK}|\$(?!\$))++)\$\$"), True),
    (re.compile(rf"\\\(((?:[^\\\n]|\\[^)\n]|\\?{_BREAK})++)\\\)"), False),
    (re.compile(rf"\\\[((?:[^\\\n]|\\[^\]\n]|\\?{_BREAK})++)\\\]"), True),
)
# What tells \[x^2\] in the middle of a line from brackets that are only escaped, such as \[EOS\].
_LOOKS_LIKE_TEX = re.compile(r"[\\^_={}+<>]")
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_LINE_START = re.compile(r"[ \t]*(?:>[ \t]*)*")

_TAG = re.compile(
    r"""</([A-Za-z][A-Za-z0-9]*)\s*>
    | <([A-Za-z][A-Za-z0-9]*)
      (?:\s++[A-Za-z_:][\w:.-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+)*+ \s*+ /?>""",
    re.VERBOSE,
)
_AUTOLINK = re.compile(r"<(?:https?://|mailto:|[\w.+-]+@)[^<>\s]*>")


class Scanner:
    """Reads once from front to back; `text`, `pieces` and `problems` are there when it is made."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[Piece] = []
        self.problems: list[Problem] = []
        self._formulas: dict[int, Formula] = {}
        self._lines = [found.end() for found in re.finditer("\n", source)]
        self._last_comment_end = source.rfind("-->")
        self._out: list[str] = []
        self._read()
        self.text = "".join(self._out)
        for number, piece in zip(self._formulas, convert(list(self._formulas.values())), strict=True):
            self.pieces[number] = piece

    def _read(self) -> None:
        position = 0
        while token := _TOKEN.search(self.source, position):
            self._out.append(self.source[position : token.start()])
            handle = getattr(self, f"_read_{token.lastgroup}")
            position = handle(token)
        self._out.append(self.source[position:])

    def _line(self, position: int) -> int:
        return bisect_right(self._lines, position) + 1

    def _put(self, piece: Piece) -> None:
        self._out.append(placeholder(len(self.pieces)))
        self.pieces.append(piece)

    def _put_block(self, piece: Piece, indentation: str) -> None:
        """With blank lines, so that what stands next to it neither becomes one paragraph with it nor loses its list.

        Inside a list only text that is indented by four has a place behind a blank line.
        """
        if not indentation:
            self._out.append("\n\n")
        self._put(piece)
        if not indentation or len(indentation.expandtabs(4)) >= 4:
            self._out.append("\n\n")

    def _keep(self, start: int, end: int) -> int:
        self._out.append(self.source[start:end])
        return end

    def _read_escape(self, token: re.Match[str]) -> int:
        # Markdown itself knows \\ and \`.
        character = token[0][1]
        if character in "\\`":
            return self._keep(*token.span())
        self._put(Piece(token[0], escape(character), character))
        return token.end()

    def _read_mark(self, token: re.Match[str]) -> int:
        source = f"[[{token['name']}]]"
        self._put_block(Piece(source, block_mark(token["name"]), "", inline=source), "")
        return token.end()

    def _read_ticks(self, token: re.Match[str]) -> int:
        ticks = len(token[0])
        inside = re.compile(rf"(?:[^`\n]|{_BREAK}|(?<!`)(?!`{{{ticks}}}(?!`))`++)++(?<!`)`{{{ticks}}}(?!`)")
        found = inside.match(self.source, token.end())
        if found is None:
            return self._keep(*token.span())
        code = found[0][:-ticks].replace("\n", " ")
        if code.startswith(" ") and code.endswith(" ") and code.strip():
            code = code[1:-1]
        self._put(code_span(self.source[token.start() : found.end()], code))
        return found.end()

    def _read_fence(self, token: re.Match[str]) -> int:
        closing = re.compile(rf"^[ \t>]*{token['rail'][0]}{{{len(token['rail'])},}}[ \t]*$")
        prefix, code = token["prefix"], []
        end, is_closed = token.end(), False
        while end < len(self.source) and not is_closed:
            start = end + 1
            end = self._line_end(start)
            line = self.source[start:end]
            if ">" in prefix and not line.lstrip().startswith(">"):
                end = start - 1
                break
            is_closed = closing.match(line) is not None
            code.append(_unprefixed(line, prefix))
        if is_closed:
            code.pop()
        else:
            self._report(token.start(), token[0], "代码块没有结束的一行，后面的内容都算作代码")
        text = "".join(f"{line}\n" for line in code)
        self._out.append(prefix)
        self._put_block(code_block(self.source[token.start() : end], text, token["info"]), prefix)
        return end

    def _line_end(self, position: int) -> int:
        number = bisect_right(self._lines, position)
        return self._lines[number] - 1 if number < len(self._lines) else len(self.source)

    def _report(self, position: int, snippet: str, message: str) -> None:
        self.problems.append(Problem(self._line(position), snippet.strip()[:80], "fence", message))

    def _read_formula(self, token: re.Match[str]) -> int:
        start = token.start()
        for pattern, is_display in _FORMULAS:
            found = pattern.match(self.source, start)
            if found and (found[1].strip() and self._is_formula(found)):
                return self._put_formula(found, is_display)
        if self.source.startswith("$$", start):
            if self._starts_line(start):
                self._report(start, "$$", "公式的 $$ 没有配对（公式里不能有空行）")
            return self._keep(start, start + 2)
        return self._keep(*token.span())

    def _is_formula(self, found: re.Match[str]) -> bool:
        if not found[0].startswith(r"\["):
            return True
        is_alone = self._starts_line(found.start()) and self._ends_line(found.end())
        return is_alone or _LOOKS_LIKE_TEX.search(found[1]) is not None

    def _put_formula(self, found: re.Match[str], is_display: bool) -> int:
        before = self.source[self._line_start(found.start()) : found.start()]
        tex = _QUOTE.sub("", found[1]) if ">" in before else found[1]
        self._formulas[len(self.pieces)] = Formula(
            found[0], tex.strip(), is_display, self._line(found.start())
        )
        piece = Piece(found[0], "", "")  # Becomes the formula when all are known.
        if is_display and not before.strip() and self._ends_line(found.end()):
            self._put_block(piece, before)
        else:
            self._put(piece)
        return found.end()

    def _line_start(self, position: int) -> int:
        number = bisect_right(self._lines, position)
        return self._lines[number - 1] if number else 0

    def _starts_line(self, position: int) -> bool:
        return _LINE_START.fullmatch(self.source, self._line_start(position), position) is not None

    def _ends_line(self, position: int) -> bool:
        return not self.source[position : self._line_end(position)].strip()

    def _read_less(self, token: re.Match[str]) -> int:
        """Text such as a<b or <eos> must not vanish as if it were a tag."""
        start = token.start()
        if self.source.startswith("<!--", start) and start < self._last_comment_end:
            end = self.source.index("-->", start) + len("-->")
            self._put(Piece(self.source[start:end], "", ""))
            return end
        tag = _TAG.match(self.source, start)
        if tag and (tag[1] or tag[2]).lower() in TAGS:
            return self._keep(*tag.span())
        if link := _AUTOLINK.match(self.source, start):
            return self._keep(*link.span())
        if self.source.endswith("](", 0, start):
            return self._keep(*token.span())
        self._out.append(LESS_THAN)
        return token.end()


def _unprefixed(line: str, prefix: str) -> str:
    """The line without the quote signs and the indentation that the fence had."""
    for _ in range(prefix.count(">")):
        line = line.lstrip(" \t").removeprefix(">")
        line = line.removeprefix(" ")
    indentation = len(prefix.rpartition(">")[2]) - (1 if ">" in prefix else 0)
    blanks = len(line) - len(line.lstrip(" \t"))
    return line[min(blanks, max(0, indentation)) :]
