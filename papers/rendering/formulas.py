"""From TeX to MathML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape

from math_core import LatexError, LatexToMathML

from .headings import unique
from .mathml import UnexpectedMarkup, with_source, without_styles
from .pieces import Piece
from .result import Problem
from .result import gettext_noop as _
from .tex import prepared
from .tex_brackets import unclosed_brackets
from .tex_parts import label
from .vocabulary import MACROS

# math-core recurses, and a formula that exhausts the stack ends its process. Every command and every brace may hold
# the rest of the formula; what these numbers let through needs less than 3 MB of stack.
_LONGEST = 10_000
_LONGEST_PREPARED = 60_000
_MOST_COMMANDS = 1500
_DEEPEST = 60
# Each doubles the time.
_MOST_UNCLOSED = 8
# Expansions of our own table and of what the converter itself defines, such as \ldots; none leads to another.
_MOST_EXPANSIONS = 2 * _MOST_COMMANDS

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}]", re.DOTALL)
_OPENING = {"{", r"\left", r"\begin", r"\begingroup", r"\bgroup"}
_CLOSING = {"}", r"\right", r"\end", r"\endgroup", r"\egroup"}
_DEFINITIONS = {
    r"\DeclareMathOperator",
    r"\DeclarePairedDelimiter",
    r"\NewDocumentCommand",
    r"\def",
    r"\edef",
    r"\expandafter",
    r"\futurelet",
    r"\gdef",
    r"\global",
    r"\let",
    r"\long",
    r"\newcommand",
    r"\newenvironment",
    r"\providecommand",
    r"\renewcommand",
    r"\xdef",
}

_TOO_LONG = _("公式无法显示：超过 %(limit)s 个字符，请拆成几个公式")
_TOO_MANY = _("公式无法显示：命令超过 %(limit)s 个，请拆成几个公式")
_TOO_DEEP = _("公式无法显示：嵌套超过 %(limit)s 层，请简化")
_UNCLOSED = _("公式无法显示：没有配对的左括号超过 %(limit)s 个")
_DEFINES = _("公式无法显示：公式里不能定义命令（%(command)s），请直接写出来")
_UNEXPECTED = _("公式无法显示：转换的结果里有不该有的标记 %(markup)s")
_UNKNOWN = _("公式无法显示：无法转换（%(reason)s）")
_NO_EQUATION = _("公式引用的编号 %(label)s 在这篇笔记里没有")
_REPEATED = _("\\label{%(label)s} 在前面已经有了，引用它的链接指向前面的公式。请换一个名字")
_REASONS = (
    (
        re.compile(r'Unknown command "(?P<command>.+)"\.', re.DOTALL),
        _("公式无法显示：不认识的命令 %(command)s"),
    ),
    (
        re.compile(r'Unknown environment "(?P<environment>.*)"\.', re.DOTALL),
        _("公式无法显示：不认识的环境 %(environment)s"),
    ),
    (re.compile(r'Unknown color "(?P<color>.*)"\.'), _("公式无法显示：不认识的颜色 %(color)s")),
    (re.compile(r'Found "&",'), _("公式无法显示：& 只能用在表格式的环境里")),
    (
        re.compile(r'Found "(?P<command>.+)", which may only appear'),
        _("公式无法显示：%(command)s 用错了地方"),
    ),
    (re.compile(r"Not valid in text mode"), _("公式无法显示：\\text 里有只能用在公式里的命令")),
    (re.compile(r"Not valid in math mode"), _("公式无法显示：有只能用在 \\text 里的命令")),
    (
        re.compile(r"Invalid parameter number"),
        _("公式无法显示：# 在公式里有别的意思，要显示它请写 \\#"),
    ),
    (
        re.compile(r"Expected column specification"),
        _("公式无法显示：\\begin{array} 后面缺少列的格式，例如 {cc}"),
    ),
    (
        re.compile(r'Unexpected "\$"|Found unescaped|.*dollar', re.IGNORECASE),
        _("公式无法显示：公式里多了一个 $"),
    ),
    (re.compile(r"Duplicate subscript or superscript"), _("公式无法显示：重复的上标或下标")),
    (re.compile(r"'\^' or '_' directly followed by"), _("公式无法显示：上标或下标是空的")),
    (re.compile(r"Duplicate label|Found more than one label"), _("公式无法显示：重复的 \\label")),
    (re.compile(r"Expected argument but|There must be a parenthesis"), _("公式无法显示：命令缺少参数")),
    (
        re.compile(
            r'Expected "|.*(?:never closed|no matching opening|reached end of input|not closed|Unmatched)'
        ),
        _("公式无法显示：括号或环境没有配对"),
    ),
    (
        re.compile(r"Direct Unicode input is not supported for this symbol yet: '(?P<character>.+)'"),
        _("公式无法显示：不认识的字符 %(character)s"),
    ),
)
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_EQUATION_ID = re.compile(r' id="(eq-[^"]*)"')
_MISSING_LABEL = re.compile(r'<a href="#eq-([^"]*)">\(\?\?\)</a>')


@dataclass(frozen=True, slots=True)
class Formula:
    source: str
    tex: str
    is_display: bool
    line: int


@dataclass(frozen=True, slots=True)
class _Reason:
    message: str
    params: dict[str, str]


def convert(formulas: Sequence[Formula]) -> list[Piece]:
    """All formulas of one note together: equation numbers run on, and references find their equation."""
    read = [_prepared(formula) for formula in formulas]
    accepted = [
        ("" if isinstance(tex, _Reason) else tex, formula.is_display)
        for formula, tex in zip(formulas, read, strict=True)
    ]
    converted = _converter(continue_on_error=True).convert_all(accepted)
    taken: dict[str, int] = {}
    return [
        _broken(formula, tex) if isinstance(tex, _Reason) else _piece(formula, tex, mathml, taken)
        for formula, tex, mathml in zip(formulas, read, converted, strict=True)
    ]


def _converter(*, continue_on_error: bool) -> LatexToMathML:
    return LatexToMathML(
        annotation=True,
        macros=MACROS,
        continue_on_error=continue_on_error,
        # \widetilde and its like: well drawn with the font that we send along.
        allow_unreliable_rendering=True,
        fancy_error=False,
        id_prefix="eq-",
        max_expansions=_MOST_EXPANSIONS,
    )


def _prepared(formula: Formula) -> str | _Reason:
    if len(formula.tex) > _LONGEST:
        return _Reason(_TOO_LONG, {"limit": str(_LONGEST)})
    if _depth(_TOKEN.findall(formula.tex)) > _DEEPEST:
        return _Reason(_TOO_DEEP, {"limit": str(_DEEPEST)})
    tex = prepared(formula.tex, is_display=formula.is_display)
    return _refusal(tex) or tex


def _refusal(tex: str) -> _Reason | None:
    tokens = _TOKEN.findall(tex)
    if len(tex) > _LONGEST_PREPARED:
        return _Reason(_TOO_LONG, {"limit": str(_LONGEST)})
    if sum(token.startswith("\\") for token in tokens) > _MOST_COMMANDS:
        return _Reason(_TOO_MANY, {"limit": str(_MOST_COMMANDS)})
    if _depth(tokens) > _DEEPEST:
        return _Reason(_TOO_DEEP, {"limit": str(_DEEPEST)})
    if unclosed_brackets(tex) > _MOST_UNCLOSED:
        return _Reason(_UNCLOSED, {"limit": str(_MOST_UNCLOSED)})
    if definition := next((token for token in tokens if token in _DEFINITIONS), None):
        return _Reason(_DEFINES, {"command": definition})
    return None


def _depth(tokens: Sequence[str]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif token in _CLOSING:
            depth = max(0, depth - 1)
    return deepest


def _piece(formula: Formula, tex: str, mathml: str, taken: dict[str, int]) -> Piece:
    """A displayed one has an id made of its TeX, so that a link to it survives whatever is written before it."""
    if not mathml.startswith("<math"):
        return _broken(formula, _why(tex, formula.is_display))
    try:
        mathml = with_source(without_styles(mathml), formula.tex)
    except UnexpectedMarkup as unexpected:
        return _broken(formula, _Reason(_UNEXPECTED, {"markup": str(unexpected)}))
    inline = f'<span class="formula" translate="no">{mathml}</span>'
    repeated = _repeated_label(formula, mathml, taken)
    problem = _missing_label(formula, mathml) or repeated
    if not formula.is_display:
        return Piece(formula.source, inline, formula.tex, problem=problem)
    id = unique(f"formula-{sha256(formula.tex.encode()).hexdigest()[:8]}", taken)
    block = f'<div class="formula" id="{id}" translate="no">{mathml}</div>'
    return Piece(formula.source, block, f" {formula.tex} ", inline=inline, problem=problem)


def _missing_label(formula: Formula, mathml: str) -> Problem | None:
    missing = _MISSING_LABEL.search(mathml)
    return _problem(formula, _Reason(_NO_EQUATION, {"label": missing[1]})) if missing else None


def _repeated_label(formula: Formula, mathml: str, taken: dict[str, int]) -> Problem | None:
    ids = _EQUATION_ID.findall(mathml)
    repeated = next((id for place, id in enumerate(ids) if id in taken or id in ids[:place]), None)
    taken.update(dict.fromkeys(ids, 1))
    if repeated is None:
        return None
    typed = [name for name in _LABEL.finditer(formula.source) if f"eq-{label(name[1])}" == unescape(repeated)]
    if not typed:
        return _problem(formula, _Reason(_REPEATED, {"label": repeated.removeprefix("eq-")}))
    line = formula.line + formula.source.count("\n", 0, typed[-1].start())
    return Problem(line, typed[-1][0][:80], "formula", _REPEATED, {"label": typed[-1][1].strip()})


def _why(tex: str, is_display: bool) -> _Reason:
    """The converter's reason, in words of ours."""
    try:
        _converter(continue_on_error=False).convert_with_local_state(tex, displaystyle=is_display)
    except LatexError as error:
        reason = str(error).partition(": ")[2] or str(error)
    else:
        reason = "?"
    for pattern, message in _REASONS:
        if found := pattern.match(reason):
            return _Reason(message, found.groupdict())
    return _Reason(_UNKNOWN, {"reason": reason})


def _problem(formula: Formula, reason: _Reason) -> Problem:
    return Problem(formula.line, formula.source[:80], "formula", reason.message, reason.params)


def _broken(formula: Formula, reason: _Reason) -> Piece:
    title = escape(reason.message % reason.params)
    html = f'<code class="formula-error" title="{title}" translate="no">{escape(formula.source)}</code>'
    problem = _problem(formula, reason)
    if not formula.is_display:
        return Piece(formula.source, html, formula.tex, problem=problem)
    return Piece(formula.source, f"<p>{html}</p>", f" {formula.tex} ", inline=html, problem=problem)
