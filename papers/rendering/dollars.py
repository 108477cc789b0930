"""What between dollars, or between `\\(` and `\\)`, is a formula, and what are prices and shell variables."""

import re
from dataclasses import dataclass

FORMULA_OPENING = r"\$|\\[(\[]"

_DISPLAY = re.compile(r"\$\$((?:[^\\$]|\\.|\$(?!\$))+)\$\$", re.DOTALL)
_TICKED = re.compile(r"\$`([^`]+)`\$")
_INLINE = re.compile(r"\$(?!\$)((?:[^\\$`]|\\.)+)\$", re.DOTALL)
_ROUND = re.compile(r"\\\(((?:[^\\]|\\[^)])+)\\\)", re.DOTALL)
_SQUARE = re.compile(r"\\\[((?:[^\\]|\\[^\]])+)\\\]", re.DOTALL)

_TEX = re.compile(r"[\\^_{}]")
# What tells \[x^2\] in a sentence from brackets that are only escaped, such as \[EOS\].
_TEX_IN_BRACKETS = re.compile(r"[\\^_={}+<>]")
_CHINESE = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff5e]")
_PRICE = re.compile(r"\s*\d[\d.,]*\s*(?:[A-Za-z]{2,}|[\u3400-\u9fff])")
_SHELL = re.compile(r"\{?[A-Za-z_][A-Za-z0-9_]+\}?[^\\^{}]*")
_ORDINAL = re.compile(r"(?:th|st|nd|rd)\b")


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
    if text.startswith("$$", start):
        return _found(_DISPLAY.match(text, start), is_display=True)
    if ticked := _TICKED.match(text, start):
        return _found(ticked, is_display=False)
    found = _INLINE.match(text, start)
    return _found(found, is_display=False) if found and _is_formula(found) else None


def _has_tex(found: re.Match[str] | None) -> bool:
    return found is not None and _TEX_IN_BRACKETS.search(found[1]) is not None


def _found(found: re.Match[str] | None, *, is_display: bool) -> Found | None:
    return Found(found[1], found.end(), is_display) if found and found[1].strip() else None


def _is_formula(found: re.Match[str]) -> bool:
    """Blanks on both sides or on neither; no digit behind; no prices, no `$PATH:$HOME`."""
    inside, text = found[1], found.string
    if inside[0].isspace() != inside[-1].isspace():
        return False
    before, behind = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 3]
    if re.match(r"[A-Za-z0-9_{]", behind) and (behind[0].isdigit() or _SHELL.fullmatch(inside)):
        return False
    if _TEX.search(inside):
        return True
    if len(inside) == 1 and inside.islower():
        return True
    if behind[:1].isascii() and behind[:1].isalnum() and not _ORDINAL.match(behind):
        return False
    is_currency = before.isascii() and before.isalpha() and inside[0].isdigit()
    return not (is_currency or _CHINESE.search(inside) or _PRICE.match(inside))


def might_be_price(tex: str) -> bool:
    """A formula that people could also mean as an amount of money."""
    return _PRICE.match(tex) is not None
