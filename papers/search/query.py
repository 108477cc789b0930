"""What a reader asks for: words, quoted phrases and filters, read from one line of text. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_QUERY_LENGTH = 200
MAX_TERMS = 10  # words, phrases and filters; what stands behind them is not asked for

_HALF_WIDTH = str.maketrans("“”„‟「」『』＂：－　", '"' * 9 + ":- ")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_TERM = re.compile(r'(-?)(?:(tag|section|venue|year):)?(?:"([^"]*)(?:"|\Z)|([^\s"]+))', re.IGNORECASE)
_YEARS = re.compile(r"(\d{4})?(-)?(\d{4})?")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase that stood in quotes."""

    text: str
    is_phrase: bool = False
    is_excluded: bool = False

    def __str__(self) -> str:
        return f"{'-' * self.is_excluded}{_quoted(self.text, self.is_phrase)}"


@dataclass(frozen=True, slots=True)
class Filter:
    value: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`str()` gives a text that means the same."""

    terms: tuple[Term, ...] = ()
    tags: tuple[Filter, ...] = ()
    sections: tuple[Filter, ...] = ()
    venues: tuple[Filter, ...] = ()
    years: tuple[Filter, ...] = ()

    @property
    def has_filters(self) -> bool:
        return bool(self.tags or self.sections or self.venues or self.years)

    def __str__(self) -> str:
        filters = {"tag": self.tags, "section": self.sections, "venue": self.venues, "year": self.years}
        texts = [str(term) for term in self.terms]
        for name, chosen in filters.items():
            texts += [f"{'-' * one.is_excluded}{name}:{_quoted(one.value)}" for one in chosen]
        return " ".join(texts)


def parse(text: str) -> Query:
    """Any text is a query: what is no filter is a word. Full-width quotes, colons and minus signs are half-width ones."""
    readable = _NOT_TEXT.sub(" ", text[:MAX_QUERY_LENGTH]).translate(_HALF_WIDTH)
    terms: list[Term] = []
    filters: dict[str, list[Filter]] = {"tag": [], "section": [], "venue": [], "year": []}
    for found in list(_TERM.finditer(readable))[:MAX_TERMS]:
        sign, name, phrase, word = found.groups()
        value = " ".join((word if phrase is None else phrase).split())
        if name and value and (name.lower() != "year" or years(value)):
            filters[name.lower()].append(Filter(value, bool(sign)))
        elif value:
            shown = f"{name}:{value}" if name else value
            terms.append(Term(shown, phrase is not None, bool(sign)))
    chosen = {f"{name}s": _once(values) for name, values in filters.items()}
    return Query(terms=_once(terms), **chosen)


def years(value: str) -> tuple[int, int] | None:
    """`2023` or `2020-2023`, either end of which may be left out, as the first and the last year."""
    found = _YEARS.fullmatch(value)
    if not found or not (found[1] or found[3]):
        return None
    first, dash, last = found.groups()
    return (int(first or 1), int(last or (9999 if dash else first)))


def _once(values: Iterable) -> tuple:
    return tuple(dict.fromkeys(values))


def _quoted(text: str, is_phrase: bool = False) -> str:
    return f'"{text}"' if is_phrase or re.search(r"\s", text) else text
