"""The words of a piece of sanitised HTML, without markup."""

import re
from html import unescape

from .pieces import PLACEHOLDER, Piece, with_texts

_FOOTNOTE_LINKS = re.compile(
    r'<sup id="fnref[^<>]*>.*?</sup>|<a\b[^<>]*class="footnote-backref"[^<>]*>.*?</a>', re.DOTALL
)
_BLOCK_EDGE = re.compile(
    r"</?(?:blockquote|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section|summary"
    r"|table|tbody|td|tfoot|th|thead|tr|ul)\b[^<>]*>|<br>"
)
_TAG = re.compile(r"<[^<>]*>")

_CJK = r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]"
#: A line that ends in the middle of Chinese text does not end a word.
SOFT_BREAK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")

_SENTENCE = re.compile(r"[^。！？\n]*?(?:[。！？]+[”’」』）]*|[.!?](?=\s+[A-Z\u4e00-\u9fff])|(?=\n)|$)")


def plain_text(html: str, pieces: list[Piece]) -> str:
    return " ".join(with_texts(" ".join(_blocks(html)), pieces).split())


def sentences(html: str, pieces: list[Piece], wanted: frozenset[int]) -> dict[int, str]:
    """For each wanted piece, the sentence that it stands in; for one behind its full stop, the sentence before."""
    found: dict[int, str] = {}
    for block in _blocks(html) if wanted else ():
        if not _numbers(block) & wanted:
            continue
        before = ""
        for sentence in _SENTENCE.findall(block):
            here = _numbers(sentence) & wanted
            text = " ".join(with_texts(sentence, pieces).split())
            is_bare = here and not _without(sentence, here).strip(" 。.，,；;")
            found |= dict.fromkeys(here, f"{before}{text}" if is_bare else text)
            before = text or before
    return found


def _numbers(text: str) -> set[int]:
    return {int(number) for number in PLACEHOLDER.findall(text)}


def _without(sentence: str, numbers: set[int]) -> str:
    return PLACEHOLDER.sub(lambda found: "" if int(found[1]) in numbers else found[0], sentence)


def _blocks(html: str) -> list[str]:
    """The text of each block, with placeholders."""
    text = SOFT_BREAK.sub("", _FOOTNOTE_LINKS.sub("", html)).replace("\n", " ")
    return unescape(_TAG.sub("", _BLOCK_EDGE.sub("\n", text))).split("\n")
