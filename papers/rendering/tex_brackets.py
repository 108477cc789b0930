r"""Counts the brackets of a formula that nothing closes.

The converter looks for the end of each opening bracket. When there is none before the end of the group or the cell, it
reads everything behind the bracket again, so that each such bracket doubles the time.
"""

import re

_OPENING = (
    r"[(\[⟨⌈⌊⟦⟪]|\\\{|\\(?:lbrace|lbrack|lparen|langle|lang|lfloor|lceil|lvert|lVert|lgroup|lmoustache|llbracket|lBrace"
    r"|llparenthesis|ulcorner|llcorner)(?![A-Za-z])"
)
_CLOSING = (
    r"[)\]⟩⌉⌋⟧⟫]|\\\}|\\(?:rbrace|rbrack|rparen|rangle|rang|rfloor|rceil|rvert|rVert|rgroup|rmoustache|rrbracket|rBrace"
    r"|rrparenthesis|urcorner|lrcorner)(?![A-Za-z])"
)
_TOKEN = re.compile(
    rf"[_^]\s*+(?:{_CLOSING})|"
    r"\\(?P<delimiter>left|right|middle)(?![A-Za-z])\s*+(?:\\(?:[A-Za-z]++|.)|.)?+"
    rf"|(?P<opening>\{{\s*+(?:{_OPENING})\s*+\}}|{_OPENING}|\\(?:[bB]igg?l|mathopen)(?![A-Za-z]))"
    rf"|(?P<closing>\{{\s*+(?:{_CLOSING})\s*+\}}|{_CLOSING}|\\(?:[bB]igg?r|mathclose)(?![A-Za-z]))"
    r"|(?P<start>\{|\\begin(?![A-Za-z]))|(?P<end>\}|\\end(?![A-Za-z]))|(?P<cell>&|\\\\)|\\(?:[A-Za-z]++|.)",
    re.DOTALL,
)


class _Group:
    """One that is open, and in it the unclosed brackets of this cell, and of the deepest group of this cell."""

    def __init__(self) -> None:
        self.unclosed = self.inside = self.most = 0

    def end_cell(self) -> None:
        self.most = max(self.most, self.unclosed + self.inside)
        self.unclosed = self.inside = 0


def unclosed_brackets(tex: str) -> int:
    """Those of one cell, or of groups inside one another, at the most."""
    groups = [_Group()]
    for token in _TOKEN.finditer(tex):
        match token.lastgroup:
            case "opening":
                groups[-1].unclosed += 1
            case "closing":
                groups[-1].unclosed = max(0, groups[-1].unclosed - 1)
            case "start":
                groups.append(_Group())
            case "end" if len(groups) > 1:
                _end(groups)
            case "cell":
                groups[-1].end_cell()
            case "delimiter" if token["delimiter"] == "left":
                groups.append(_Group())
            case "delimiter" if token["delimiter"] == "right" and len(groups) > 1:
                _end(groups)
    while len(groups) > 1:
        _end(groups)
    groups[0].end_cell()
    return groups[0].most


def _end(groups: list[_Group]) -> None:
    group = groups.pop()
    group.end_cell()
    groups[-1].inside = max(groups[-1].inside, group.most)
