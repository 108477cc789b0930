"""Tables that an old generator printed as lines of a paragraph, because no empty line was before them."""

import re
from itertools import takewhile

from .printed_lines import PARAGRAPH, end_of_line, lines_of

_ROW = re.compile(r"\s*\|(?P<cells>.*)\|\s*", re.DOTALL)
_RULE = re.compile(r"\s*+(?:\|\s*+)?:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*+(?:\|\s*+)?")
_BAR = re.compile(r"(?<!\\)\|")
_SIDES = {(True, True): "center", (False, True): "right", (True, False): "left"}


def with_tables(html: str) -> str:
    """`html` is well-formed, as the sanitiser writes it."""
    return PARAGRAPH.sub(_with_table, html) if "|" in html else html


def _with_table(paragraph: re.Match[str]) -> str:
    joint = end_of_line(paragraph["inside"])
    lines = _whole_rows(lines_of(paragraph["inside"]), joint)
    rows = [_cells(line) for line in lines]
    place = next((number for number in range(1, len(lines)) if _is_rule(rows[number - 1], lines[number])), 0)
    if not place:
        return paragraph[0]
    body = [row for row in takewhile(bool, rows[place + 1 :]) if row]
    before = joint.join(lines[: place - 1]).strip()
    behind = joint.join(lines[place + 1 + len(body) :]).strip()
    table = _table(rows[place - 1] or [], _sides(lines[place]), body)
    return "\n".join(filter(None, [_paragraph(before), table, _paragraph(behind)]))


def _whole_rows(lines: list[str], joint: str) -> list[str]:
    """A row goes on until a bar ends it: there may be lines in its cells."""
    rows: list[list[str]] = []
    is_open = False
    for line in lines:
        begins = line.lstrip().startswith("|")
        if is_open and not begins:
            rows[-1].append(line)
        else:
            rows.append([line])
        is_open = (is_open or begins) and not line.rstrip().endswith("|")
    return [joint.join(row) for row in rows]


def _cells(line: str) -> list[str] | None:
    found = _ROW.fullmatch(line)
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(found["cells"])] if found else None


def _is_rule(head: list[str] | None, line: str) -> bool:
    return head is not None and _RULE.fullmatch(line) is not None and len(_sides(line)) == len(head)


def _sides(rule: str) -> list[str]:
    cells = (cell.strip() for cell in rule.strip().strip("|").split("|"))
    return [_SIDES.get((cell.startswith(":"), cell.endswith(":")), "") for cell in cells]


def _table(head: list[str], sides: list[str], body: list[list[str]]) -> str:
    rows = "\n".join(_row("td", (cells + [""] * len(head))[: len(head)], sides) for cells in body)
    return f"<table><thead>\n{_row('th', head, sides)}\n</thead><tbody>\n{rows}\n</tbody></table>"


def _row(tag: str, cells: list[str], sides: list[str]) -> str:
    aligns = (f' align="{side}"' if side else "" for side in sides)
    return f"<tr>{''.join(f'<{tag}{align}>{cell}</{tag}>' for align, cell in zip(aligns, cells, strict=True))}</tr>"


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>" if text else ""
