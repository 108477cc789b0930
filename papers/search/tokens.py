"""What of a text can be found: the same tokens for an index on any database, for a query and for an excerpt. Pure.

A run of Chinese, Japanese or Korean gives its overlapping pairs of characters and then its last character:
`推理加速` gives `推理 理加 加速 速`. So two characters are one token, one character begins one, and more characters
stand in a text where their pairs stand one behind the other.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

#: Stands between two tokens where punctuation parts them: nobody finds a phrase across it.
BREAK = "|"
#: Marks a stem, so that nobody takes it for a word.
STEM = "#"

_CJK = (
    r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
_SIGN = r"\u2600-\u27bf\U0001f300-\U0001faff"  # symbols that people search for: ✓, 🚀
#: What a word is made of, as a pattern.
WORD = rf"[^\W_{_CJK}]"
#: And what may stand behind it: `C++`, `C#`.
SUFFIX = rf"(?:[+#]{{1,2}}+(?!{WORD}))?"
_TOKEN = re.compile(rf"([{_CJK}]+)|{WORD}+{SUFFIX}|[{_SIGN}]")
# One sign inside a word parts nothing: `GPT-4`, `kv_cache`, `2309.06180`, `it's`, `CPU/GPU`.
_JOINT = re.compile(r"\s*|[-‐‑_.·'’/:]")
_MARK = r"[\u0300-\u036f\u3099\u309a]"
_ACCENT = re.compile(r"[\u0300-\u036f]+")
# What `lower` makes searchable character by character, and what needs more: full width, accents, ligatures.
_PLAIN = r"\x00-\x7f\u3001-\u3029\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(rf"((?:[{_PLAIN}](?!{_MARK}))+)|.{_MARK}*", re.DOTALL)
# FlashAttention is found as attention too. Looked for from where letters begin: from each of them, a protein of
# 40,000 took half a minute.
_NAME = re.compile("(?<![A-Za-z])[A-Za-z]*[a-z][A-Z][A-Za-z]*")
_PART_OF_NAME = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_STEMMED = re.compile(r"[a-z]{3,40}")


class Token(NamedTuple):
    """`start` and `end` are places in the normalised text; `is_cjk` of a pair or a last character."""

    text: str
    start: int
    end: int
    is_cjk: bool = False


def normalise(text: str) -> str:
    """Half-width, without letter case and accents: `Ｍüller` is `muller`."""
    return "".join(map(_normalised, _PIECE.finditer(text)))


def aligned(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters the place in the text; one more for the end."""
    parts: list[str] = []
    places: list[int] = []
    for piece in _PIECE.finditer(text):
        part = _normalised(piece)
        parts.append(part)
        places += range(*piece.span()) if piece[1] else [piece.start()] * len(part)
    return "".join(parts), [*places, len(text)]


def _normalised(piece: re.Match[str]) -> str:
    if piece[1]:
        return piece[1].lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", piece[0]).casefold())
    return unicodedata.normalize("NFC", _ACCENT.sub("", folded))


def tokens(normalised: str) -> Iterator[Token | None]:
    """In the order of the text; None where punctuation parts what stands before from what stands behind."""
    end = 0
    for found in _TOKEN.finditer(normalised):
        if end and not _JOINT.fullmatch(normalised, end, found.start()):
            yield None
        yield from _pairs(found) if found[1] else (Token(found[0], *found.span()),)
        end = found.end()


def _pairs(run: re.Match[str]) -> Iterator[Token]:
    text, (start, end) = run[0], run.span()
    for place in range(len(text) - 1):
        yield Token(text[place : place + 2], start + place, start + place + 2, True)
    yield Token(text[-1], end - 1, end, True)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """`quantized` and `quantization` have the stem `quantiz`; what is no English word has none."""
    # Not at the start: with it come thirty languages. Each time another one, since it holds the word that it is at.
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord(word) if _STEMMED.fullmatch(word) else ""


def sequence(text: str) -> str:
    """The tokens of a text in their order, and behind them the stems of its words, with spaces around each."""
    found = [token.text if token else BREAK for token in tokens(normalise(text))]
    parts = (part.lower() for name in _NAME.findall(text) for part in _PART_OF_NAME.findall(name))
    stems = dict.fromkeys(f"{STEM}{root}" for word in [*found, *parts] if (root := stem(word)))
    return " ".join(["", *found, *stems, ""])
