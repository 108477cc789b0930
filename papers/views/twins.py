"""The same paper in other forms: its source, its citation, its record."""

import json
from typing import Any

from django.http import HttpResponse

from .. import bibliographies
from ..models import Paper
from ..pages import absolute
from .bibliography import attachment


def twin(paper: Paper, suffix: str) -> HttpResponse:
    """The same paper in another form, at the same path with another ending."""
    if suffix == ".md":
        is_html = paper.notes_format == Paper.NotesFormat.HTML
        return _text(paper.notes, "text/plain" if is_html else "text/markdown")
    if suffix in (".bib", ".ris"):
        text = bibliographies.WRITERS[suffix[1:]](paper.reference())
        return attachment(text, suffix[1:], f"{paper.slug}{suffix}")
    return _text(json.dumps(_record(paper), ensure_ascii=False, indent=1), "application/json")


def _text(body: str, content_type: str) -> HttpResponse:
    return HttpResponse(body, content_type=f"{content_type}; charset=utf-8")


def _record(paper: Paper) -> dict[str, Any]:
    names = (
        "uid title title_official title_published summary venue venue_full pages year bibtex_type arxiv_id doi "
        "paper_url code_url first_posted origin review_state notes_format"
    )
    return {
        **{name: getattr(paper, name) for name in names.split()},
        "url": absolute(paper.get_absolute_url()),
        "permanent_url": absolute(paper.get_permanent_url()),
        "published_on": paper.date_label,
        "authors": paper.author_names,
        "aliases": paper.alias_names,
        "tags": [tag.name for tag in paper.tags_by_name()],
        "changed_at": paper.changed_at.isoformat() if paper.changed_at else "",
    }
