"""Paragraphs and cells whose lines an old generator printed as they were typed."""

import re

PARAGRAPH = re.compile(r"<p>(?P<inside>.*?)</p>", re.DOTALL)
#: One with nothing but lines in it.
CELL = re.compile(
    r"""(?P<open><(?P<tag>td|th|li|dd)(?:\ [^<>]*)?>)
    (?P<inside>(?:(?!</?(?:p|[uod]l|li|d[dt]|t[dhr]|table|div|pre|figure|blockquote|details|h[1-6])\b).)*+)
    (?P<close></(?P=tag)>)""",
    re.DOTALL | re.VERBOSE,
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)(?: [^<>]*)?>")
_VOID = {"br", "img", "wbr"}


def end_of_line(inside: str) -> str:
    return "<br>" if "<br>" in inside else "\n"


def lines_of(inside: str) -> list[str]:
    """No tag goes over two of them. `inside` is well-formed."""
    end = end_of_line(inside)
    lines: list[str] = []
    begun: list[str] = []
    depth = 0
    for line in inside.split(end):
        begun.append(line)
        depth += sum(-1 if tag[1] else 1 for tag in _TAG.finditer(line) if tag[2] not in _VOID)
        if not depth:
            lines.append(end.join(begun))
            begun = []
    return lines
