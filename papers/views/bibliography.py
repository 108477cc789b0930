"""The references of a list or a search, to download and to copy."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import bibliographies
from ..facets import papers_of

# What of a query string may stand in a file's name: its words, not how the list is sorted.
_NAMING = ("q", "section", "tag", "venue", "year", "month", "since")


@require_safe
def bibliography(request: HttpRequest, suffix: str) -> HttpResponse:
    """What `/papers/` and `/search/` list for the same query string."""
    found = bibliographies.of(papers_of(request.GET))
    if not found.references:
        raise Http404(_("没有这样的论文，所以没有可以引用的。"))
    words = [word for name in _NAMING for word in request.GET.getlist(name)]
    return attachment(found.text(suffix), suffix, found.file_name(words, suffix))


def attachment(text: str, suffix: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{bibliographies.CONTENT_TYPES[suffix]}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
