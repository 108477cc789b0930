"""From TeX to MathML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from math_core import LatexError, LatexToMathML

from .mathml import UnexpectedMarkup, without_styles
from .pieces import Piece
from .result import Problem

# math-core recurses, and a formula that exhausts the stack ends its process. Measured: 1,000 commands in each
# other's arguments need just under 2 MB, 2,000 nested braces survive in 8 MB.
_LONGEST = 10_000
_MOST_COMMANDS = 800
_DEEPEST = 60

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}]", re.DOTALL)
_OPENING = {"{", r"\left", r"\begin", r"\begingroup", r"\bgroup"}
_CLOSING = {"}", r"\right", r"\end", r"\endgroup", r"\egroup"}
_DEFINITIONS = {
    r"\newcommand",
    r"\renewcommand",
    r"\providecommand",
    r"\DeclareMathOperator",
    r"\def",
    r"\edef",
    r"\gdef",
    r"\xdef",
    r"\let",
}

_REASONS = (
    (re.compile(r'Unknown command "(.+)"\.'), "不认识的命令 {}"),
    (re.compile(r'Unknown environment "(.+)"\.'), "不认识的环境 {}"),
    (re.compile(r'Unknown color "(.+)"\.'), "不认识的颜色 {}"),
    (re.compile(r'Found "&",'), "& 只能用在表格式的环境里"),
    (re.compile(r'Found "(.+)", which may only appear'), "{} 用错了地方"),
    (re.compile(r"Not valid in text mode"), r"\text 里有不能用的字符或命令，如 _ 和 ^"),
    (re.compile(r"Not valid in math mode"), r"有只能用在 \text 里的命令"),
    (re.compile(r"Math mode within text mode"), r"\text 里不能再写公式"),
    (re.compile(r"Duplicate subscript or superscript"), "重复的上标或下标"),
    (re.compile(r"Expected argument but"), "命令缺少参数"),
    (
        re.compile(r".*(?:never closed|no matching opening|reached end of input|not closed)"),
        "括号或环境没有配对",
    ),
)


@dataclass(frozen=True, slots=True)
class Formula:
    source: str
    tex: str
    is_display: bool
    line: int


def convert(formulas: Sequence[Formula]) -> list[Piece]:
    """All formulas of one note together: equation numbers run on, and references find their equation."""
    reasons = [_refusal(formula.tex) for formula in formulas]
    accepted = [
        (formula.tex if reason is None else "", formula.is_display)
        for formula, reason in zip(formulas, reasons, strict=True)
    ]
    converted = _converter(continue_on_error=True).convert_all(accepted)
    return [
        _broken(formula, reason) if reason else _piece(formula, mathml)
        for formula, reason, mathml in zip(formulas, reasons, converted, strict=True)
    ]


def _converter(*, continue_on_error: bool) -> LatexToMathML:
    return LatexToMathML(
        annotation=True,
        continue_on_error=continue_on_error,
        fancy_error=False,
        id_prefix="eq-",
        max_expansions=0,
    )


def _refusal(tex: str) -> str | None:
    tokens = _TOKEN.findall(tex)
    if len(tex) > _LONGEST:
        return f"公式超过 {_LONGEST} 个字符，请拆成几个"
    if sum(token.startswith("\\") for token in tokens) > _MOST_COMMANDS:
        return f"公式里的命令超过 {_MOST_COMMANDS} 个，请拆成几个公式"
    if _depth(tokens) > _DEEPEST:
        return f"公式嵌套超过 {_DEEPEST} 层，请简化"
    if not _DEFINITIONS.isdisjoint(tokens):
        return r"公式里不能定义命令（\newcommand、\def），请直接写出来"
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


def _piece(formula: Formula, mathml: str) -> Piece:
    if not mathml.startswith("<math"):
        return _broken(formula, _reason(formula))
    try:
        mathml = without_styles(mathml)
    except UnexpectedMarkup as unexpected:
        return _broken(formula, f"转换的结果里有不该有的标记 {unexpected}")
    if not formula.is_display:
        return Piece(formula.source, f'<span class="formula" translate="no">{mathml}</span>', formula.tex)
    return Piece(
        formula.source,
        f'<div class="formula" translate="no">{mathml}</div>',
        f" {formula.tex} ",
        inline=f'<span class="formula" translate="no">{mathml}</span>',
    )


def _reason(formula: Formula) -> str:
    try:
        _converter(continue_on_error=False).convert_with_local_state(
            formula.tex, displaystyle=formula.is_display
        )
    except LatexError as error:
        message = str(error).partition(": ")[2] or str(error)
        for pattern, chinese in _REASONS:
            if found := pattern.match(message):
                return chinese.format(*found.groups())
        return message
    return "无法转换"


def _broken(formula: Formula, reason: str) -> Piece:
    message = f"公式无法显示：{reason}"
    html = f'<code class="formula-error" title="{escape(message)}" translate="no">{escape(formula.source)}</code>'
    problem = Problem(formula.line, formula.source[:80], "formula", message)
    if not formula.is_display:
        return Piece(formula.source, html, formula.tex, problem=problem)
    return Piece(formula.source, f"<p>{html}</p>", f" {formula.tex} ", inline=html, problem=problem)
