"""The papers before and after one: in the list from which a reader came, or else in its section."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from . import facets
from .models import Paper
from .querysets import HEAVY_COLUMNS, PaperQuerySet

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
    start = max(0, int(at) - 1 - SLACK)
    rows = list(_light(choice.papers())[start : start + 2 * SLACK + 1])
    place = next((place for place, row in enumerate(rows) if row.pk == paper.pk), None)
    if place is None:
        return None
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    here = start + place + 1
    return Neighbours(before, after, place_in(query, here - 1), place_in(query, here + 1), _page(query))


def _page(query: str) -> str:
    """The page that shows the list."""
    name = "papers:search" if query.startswith("q=") else "papers:paper_list"
    return reverse(name) if query == EVERYTHING else f"{reverse(name)}?{query}"


def _in_section(paper: Paper) -> Neighbours:
    """Each by a seek in the index of a section's papers."""
    on, slug, uid = paper.published_on, paper.slug, paper.uid
    same_day, same_slug = Q(published_on=on), Q(published_on=on, slug=slug)
    above = Q(published_on__gt=on) | (same_day & Q(slug__gt=slug)) | (same_slug & Q(uid__lt=uid))
    below = Q(published_on__lt=on) | (same_day & Q(slug__lt=slug)) | (same_slug & Q(uid__gt=uid))
    beside = _light(Paper.objects.published().filter(section=paper.section_id))
    before = beside.filter(above, published_on__gte=on).order_by("published_on", "slug", "-uid").first()
    after = beside.filter(below, published_on__lte=on).newest_first().first()
    return Neighbours(before, after)


def _light(papers: PaperQuerySet) -> PaperQuerySet:
    return papers.defer(*HEAVY_COLUMNS)
