"""The TeX of one formula, read from front to back: patterns, arguments, scripts."""

import re

_BLANK = re.compile(r"\s*+")
_OPEN = re.compile(r"\s*+\{")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ATOM = re.compile(r"\\(?:[A-Za-z]+|.)|[^{}\\]", re.DOTALL)
_SCRIPT = re.compile(r"\s*+([_^])")
_OVER = re.compile(r"\\over(?![A-Za-z])|\\.|[{}]", re.DOTALL)
#: Commands that, standing alone as a script or an operand, take the group behind them along.
_WITH_ARGUMENT = re.compile(
    r"\\(?:(?:math|text)[a-z]+|text|(?:wide|over|under)[a-z]+|hat|bar|tilde|vec|d?dot|bm|bold(?:symbol)?|operatorname)"
)


class Source:
    def __init__(self, tex: str, *, is_display: bool) -> None:
        self.tex = tex
        self.is_display = is_display
        self.position = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.tex, self.position)
        if found:
            self.position = found.end()
        return found

    def insert(self, tex: str) -> None:
        """What is read next."""
        self.tex = tex + self.tex[self.position :]
        self.position = 0

    def group(self) -> str | None:
        """A group with its braces, or None if none starts here or it does not end."""
        opening = _OPEN.match(self.tex, self.position)
        depth = 1 if opening else 0
        for brace in _BRACE.finditer(self.tex, opening.end()) if opening else ():
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if depth == 0:
                start, self.position = self.position, brace.end()
                return self.tex[start : self.position].lstrip()
        return None

    def operand(self) -> str:
        """What TeX takes as one argument or script, in braces; nothing at the end of a group."""
        if group := self.group():
            return group
        self.take(_BLANK)
        if atom := self.take(_ATOM):
            argument = self.group() if _WITH_ARGUMENT.fullmatch(atom[0]) else None
            return f"{{{atom[0]}{argument or ''}}}"
        return ""

    def scripts(self) -> list[tuple[str, str]]:
        """Up to two, each with its sign."""
        scripts: list[tuple[str, str]] = []
        while len(scripts) < 2 and (sign := self.take(_SCRIPT)):
            scripts.append((sign[1], self.operand()))
        return scripts

    def before_over(self) -> str | None:
        r"""What stands before the `\over` of the same group."""
        depth = 0
        for found in _OVER.finditer(self.tex, self.position):
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            if depth < 0:
                break
            if depth == 0 and found[0] == r"\over":
                before, self.position = self.tex[self.position : found.start()], found.end()
                return before
        return None
