"""What to try where a search has found nothing: other words, fewer filters, the nearest titles and tags."""

from dataclasses import dataclass, replace
from difflib import get_close_matches

from django.urls import reverse

from . import search, totals
from .facets import Choice
from .models import Paper

#: A query of more words is tried without each of so many of them.
TRIED = 5


@dataclass(frozen=True)
class Hint:
    label: str
    url: str


@dataclass(frozen=True)
class Hints:
    without_filters: Hint | None
    shorter: Hint | None
    tags: list[Hint]
    papers: list[Paper]


def hints(choice: Choice) -> Hints:
    """Ten queries at the most: only a search that found nothing pays for them."""
    return Hints(_without_filters(choice), _shorter(choice), _tags(choice), list(search.nearest(choice.q)))


def _to(choice: Choice) -> str:
    return f"{reverse('papers:search')}?{choice.query_string()}"


def _without_filters(choice: Choice) -> Hint | None:
    alone = Choice(q=choice.q)
    if alone == choice.but(sort="") or not alone.found().exists():
        return None
    return Hint(choice.q, _to(alone))


def _shorter(choice: Choice) -> Hint | None:
    """The query without the one of its words that keeps most from being found."""
    query = search.parse(choice.q)
    if len(query.terms) < 2:
        return None
    shorter = [
        replace(query, terms=(*query.terms[:place], *query.terms[place + 1 :]))
        for place, term in enumerate(query.terms[:TRIED])
        if not term.is_excluded
    ]
    counts = [(search.find(query).order_by().count(), str(query)) for query in shorter]
    count, text = max(counts, key=lambda counted: counted[0], default=(0, ""))
    return Hint(text, _to(Choice(q=text))) if count else None


def _tags(choice: Choice) -> list[Hint]:
    named = totals.tags().names
    names = {name.casefold(): slug for slug, name in named.items()}
    words = [term.text.casefold() for term in search.parse(choice.q).terms]
    near = [names[name] for word in words for name in get_close_matches(word, names, n=2, cutoff=0.6)]
    held = [slug for name, slug in names.items() for word in words if word in name]
    return [
        Hint(named[slug], reverse("papers:tag", args=[slug]))
        for slug in list(dict.fromkeys([*held, *near]))[:5]
    ]
