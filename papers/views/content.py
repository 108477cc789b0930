"""Sections, papers and where they are: what an address means is for `addresses` to say."""

from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import truncatechars
from django.urls import resolve
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from .. import addresses, citations, citing, feeds, neighbours, paths, roles, totals
from ..draft_links import Draft
from ..facets import Choice
from ..lengths import length_of
from ..models import Kind, Paper, Section, Tag, places
from ..pages import canonical, listed, named_in, note, offered, paginate, section_text, tree_of
from ..related import related
from ..rendering import block_names
from ..structured_data import first_picture, review
from .errors import gone
from .interface import language
from .redirects import moved
from .twins import twin


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """A section, a paper, a twin or a feed of theirs, or a redirect to where it is now."""
    asked = f"/{path}"
    try:
        found = addresses.find(asked)
    except addresses.Gone:
        return _draft(request, asked) or gone(request)
    if found is None:
        return _draft(request, asked) or other_spelling(request, asked)
    if found.path != asked:
        return _draft(request, asked) or moved(request, places.page(found.path))
    if isinstance(found.thing, Section):
        return _section(request, found.thing, found.twin)
    return twin(found.thing, found.twin) if found.twin else paper_page(request, found.thing)


def _draft(request: HttpRequest, path: str) -> HttpResponse | None:
    if not roles.may(request.user, "view"):
        return None
    paper = addresses.find_draft(path)
    return _preview(request, paper) if paper and roles.may(request.user, "view", paper) else None


def _preview(request: HttpRequest, paper: Paper) -> HttpResponse:
    response = paper_page(request, paper)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    return response


def other_spelling(request: HttpRequest, path: str) -> HttpResponseBase:
    """One of the site's own pages in another letter case or with other slashes: to its true address, in one hop."""
    tidy = paths.without_doubled_slashes(path).lower().rstrip("/")
    for spelling in (f"{tidy}/", tidy):
        match = resolve(spelling)
        if match.func is page or spelling == path:
            continue
        # The admin asks for a name and password itself, and the switch's page would set a cookie.
        if match.app_name == "admin" or match.func is language:
            return moved(request, places.page(spelling))
        response = match.func(request, *match.args, **match.kwargs)
        return moved(request, places.page(spelling)) if response.status_code == 200 else response
    raise Http404


# --- Sections and papers ----------------------------------------------------------------------------------


def _section(request: HttpRequest, section: Section, feed: str) -> HttpResponseBase:
    if feed:
        return feeds.by_name(feed)(request, subject=feeds.of_section(section, feed))
    return section_page(request, section)


def section_page(request: HttpRequest, section: Section) -> HttpResponse:
    tree = tree_of(request)
    papers = None
    if not section.is_root:
        total = totals.in_sections([below.pk for below in tree.depth_first(section)])
        papers = paginate(request, listed(Choice(section=section.uid).papers()), total)
    text = section_text(request, section, papers)
    context = {
        "section": section,
        "trail": tree.trail(section)[:-1],
        "subsections": tree.children(section),
        "page": papers,
        "list_query": "",
        "cite_query": f"section={section.uid}",
        "text": text,
        "lists_itself": "papers" in block_names(section.text_html),
        "canonical": canonical(section.get_absolute_url(), papers),
    }
    return render(request, "papers/section.html", context)


def paper_page(
    request: HttpRequest, paper: Paper, tags: list[Tag] | None = None, draft: Draft | None = None
) -> HttpResponse:
    """With the tags of its rows, or with others that are not saved yet; `draft` says what a signed link shows."""
    tree = tree_of(request)
    if paper.section_id in tree.by_pk:
        paper.section = tree.by_pk[paper.section_id]
    reference = paper.reference()
    named = named_in(paper.notes_html)
    tags = paper.tags_by_name() if tags is None else tags
    notes = note(paper, offered(named, paper.notes_html))
    picture = first_picture(notes)
    context = {
        "paper": paper,
        "draft": draft,
        **around(paper, [tag for tag in tags if tag.pk], named),
        "trail": tree.trail(paper.section),
        "notes": notes,
        "contents": [heading for heading in paper.contents if heading["level"] in (2, 3)],
        "tags": tags,
        "picture": picture,
        "length": length_of(paper.plain_text),
        "dates": dates(paper),
        "description": paper.summary or truncatechars(paper.plain_text[:1000], 150) or paper.title,
        "review": review(paper, tags, picture) if paper.is_published else None,
        "citation_tags": citations.meta_tags(reference),
        "bibtex": citations.bibtex(reference),
        "twins": {suffix[1:]: paper.twin_url(suffix) for suffix in paths.TWIN_SUFFIXES},
        "canonical": canonical(paper.get_absolute_url()),
        "neighbours": neighbours.neighbours(paper, request.GET),
    }
    return render(request, "papers/paper.html", context)


class Moment(NamedTuple):
    exact: str
    day: str


def dates(paper: Paper) -> dict[str, Moment]:
    """In the forms in which the page says them, twice or three times each: a template's filter is slow at that."""
    known = {"public": paper.first_public_at, "changed": paper.changed_at, "updated": paper.updated_at}
    local = {name: timezone.localtime(at) for name, at in known.items() if at}
    return {name: Moment(at.isoformat(), at.date().isoformat()) for name, at in local.items()}


def around(paper: Paper, tags: list[Tag], named: dict[str, Paper]) -> dict[str, Any]:
    """Who cites the paper, whom it cites, what is near it; two queries."""
    cited_by = citing.cited_by(paper)
    cites = citing.cites(paper, named)
    nearest = [note.pk for note, _places in cited_by.notes]
    nearest += [cited.paper.pk for cited in cites.ours if cited.paper]
    return {"cited_by": cited_by, "cites": cites, "related": related(paper, tags, nearest)}


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
