"""Puts the TeX that people write into the words that the converter knows, in one pass from front to back."""

import re
from dataclasses import dataclass, field

from .tex_numbers import Numbers
from .tex_parts import COLUMNS, color, columns, label, symbols
from .tex_source import Source
from .tex_words import WORDS, circled
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
_BRACED_DELIMITER = re.compile(r"\s*+\{\s*+(\\(?:[A-Za-z]+|.)|[^\s{}\\])\s*+\}")
_LENGTH = re.compile(r"\s*+-?[\d.]++\s*+(?:em|ex|pt|px|mu|cm|mm|in)\s*+")

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


class _Reader(Source):
    def __init__(self, tex: str, is_display: bool) -> None:
        super().__init__(tex, is_display=is_display)
        self.is_one_line = "\n" not in tex.strip()
        self.out: list[str] = [""]
        self.frames = [_Frame("", "", is_braced=False)]
        self.numbers = Numbers()

    def read(self) -> str:
        while token := _TOKEN.match(self.tex, self.position):
            self.position = token.end()
            self._read(token[0])
        if len(self.frames) == 1:
            self._wrap_rows(self.top)
            self.numbers.place(self.out)
        return "".join(self.out)

    @property
    def top(self) -> _Frame:
        return self.frames[-1]

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
        """A sign in text, behind a number or in a formula of one line; else a comment to the end of its line."""
        before = self.tex[: self.position - len(token)][-1:]
        ends_line = token[1:].rstrip(" \t")[:1] == "\n"
        if self.is_one_line or ((before.isdigit() or self.top.is_text) and not ends_line):
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
        frame = self.frames.pop()
        self.out.append(frame.closing)
        for text in frame.suspended or ():
            self._push(text)

    def _read_closing(self) -> None:
        if self.top.is_braced:
            self._pop()
        else:
            self.out.append("}")

    # Rows and columns.

    def _read_break(self) -> None:
        self.take(_BREAK_OPTION)
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
            self.out.append(circled(self))
        elif command in TEXTS and self.take(_OPEN):
            self._read_text(command)
        elif self.top.is_text:
            self._read_in_text(command)
        else:
            self._read_in_math(RENAMED.get(command, command))

    def _read_in_math(self, command: str) -> None:
        if reader := _READERS.get(command):
            reader(self)
        elif command in DROPPED:
            if DROPPED[command]:
                self.take(_ARGUMENTS[DROPPED[command]])
        elif command in BLOCKS and self.take(_OPEN):
            self._push(_Frame(*BLOCKS[command], has_rows=True))
        elif command in SWITCHES and self.out[-1].rstrip().endswith(("^", "_")):
            self.out.append(SWITCHES[command][1])
        elif command in _SIZED:
            delimiter = self._delimiter(_BRACED_DELIMITER) or self._delimiter()
            self.out.append(command + delimiter if delimiter != "." else "")
        elif command in OPERATORS:
            self.insert(OPERATORS[command])
        elif command in WORDS:
            self.out.append(WORDS[command](self))
        elif command in "{}":
            self._read(command)
        else:
            self.out.append(command)

    def _read_struck(self) -> None:
        if self.take(_OPEN):
            self._push(_Frame(rf"\cancel{{{MARKER}", "}"))
        else:
            self.out.append(r"\sout")

    # Delimiters.

    def _delimiter(self, pattern: re.Pattern[str] = _DELIMITER) -> str:
        found = self.take(pattern)
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
            self.take(_ARGUMENT)
        if name in _WITH_OPTION:
            self.take(_OPTION)
        self.numbers.has_environment |= target in NUMBERED
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
        name = self.take(_ARGUMENT)
        return name[1].strip() if name else ""

    def _columns(self, environment: str) -> str:
        if environment == "smallmatrix":
            return "{cccccccccccc}"
        if environment not in ("array", "darray", "subarray", "tabular"):
            return ""
        found = self.take(COLUMNS)
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
        elif command in (r"\underline", r"\color", r"\textcolor"):
            self._read_wrapped_text(command)
        elif command in SWITCHES and SWITCHES[command][0]:
            opening = f"{SWITCHES[command][0]}{{"
            self.out.append(opening)
            self.top.opening += opening
            self.top.closing = "}" + self.top.closing
        elif command[1:] in _TEXT_SIGNS:
            self.out.append(f"{command}{{}}")
        else:
            self.out.append(r"\ " if command in ("\\\n", "\\\t", "\\\\", r"\newline") else command)

    def _read_dollar(self) -> None:
        if self.top.is_text:
            self._start_formula()
        elif self.top.suspended is not None:
            self._end_formula()
        else:
            self.out.append("$")

    def _start_formula(self) -> None:
        """A formula inside text: the text ends before it and goes on behind it."""
        self._push(_Frame("{", "}", is_braced=False, suspended=self._suspended()))

    def _suspended(self) -> list[_Frame]:
        texts: list[_Frame] = []
        while self.top.is_text:
            texts.append(self.frames.pop())
            self.out.append("}" * texts[-1].opening.count("{"))
        return texts[::-1]

    def _end_formula(self) -> None:
        if self.top.suspended is None:
            self.out.append(r"\)")
        else:
            self._pop()

    def _read_wrapped_text(self, command: str) -> None:
        """Text in a colour, or underlined, inside text."""
        wrapper = command if command == r"\underline" else rf"\color{self._color()} "
        if self.take(_OPEN):
            texts = self._suspended()
            self._push_text(rf"{{{wrapper}{{")
            self.top.closing, self.top.suspended = "}}}", texts
        else:
            self.out.append(command)

    # Colours.

    def _color(self) -> str:
        model = self.take(_OPTION)
        name = self.take(_ARGUMENT)
        return color(model[1].strip() if model else "", name[1].strip()) if name else ""

    def _read_color(self) -> None:
        """For one group, if one follows, as in browsers; else to the end of the group, as in TeX."""
        color = self._color()
        if self.take(_OPEN):
            self._push(_Frame(rf"{{\color{color} ", "}"))
        else:
            self.out.append(rf"\color{color} ")

    def _read_box(self) -> None:
        """A coloured one or a framed one; lengths in its option are not kept."""
        option = self.take(_OPTION)
        parts = [part.strip() for part in option[1].split(",")] if option else []
        if not self.take(_OPEN):
            self.out.append(r"\bbox")
        elif any(part.startswith("border") for part in parts):
            self._push(_Frame(r"\boxed{", "}"))
        else:
            names = [part for part in parts if not part[:1].isdigit()]
            self._push(_Frame(rf"{{\color{color('', names[0])} {MARKER}" if names else "{", "}"))

    def _read_framed_box(self) -> None:
        """The frame has the colour of the text."""
        self._color()
        color = self._color()
        if self.take(_OPEN):
            self._push_text(rf"\boxed{{{{\color{color} {MARKER}", after="}}}")
        else:
            self.out.append(r"\fcolorbox")

    def _read_colored_box(self) -> None:
        color = self._color()
        if self.take(_OPEN):
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
            self.take(_ARGUMENT)
            self._put_number(self.numbers.tags, f"{command}{{{content[1] if content else ''}}}")
        elif self.take(_OPEN):
            self.out.append(r"\notag" if self._is_numbered else "")
            self._push_text(r"\qquad{", r"\text", f"{after}}}}}")
            self.out.append(before)
        else:
            self.out.append(command)

    def _read_label(self) -> None:
        name = self.take(_ARGUMENT)
        if name is None:
            self.out.append(r"\label")
        elif self.is_display:
            self._put_number(self.numbers.labels, rf"\label{{{label(name[1])}}}")

    def _read_reference(self) -> None:
        name = self.take(_ARGUMENT)
        self.out.append(rf"\eqref{{{label(name[1])}}}" if name else r"\eqref")

    def _put_number(self, places: list[int], number: str) -> None:
        if not self._is_numbered:
            places.append(len(self.out))
        self.out.append(number)


