"""What a note can name: papers by a few letters of what they are called, as a wikilink and as a citation."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from .. import roles, search
from ..models import Paper, PaperKey
from ..querysets import HEAVY_COLUMNS
from ..revisions import Data

SHOWN = 8

_MONTH = re.compile(r"\s*\d{4}-\d{2}(-\d{2})?-")
_NOT_IN_LINK = re.compile(r"[\[\]|#\n]")
_NOT_IN_CITATION = re.compile(r"[【】\n]")
_YEAR = re.compile(r"\s*\b(?:19|20)\d\d\b")


@require_safe
def papers(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Papers that this person may read, the newest first; five queries at the most besides who asks."""
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    asked = _MONTH.sub("", request.GET.get("q", "")[: search.MAX_QUERY_LENGTH], count=1)
    readable = roles.readable_by(request.user, Paper.objects.defer(*HEAVY_COLUMNS))
    found = search.named(readable, asked).exclude(uid=request.GET.get("uid", "").replace("\0", ""))
    shown = list(found[:SHOWN])
    links = wikilinks(shown)
    return JsonResponse({"papers": [_row(paper, links[paper.pk]) for paper in shown]})


def _row(paper: Paper, link: str) -> Data:
    about = [paper.date_label, paper.venue, "" if paper.is_published else paper.get_status_display()]
    return {
        "title": str(paper),
        "about": " · ".join(part for part in about if part),
        "wikilink": link,
        "cited": cited(paper),
    }


def wikilinks(papers: Sequence[Paper]) -> dict[int, str]:
    """For each paper by its key, a link that means it and no other: by title, slug or uid. One query."""
    names = [name for paper in papers for name in _names(paper)]
    public = PaperKey.objects.published().named(names)
    holders = {name: {row.paper_id for row in rows} for name, rows in public.items()}
    return {paper.pk: _wikilink(paper, holders) for paper in papers}


def _names(paper: Paper) -> list[str]:
    return [name for name in (paper.title, paper.slug, paper.uid) if name and not _NOT_IN_LINK.search(name)]


def _wikilink(paper: Paper, holders: dict[str, set[int]]) -> str:
    name = next((name for name in _names(paper) if holders.get(name, set()) <= {paper.pk}), paper.uid)
    shown = " ".join(_NOT_IN_LINK.sub(" ", paper.title).split())
    return f"[[{name}]]" if name == paper.title or not shown else f"[[{name}|{shown}]]"


def cited(paper: Paper) -> str:
    """`Title，2023，SOSP`, as it stands in a citation behind its number; a venue means nothing without its year."""
    reference = paper.reference()
    title = _NOT_IN_CITATION.sub(" ", reference.title)
    venue = _NOT_IN_CITATION.sub(" ", _YEAR.sub("", paper.venue)).strip()
    parts = [title, *([str(reference.year), venue] if reference.year else [])]
    return "，".join(part for part in parts if part)
