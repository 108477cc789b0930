"""Quotes that begin with `[!NOTE]`: GitHub's five alerts, and Obsidian's, which may have a title and be folded."""

import re
import xml.etree.ElementTree as etree
from dataclasses import dataclass

from .blocks import Block

TITLES = {"note": "说明", "tip": "提示", "important": "重要", "warning": "警告", "caution": "当心"}
# Obsidian has more kinds; each looks like one of the five.
_LOOKS_LIKE = {
    "abstract": "note",
    "attention": "warning",
    "bug": "caution",
    "danger": "caution",
    "error": "caution",
    "example": "note",
    "fail": "caution",
    "failure": "caution",
    "faq": "tip",
    "help": "tip",
    "hint": "tip",
    "info": "note",
    "missing": "caution",
    "question": "tip",
    "quote": "note",
    "success": "tip",
    "summary": "note",
    "tldr": "note",
    "todo": "important",
}
_FIRST_LINE = re.compile(r"\[!([A-Za-z]{1,20})\]([+-]?)[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Alert:
    kind: str
    title: str
    #: `+` or `-` if it folds, open or closed at first.
    fold: str

    def open(self, parent: etree.Element) -> tuple[etree.Element, etree.Element]:
        """The element that takes the content, and the one that takes the title."""
        element = etree.SubElement(parent, "details" if self.fold else "div")
        element.set("class", f"alert alert-{self.kind}")
        if self.fold:
            if self.fold == "+":
                element.set("open", "")
            return element, etree.SubElement(element, "summary")
        return element, etree.SubElement(element, "p", {"class": "alert-title"})


def alert_of(quote: Block) -> Alert | None:
    """What the quote's first line makes of it; the line is taken out of it."""
    first = quote.children[0] if quote.children else None
    found = _FIRST_LINE.fullmatch(first.lines[0].rstrip()) if first and first.kind == "paragraph" else None
    if first is None or found is None:
        return None
    kind = found[1].lower()
    kind = kind if kind in TITLES else _LOOKS_LIKE.get(kind, "note")
    _drop_first_line(quote, first)
    known = found[1].lower() in TITLES or found[3]
    return Alert(kind, found[3] or (TITLES[kind] if known else found[1]), found[2])


def _drop_first_line(quote: Block, paragraph: Block) -> None:
    del paragraph.lines[0]
    paragraph.line += 1
    if not paragraph.lines:
        del quote.children[0]
