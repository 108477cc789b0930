"""Commands that become other commands, whatever stands around them."""

import re
from collections.abc import Callable

from .tex_parts import CIRCLED, symbols
from .tex_source import Source
from .vocabulary import ENCLOSURES, VERBATIM

_ARGUMENT = re.compile(r"\s*+\{([^{}\\$%]*+)\}")
_OPTION = re.compile(r"\s*+\[[^\[\]{}\\]*+\]")
_DIGIT = re.compile(r"\s*+(\{\d\}|\d)")
_DIGITS = re.compile(r"\s*+\{[\d.]++\}")
_STRUT = re.compile(r"(?:\[[^\[\]{}\\]*+\])?+\{0[a-z. ]*+\}\{[^{}\\]*+\}")
_LIMITS = re.compile(r"\s*+\\limits(?![A-Za-z])")
_NO_LIMITS = re.compile(r"\s*+\\nolimits(?![A-Za-z])")
_PLAIN_NAME = re.compile(r"\{(?:[^\\{}^_<>&$%]|\\[ ,:;!])*+\}")
_NEGATIVE_SPACE = re.compile(r"(?:\s*+\\!)++")
_CHARACTER = re.compile(r"\s*+(?:\[[^\[\]{}]*+\])?+\{(?:[xX]([0-9A-Fa-f]{1,5})|(\d{1,6}))\}")
_VERBATIM = re.compile(r"\*?([^A-Za-z\s*])(.*?)\1")
_WITH_MEANING = set("\\{}$&#%^_~")


def circled(source: Source) -> str:
    content = source.take(_ARGUMENT)
    circled = CIRCLED.get(content[1].strip()) if content else None
    return circled or rf"\textcircled{content[0] if content else ''}"


def _bold(source: Source) -> str:
    return r"\mathbf" if _DIGITS.match(source.tex, source.position) else r"\boldsymbol"


def _enclosed(source: Source) -> str:
    start = source.position
    kind = source.take(_ARGUMENT)
    source.take(_OPTION)
    if kind and kind[1] in ENCLOSURES:
        source.insert(ENCLOSURES[kind[1]])
        return ""
    source.position = start
    return r"\enclose"


def _not(source: Source) -> str:
    """The converter strikes out relations and letters only."""
    source.take(_NEGATIVE_SPACE)
    digit = source.take(_DIGIT)
    return rf"\cancel{{{digit[1].strip('{}')}}}" if digit else r"\not"


def _character(source: Source) -> str:
    r"""`\unicode{x2460}` or `\unicode{9312}`."""
    found = source.take(_CHARACTER)
    code = (int(found[1], 16) if found[1] else int(found[2])) if found else 0
    is_plain = 0x20 < code < 0xD800 and chr(code) not in _WITH_MEANING
    return symbols(chr(code)) if is_plain else r"\unicode"


def _verbatim(source: Source) -> str:
    found = source.take(_VERBATIM)
    if found is None:
        return r"\verb"
    return rf"\texttt{{{''.join(VERBATIM.get(character, character) for character in found[2])}}}"


def _continued(source: Source) -> str:
    """Where its numerator stands is not kept."""
    source.take(_OPTION)
    return r"\cfrac"


def _rule(source: Source) -> str:
    """One without width only makes room."""
    return "" if source.take(_STRUT) else r"\rule"


def _operator(source: Source) -> str:
    r"""`\mathop{…}\limits_a^b` puts a and b under and over it; so does `\mathop{…}_a^b` in a display."""
    operand = source.operand()
    if source.take(_NO_LIMITS):
        source.insert(operand)
        return ""
    if (source.take(_LIMITS) or source.is_display) and (scripts := source.scripts()):
        whole = rf"\mathop{operand}"
        for sign, script in scripts:
            whole = rf"\{'under' if sign == '_' else 'over'}set{script}{{{whole}}}"
        source.insert(whole)
        return ""
    source.insert(operand)
    return r"\mathop"


def _operator_name(source: Source) -> str:
    return _named(source, r"\operatorname", "{", "}")


def _operator_name_with_limits(source: Source) -> str:
    return _named(source, r"\operatorname*", r"\mathop{", "}")


def _named(source: Source, command: str, before: str, after: str) -> str:
    """The converter knows operators of letters only."""
    name = source.group()
    if name is None or _PLAIN_NAME.fullmatch(name):
        source.insert(name or "")
        return command
    source.insert(rf"{before}\mathrm{name}{after}")
    return ""


def _stacked(source: Source) -> str:
    r"""Old TeX: `\buildrel a \over =`."""
    above = source.before_over()
    if above is None:
        return r"\buildrel"
    source.insert(rf"\overset{{{above}}}{source.operand()}")
    return ""


#: Each reads its arguments, puts what is to be read again back, and gives what is not.
WORDS: dict[str, Callable[[Source], str]] = {
    r"\bm": _bold,
    r"\boldsymbol": _bold,
    r"\buildrel": _stacked,
    r"\cfrac": _continued,
    r"\enclose": _enclosed,
    r"\mathop": _operator,
    r"\not": _not,
    r"\operatorname": _operator_name,
    r"\operatorname*": _operator_name_with_limits,
    r"\rule": _rule,
    r"\unicode": _character,
    r"\verb": _verbatim,
}
