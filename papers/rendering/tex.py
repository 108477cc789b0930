"""Puts the TeX that people write into the words that the converter knows, in one pass from front to back."""

import re
from dataclasses import dataclass, field

from .tex_parts import CIRCLED, COLUMNS, color, columns, label, symbols
from .vocabulary import (
    BLOCKS,
    DROPPED,
    ENVIRONMENTS,
    LINES,
    NUMBERED,
    OPERATORS,
    RENAMED,
    STARRED,
    SWITCHES,
    SYMBOLS,
    TEXTS,
)

#: Stands first in a coloured group that is a coloured box, and in a cancelled one that is struck out. No source has
#: this character.
MARKER = "\ufdef"

_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|%[^\n]*\n?[ \t]*|[{}$&]|[^\\%{}$&]+|\\", re.DOTALL)
_OPEN = re.compile(r"\s*+\{")
_ARGUMENT = re.compile(r"\s*+\{([^{}\\$%]*+)\}")
_OPTION = re.compile(r"\s*+\[([^\[\]{}\\]*+)\]")
_BREAK_OPTION = re.compile(r"\*?+(?:\s*+\[\s*+-?[\d.]++\s*+[a-z]{2}\s*+\])?+")
_DELIMITER = re.compile(r"\s*+(\\(?:[A-Za-z]+|.)|[^\s{}\\])")
_STRUT = re.compile(r"(?:\[[^\[\]{}\\]*+\])?+\{0[a-z. ]*+\}\{[^{}\\]*+\}")
_DIGITS = re.compile(r"\s*+\{[\d.]++\}")
_LIMITS = re.compile(r"\s*+\\limits(?![A-Za-z])")
_SCRIPT = re.compile(r"\s*+([_^])\s*+")
_ATOM = re.compile(r"\\(?:[A-Za-z]+|.)|[^{}\\]", re.DOTALL)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)

_ENTITIES = {"&amp;": "&", "&lt;": r"\lt ", "&gt;": r"\gt ", "&nbsp;": " "}
_ENTITY = re.compile("|".join(_ENTITIES))
# The heights and widths of tables, set by what would otherwise be a definition.
_TABLE_SPACING = re.compile(
    r"\\(?:re)?newcommand\*?\s*+\{?\\arraystretch\}?\s*+\{[\d.]*+\}|\\def\s*+\\arraystretch\s*+\{[\d.]*+\}"
    r"|\\setlength\s*+\{?\\[A-Za-z]++\}?\s*+\{[^{}\\]*+\}"
)

_TEXT_SPECIAL = re.compile(r"[_^#&]")
_TEXT_ESCAPES = {"_": r"\_{}", "^": r"\textasciicircum{}", "#": r"\#{}", "&": r"\&{}"}

_PLAIN_TAG = re.compile(r"[A-Za-z0-9 .,:*+/()-]*")


@dataclass(slots=True)
class _Frame:
    r"""What is open: a group, text, a `\left`, an environment, or a formula inside text.

    `place` is where the opening is in the output.
    """

    opening: str
    closing: str
    is_braced: bool = True
    is_text: bool = False
    is_fence: bool = False
    #: Breaks between rows and signs between columns have a meaning here.
    has_rows: bool = False
    environment: str = ""
    place: int = 0
    breaks: int = 0
    #: In this row, and in any.
    columns: int = 0
    has_columns: bool = False
    #: The texts that go on behind a formula inside them.
    suspended: "list[_Frame] | None" = field(default=None)


def prepared(tex: str, *, is_display: bool) -> str:
    """Longer than `tex` by a small factor at the most."""
    tex = _ENTITY.sub(lambda found: _ENTITIES[found[0]], tex.replace(MARKER, ""))
    return _Reader(_TABLE_SPACING.sub("", tex), is_display).read()


