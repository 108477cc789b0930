"""Lists that an old generator printed as lines of a paragraph: `text：<br>* one<br>* two` is a list again."""

import re
from dataclasses import dataclass, field

from .printed_lines import CELL, PARAGRAPH, end_of_line, lines_of

_BLANK = r"(?:\s|&nbsp;)"
# A mark without a blank behind it is one before Chinese only: `-5`, `*重点*`.
_ITEM = re.compile(
    rf"""(?P<indent>{_BLANK}*)
    (?:(?P<bullet>[*•·▪‣●■◆○◦–+-])(?:{_BLANK}+|(?P<tight>(?<![*+])(?=[\u3400-\u9fff]|<strong>)))
    | (?P<number>\d{{1,3}})[.)、]{_BLANK}+)
    (?P<text>\S.*)""",
    re.DOTALL | re.VERBOSE,
)
_ITEMS = re.compile(
    rf"(?:<p>{_BLANK}*(?:[*•·▪‣●■◆○◦–+-]|\d{{1,3}}[.)、]){_BLANK}(?:(?!</p>).)*</p>\s*){{2,}}", re.DOTALL
)
_BETWEEN = re.compile(r"</p>\s*<p>")
# Spaces by which a list in a list stands farther to the right.
_STEP = 2


@dataclass
class _List:
    tag: str
    indent: int
    start: int = 1
    #: Each the text of an item, and the lists in it.
    items: list[list["str | _List"]] = field(default_factory=list)

    def html(self) -> str:
        start = f' start="{self.start}"' if self.tag == "ol" and self.start != 1 else ""
        items = "\n".join(f"<li>{''.join(_html(part) for part in item)}</li>" for item in self.items)
        return f"<{self.tag}{start}>\n{items}\n</{self.tag}>"


def _html(part: "str | _List") -> str:
    return part if isinstance(part, str) else f"\n{part.html()}\n"


def with_lists(html: str) -> str:
    """`html` is well-formed, as the sanitiser writes it."""
    joined = _ITEMS.sub(_joined, html)
    return CELL.sub(_in_cell, PARAGRAPH.sub(_in_paragraph, joined))


def _joined(found: re.Match[str]) -> str:
    """Paragraphs that are items, as lines of one."""
    return _BETWEEN.sub("<br>", found[0])


def _in_paragraph(paragraph: re.Match[str]) -> str:
    parts = _parts(paragraph["inside"])
    if parts is None:
        return paragraph[0]
    before, lists, behind = parts
    lead = f"<p>{before}</p>\n" if before else ""
    return f"{lead}{lists}" + (f"\n<p>{behind}</p>" if behind else "")


def _in_cell(cell: re.Match[str]) -> str:
    parts = _parts(cell["inside"])
    if parts is None:
        return cell[0]
    before, lists, behind = parts
    return f"{cell['open']}{before}\n{lists}\n{behind}{cell['close']}"


def _parts(inside: str) -> tuple[str, str, str] | None:
    """What stands before the lists, these, and what stands behind them after an empty line."""
    lines, joint = lines_of(inside), end_of_line(inside)
    places = [number for number, line in enumerate(lines) if _ITEM.fullmatch(line)]
    if not _is_list(lines) or (joint == "\n" and not _are_items(lines[places[0] :])):
        return None
    first, last = places[0], places[-1]
    end = next((number for number in range(last, len(lines)) if not lines[number].strip()), len(lines))
    lists = "\n".join(one.html() for one in _lists(lines[first:end]))
    behind = joint.join(line for line in lines[end:] if line.strip())
    return joint.join(lines[:first]).strip(), lists, behind.strip()


def _is_list(lines: list[str]) -> bool:
    """Numbers count, as those of a year or a price do not; one item alone is a sentence that begins with a dash."""
    items = [found for line in lines if (found := _ITEM.fullmatch(line))]
    numbers = [int(found["number"]) for found in items if found["number"]]
    if not items or (numbers and (numbers[0] > 1 or len(numbers) < 2)):
        return False
    return len(lines) > 1 and (len(items) > 1 or items[0]["tight"] is None)


def _are_items(lines: list[str]) -> bool:
    """Where no line is broken, a dash may be in front of one by accident."""
    return len(lines) > 1 and all(_ITEM.fullmatch(line) or line[:1] in ("", " ") for line in lines)


def _lists(lines: list[str]) -> list[_List]:
    tops: list[_List] = []
    open_lists: list[_List] = []
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found is None:
            if line.strip():  # goes on with the item before
                open_lists[-1].items[-1].append(f"<br>{line.strip()}")
            continue
        indent = len(found["indent"].rpartition("\n")[2].replace("&nbsp;", " "))
        tag = "ul" if found["bullet"] else "ol"
        while open_lists and (
            indent < open_lists[-1].indent
            or (indent < open_lists[-1].indent + _STEP and open_lists[-1].tag != tag)
        ):
            open_lists.pop()
        if not open_lists or indent >= open_lists[-1].indent + _STEP:
            new = _List(tag, indent, int(found["number"] or 1))
            (open_lists[-1].items[-1] if open_lists else tops).append(new)
            open_lists.append(new)
        open_lists[-1].items.append([found["text"].strip()])
    return tops
