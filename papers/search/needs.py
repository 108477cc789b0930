"""What a term of a query needs to find in a text, as tokens. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from .query import Term
from .tokens import STEM, Token, normalise, stem, tokens

#: An unfinished word of so many characters finds what begins with it; `SAM` shall not find every `sample`.
MIN_PREFIX = 4


@dataclass(frozen=True, slots=True)
class Need:
    """Tokens that stand one behind the other, the last of them perhaps as the beginning of a token.

    A single one may be found by its `stem` as well, which is a token too.
    """

    tokens: tuple[str, ...]
    is_prefix: bool = False
    stem: str = ""

    @property
    def keys(self) -> list[tuple[str, bool]]:
        """The tokens that an index is asked for, and whether they are beginnings.

        Of a long sequence every other one: that it stands in the text is looked for there.
        """
        marked = [(token, False) for token in self.tokens[:-1]] + [(self.tokens[-1], self.is_prefix)]
        return marked[1::2] if len(marked) > 3 else marked

    @property
    def pairs(self) -> list[tuple[str, bool]]:
        """As `keys`, each token with the one behind it: what two of them are as a passage of their own."""
        found = [
            Need(self.tokens[place : place + 2], self.is_prefix and place == len(self.tokens) - 2)
            for place in range(len(self.tokens) - 1)
        ]
        return [(pair.passage, pair.is_prefix) for pair in found]

    @property
    def passage(self) -> str:
        """What the sequence of a text that meets the need contains."""
        return f" {' '.join(self.tokens)}{'' if self.is_prefix else ' '}"


def needs_of(term: Term, min_prefix: int = MIN_PREFIX) -> tuple[Need, ...]:
    """All of them have to be met. A phrase is parted by punctuation only, a word where its script changes too."""
    return tuple(dict.fromkeys(_need(part, term.is_phrase, min_prefix) for part in parts_of(term)))


def parts_of(term: Term) -> Iterator[list[Token]]:
    """Tokens that belong together: of a phrase what punctuation does not part, of a word what is of one script."""
    for is_break, part in groupby(tokens(normalise(term.text)), lambda token: token is None):
        found = [token for token in part if token]
        if is_break or term.is_phrase:
            yield from [found] if found else []
        else:
            yield from (list(same) for _is_cjk, same in groupby(found, lambda token: token.is_cjk))


def _need(part: list[Token], is_phrase: bool, min_prefix: int) -> Need:
    last = part[-1]
    words = tuple(token.text for token in part)
    if last.is_cjk:  # the last character of a run: it need not be the last in the text
        is_pair_before = len(part) > 1 and part[-2].is_cjk and part[-2].end == last.end
        return Need(words[:-1]) if is_pair_before else Need(words, is_prefix=True)
    is_unfinished = not is_phrase and last.end - part[0].start >= min_prefix
    return Need(words, is_unfinished, "" if is_phrase or len(words) > 1 else stem_of(words[0]))


def stem_of(word: str) -> str:
    """The token of a word's stem, if it has one."""
    root = stem(word)
    return f"{STEM}{root}" if root else ""


def passages(needs: Iterable[Need]) -> list[str]:
    """What tokens alone cannot tell: that they stand one behind the other."""
    return [need.passage for need in needs if len(need.tokens) > 1]


def all_needs(terms: Iterable[Term], min_prefix: int = MIN_PREFIX) -> tuple[Need, ...]:
    return tuple(dict.fromkeys(need for term in terms for need in needs_of(term, min_prefix)))
