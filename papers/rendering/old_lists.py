"""Lists that an old generator printed as lines of a paragraph: `text：<br>* one<br>* two` is a list again."""

import re
from dataclasses import dataclass, field

_PARAGRAPH = re.compile(r"<p>(?P<inside>.*?)</p>", re.DOTALL)
_BREAK = re.compile(r"<br>")
_ITEM = re.compile(
    r"(?P<indent>\s*)(?:(?P<bullet>[*•·▪‣+-])|(?P<number>\d{1,3})[.)、])(?:\s|&nbsp;)+(?P<text>\S.*)",
    re.DOTALL,
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)(?: [^<>]*)?>")
_VOID = {"br", "img", "wbr"}
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
    return _PARAGRAPH.sub(_split, html) if "<p>" in html else html


def _split(paragraph: re.Match[str]) -> str:
    lines = _BREAK.split(paragraph["inside"])
    if not _is_list(lines):
        return paragraph[0]
    first = next(number for number, line in enumerate(lines) if _ITEM.fullmatch(line))
    before = "<br>".join(lines[:first]).rstrip()
    lead = f"<p>{before}</p>\n" if before.strip() else ""
    return lead + "\n".join(one.html() for one in _lists(lines[first:]))


def _is_list(lines: list[str]) -> bool:
    """No tag goes over two lines; and numbers count, as those of a year or a price do not."""
    items = [found for line in lines if (found := _ITEM.fullmatch(line))]
    numbers = [int(found["number"]) for found in items if found["number"]]
    if not items or (numbers and (numbers[0] > 1 or len(numbers) < 2)):
        return False
    if len(lines) == 1:  # a sentence that begins with a dash
        return False
    return all(map(_is_balanced, lines))


def _is_balanced(line: str) -> bool:
    open_tags: list[str] = []
    for tag in _TAG.finditer(line):
        if not tag[1] and tag[2] not in _VOID:
            open_tags.append(tag[2])
        elif tag[1] and (not open_tags or open_tags.pop() != tag[2]):
            return False
    return not open_tags


def _lists(lines: list[str]) -> list[_List]:
    tops: list[_List] = []
    open_lists: list[_List] = []
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found is None:
            if line.strip():  # goes on with the item before
                open_lists[-1].items[-1].append(f"<br>{line.strip()}")
            continue
        tag, indent = ("ul" if found["bullet"] else "ol"), len(found["indent"].rpartition("\n")[2])
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
