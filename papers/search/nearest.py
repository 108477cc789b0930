"""Papers that may have been meant by an address that leads nowhere."""

from collections.abc import Sequence
from functools import reduce
from operator import add, or_
from typing import Any

from django.db.models import Case, IntegerField, Q, When

from papers.models import Paper
from papers.querysets import PAPER_ORDER, PaperQuerySet, is_public_row

from .held import Held, counts
from .needs import Need, stem_of
from .results import FoundPapers
from .tokens import normalise, tokens

MAX_WORDS = 8
MAX_LENGTH = 200
# A word of more papers than this tells none of them from the rest.
RARE = 500
# Of a paper's row: its titles and names, the words of its slug among them.
TIER = 1


def nearest(path: str, limit: int = 5) -> PaperQuerySet:
    """Published papers whose titles or address share words with a path that leads nowhere, those with most first."""
    last = next((segment for segment in reversed(path.split("/")) if segment), "")
    needs = [Need((word,), stem=stem_of(word)) for word in _words(last)]
    found = (
        dict(zip(needs, counts([([need], TIER) for need in needs], RARE + 1), strict=True)) if needs else {}
    )
    known = tuple(need for need, count in found.items() if count)
    rare = [need for need in known if found[need] <= RARE]
    if rare:
        return _sharing(rare, known)[:limit]
    return FoundPapers(Paper).holding(known)[:limit] if known else Paper.objects.none()


def _words(segment: str) -> list[str]:
    """Half the papers share a year with any path, and many a word of three letters."""
    found = (token for token in tokens(normalise(segment[:MAX_LENGTH])) if token)
    words = (token.text for token in found if len(token.text) >= (2 if token.is_cjk else 4))
    return list(dict.fromkeys(word for word in words if not word.isdigit() and word not in ("html", "json")))[
        :MAX_WORDS
    ]


def _sharing(rare: list[Need], known: Sequence[Need]) -> PaperQuerySet:
    shares: list[Any] = [
        Case(When(Held([need], TIER), then=1), default=0, output_field=IntegerField()) for need in known
    ]
    hits = Paper.objects.filter(is_public_row(), reduce(or_, (Q(Held([need], TIER)) for need in rare)))
    return hits.annotate(shared=reduce(add, shares)).order_by("-shared", *PAPER_ORDER)
