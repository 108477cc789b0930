"""From the query string of a list or a search to its papers."""

from datetime import date
from typing import Any

from django.http import QueryDict

from . import search
from .models import Paper, Section
from .querysets import PaperQuerySet


def papers_of(query: QueryDict) -> PaperQuerySet:
    """Published papers: `q`, `section` by uid, each `tag`, `venue` by slug, `year`, `month`. None for nonsense."""
    words = query.get("q", "")[: search.MAX_QUERY_LENGTH].strip()
    papers: Any = search.find(words) if words else Paper.objects.published().newest_first()
    for slug in query.getlist("tag"):
        papers = papers.filter(pk__in=Paper.objects.filter(tagged__tag__slug=slug).values("pk"))
    if uid := query.get("section"):
        section = Section.objects.filter(uid=uid).first()
        papers = papers.in_section(section) if section else papers.none()
    if venue := query.get("venue"):
        papers = papers.filter(venue_slug=venue)
    try:
        if year := query.get("year"):
            papers = papers.filter(published_on__range=(date(int(year), 1, 1), date(int(year), 12, 31)))
        if month := query.get("month"):
            papers = papers.in_month(*map(int, month.split("-")))
    except (ValueError, TypeError):
        return Paper.objects.none()
    return papers
