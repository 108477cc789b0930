"""What between dollars, between `\\(` and `\\)`, or in an environment is a formula; what are prices and variables."""

import re
from dataclasses import dataclass
from functools import cache

from .ends import Ends

_NUMBERED = r"(?:equation|align|alignat|gather|multline|eqnarray)\*?"
FORMULA_OPENING = rf"\$|\\[(\[]|\\begin\{{{_NUMBERED}\}}"

_BEGIN = re.compile(rf"\\begin\{{({_NUMBERED})\}}")
_TICKED = re.compile(r"\$`([^`]+)`\$")
_TO_DOLLAR = re.compile(r"(?:[^\\$`]|\\.)*+\$", re.DOTALL)
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)

# What closes a formula, behind an even number of backslashes; no formula between single dollars goes beyond a backtick.
_UNESCAPED = r"(?<!\\)(?:\\\\)*+"
_ROUND_END = re.compile(rf"{_UNESCAPED}\\\)")
_SQUARE_END = re.compile(rf"{_UNESCAPED}\\\]")
_DISPLAY_END = re.compile(rf"{_UNESCAPED}\$\$")
_INLINE_END = re.compile(rf"{_UNESCAPED}[$`]")

_TEX = re.compile(r"[\\^_{}]")
# What tells \[x^2\] in a sentence from brackets that are only escaped, such as \[EOS\].
_TEX_IN_BRACKETS = re.compile(r"[\\^_={}+<>]")
_TEX_COMMAND = re.compile(r"\\[A-Za-z]")
_TEX_OR_SIGN = re.compile(r"[\^_=<>]")
_WORD = re.compile(r"[A-Za-z0-9_{(\"'$]")
_CHINESE = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff5e]")
_PRICE = re.compile(r"\s*\d[\d.,]*\s*(?:[A-Za-z]{2,}|[\u3400-\u9fff])")
# Names of variables; but x_1 is rather a formula.
_SHELL = re.compile(r"(?:\{[A-Za-z_]\w*\}|[A-Za-z](?!_[A-Za-z0-9]\Z)\w++)[^\\^{}]*", re.ASCII)
# What may stand before a number, as in 2$\times$2 and p$<$0.05.
_SIGN = re.compile(r"\\[A-Za-z].*|[<>=~≤≥≈±×]{1,2}", re.DOTALL)
_ORDINAL = re.compile(r"(?:th|st|nd|rd)\b")
_MOST_INNER_DOLLARS = 8
_EMPHASIS = re.compile(r"(\^\{?)?</?em>(?=([}$]|\Z))?")


@dataclass(frozen=True, slots=True)
class Found:
    tex: str
    end: int
    is_display: bool


class FormulaFinder:
    """Of one text, read from front to back: in time of its length, however many openings have no end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = Ends(text)

    def find(self, start: int) -> Found | None:
        """The formula that begins there."""
        text = self._text
        if text.startswith("\\(", start):
            return self._between(start, _ROUND_END, is_display=False)
        if text.startswith("\\[", start):
            found = self._between(start, _SQUARE_END, is_display=True)
            is_whole = found is not None and not (text[:start] + text[found.end :]).strip()
            return found if found and (is_whole or _TEX_IN_BRACKETS.search(found.tex)) else None
        if text.startswith("\\begin", start):
            return self._environment(start)
        if text.startswith("$$", start):
            return None if text.startswith("$", start + 2) else self._display(start)
        if ticked := _TICKED.match(text, start):
            return Found(ticked[1], ticked.end(), is_display=False) if ticked[1].strip() else None
        return self._inline(start)

    def _between(self, start: int, closing: re.Pattern[str], *, is_display: bool) -> Found | None:
        """Opening and closing are two characters each."""
        closed = self._ends.after(closing, start + 2)
        tex = self._text[start + 2 : closed.end() - 2] if closed else ""
        return Found(tex, closed.end(), is_display) if closed and tex.strip() else None

    def _display(self, start: int) -> Found | None:
        found = self._between(start, _DISPLAY_END, is_display=True)
        is_behind_nothing = self._text.startswith("$$", max(0, start - 2), start)
        return None if found and is_behind_nothing and "$" in found.tex else found

    def _environment(self, start: int) -> Found | None:
        opening = _BEGIN.match(self._text, start)
        closed = self._ends.after(_end_of(opening[1]), opening.end()) if opening else None
        if opening is None or closed is None or closed.start() == opening.end():
            return None
        return Found(self._text[start : closed.end()], closed.end(), is_display=True)

    def _inline(self, start: int) -> Found | None:
        closed = self._ends.after(_INLINE_END, start + 1)
        if closed is None or closed[0].endswith("`"):
            return None
        end = _with_inner_dollars(self._text, start, closed.end())
        is_formula = _is_formula(self._text, start, end)
        return Found(self._text[start + 1 : end - 1], end, is_display=False) if is_formula else None


@cache
def _end_of(environment: str) -> re.Pattern[str]:
    return re.compile(re.escape(rf"\end{{{environment}}}"))


def _with_inner_dollars(text: str, start: int, end: int) -> int:
    """In braces may be more dollars: $\\text{若 $x>0$}$. Where that leads nowhere, the first one ends it."""
    longer = end
    for _ in range(_MOST_INNER_DOLLARS):
        braces = [brace[1] for brace in _BRACE.finditer(text, start, longer)]
        if braces.count("{") <= braces.count("}"):
            return longer
        more = _TO_DOLLAR.match(text, longer)
        if more is None:
            break
        longer = more.end()
    return end


def _is_formula(text: str, start: int, end: int) -> bool:
    """No digit behind, except for a sign; no prices, no `$PATH:$HOME`."""
    inside = text[start + 1 : end - 1]
    before, behind = text[max(0, start - 1) : start], text[end : end + 3]
    if not inside.strip():
        return False
    if inside[0].isspace() != inside[-1].isspace():
        return _is_formula_beside_blank(inside, before.strip("('\"") + behind[:1])
    if behind[:1].isdigit():
        return _SIGN.fullmatch(inside) is not None
    if re.match(r"[A-Za-z_{]", behind) and _SHELL.fullmatch(inside):
        return False
    if _TEX.search(inside):
        return True
    if len(inside) == 1 and inside.islower():
        return True
    if behind[:1].isascii() and behind[:1].isalnum() and not _ORDINAL.match(behind):
        return False
    is_currency = before.isascii() and before.isalpha() and inside[0].isdigit()
    return not (is_currency or _CHINESE.search(inside) or _PRICE.match(inside))


def _is_formula_beside_blank(inside: str, around: str) -> bool:
    """One blank too many, as in $x_1 $: rather the end of a price and the start of a variable, if it says so little."""
    says_enough = _TEX_COMMAND.search(inside) or (
        _TEX_OR_SIGN.search(inside)
        and not inside.strip()[0].isdigit()
        and not _SHELL.fullmatch(inside.strip())
    )
    return bool(says_enough) and not _CHINESE.search(inside) and not _WORD.search(around)


def without_emphasis(tex: str) -> str:
    """`\\hat{x}<em>{i}+\\hat{y}</em>{i}` was typed with `_` there; but `x^<em>` with a star."""
    return _EMPHASIS.sub(
        lambda found: f"{found[1] or ''}{'*' if found[1] or found[2] is not None else '_'}", tex
    )


def might_be_price(tex: str) -> bool:
    """A formula that people could also mean as an amount of money."""
    return _PRICE.match(tex) is not None
