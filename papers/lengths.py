"""How long a text is, and how long it takes to read. Pure: text in, numbers out."""

import math
import re
from dataclasses import dataclass

CHARACTERS_A_MINUTE = 350
WORDS_A_MINUTE = 200

#: A run of Chinese characters, without punctuation.
CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")


@dataclass(frozen=True, slots=True)
class Length:
    """Chinese is counted by characters, what is written with letters by words."""

    characters: int
    words: int

    @property
    def is_chinese(self) -> bool:
        """Whether the number of characters is the one to name."""
        return self.characters >= self.words

    @property
    def minutes(self) -> int:
        """At least one, if there is anything to read."""
        return math.ceil(self.characters / CHARACTERS_A_MINUTE + self.words / WORDS_A_MINUTE)


def length_of(text: str) -> Length:
    rest, runs = CHINESE.subn(" ", text)
    return Length(len(text) - len(rest) + runs, len(_WORD.findall(rest)))
