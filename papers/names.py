"""Names of authors: which part is the family's, and which names are not of persons. Pure: text in, data out."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_ORGANISATIONS = frozenset(
    "team group lab labs laboratory research university college institute department inc corp corporation ltd "
    "company consortium collaboration foundation workshop community committee organization organisation".split()
)
_SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
_BRACED = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Name:
    """`family` is the whole name of whom has one name only, or is no person."""

    family: str
    given: str = ""
    suffix: str = ""
    is_person: bool = True

    @property
    def inverted(self) -> str:
        """`King, Martin Luther, Jr.`"""
        return ", ".join(part for part in (self.family, self.given, self.suffix) if part)

    @property
    def natural(self) -> str:
        """As one line of words: what is typed in braces stands without them."""
        first, last = (self.family, self.given) if self._is_family_first else (self.given, self.family)
        return " ".join(part for part in (first, last, self.suffix) if part)

    @property
    def is_plain(self) -> bool:
        """Whether others find the same parts in `natural`: the last word is the family's, with `van` before it or not."""
        is_found = " " not in self.family or _is_particle(self.family)
        is_led_astray = any(map(_is_particle, self.given.split()))
        return is_found and not (is_led_astray or self._is_family_first or self.suffix)

    @property
    def _is_family_first(self) -> bool:
        return bool(self.given) and _is_ideographic(self.family)


@lru_cache(maxsize=1024)  # a page asks for the same few names in several forms
def read(typed: str) -> Name:
    """What BibTeX takes for the parts of a name, and besides: organisations, and family names that come first.

    An editor who knows better puts an organisation into braces, as in BibTeX: `{Google DeepMind}`.
    """
    name = " ".join(typed.split())
    words = name.split()
    if braced := _BRACED.fullmatch(name):
        return Name(braced[1].strip() or name, is_person=False)
    if _is_organisation(words) or any(word.lower() in ("and", "&") for word in words):
        return Name(name, is_person=False)
    if "," in name:
        return _read_inverted(name)
    if len(words) > 1 and all(map(_is_ideographic, words)):
        return Name(words[0], " ".join(words[1:]))
    return _read_natural(words)


def _read_inverted(name: str) -> Name:
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 2 and parts[1].lower() in _SUFFIXES:
        return _read_natural([*parts[0].split(), parts[1]])
    return Name(parts[0], parts[1]) if len(parts) == 2 and all(parts) else Name(name, is_person=False)


def _read_natural(words: list[str]) -> Name:
    suffix = words[-1] if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    words = words[:-1] if suffix else words
    last = len(words) - 1
    first_of_family = next((n for n in range(last) if _is_particle(words[n])), last)
    return Name(" ".join(words[first_of_family:]), " ".join(words[:first_of_family]), suffix)


def _is_particle(word: str) -> bool:
    """`van`, `de la`: by its first letter, as BibTeX has it."""
    return next((char.islower() for char in word if char.isalpha()), False)


def _is_organisation(words: list[str]) -> bool:
    """`AI` in capitals: Ai is a family name."""
    said = {word.strip(".,;()").lower() for word in words} & _ORGANISATIONS
    return len(words) > 1 and bool(said or "AI" in words)


def _is_ideographic(word: str) -> bool:
    """Of characters with which the family's name comes first: Chinese, Japanese, Korean."""
    return all(
        unicodedata.name(char, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA")) for char in word
    )
