"""Python-Markdown, set up for notes: it reads what is in the lines; the blocks are read by `blocks`."""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterable

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions.footnotes import FN_BACKLINK_TEXT, FootnoteExtension, FootnoteInlineProcessor
from markdown.inlinepatterns import (
    IMAGE_LINK_RE,
    LINK_RE,
    ImageInlineProcessor,
    LinkInlineProcessor,
    SubstituteTagInlineProcessor,
)
from markdown.treeprocessors import Treeprocessor

from .blocks import DEEPEST, BlockReader
from .inline import Inline
from .marks import RAW_OPEN
from .result import Problem, gettext_noop
from .tree import Footnotes, TreeBuilder, take_references

_BACK = "回到正文"
# No label is that long; without a bound, each of many beginnings would be looked through to the end.
_FOOTNOTE = r"\[\^([^\]]{1,200})\]"
# Behind the text of a link, without a blank between: `[1] [2]` are two links.
_LABEL = re.compile(r"\[([^\]]*)\]")
# Behind it too: an address and a title. No blank is in an address, or `[CLS](class token)` would hide what it says.
_TARGET = re.compile(
    r"""\( \s*+ (?: <([^<>\n]*)> | (?!<)((?:[^\s()] | \((?:[^\s()] | \([^\s()]*+\))*+\))*+) )
    (?: \s+ ("[^"]*"|'[^']*'|\([^()]*\)) )? \s* \)""",
    re.VERBOSE,
)
_BRACKET = re.compile(r"[\[\]]")
# Brackets in brackets beyond this depth make no link, and pages full of them would take minutes.
_DEEPEST_BRACKET = 32
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
        self._inline.unclosed = reader.unclosed
        if reader.too_deep:
            message = gettext_noop("列表和引用嵌套超过 %(deepest)s 层，更深的按文字显示。")
            self._inline.report(Problem(reader.too_deep, "", "nesting", message, {"deepest": str(DEEPEST)}))


class _Footnotes(FootnoteExtension):
    """Footnotes whose text is blocks already."""

    def __init__(self, inline: Inline, blocks: Footnotes) -> None:
        super().__init__(SEPARATOR="-", BACKLINK_TITLE=_BACK, USE_DEFINITION_ORDER=False)
        self._inline = inline
        self._blocks = blocks

    def extendMarkdown(self, md: Markdown) -> None:
        super().extendMarkdown(md)
        md.inlinePatterns.register(FootnoteInlineProcessor(_FOOTNOTE, self), "footnote", 175)

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
        has_text = len(item) and item[-1].tag == "p" and RAW_OPEN not in (item[-1].text or "")
        paragraph = item[-1] if has_text else etree.SubElement(item, "p")
        paragraph.text = f"{paragraph.text or ''} "
        link = {"class": "footnote-backref", "href": f"#{self.makeFootnoteRefId(label)}", "title": _BACK}
        etree.SubElement(paragraph, "a", link).text = FN_BACKLINK_TEXT


def _link_text(data: str, index: int) -> tuple[str, int, bool]:
    """Up to the bracket that closes it, where that bracket ends, and whether there is one.

    Python-Markdown's own looks through the whole text for each bracket.
    """
    depth = 1
    for bracket in _BRACKET.finditer(data, index):
        depth += 1 if bracket[0] == "[" else -1
        if depth == 0:
            return data[index : bracket.start()], bracket.end(), True
        if depth > _DEEPEST_BRACKET:
            break
    return "", index, False


class _Links(LinkInlineProcessor):
    """With addresses and titles as CommonMark has them; Python-Markdown guesses."""

    def getText(self, data: str, index: int) -> tuple[str, int, bool]:
        return _link_text(data, index)

    def getLink(self, data: str, index: int) -> tuple[str, str | None, int, bool]:
        found = _TARGET.match(data, index)
        if found is None:
            return "", None, index, False
        title = found[3] and self.RE_TITLE_CLEAN.sub(" ", self.unescape(found[3][1:-1]))
        return self.unescape(found[1] or found[2] or ""), title, found.end(), True


class _Images(_Links, ImageInlineProcessor):
    pass


class _Emphasis(Treeprocessor):
    """As GitHub has it: of `***both***` emphasis is outside; strong text in strong text is no stronger."""

    def run(self, root: etree.Element) -> None:
        for element in root.iter():
            if element.tag == "strong" and _holds_only_emphasis(element):
                element.tag, element[0].tag = "em", "strong"
            if element.tag in ("strong", None):
                for child in element.findall("strong"):
                    child.tag = None  # type: ignore[assignment]  # written as what is in it


def _holds_only_emphasis(strong: etree.Element) -> bool:
    return not strong.text and [child.tag for child in strong] == ["em"] and not strong[0].tail


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
    for name in ("reference", "image_reference", "short_reference", "short_image_ref"):
        md.inlinePatterns[name].getText = _link_text  # type: ignore[attr-defined]
    md.inlinePatterns.register(_Links(LINK_RE, md), "link", 160)
    md.inlinePatterns.register(_Images(IMAGE_LINK_RE, md), "image_link", 150)
    md.inlinePatterns.register(SubstituteTagInlineProcessor(r"(?: {2,}|\\)\n", "br"), "linebreak", 85)
    md.ESCAPED_CHARS = list(_PUNCTUATION)
    assert md.delimiters
    md.delimiters.add("~", "del", double=True)
    md.delimiters.add("=", "mark", double=True)
    md.treeprocessors.register(_Emphasis(md), "emphasis", 15)
    return md.convert(source)
