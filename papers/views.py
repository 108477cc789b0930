"""The pages. What each may show starts from `published()`; which thing a path means is for `addresses` to say."""

import json
import logging
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import views as sitemap_views
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import resolve, reverse
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.encoding import escape_uri_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from . import addresses, citations, feeds, figures, paths, roles, search, sitemaps
from .forms import SearchForm
from .models import Figure, Kind, Paper, Section, Tag
from .pages import absolute, canonical, listed, note, paginate, section_text, targets, tree_of
from .rendering import block_names

logger = logging.getLogger(__name__)

# --- Any path ---------------------------------------------------------------------------------------------


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """A section, a paper, a twin or a feed of theirs, or a redirect to where it is now."""
    asked = f"/{path}"
    try:
        found = addresses.find(asked)
    except addresses.Gone:
        return _draft(request, asked) or gone(request)
    if found is None:
        return _draft(request, asked) or _other_spelling(request, asked)
    if found.path != asked:
        return _draft(request, asked) or _moved(request, _url(found.path))
    if isinstance(found.thing, Section):
        return _section(request, found.thing, found.twin)
    return _twin(found.thing, found.twin) if found.twin else _paper(request, found.thing)


def _url(path: str) -> str:
    return reverse("papers:page", args=[path.lstrip("/")])


def _moved(request: HttpRequest, url: str) -> HttpResponse:
    """Kept for a minute only: browsers keep bare 301s for ever, and an undone move would loop."""
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponsePermanentRedirect(f"{url}?{query}" if query else url)
    response["Cache-Control"] = "max-age=60"
    return response


def _draft(request: HttpRequest, path: str) -> HttpResponse | None:
    if not roles.may(request.user, "view"):
        return None
    paper = addresses.find_draft(path)
    return _preview(request, paper) if paper and roles.may(request.user, "view", paper) else None


def _preview(request: HttpRequest, paper: Paper) -> HttpResponse:
    response = _paper(request, paper)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    return response


def _other_spelling(request: HttpRequest, path: str) -> HttpResponseBase:
    """One of the site's own pages in another letter case or with other slashes: to its true address, in one hop."""
    tidy = paths.without_doubled_slashes(path).lower().rstrip("/")
    for spelling in (f"{tidy}/", tidy):
        match = resolve(spelling)
        if match.func is page or spelling == path:
            continue
        # The admin asks for a name and password itself, and the switch's page would set a cookie.
        if match.app_name == "admin" or match.func is language:
            return _moved(request, _url(spelling))
        response = match.func(request, *match.args, **match.kwargs)
        return _moved(request, _url(spelling)) if response.status_code == 200 else response
    raise Http404


# --- Sections and papers ----------------------------------------------------------------------------------


def _section(request: HttpRequest, section: Section, feed: str) -> HttpResponseBase:
    if feed:
        return feeds.by_name(feed)(request, subject=feeds.of_section(section, feed))
    tree = tree_of(request)
    papers = None
    if not section.is_root:
        papers = paginate(request, listed(Paper.objects.published().in_section(section).newest_first()))
    text = section_text(request, section, papers)
    context = {
        "section": section,
        "trail": tree.trail(section)[:-1],
        "subsections": tree.children(section),
        "page": papers,
        "text": text,
        "lists_itself": "papers" in block_names(section.text_html),
        "canonical": canonical(section.get_absolute_url(), papers),
    }
    return render(request, "papers/section.html", context)


def _paper(request: HttpRequest, paper: Paper) -> HttpResponse:
    trail = tree_of(request).trail(paper.section)
    context = {
        "paper": paper,
        "trail": trail,
        "notes": note(paper, targets(paper.notes_html)),
        "contents": [heading for heading in paper.contents if heading["level"] in (2, 3)],
        "tags": _tags_of(paper),
        "citation_tags": citations.meta_tags(paper.reference()),
        "bibtex": citations.bibtex(paper.reference()),
        "twins": {suffix[1:]: paper.twin_url(suffix) for suffix in paths.TWIN_SUFFIXES},
        "canonical": canonical(paper.get_absolute_url()),
    }
    return render(request, "papers/paper.html", context)


def _tags_of(paper: Paper) -> list[Tag]:
    """By name, as lists have them; one query."""
    return sorted((row.tag for row in paper.tagged.select_related("tag")), key=lambda tag: tag.name)


def _twin(paper: Paper, suffix: str) -> HttpResponse:
    """The same paper in another form, at the same path with another ending."""
    if suffix == ".md":
        is_html = paper.notes_format == Paper.NotesFormat.HTML
        return _text(paper.notes, "text/plain" if is_html else "text/markdown")
    if suffix == ".bib":
        return _text(citations.bibtex(paper.reference()), "application/x-bibtex")
    if suffix == ".ris":
        return _text(citations.ris(paper.reference()), "application/x-research-info-systems")
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
        "tags": [tag.name for tag in _tags_of(paper)],
        "changed_at": paper.changed_at.isoformat() if paper.changed_at else "",
    }


