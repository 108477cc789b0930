"""Around a paper and around the collection: cards, papers that are missed, pictures of what there is."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import addresses, citing, totals
from ..models import Paper, PaperKey
from ..pages import Tree, canonical, paginate, tree_of
from ..plots import plot
from ..querysets import is_public_row
from ..records import record
from ..stored import kept

LONGEST_LIST = 20  # rows of a picture; the rest are one sentence


@require_safe
def card(request: HttpRequest, path: str) -> HttpResponse:
    """What a link to the paper at this path shows before it is followed; a fragment, kept no longer than a page."""
    try:
        found = addresses.find(f"/{path}")
    except addresses.Gone:
        found = None
    if found is None or found.twin or not isinstance(found.thing, Paper):
        raise Http404
    return card_of(request, found.thing)


def card_of(request: HttpRequest, paper: Paper) -> HttpResponse:
    response = render(request, "papers/_card.html", {"paper": record(paper)})
    response["X-Robots-Tag"] = "noindex"
    return response


# --- What is missed ---------------------------------------------------------------------------------------


@require_safe
def wanted(request: HttpRequest) -> HttpResponse:
    """Papers that notes cite and that have none of their own; a few have a record."""
    wanted: Any = kept("wanted", citing.wanted)
    page = paginate(request, wanted)
    # Found by their keys: SQLite would rather look through all that is published.
    papers = Paper.objects.filter(is_public_row()).only("uid", "title", "path")
    notes = papers.in_bulk([row.newest for row in page])
    records = PaperKey.objects.papers(row.title for row in page)
    rows = [(row, notes.get(row.newest), records.get(row.title)) for row in page]
    context = {"page": page, "rows": rows, "canonical": canonical(reverse("papers:wanted"), page)}
    return render(request, "papers/wanted.html", context)


# --- Pictures ---------------------------------------------------------------------------------------------


@require_safe
def pictures(request: HttpRequest) -> HttpResponse:
    """How the papers are spread over months, sections and venues."""
    counts = totals.places()
    parts = [_months(counts), _sections(counts, tree_of(request)), _venues(counts)]
    context = {"total": counts.total, "parts": [part for part in parts if part["rows"]]}
    return render(request, "papers/collection.html", context)


def _months(counts: totals.Places) -> dict[str, Any]:
    rows = [
        (month, number, reverse("papers:month", args=month.split("-")) if number else "")
        for month, number in totals.last_months(counts.months)
    ]
    earlier = counts.total - sum(number for _label, number, _url in rows)
    drawn = plot([(label, number) for label, number, _url in rows], upright=True)
    named = [row for row in reversed(rows) if row[1]]
    return {"name": "months", "title": _("按月份"), "plot": drawn, "rows": named, "rest": earlier}


def _sections(counts: totals.Places, tree: Tree) -> dict[str, Any]:
    rows = [
        (" / ".join(above.title for above in tree.trail(section)[1:]) or section.title, number, section)
        for section in tree.depth_first()
        if (number := counts.sections[section.pk])
    ]
    bars = [(section.title, number) for _label, number, section in _most(rows)]
    listed = [(label, number, section.get_absolute_url()) for label, number, section in _most(rows)]
    return _part("sections", _("按栏目"), bars, listed, counts.total)


def _venues(counts: totals.Places) -> dict[str, Any]:
    rows = [
        (counts.venue_names[slug], number, reverse("papers:venue", args=[slug]))
        for slug, number in sorted(counts.venues.items())
    ]
    known = sum(number for _name, number, _url in rows)
    listed = _most(rows)
    return _part(
        "venues", _("按会议或期刊"), [(name, number) for name, number, _url in listed], listed, known
    )


def _most(rows: list[tuple[str, int, Any]]) -> list[tuple[str, int, Any]]:
    """The largest first, equals in their order."""
    return sorted(rows, key=lambda row: -row[1])[:LONGEST_LIST]


def _part(name: str, title: str, bars: list[tuple[str, int]], rows: list[Any], total: int) -> dict[str, Any]:
    rest = total - sum(number for _label, number, _url in rows)
    return {"name": name, "title": title, "plot": plot(bars), "rows": rows, "rest": rest}
