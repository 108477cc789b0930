"""What an author may have typed by mistake; a mechanical mistake comes with its fix."""

import re

from .pieces import Piece, with_sources
from .result import Fix, Problem, gettext_noop

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。", "(": "（", ")": "）"}
_HALF_WIDTH = re.compile(rf"(?<={_HAN})[,;:?!.](?={_HAN})|(?<={_HAN})\((?={_HAN})|(?<={_HAN})\)(?={_HAN})")
_STARS = re.compile(r"(?<![\\*])\*\*(?!\*)")
_EMPTY_ALT = re.compile(r"!\[\s*\]\([^)\s]*")
_UNSPACED_HEADING = re.compile(r"^(#{2,6})(?=[^\s#!])", re.MULTILINE)
_DOLLAR = re.compile(r"[^\\$\ufdd0-\ufdd2]?(?<![\\$])\$(?=[^\s$])[^\s$\ufdd0-\ufdd2]{0,4}")
_BRACKET = re.compile("[【】]")
_LONGEST_SNIPPET = 80


def check_text(text: str, line: int, pieces: list[Piece]) -> list[Problem]:
    """`text` has placeholders for what is no text; `line` is that of its first line."""
    if text.isalnum():
        return []
    lines = text.split("\n")
    problems = []
    for number, words in enumerate(lines, line):
        problems += _check_line(words, number, pieces)
    problems += _check_bold(lines, line, pieces)
    return problems


def check_heading(level: int, before: int, line: int, text: str) -> list[Problem]:
    """`before` is the level of the heading above, 0 for none."""
    if not before or level <= before + 1:
        return []
    message = gettext_noop("标题从 %(before)s 级跳到了 %(level)s 级，中间少了一级。")
    params = {"before": str(before), "level": str(level)}
    fix = Fix("#" * level, "#" * (before + 1))
    return [Problem(line, text[:_LONGEST_SNIPPET], "heading", message, params, fix)]


def _check_line(text: str, line: int, pieces: list[Piece]) -> list[Problem]:
    problems = []
    for found in _HALF_WIDTH.finditer(text):
        context = text[max(0, found.start() - 1) : found.end() + 1]
        message = gettext_noop("中文之间用了半角标点“%(mark)s”。")
        fixed = context.replace(found[0], _FULL_WIDTH[found[0]], 1)
        problems.append(
            Problem(line, context, "punctuation", message, {"mark": found[0]}, Fix(context, fixed))
        )
    if "【" in text or "】" in text:
        problems += _check_brackets(text, line, pieces)
    if "![" in text and (empty := _EMPTY_ALT.search(text)):
        message = gettext_noop("图片没有替代文字。请在方括号里写一句话，说明图上有什么。")
        problems.append(Problem(line, _snippet(empty[0], pieces), "alt", message))
    if "$" in text:
        problems += _check_dollars(text, line, pieces)
    if "#" in text and (signs := _UNSPACED_HEADING.search(text)):
        message = gettext_noop("%(signs)s 后面没有空格，这一行不会成为标题。")
        fix = Fix(signs[1], f"{signs[1]} ")
        problems.append(Problem(line, _snippet(text, pieces), "heading", message, {"signs": signs[1]}, fix))
    return problems


def _check_brackets(text: str, line: int, pieces: list[Piece]) -> list[Problem]:
    """Of each kind, the first that has no partner in its line."""
    depth, places = 0, list(_BRACKET.finditer(text))
    for found in places:
        depth += 1 if found[0] == "【" else -1
        if depth < 0:
            break
    if depth == 0:
        return []
    position = text.rfind("【") if depth > 0 else found.start()
    message = gettext_noop("【 和 】 没有成对。")
    return [Problem(line, _snippet(text[max(0, position - 10) :], pieces), "bracket", message)]


def _check_dollars(text: str, line: int, pieces: list[Piece]) -> list[Problem]:
    """Dollar signs that are left over began no formula."""
    message = gettext_noop(
        "这个 $ 没有成为公式，按文字显示。若是公式，请在两头各写一个 $；若是价格，请写成 \\$。"
    )
    problems = []
    for found in _DOLLAR.finditer(text):
        snippet = _snippet(text[found.start() : found.start() + 200].partition("，")[0], pieces)
        fix = Fix(found[0], found[0].replace("$", "\\$", 1))
        problems.append(Problem(line, snippet, "price", message, {}, fix))
    return problems


def _check_bold(lines: list[str], first: int, pieces: list[Piece]) -> list[Problem]:
    """Two stars too many, of which the last are likely to have no partner; and blanks that keep stars from working."""
    places = [(number, found) for number, text in enumerate(lines, first) for found in _STARS.finditer(text)]
    problems = [
        problem
        for (number, opening), (other, closing) in zip(places[::2], places[1::2], strict=False)
        if number == other and (problem := _padded(opening, closing, number, pieces))
    ]
    if len(places) % 2 == 0:
        return problems
    number, found = places[-1]
    message = gettext_noop("粗体的 ** 没有成对。")
    return [*problems, Problem(number, _snippet(found.string[found.start() :], pieces), "bold", message)]


def _padded(opening: re.Match[str], closing: re.Match[str], line: int, pieces: list[Piece]) -> Problem | None:
    inside = opening.string[opening.end() : closing.start()]
    if not inside.strip() or inside[0].isspace() == inside[-1].isspace():
        return None  # nothing, as it should be, or the power of a number
    message = gettext_noop("粗体的 ** 里侧有空格，所以没有变粗。")
    old, new = f"**{inside}**", f"**{inside.strip()}**"
    fix = Fix(with_sources(old, pieces), with_sources(new, pieces))
    return Problem(line, _snippet(old, pieces), "bold", message, {}, fix)


def _snippet(text: str, pieces: list[Piece]) -> str:
    return with_sources(text, pieces).strip()[:_LONGEST_SNIPPET]
