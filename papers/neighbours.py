"""The papers before and after one: in the list from which a reader came, or else in its section."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, Q, Value
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from . import facets
from .facets import Choice
from .models import Paper
from .prepared import NOW, Argument, Prepared, number, once, prepared, text
from .querysets import LINKED, PaperQuerySet

#: How a link names the list of all papers, which needs no query itself.
EVERYTHING = "sort=month"

#: A list may have grown by so many papers above the place at which a reader left it.
SLACK = 3


@dataclass(frozen=True)
class Neighbours:
    """Above and below in the list; `query` tells each of them of the list again."""

    previous: Paper | None = None
    next: Paper | None = None
    previous_query: str = ""
    next_query: str = ""
    list_url: str = ""


def neighbours(paper: Paper, data: QueryDict) -> Neighbours:
    """Two queries at the most; three where the list does not hold the paper."""
    if not paper.is_published:
        return Neighbours()
    return _in_list(paper, data) or _in_section(paper)


def place_in(list_query: str, position: int) -> str:
    """What a link of a list tells a paper: which list it is, and where in it the paper was."""
    return "?" + urlencode([("in", list_query), ("at", str(position))])


def _in_list(paper: Paper, data: QueryDict) -> Neighbours | None:
    query, at = str(data.get("in", "")), str(data.get("at", ""))
    if not query or not (at.isascii() and at.isdigit() and len(at) < 8):
        return None
    choice, problems = facets.read(QueryDict(query))
    if problems or not (choice.pairs() or query == EVERYTHING):
        return None
    rows = list(_around(paper, choice) if _is_sought(paper, choice) else _near(int(at), choice))
    place = next((place for place, row in enumerate(rows) if row.pk == paper.pk), None)
    if place is None:
        return None
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    above, below = place_in(query, max(int(at) - 1, 1)), place_in(query, int(at) + 1)
    return Neighbours(before, after, above, below, _page(query))


def _is_sought(paper: Paper, choice: Choice) -> bool:
    """Whether a paper's own columns tell where it is in the list: no search, no ranking, and none of them empty."""
    return choice.order in facets.ORDERS and not choice.q and paper.first_public_at is not None


def _around(paper: Paper, choice: Choice) -> PaperQuerySet:
    """The paper with the next one on each side, by a seek each, however far down the list it is."""
    order, papers = facets.ORDERS[choice.order], choice.papers()
    parts = (
        papers.filter(pk=paper.pk),
        papers.filter(_after(paper, order)),
        papers.filter(_after(paper, _reversed(order))).reverse(),
    )
    # SQLite takes a limit one level below a union, and not in it.
    keys = [Paper.objects.order_by().filter(pk__in=part.values("pk")[:1]).values("pk") for part in parts]
    return _light(papers.regardless().filter(pk__in=keys[0].union(*keys[1:])))


def _after(paper: Paper, order: Sequence[str]) -> Q:
    """What comes after the paper in an order, the first column of it as a bound that an index answers."""
    values = {"title_lower": Lower(Value(paper.title))}
    bound, after, tie = Q(), Q(), Q()
    for name in order:
        column, way = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        value = values.get(column, getattr(paper, column, None))
        bound = bound or Q(**{f"{column}__{way}e": value})
        after |= tie & Q(**{f"{column}__{way}": value})
        tie &= Q(**{column: value})
    return bound & after


def _reversed(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _near(at: int, choice: Choice) -> PaperQuerySet:
    """Where the paper was in the list, and some more on each side."""
    start = max(0, at - 1 - SLACK)
    return _light(choice.papers()[start : start + 2 * SLACK + 1])


def _page(query: str) -> str:
    """The page that shows the list."""
    name = "papers:search" if query.startswith("q=") else "papers:paper_list"
    return reverse(name) if query == EVERYTHING else f"{reverse(name)}?{query}"


def _in_section(paper: Paper) -> Neighbours:
    """Each by a seek in the index of a section's papers."""
    here = {name: getattr(paper, name) for name in ("section_id", "published_on", "slug", "uid")}
    before, after = (_first(rows.tuples(**here, now=timezone.now())) for rows in (_above(), _below()))
    return Neighbours(before, after)


def _first(rows: list[tuple[Any, ...]]) -> Paper | None:
    return Paper.with_columns(LINKED, rows[0]) if rows else None


_ON = Argument("published_on", DateField())
_SLUG, _UID = text("slug"), text("uid")
_SAME_DAY, _SAME_SLUG = Q(published_on=_ON), Q(published_on=_ON, slug=_SLUG)


@once
def _above() -> Prepared:
    above = Q(published_on__gt=_ON) | (_SAME_DAY & Q(slug__gt=_SLUG)) | (_SAME_SLUG & Q(uid__lt=_UID))
    found = _beside().filter(above, published_on__gte=_ON)
    return prepared(found.order_by("published_on", "slug", "-uid").values_list(*LINKED)[:1])


@once
def _below() -> Prepared:
    below = Q(published_on__lt=_ON) | (_SAME_DAY & Q(slug__lt=_SLUG)) | (_SAME_SLUG & Q(uid__gt=_UID))
    found = _beside().filter(below, published_on__lte=_ON)
    return prepared(found.newest_first().values_list(*LINKED)[:1])


def _beside() -> PaperQuerySet:
    return Paper.objects.published(NOW).filter(section=number("section_id"))


def _light(papers: PaperQuerySet) -> PaperQuerySet:
    return papers.only(*LINKED)
