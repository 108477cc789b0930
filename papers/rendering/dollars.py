"""What between dollars, between `\\(` and `\\)`, or in an environment is a formula; what are prices and variables."""

import re
from dataclasses import dataclass

_NUMBERED = r"(?:equation|align|alignat|gather|multline|eqnarray)\*?"
FORMULA_OPENING = rf"\$|\\[(\[]|\\begin\{{{_NUMBERED}\}}"

_DISPLAY = re.compile(r"\$\$(?!\$)((?:[^\\$]|\\.|\$(?!\$))+)\$\$", re.DOTALL)
_TICKED = re.compile(r"\$`([^`]+)`\$")
_INLINE = re.compile(r"\$(?!\$)((?:[^\\$`]|\\.)+)\$", re.DOTALL)
_TO_DOLLAR = re.compile(r"(?:[^\\$`]|\\.)*+\$", re.DOTALL)
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)
_ROUND = re.compile(r"\\\(((?:[^\\]|\\[^)])+)\\\)", re.DOTALL)
_SQUARE = re.compile(r"\\\[((?:[^\\]|\\[^\]])+)\\\]", re.DOTALL)
_ENVIRONMENT = re.compile(
    rf"(\\begin\{{({_NUMBERED})\}}(?:[^\\]|\\(?!end\{{\2\}}))++\\end\{{\2\}})", re.DOTALL
)

_TEX = re.compile(r"[\\^_{}]")
# What tells \[x^2\] in a sentence from brackets that are only escaped, such as \[EOS\].
_TEX_IN_BRACKETS = re.compile(r"[\\^_={}+<>]")
_TEX_COMMAND = re.compile(r"\\[A-Za-z]")
_TEX_OR_SIGN = re.compile(r"[\^_=<>]")
_WORD = re.compile(r"[A-Za-z0-9_{(\"'$]")
_CHINESE = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff5e]")
_PRICE = re.compile(r"\s*\d[\d.,]*\s*(?:[A-Za-z]{2,}|[\u3400-\u9fff])")
# Names of variables; but x_1 is rather a formula.
_SHELL = re.compile(r"(?:\{[A-Za-z_]\w*\}|[A-Za-z](?!_[A-Za-z0-9]\Z)\w+)[^\\^{}]*", re.ASCII)
# What may stand before a number, as in 2$\times$2 and p$<$0.05.
_SIGN = re.compile(r"\\[A-Za-z].*|[<>=~≤≥≈±×]{1,2}", re.DOTALL)
_ORDINAL = re.compile(r"(?:th|st|nd|rd)\b")
_MOST_INNER_DOLLARS = 8


@dataclass(frozen=True, slots=True)
class Found:
    tex: str
    end: int
    is_display: bool


def find_formula(text: str, start: int) -> Found | None:
    """The formula that begins there. In time of its length, unless nothing closes it."""
    if text.startswith("\\(", start):
        return _found(_ROUND.match(text, start), is_display=False)
    if text.startswith("\\[", start):
        found = _SQUARE.match(text, start)
        is_whole = found is not None and not (text[:start] + text[found.end() :]).strip()
        return _found(found, is_display=True) if is_whole or _has_tex(found) else None
    if text.startswith("\\begin", start):
        return _found(_ENVIRONMENT.match(text, start), is_display=True)
    if text.startswith("$$", start):
        found = _DISPLAY.match(text, start)
        is_behind_nothing = text.startswith("$$", max(0, start - 2), start) and found and "$" in found[1]
        return None if is_behind_nothing else _found(found, is_display=True)
    if ticked := _TICKED.match(text, start):
        return _found(ticked, is_display=False)
    found = _INLINE.match(text, start)
    end = _with_inner_dollars(text, start, found.end()) if found else 0
    is_formula = end and _is_formula(text, start, end)
    return Found(text[start + 1 : end - 1], end, is_display=False) if is_formula else None


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


def _has_tex(found: re.Match[str] | None) -> bool:
    return found is not None and _TEX_IN_BRACKETS.search(found[1]) is not None


def _found(found: re.Match[str] | None, *, is_display: bool) -> Found | None:
    return Found(found[1], found.end(), is_display) if found and found[1].strip() else None


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


def might_be_price(tex: str) -> bool:
    """A formula that people could also mean as an amount of money."""
    return _PRICE.match(tex) is not None