_TEXT_SIGNS = set("_%&#${}")
_DELIMITERS = {"<": r"\langle ", ">": r"\rangle ", "〈": r"\langle ", "〉": r"\rangle "}
_SIZED = {r"\middle"} | {
    f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", *"lrm")
}
_WITH_OPTION = {name for name in ENVIRONMENTS if name.endswith("matrix*")}
_WITH_OPTION |= {"array", "darray", "aligned", "alignedat", "gathered", "split"}

#: What a dropped command takes along.
_ARGUMENTS = {"[]": _OPTION, "{}": _ARGUMENT, "1pt": _LENGTH}

_READERS = {
    "\\\\": _Reader._read_break,
    r"\cr": _Reader._read_break,
    r"\newline": _Reader._read_break,
    r"\tabularnewline": _Reader._read_break,
    r"\)": _Reader._end_formula,
    r"\begin": _Reader._read_begin,
    r"\bbox": _Reader._read_box,
    r"\color": _Reader._read_color,
    r"\colorbox": _Reader._read_colored_box,
    r"\end": _Reader._read_end,
    r"\eqref": _Reader._read_reference,
    r"\label": _Reader._read_label,
    r"\fcolorbox": _Reader._read_framed_box,
    r"\left": _Reader._read_left,
    r"\right": _Reader._read_right,
    r"\sout": _Reader._read_struck,
    r"\tag": _Reader._read_tag,
    r"\tag*": _Reader._read_bare_tag,
    r"\textcolor": _Reader._read_color,
    **dict.fromkeys(LINES, _Reader._read_line),
}
