"""Python-Markdown, set up for notes."""

import xml.etree.ElementTree as etree

from markdown import Markdown
from markdown.extensions.footnotes import FN_BACKLINK_TEXT, FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension

_BACK = "回到正文"


class _Footnotes(FootnoteExtension):
    """A footnote without text has its way back too; without it, sorting footnotes fails."""

    def makeFootnotesDiv(self, root: etree.Element) -> etree.Element | None:
        div = super().makeFootnotesDiv(root)
        if div is None:
            return None
        for item, label in zip(div.findall("ol/li"), self.footnotes, strict=True):
            if not len(item):
                paragraph = etree.SubElement(item, "p")
                link = {
                    "class": "footnote-backref",
                    "href": f"#{self.makeFootnoteRefId(label)}",
                    "title": _BACK,
                }
                etree.SubElement(paragraph, "a", link).text = FN_BACKLINK_TEXT
        return div


def to_html(text: str) -> str:
    """Unsafe still. A new parser every time: one keeps the footnotes and references of what it read."""
    footnotes = _Footnotes(SEPARATOR="-", BACKLINK_TITLE=_BACK, USE_DEFINITION_ORDER=False)
    tables = TableExtension(use_align_attribute=True)
    return Markdown(extensions=[tables, footnotes, SaneListExtension()]).convert(text)
