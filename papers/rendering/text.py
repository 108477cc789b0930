"""The words of a piece of sanitised HTML, without markup."""

import re
from html import unescape

from .pieces import Piece, with_texts

_FOOTNOTE_LINKS = re.compile(
    r'<sup id="fnref[^<>]*>.*?</sup>|<a\b[^<>]*class="footnote-backref"[^<>]*>.*?</a>', re.DOTALL
)
_BLOCK_EDGE = re.compile(
    r"</?(?:blockquote|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section|summary"
    r"|table|tbody|td|tfoot|th|thead|tr|ul)\b[^<>]*>|<br>"
)
_TAG = re.compile(r"<[^<>]*>")

# A line that ends in the middle of Chinese text does not end a word.
_CJK = r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]"
_SOFT_BREAK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")


def plain_text(html: str, pieces: list[Piece]) -> str:
    text = _FOOTNOTE_LINKS.sub("", html)
    text = _SOFT_BREAK.sub("", text)
    text = _TAG.sub("", _BLOCK_EDGE.sub(" ", text))
    return " ".join(with_texts(unescape(text), pieces).split())
