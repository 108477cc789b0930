"""Python-Markdown, set up for notes: it reads what is in the lines; the blocks are read by `blocks`."""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterable

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions.footnotes import FN_BACKLINK_TEXT, FootnoteExtension
from markdown.inlinepatterns import SubstituteTagInlineProcessor

from .blocks import DEEPEST, BlockReader
from .inline import Inline
from .result import Problem, gettext_noop
from .tree import Footnotes, TreeBuilder, take_references

_BACK = "回到正文"
# `***both***`: emphasis stands outside, as CommonMark has it.
_BOLD_ITALIC = re.compile(r"<strong><em>([^<]*)</em></strong>")
# Behind the text of a link, without a blank between: `[1] [2]` are two links.
_LABEL = re.compile(r"\[([^\]]*)\]")
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


class _Blocks(BlockParser):
    """In the place of Python-Markdown's own block parser."""

    def __init__(self, md: Markdown, inline: Inline, footnotes: Footnotes) -> None:
        super().__init__(md)
        self._inline = inline
        self._footnotes = footnotes

    def parseDocument(self, lines: Iterable[str]) -> etree.ElementTree:
        reader = BlockReader()
        document = reader.read("\n".join(lines))
        self._report(reader)
        take_references(document, self.md, self._footnotes)
        root = etree.Element(self.md.doc_tag)
        TreeBuilder(self._inline).build(root, document.children)
        return etree.ElementTree(root)

    def _report(self, reader: BlockReader) -> None:
        for line, text in reader.unclosed:
            message = gettext_noop("公式没有结束：后面找不到配对的 $$ 或 \\]。")
            self._inline.report(Problem(line, text.strip()[:80], "formula", message))
        if reader.too_deep:
            message = gettext_noop("列表和引用嵌套超过 %(deepest)s 层，更深的按文字显示。")
            self._inline.report(Problem(reader.too_deep, "", "nesting", message, {"deepest": str(DEEPEST)}))


class _Footnotes(FootnoteExtension):
    """Footnotes whose text is blocks already."""

    def __init__(self, inline: Inline, blocks: Footnotes) -> None:
        super().__init__(SEPARATOR="-", BACKLINK_TITLE=_BACK, USE_DEFINITION_ORDER=False)
        self._inline = inline
        self._blocks = blocks

    def makeFootnotesDiv(self, root: etree.Element) -> etree.Element | None:
        if not self._blocks:
            return None
        div = etree.Element("div", {"class": "footnote"})
        notes = etree.SubElement(div, "ol")
        for label, block in self._blocks.items():
            self.setFootnote(label, "")
            item = etree.SubElement(notes, "li", {"id": self.makeFootnoteId(label)})
            TreeBuilder(self._inline).build(item, block.children)
            self._add_way_back(item, label)
        return div

    def _add_way_back(self, item: etree.Element, label: str) -> None:
        has_text = len(item) and item[-1].tag == "p"
        paragraph = item[-1] if has_text else etree.SubElement(item, "p")
        paragraph.text = f"{paragraph.text or ''} "
        link = {"class": "footnote-backref", "href": f"#{self.makeFootnoteRefId(label)}", "title": _BACK}
        etree.SubElement(paragraph, "a", link).text = FN_BACKLINK_TEXT


def to_html(source: str, inline: Inline) -> str:
    """Unsafe still. A new parser every time: one keeps the footnotes and references of what it read."""
    footnotes: Footnotes = {}
    md = Markdown(extensions=[_Footnotes(inline, footnotes)])
    md.parser = _Blocks(md, inline, footnotes)
    md.preprocessors.deregister("normalize_whitespace")
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("backtick")
    for name in ("reference", "image_reference"):
        md.inlinePatterns[name].RE_LINK = _LABEL  # type: ignore[attr-defined]
    md.inlinePatterns.register(SubstituteTagInlineProcessor(r"(?: {2,}|\\)\n", "br"), "linebreak", 85)
    md.ESCAPED_CHARS = list(_PUNCTUATION)
    assert md.delimiters
    md.delimiters.add("~", "del", double=True)
    md.delimiters.add("=", "mark", double=True)
    return _BOLD_ITALIC.sub(r"<em><strong>\1</strong></em>", md.convert(source))
