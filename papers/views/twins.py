"""The same paper in other forms: its source, its citation, its record."""

import json

from django.http import HttpResponse

from .. import bibliographies
from ..models import Paper
from ..records import record
from .bibliography import attachment


def twin(paper: Paper, suffix: str) -> HttpResponse:
    """The same paper in another form, at the same path with another ending."""
    if suffix == ".md":
        is_html = paper.notes_format == Paper.NotesFormat.HTML
        return _text(paper.notes, "text/plain" if is_html else "text/markdown")
    if suffix in (".bib", ".ris"):
        text = bibliographies.WRITERS[suffix[1:]](paper.reference())
        return attachment(text, suffix[1:], f"{paper.slug}{suffix}")
    return _text(json.dumps(record(paper), ensure_ascii=False, indent=1), "application/json")


def _text(body: str, content_type: str) -> HttpResponse:
    return HttpResponse(body, content_type=f"{content_type}; charset=utf-8")
