"""Search by the database's own substring match: right for Chinese, and quick enough for a few thousand notes."""

import re
import unicodedata
from functools import reduce
from operator import and_, or_

from django.db.models import Case, IntegerField, Q, Value, When

from papers.models import TaggedPaper
from papers.querysets import PAPER_ORDER, PaperQuerySet

# Tiers of a hit, best first: title, then names and places, then summary, then the note.
TIERS = (
    ("title", "title_official", "title_published"),
    ("authors", "venue", "venue_full", "aliases", "arxiv_id", "doi", "tags"),
    ("summary",),
    ("plain_text",),
)
MAX_WORDS = 10
MAX_WORD_LENGTH = 50  # of a path's words: SQLite refuses a pattern of 50,000 bytes


def words_of(query: str) -> list[str]:
    return list(dict.fromkeys(query.split()))[:MAX_WORDS]


def spellings_of(word: str) -> set[str]:
    """As typed, and half-width, since notes hold `？` and `GPU`. SQLite ignores the case of ASCII letters only."""
    spellings = {word, unicodedata.normalize("NFKC", word)}
    if not word.isascii():
        spellings |= {
            recased for typed in list(spellings) for recased in (typed.lower(), typed.upper(), typed.title())
        }
    return spellings


def find(papers: PaperQuerySet, query: str) -> PaperQuerySet:
    """The tier of a paper is the first one by which every word has been found."""
    words = words_of(query)
    if not words:
        return papers.none()
    found_by = [reduce(and_, (_holds(word, _names_up_to(n)) for word in words)) for n in range(len(TIERS))]
    tier = Case(
        *(When(condition, then=Value(n)) for n, condition in enumerate(found_by[:-1])),
        default=Value(len(TIERS) - 1),
        output_field=IntegerField(),
    )
    return papers.filter(found_by[-1]).annotate(tier=tier).order_by("tier", *PAPER_ORDER)


def nearest(papers: PaperQuerySet, path: str) -> PaperQuerySet:
    last = [segment for segment in path.split("/") if segment][-1:] or [""]
    words = [word[:MAX_WORD_LENGTH] for word in re.split(r"[^\w]+|_", last[0]) if _says_something(word)][:8]
    if not words:
        return papers.none()
    shares = [Case(When(_holds(word, ("title", "slug")), then=1), default=0) for word in words]
    hits = papers.filter(reduce(or_, (_holds(word, ("title", "slug")) for word in words)))
    return hits.annotate(shared=sum(shares[1:], shares[0])).order_by("-shared", *PAPER_ORDER)


def _says_something(word: str) -> bool:
    """Half the papers share a year with any path; a Chinese word may have two characters."""
    is_too_short = len(word) < (4 if word.isascii() else 2)
    return not (is_too_short or word.isdigit() or word.lower() in ("html", "json"))


def _names_up_to(tier: int) -> list[str]:
    return [name for names in TIERS[: tier + 1] for name in names]


def _holds(word: str, names: tuple[str, ...] | list[str]) -> Q:
    return reduce(
        or_, (_field_holds(name, spelling) for spelling in sorted(spellings_of(word)) for name in names)
    )


def _field_holds(name: str, word: str) -> Q:
    if name != "tags":
        return Q(**{f"{name}__icontains": word})
    # Not a join: it would want one tag to hold every word, and give a paper once per tag.
    return Q(pk__in=TaggedPaper.objects.filter(tag__name__icontains=word).values("content_object"))