@require_safe
def permanent(request: HttpRequest, uid: str) -> HttpResponseBase:
    """To where the paper is now; not a lasting redirect, since papers move."""
    paper = Paper.objects.select_related("section").filter(uid=uid.lower()).first()
    if paper is None and addresses.is_gone(Kind.PAPER, uid.lower()):
        return gone(request)
    if paper and paper.is_published:
        return redirect(paper)
    if paper and roles.may(request.user, "view", paper):
        return redirect(paper) if paper.path else _preview(request, paper)
    raise Http404


# --- Listings ---------------------------------------------------------------------------------------------


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
        return None, _moved(request, wanted.get_absolute_url() + twin)
    try:
        current = addresses.find_former_tag(addresses.tag_path(slug))
    except addresses.Gone:
        return None, gone(request)
    if current is None:
        raise Http404
    return None, _moved(request, current.get_absolute_url() + twin)


@require_safe
def venue(request: HttpRequest, slug: str) -> HttpResponseBase:
    if slug != slug.lower():
        return _other_spelling(request, request.path_info)
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
    query = form.cleaned_data["q"] if form.is_valid() else ""
    found = paginate(request, listed(search.find(query))) if query else None
    context = {"form": form, "query": query, "page": found}
    return render(request, "papers/search.html", context, status=200 if form.is_valid() else 400)


# --- Pictures ---------------------------------------------------------------------------------------------


@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture's file, the same for everybody and for ever: its name is made of its bytes."""
    found = Figure.objects.filter(pk=name.strip("/").lower()).first()
    if found is not None and request.path != found.get_absolute_url():
        return _moved(request, found.get_absolute_url())
    response = _unmodified_or_file(request, found) if found else None
    if found is None or response is None:
        return HttpResponse(_("没有这张图片。"), "text/plain; charset=utf-8", 404)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{found.name}"'
    return response


def _unmodified_or_file(request: HttpRequest, found: Figure) -> HttpResponseBase | None:
    unmodified = get_conditional_response(request, etag=f'"{found.name}"')
    if unmodified is not None:
        return unmodified
    try:
        file = default_storage.open(figures.place_of(found.name))
    except FileNotFoundError:
        logger.error("the file of the picture %s is missing", found.name)
        return None
    response = FileResponse(file, filename=found.name, content_type=found.content_type)
    response["Content-Length"] = found.bytes
    return response


# --- The language of the interface ------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """The switch, on a page of its own: every other one stays free of its token and cookie."""
    back = _own_address(request.POST.get("next") or request.GET.get("next") or "")
    if request.method != "POST":
        return render(request, "papers/language.html", {"next": back})
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        raise BadRequest
    response = HttpResponseRedirect(back)
    _keep_language(response, code)
    return response


def _own_address(url: str) -> str:
    """The address if it is one of this site, below its prefix; else the front page's."""
    home = _url("/")
    is_own = url.startswith(home) and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_own else home


def _keep_language(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


# --- For machines -----------------------------------------------------------------------------------------


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """One file, or an index of files where one would be too long."""
    section = request.GET.get("section")
    parts = sitemaps.parts() if section is None and "p" not in request.GET else []
    if not parts:
        return sitemap_views.sitemap(request, sitemaps.everything(), section)
    url = absolute(reverse("papers:sitemap"))
    files = [sitemap_views.SitemapIndexItem(f"{url}?{part}") for part in parts]
    return render(request, "sitemap_index.xml", {"sitemaps": files}, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    context = {"sitemap": absolute(reverse("papers:sitemap")), "prefix": _url("/")}
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it where no page names the icon, as in the admin."""
    return redirect(static("papers/icon.svg"), permanent=True)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive, and no more: asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


# --- Errors -----------------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        _read_to_the_end(request)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        message = _(
            "提交的内容超过 %(limit)d MB，没有保存。请按浏览器的“后退”，把大图片单独上传，再用它的网址。"
        ) % {"limit": limit}
        return render(request, "400.html", {"message": message}, status=413)
    return render(request, "400.html", {"message": _("这个请求有误，服务器无法处理。")}, status=400)


def _read_to_the_end(request: HttpRequest) -> None:
    """A browser that is still sending shows a broken connection in place of the answer. 256 MB are enough of it."""
    for _count in range(256):
        if not request.read(1024 * 1024):
            return


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A sentence if the view gave one, a search box, and the papers that may have been meant."""
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    nearest = list(search.nearest(request.path_info)) if not reason else []
    return render(request, "404.html", {"reason": reason, "nearest": nearest}, status=404)


def no_page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def gone(request: HttpRequest) -> HttpResponse:
    """410, kept for a minute only: what was deleted may come back."""
    response = render(request, "410.html", status=410)
    response["Cache-Control"] = "max-age=60"
    return response