class _Reader:
    def __init__(self, tex: str, is_display: bool) -> None:
        self.tex = tex
        self.is_display = is_display
        self.position = 0
        self.out: list[str] = [""]
        self.frames = [_Frame("", "", is_braced=False)]
        #: Places in the output of the tags and labels that stand in no numbered environment.
        self.tags: list[int] = []
        self.labels: list[int] = []
        self.has_numbers = False

    def read(self) -> str:
        while token := _TOKEN.match(self.tex, self.position):
            self.position = token.end()
            self._read(token[0])
        if len(self.frames) == 1:
            self._wrap_rows(self.top)
            self._number()
        return "".join(self.out)

    @property
    def top(self) -> _Frame:
        return self.frames[-1]

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.tex, self.position)
        if found:
            self.position = found.end()
        return found

    def _read(self, token: str) -> None:
        if token[0] == "\\":
            self._read_command(token)
        elif token[0] == "%":
            self._read_percent(token)
        elif token == "{":
            self._push(_Frame("{", "}", is_text=self.top.is_text))
        elif token == "}":
            self._read_closing()
        elif token == "$":
            self._read_dollar()
        elif self.top.is_text:
            self.out.append(_TEXT_SPECIAL.sub(lambda found: _TEXT_ESCAPES[found[0]], token))
        elif token == "&":
            self._read_column()
        else:
            self.out.append(symbols(token))

    def _read_percent(self, token: str) -> None:
        """A sign behind a number or in a formula of one line; else a comment to the end of its line."""
        before = self.tex[: self.position - len(token)][-1:]
        is_sign = "\n" not in self.tex or (before.isdigit() and token[1:].rstrip(" \t")[:1] != "\n")
        if is_sign:
            self.position -= len(token) - 1
            self.out.append(r"\%{}" if self.top.is_text else r"\%")
        else:
            self.out.append("" if self.top.is_text else " ")

    def _push(self, frame: _Frame) -> None:
        frame.place = len(self.out)
        self.out.append(frame.opening)
        self.frames.append(frame)

    def _pop(self) -> None:
        self._wrap_rows(self.top)
        self.out.append(self.frames.pop().closing)

    def _read_closing(self) -> None:
        if self.top.is_braced:
            self._pop()
        else:
            self.out.append("}")

    # Rows and columns.

    def _read_break(self) -> None:
        self._take(_BREAK_OPTION)
        self.top.breaks += 1
        self.top.columns = 0
        self.out.append(r"\\ ")

    def _read_column(self) -> None:
        self.top.columns += 1
        self.top.has_columns = True
        is_second = self.top.environment.startswith("eqnarray") and self.top.columns == 2
        self.out.append(" " if is_second else "&")

    def _read_line(self) -> None:
        """Of two lines between rows, the converter knows the first."""
        if r"\hline " not in (self.out[-1], "".join(self.out[-2:]).strip() + " "):
            self.out.append(r"\hline ")

    def _wrap_rows(self, frame: _Frame) -> None:
        """Rows that stand in no environment: the converter would put them into one line."""
        if frame.has_rows or not frame.breaks:
            return
        while len(self.out) > frame.place + 1 and self.out[-1].strip() in ("", r"\\"):
            frame.breaks -= self.out.pop() == r"\\ "
        if frame.breaks:
            name = "gathered" if not frame.has_columns else "aligned"
            start, end = (r"{array}{llllllll}", "{array}") if frame.is_fence else (f"{{{name}}}",) * 2
            self.out[frame.place] += rf"\begin{start}"
            self.out.append(rf"\end{end}")

    # Commands.

    def _read_command(self, command: str) -> None:
        if command.endswith("*") and len(command) > 2 and command not in STARRED:
            # The converter would take the star for a part of the name too.
            self.tex = f"{self.tex[: self.position - 1]} {self.tex[self.position - 1 :]}"
            command = command[:-1]
            self.position -= 1
        if command == r"\textcircled":
            self._read_circled()
        elif command in TEXTS and self._take(_OPEN):
            self._read_text(command)
        elif self.top.is_text:
            self._read_in_text(command)
        else:
            self._read_in_math(RENAMED.get(command, command))

    def _read_in_math(self, command: str) -> None:
        if reader := _READERS.get(command):
            reader(self)
        elif command in DROPPED:
            self._take(_OPTION)
            if DROPPED[command]:
                self._take(_ARGUMENT)
        elif command in BLOCKS and self._take(_OPEN):
            self._push(_Frame(*BLOCKS[command], has_rows=True))
        elif command in SWITCHES and self.out[-1].rstrip().endswith(("^", "_")):
            self.out.append(SWITCHES[command][1])
        elif command in _SIZED:
            self.out.append(command + self._delimiter())
        elif command in OPERATORS:
            self.tex = OPERATORS[command] + self.tex[self.position :]
            self.position = 0
        elif command in "{}":
            self._read(command)
        else:
            self.out.append(command)

    def _read_circled(self) -> None:
        content = self._take(_ARGUMENT)
        circled = CIRCLED.get(content[1].strip()) if content else None
        self.out.append(circled or rf"\textcircled{content[0] if content else ''}")

    def _read_bold(self) -> None:
        self.out.append(r"\mathbf" if _DIGITS.match(self.tex, self.position) else r"\boldsymbol")

    def _read_struck(self) -> None:
        if self._take(_OPEN):
            self._push(_Frame(rf"\cancel{{{MARKER}", "}"))
        else:
            self.out.append(r"\sout")

    def _read_rule(self) -> None:
        """One without width only makes room."""
        if not self._take(_STRUT):
            self.out.append(r"\rule")

    # Delimiters.

    def _delimiter(self) -> str:
        found = self._take(_DELIMITER)
        delimiter = found[1] if found else ""
        return _DELIMITERS.get(delimiter) or SYMBOLS.get(delimiter) or delimiter

    def _read_left(self) -> None:
        self._push(_Frame(rf"\left{self._delimiter()}", "", is_braced=False, is_fence=True))

    def _read_right(self) -> None:
        if self.top.is_fence:
            self._pop()
        self.out.append(rf"\right{self._delimiter()}")

    # Environments.

    def _read_begin(self) -> None:
        name = self._environment()
        target = ENVIRONMENTS.get(name, name)
        if name.startswith("align") and name.rstrip("*").endswith("at"):
            self._take(_ARGUMENT)
        if name in _WITH_OPTION:
            self._take(_OPTION)
        self.has_numbers |= target in NUMBERED
        opening = rf"\begin{{{target}}}" if target else ""
        closing = rf"\end{{{target}}}" if target else ""
        frame = _Frame(opening + self._columns(name), closing, is_braced=False, environment=name)
        frame.has_rows = target != ""
        self._push(frame)

    def _read_end(self) -> None:
        name = self._environment()
        if self.top.environment != name or not name:
            self.out.append(rf"\end{{{name}}}")
            return
        if name in ("equation", "equation*") and (self.top.breaks or self.top.has_columns):
            self._split_equation(self.top)
        self._pop()

    def _split_equation(self, frame: _Frame) -> None:
        """The converter knows no rows in an equation."""
        name = frame.environment.replace("equation", "align" if frame.has_columns else "multline")
        self.out[frame.place] = rf"\begin{{{name}}}"
        frame.closing = rf"\end{{{name}}}"

    def _environment(self) -> str:
        name = self._take(_ARGUMENT)
        return name[1].strip() if name else ""

    def _columns(self, environment: str) -> str:
        if environment == "smallmatrix":
            return "{cccccccccccc}"
        if environment not in ("array", "darray", "subarray", "tabular"):
            return ""
        found = self._take(COLUMNS)
        if not found:
            return ""
        return f"{{{columns(found[1])}}}"

    # Text.

    def _read_text(self, command: str) -> None:
        if self.top.is_text:
            self._push(_Frame(rf"{TEXTS[command]}{{", "}", is_text=True))
        else:
            self._push_text(r"\boxed{" if command == r"\fbox" else "{", TEXTS[command])

    def _push_text(self, before: str, command: str = r"\text", after: str = "}}") -> None:
        """Text in a group, since a formula inside makes more than one thing of it."""
        self.out.append(before)
        self._push(_Frame(f"{command}{{", after, is_text=True))

    def _read_in_text(self, command: str) -> None:
        if command == r"\(":
            self._start_formula()
        elif command in SWITCHES and SWITCHES[command][0]:
            opening = f"{SWITCHES[command][0]}{{"
            self.out.append(opening)
            self.top.opening += opening
            self.top.closing = "}" + self.top.closing
        elif command[1:] in _TEXT_SIGNS:
            self.out.append(f"{command}{{}}")
        else:
            self.out.append(r"\ " if command in ("\\\n", "\\\t") else command)

    def _read_dollar(self) -> None:
        if self.top.suspended is not None:
            self._end_formula()
        elif self.top.is_text:
            self._start_formula()
        else:
            self.out.append("$")

    def _start_formula(self) -> None:
        """A formula inside text: the text ends before it and goes on behind it."""
        texts: list[_Frame] = []
        while self.top.is_text:
            texts.append(self.frames.pop())
            self.out.append("}" * texts[-1].opening.count("{"))
        self._push(_Frame("{", "}", is_braced=False, suspended=texts[::-1]))

    def _end_formula(self) -> None:
        texts = self.top.suspended
        if texts is None:
            self.out.append(r"\)")
            return
        self._pop()
        for text in texts:
            self._push(text)

    # Colours.

    def _color(self) -> str:
        model = self._take(_OPTION)
        name = self._take(_ARGUMENT)
        return color(model[1].strip() if model else "", name[1].strip()) if name else ""

    def _read_color(self) -> None:
        """For one group, if one follows, as in browsers; else to the end of the group, as in TeX."""
        color = self._color()
        if self._take(_OPEN):
            self._push(_Frame(rf"{{\color{color} ", "}"))
        else:
            self.out.append(rf"\color{color} ")

    def _read_colored_box(self) -> None:
        color = self._color()
        if self._take(_OPEN):
            self._push_text(rf"{{\color{color} {MARKER}")
        else:
            self.out.append(r"\colorbox")

    # Numbers.

    @property
    def _is_numbered(self) -> bool:
        return any(
            ENVIRONMENTS.get(frame.environment, frame.environment) in NUMBERED for frame in self.frames
        )

    def _read_tag(self) -> None:
        self._tag(r"\tag", "(", ")")

    def _read_bare_tag(self) -> None:
        self._tag(r"\tag*", "", "")

    def _tag(self, command: str, before: str, after: str) -> None:
        content = _ARGUMENT.match(self.tex, self.position)
        is_plain = content is not None and _PLAIN_TAG.fullmatch(content[1]) is not None
        if is_plain and self.is_display:
            self._take(_ARGUMENT)
            self._put_number(self.tags, f"{command}{{{content[1] if content else ''}}}")
        elif self._take(_OPEN):
            self.out.append(r"\notag" if self._is_numbered else "")
            self._push_text(r"\qquad{", r"\text", f"{after}}}}}")
            self.out.append(before)
        else:
            self.out.append(command)

    def _read_label(self) -> None:
        name = self._take(_ARGUMENT)
        if name is None:
            self.out.append(r"\label")
        elif self.is_display:
            self._put_number(self.labels, rf"\label{{{label(name[1])}}}")

    def _read_reference(self) -> None:
        name = self._take(_ARGUMENT)
        self.out.append(rf"\eqref{{{label(name[1])}}}" if name else r"\eqref")

    def _put_number(self, places: list[int], number: str) -> None:
        if not self._is_numbered:
            places.append(len(self.out))
        self.out.append(number)

    def _number(self) -> None:
        """Numbers that stand in no numbered environment get one."""
        if len(self.tags) > 1 or len(self.labels) > 1:
            self._number_rows("*" if self.tags else "")
        elif self.tags or self.labels:
            number = "".join(self._cut(place) for place in self.tags + self.labels)
            if self.has_numbers:
                last = max((i for i, part in enumerate(self.out) if part.startswith(r"\end{")), default=0)
                self.out[last] = number + self.out[last]
            else:
                name = "equation*" if self.tags else "equation"
                self.out[0] = rf"\begin{{{name}}}" + self.out[0]
                self.out.append(rf"{number}\end{{{name}}}")

    def _cut(self, place: int) -> str:
        part, self.out[place] = self.out[place], ""
        return part

    def _number_rows(self, star: str) -> None:
        """Each row its own number, where all rows are those of one environment."""
        for name, numbered in (("aligned", f"align{star}"), ("gathered", f"gather{star}")):
            edges = [
                i
                for i, part in enumerate(self.out)
                if part.strip().endswith((f"in{{{name}}}", f"d{{{name}}}"))
            ]
            if len(edges) == 2 and not "".join(self.out[: edges[0]] + self.out[edges[1] + 1 :]).strip():
                for i in edges:
                    self.out[i] = self.out[i].replace(f"{{{name}}}", f"{{{numbered}}}")

    # Operators.

    def _read_operator(self) -> None:
        r"""`\mathop{…}\limits_a^b` puts a and b under and over it; so does `\mathop{…}_a^b` in a display."""
        start = self.position
        end = self._group_end(start)
        self.position = end
        under_and_over = (self._take(_LIMITS) or self.is_display) and self._scripts()
        if end > start and under_and_over:
            whole = rf"\mathop{self.tex[start:end]}"
            for sign, script in under_and_over:
                whole = rf"\{'under' if sign == '_' else 'over'}set{{{script}}}{{{whole}}}"
            self.tex = whole + self.tex[self.position :]
            self.position = 0
        else:
            self.position = start
            self.out.append(r"\mathop")

    def _scripts(self) -> list[tuple[str, str]]:
        scripts: list[tuple[str, str]] = []
        while len(scripts) < 2 and (sign := self._take(_SCRIPT)):
            start = self.position
            self.position = self._group_end(start)
            if self.position > start:
                scripts.append((sign[1], self.tex[start : self.position]))
            elif atom := self._take(_ATOM):
                scripts.append((sign[1], atom[0]))
        return scripts

    def _group_end(self, start: int) -> int:
        """Behind the group that starts here, or `start` if none does."""
        opening = _OPEN.match(self.tex, start)
        if not opening:
            return start
        depth = 1
        for brace in _BRACE.finditer(self.tex, opening.end()):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if depth == 0:
                return brace.end()
        return start


