"""Search: its page, and what the palette shows as one types."""

from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import facets, hints, missed, search
from ..facets import Choice
from ..models import Paper
from ..pages import listed, paginate, tree_of
from ..panels import panel
from ..querysets import HEAVY_COLUMNS

#: Papers that the palette shows.
SHOWN = 7


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    choice, problems = facets.read(request.GET)
    if choice.is_narrow and not (choice.q or problems):
        return redirect(f"{reverse('papers:paper_list')}?{choice.query_string()}")
    context: dict[str, Any] = {
        "query": request.GET.get("q", "").strip(),
        "choice": choice,
        "problems": problems,
    }
    if choice.q or problems:
        context |= _results(request, choice, problems)
    is_refused = "panel" in context and context["panel"].problems
    return render(request, "papers/search.html", context, status=400 if is_refused else 200)


def _results(request: HttpRequest, choice: Choice, problems: list[str]) -> dict[str, Any]:
    chosen = panel(request.path, choice, problems, tree_of(request))
    rows = Paper.objects.none() if chosen.problems else choice.papers()
    found = paginate(request, listed(rows), chosen.counts.total)
    is_empty = not (found.paginator.count or chosen.problems)
    if is_empty and not choice.but(q="").is_narrow:
        missed.note_search(request, choice.q)
    return {
        "panel": chosen,
        "page": found,
        "results": _with_excerpts(choice, found),
        "list_query": choice.query_string(),
        "hints": hints.hints(choice) if is_empty else None,
    }


def _with_excerpts(choice: Choice, found: Page) -> list[tuple[Paper, search.Excerpt]]:
    papers = list(found)
    excerpts = search.excerpts(search.parse(choice.q), papers)
    return [(paper, excerpts[paper.pk]) for paper in papers]


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """A fragment of a page: the first results, as options of the list that the palette shows."""
    choice, problems = facets.read(request.GET)
    found = []
    if choice.q and not problems:
        rows = choice.papers().select_related("section").defer(*HEAVY_COLUMNS)[:SHOWN]
        found = list(rows)
    context = {"papers": found, "choice": choice, "problems": problems}
    return render(request, "papers/_palette.html", context, status=400 if problems else 200)
