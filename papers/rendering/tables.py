"""Rows of tables as GitHub has them: bars part cells, `\\|` does not."""

import itertools
import re

_DELIMITER_ROW = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_BAR = re.compile(r"(?<!\\)\|")
# Code and formulas, in which people forget to escape bars.
_WHOLE = re.compile(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)|(?<!\\)\$(?![\s$])[^$]*?(?<![\s\\])\$(?!\d)")


def is_delimiter_row(text: str) -> bool:
    return ("|" in text or ":" in text) and _DELIMITER_ROW.match(text) is not None


def alignments(delimiter_row: str) -> list[str]:
    """`left`, `center`, `right` or nothing, a column each."""
    sides = {(True, True): "center", (True, False): "left", (False, True): "right"}
    cells = _split(delimiter_row, delimiter_row)
    return [sides.get((cell.startswith(":"), cell.endswith(":")), "") for cell in cells]


def has_columns(row: str, columns: int) -> bool:
    return columns in (len(_split(row, row)), len(_split(row, _masked(row))))


def cells(row: str, columns: int) -> list[str]:
    """As many as there are columns. A bar in code or in a formula parts nothing where that gives the right number."""
    found = _split(row, row)
    if len(found) != columns:
        found = _split(row, _masked(row))
    return [*found, *[""] * columns][:columns]


def _masked(row: str) -> str:
    """Of the same length, with no bar in code and formulas."""
    return _WHOLE.sub(lambda found: found[0].replace("|", " "), row)


def _split(row: str, masked: str) -> list[str]:
    start = len(masked) - len(masked.lstrip())
    start += masked.startswith("|", start)
    end = len(masked.rstrip())
    if end > start and masked[end - 1] == "|" and masked[end - 2 : end - 1] != "\\":
        end -= 1
    edges = [start - 1, *(bar.start() for bar in _BAR.finditer(masked, start, end)), end]
    return [row[left + 1 : right].strip().replace("\\|", "|") for left, right in itertools.pairwise(edges)]