_TEXT_SIGNS = set("_%&#${}")
_DELIMITERS = {"<": r"\langle ", ">": r"\rangle ", "〈": r"\langle ", "〉": r"\rangle "}
_SIZED = {r"\middle"} | {
    f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", *"lrm")
}
_WITH_OPTION = {name for name in ENVIRONMENTS if name.endswith("matrix*")}
_WITH_OPTION |= {"array", "darray", "aligned", "alignedat", "gathered", "split"}

_READERS = {
    "\\\\": _Reader._read_break,
    r"\cr": _Reader._read_break,
    r"\newline": _Reader._read_break,
    r"\tabularnewline": _Reader._read_break,
    r"\)": _Reader._end_formula,
    r"\begin": _Reader._read_begin,
    r"\bm": _Reader._read_bold,
    r"\boldsymbol": _Reader._read_bold,
    r"\color": _Reader._read_color,
    r"\colorbox": _Reader._read_colored_box,
    r"\end": _Reader._read_end,
    r"\eqref": _Reader._read_reference,
    r"\label": _Reader._read_label,
    r"\left": _Reader._read_left,
    r"\mathop": _Reader._read_operator,
    r"\right": _Reader._read_right,
    r"\rule": _Reader._read_rule,
    r"\sout": _Reader._read_struck,
    r"\tag": _Reader._read_tag,
    r"\tag*": _Reader._read_bare_tag,
    r"\textcolor": _Reader._read_color,
    **dict.fromkeys(LINES, _Reader._read_line),
}
