"""Lists of papers: all of them, and those of a tag, a venue, a year, a month."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import addresses, facets, feeds, paths, totals
from ..facets import Choice
from ..models import Paper, Tag
from ..neighbours import EVERYTHING
from ..pages import canonical, listed, paginate, tree_of
from ..panels import calendar, panel
from .content import other_spelling
from .errors import gone
from .redirects import moved


def _listing(request: HttpRequest, title: str, choice: Choice, total: int, **context: Any) -> HttpResponse:
    """A page of papers under a title; 404 for a listing without any, which is none of ours."""
    if not total:
        raise Http404
    found = paginate(request, listed(choice.papers()), total)
    context["canonical"] = canonical(escape_uri_path(request.path), found)
    context["narrow_url"] = f"{reverse('papers:paper_list')}?{choice.query_string()}"
    context["list_query"] = choice.query_string()
    return render(request, "papers/listing.html", {"title": title, "page": found, **context})


@require_safe
def paper_list(request: HttpRequest) -> HttpResponse:
    """All papers, or those that the query string asks for. Each choice has one address, and the others lead to it."""
    choice, problems = facets.read(request.GET)
    if not problems and (choice.q or not facets.is_tidy(request.GET, choice)):
        page = reverse("papers:search") if choice.q else request.path
        return redirect(f"{page}?{choice.query_string()}".rstrip("?"))
    chosen = panel(request.path, choice, problems, tree_of(request))
    rows = Paper.objects.none() if chosen.problems else choice.papers()
    found = paginate(request, listed(rows), chosen.counts.total)
    context = {
        "panel": chosen,
        "page": found,
        "list_query": choice.query_string() or EVERYTHING,
        "cite_query": choice.query_string(),
        "canonical": canonical(request.path, None if choice.pairs() else found),
    }
    return render(request, "papers/papers.html", context, status=400 if chosen.problems else 200)


@require_safe
def tag_list(request: HttpRequest) -> HttpResponse:
    """The most used first."""
    found = totals.tags()
    slugs = sorted(found.names, key=lambda slug: (-found.numbers[slug], found.names[slug]))
    tags = [(found.names[slug], reverse("papers:tag", args=[slug]), found.numbers[slug]) for slug in slugs]
    return render(request, "papers/tags.html", {"tags": tags})


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    wanted = _tag_or_redirect(request, slug)
    if isinstance(wanted, HttpResponse):
        return wanted
    context = {"subtitle": _("标签"), "feed_place": wanted.get_absolute_url()}
    choice, total = Choice(tag=(wanted.slug,)), totals.of_tag(wanted)
    return _listing(request, wanted.name, choice, total, **context)


@require_safe
def tag_feed(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    wanted = _tag_or_redirect(request, slug, name)
    if isinstance(wanted, HttpResponse):
        return wanted
    return feeds.by_name(name)(request, subject=feeds.of_tag(wanted, name))


def _tag_or_redirect(request: HttpRequest, slug: str, twin: str = "") -> Tag | HttpResponse:
    wanted: Tag | None = Tag.objects.public().filter(slug__in={slug, paths.fold(slug)}).first()
    if wanted is not None and wanted.slug == slug:
        return wanted
    if wanted is not None:
        return moved(request, wanted.get_absolute_url() + twin)
    try:
        current = addresses.find_former_tag(addresses.tag_path(slug))
    except addresses.Gone:
        return gone(request)
    if current is None:
        raise Http404
    return moved(request, current.get_absolute_url() + twin)


@require_safe
def venue(request: HttpRequest, slug: str) -> HttpResponseBase:
    if slug != slug.lower():
        return other_spelling(request, request.path_info)
    counts = totals.places()
    name = counts.venue_names.get(slug, "")
    return _listing(request, name, Choice(venue=slug), counts.venues[slug], subtitle=_("会议或期刊"))


@require_safe
def year(request: HttpRequest, year: str) -> HttpResponse:
    days = calendar(totals.months(), int(year))
    context = {"subtitle": _("年份"), "calendar": days}
    return _listing(request, year, Choice(year=int(year)), days.total, **context)


@require_safe
def month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    months, name = totals.months(), f"{year}-{month}"
    context = {"subtitle": _("月份"), "calendar": calendar(months, int(year), name)}
    return _listing(request, name, Choice(month=name), months[name], **context)
