"""Single things of a formula in the words of the converter: characters, colours, columns, labels, circles."""

import re

from .vocabulary import ACCENTS, COLORS, SCRIPTS, SYMBOLS

#: The columns of a table: braces in braces, three deep.
_NESTED = r"(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+"
COLUMNS = re.compile(rf"\s*+\{{({_NESTED})\}}")
_COLUMN_EXTRA = re.compile(rf"[@!<>]\{{{_NESTED}\}}|\s")
_COLUMN_WIDTH = re.compile(r"[pmb]\{[^{}]*+\}|[LXY]")
_COLUMN_REPEAT = re.compile(r"\*\{?(\d{1,2})\}?\{?([lcr|:]{1,20}+)\}?")

_WORDS = r"\u2018-\u201d\u3001-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff0c\uff1f"
_ACCENTED = re.compile(f"([^\\W\\d_])([{''.join(ACCENTS)}])")
_SPECIAL = re.compile(
    f"(?P<words>[{_WORDS}]+)|(?P<up>[{''.join(SCRIPTS['^'])}]+)|(?P<down>[{''.join(SCRIPTS['_'])}]+)"
    f"|[{''.join(SYMBOLS)}]"
)

_HEX_COLOR = re.compile(r"#?([0-9A-Fa-f]{6})|#([0-9A-Fa-f])([0-9A-Fa-f])([0-9A-Fa-f])")
_CSS_COLOR = re.compile(r"rgb\(([\d ,]+)\)")
_NOT_IN_LABEL = re.compile(r"[^A-Za-z0-9:-]")

CIRCLED = {str(number): chr(0x245F + number) for number in range(1, 21)}
CIRCLED |= {chr(65 + i): chr(0x24B6 + i) for i in range(26)} | {
    chr(97 + i): chr(0x24D0 + i) for i in range(26)
}
CIRCLED |= {"+": r"\oplus ", "-": r"\ominus ", "*": r"\circledast ", "0": "⓪"}


#: In TeX, a prime and a power may have blanks between them, and a prime may be a power.
_PRIME_BLANKS = re.compile(r"'\s++(?=['^])")
_RAISED_PRIME = re.compile(r"\^\s*+(?=')")


def symbols(text: str) -> str:
    text = _RAISED_PRIME.sub("", _PRIME_BLANKS.sub("'", text))
    text = _ACCENTED.sub(lambda found: f"{ACCENTS[found[2]]}{{{found[1]}}}", text)
    return _SPECIAL.sub(_symbol, text)


def _symbol(found: re.Match[str]) -> str:
    if found["words"]:
        return rf"\text{{{found[0]}}}"
    for kind, sign in (("up", "^"), ("down", "_")):
        if found[kind]:
            return f"{sign}{{{''.join(SCRIPTS[sign][character] for character in found[0])}}}"
    return SYMBOLS[found[0]]


def color(model: str, name: str) -> str:
    if model:
        return f"[HTML]{{{name.lstrip('#').upper()}}}" if model == "HTML" else f"[{model}]{{{name}}}"
    if digits := _HEX_COLOR.fullmatch(name):
        value = digits[1] or "".join(2 * digit for digit in digits.groups()[1:])
        return f"[HTML]{{{value.upper()}}}"
    if values := _CSS_COLOR.fullmatch(name):
        return f"[RGB]{{{values[1].replace(' ', '')}}}"
    name = name.partition("!")[0]
    return f"[HTML]{{{COLORS[name.lower()]}}}" if name.lower() in COLORS else f"{{{name}}}"


def label(name: str) -> str:
    """The converter takes only a few characters."""
    return _NOT_IN_LABEL.sub(lambda found: f".{ord(found[0]):x}", name.strip())


def columns(spec: str) -> str:
    """Only l, c, r and lines: the converter knows no widths and nothing between columns."""
    plain = _COLUMN_WIDTH.sub("l", _COLUMN_EXTRA.sub("", spec))
    return _COLUMN_REPEAT.sub(lambda found: found[2] * int(found[1]), plain) or "cccccccc"
