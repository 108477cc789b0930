"""Lists of papers: all of them, and those of a tag, a venue, a month, a search."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import addresses, feeds, paths, search
from ..forms import SearchForm
from ..models import Paper, Tag
from ..pages import canonical, listed, paginate
from .content import other_spelling
from .errors import gone
from .redirects import moved


def _listing(request: HttpRequest, title: str, papers: Any, **context: Any) -> HttpResponse:
    """A page of papers under a title; 404 for a listing without any, which is none of ours."""
    found = paginate(request, listed(papers.newest_first()))
    if not found.paginator.count and not context.get("may_be_empty"):
        raise Http404
    context["canonical"] = canonical(escape_uri_path(request.path), found)
    return render(request, "papers/listing.html", {"title": title, "page": found, **context})


@require_safe
def paper_list(request: HttpRequest) -> HttpResponse:
    return _listing(request, _("全部论文"), Paper.objects.published(), may_be_empty=True)


@require_safe
def tag_list(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/tags.html", {"tags": Tag.objects.public()})


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    wanted, moved = _tag_or_redirect(request, slug)
    if wanted is None:
        return moved
    context = {"subtitle": _("标签"), "feed": reverse("papers:tag_feed", args=[wanted.slug])}
    return _listing(request, wanted.name, Paper.objects.published().tagged(wanted), **context)


@require_safe
def tag_feed(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    wanted, moved = _tag_or_redirect(request, slug, name)
    return feeds.by_name(name)(request, subject=feeds.of_tag(wanted, name)) if wanted else moved


def _tag_or_redirect(request: HttpRequest, slug: str, twin: str = "") -> tuple[Tag | None, HttpResponse]:
    wanted = Tag.objects.public().filter(slug__in={slug, paths.fold(slug)}).first()
    if wanted is not None and wanted.slug == slug:
        return wanted, HttpResponse()
    if wanted is not None:
        return None, moved(request, wanted.get_absolute_url() + twin)
    try:
        current = addresses.find_former_tag(addresses.tag_path(slug))
    except addresses.Gone:
        return None, gone(request)
    if current is None:
        raise Http404
    return None, moved(request, current.get_absolute_url() + twin)


@require_safe
def venue(request: HttpRequest, slug: str) -> HttpResponseBase:
    if slug != slug.lower():
        return other_spelling(request, request.path_info)
    papers = Paper.objects.published().filter(venue_slug=slug)
    names = papers.newest_first().values_list("venue", flat=True)
    return _listing(request, names.first() or "", papers, subtitle=_("会议或期刊"))


@require_safe
def month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    if not (int(year) >= 1 and 1 <= int(month) <= 12):
        raise Http404
    papers = Paper.objects.published().in_month(int(year), int(month))
    return _listing(request, f"{year}-{month}", papers, subtitle=_("月份"))


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    query = search.parse(form.cleaned_data["q"] if form.is_valid() else "")
    found = paginate(request, listed(search.find(query))) if not query.is_empty else None
    context = {"form": form, "query": str(query), "page": found}
    return render(request, "papers/search.html", context, status=200 if form.is_valid() else 400)
