"""What an editor should know while typing: the final address, a free slug, papers that are the same, odd months."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import addresses, identifiers, operations, roles, suggestions
from ..models import Paper, Section
from ..revisions import Data
from ..suggestions import Duplicate

TITLES = ("title", "title_official", "title_published")


def because(duplicate: Duplicate) -> str:
    return {"arxiv_id": _("arXiv 编号"), "doi": "DOI", "title": _("标题")}[duplicate.because]


def visible_duplicates(user: Any, identity: Data, uid: str) -> list[Duplicate]:
    """Not a word of drafts that this person may not see."""
    found = suggestions.duplicates(**identity, exclude_uid=uid)
    return [one for one in found if one.paper.is_published or roles.may(user, "view", one.paper)]


def doubts_of(data: Data) -> list[str]:
    return suggestions.doubts(
        arxiv_id=data["arxiv_id"],
        published_on=_date(data["published_on"] or ""),
        first_posted=data["first_posted"],
        year=data["year"],
        now=timezone.localdate(),
    )


@require_safe
def paper(request: HttpRequest, model_admin: Any) -> HttpResponse:
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    asked = {name: request.GET.get(name, "").strip()[:1000] for name in request.GET}
    uid = asked.get("uid", "")
    typed = {name: asked.get(name, "") for name in (*TITLES, "slug", "first_posted", "venue")}
    typed["arxiv_id"] = identifiers.normalise_arxiv(asked.get("arxiv_id", ""))
    typed["doi"] = identifiers.normalise_doi(asked.get("doi", ""))
    month = _date(asked.get("published_on", ""))
    section = _section(asked.get("section", ""))
    target = Paper(uid=uid or "new", section=section, slug=typed["slug"])
    identity = {name: typed[name] for name in (*TITLES, "arxiv_id", "doi")}
    row = roles.visible_to(request.user, Paper.objects.filter(uid=uid)).first() if uid else None
    return JsonResponse(
        {
            "slug": suggestions.slug_for(typed["title"], month, section, exclude_uid=uid),
            **_address(target, row),
            "duplicates": _duplicates(request.user, identity, uid),
            "doubts": suggestions.doubts(
                arxiv_id=typed["arxiv_id"],
                published_on=month,
                first_posted=typed["first_posted"],
                year=int(asked["year"]) if asked.get("year", "").isdecimal() else None,
                now=timezone.localdate(),
            ),
            **_about_venue(request.user, typed["venue"]),
        }
    )


@require_safe
def section(request: HttpRequest, model_admin: Any) -> HttpResponse:
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    uid, slug = request.GET.get("uid", ""), request.GET.get("slug", "").strip()[:1000]
    row = Section.objects.filter(uid=uid).first() if uid else None
    target = Section(uid=uid or "new", parent=_section(request.GET.get("parent", "")), slug=slug)
    if row:
        target.pk, target.path, target.path_folded = row.pk, row.path, row.path_folded
    return JsonResponse(_address(target, row))


def _address(target: Any, row: Any) -> Data:
    """Where it will be, what stands in the way, and how many addresses will redirect."""
    path = target.true_path if getattr(target, "slug", "") else None
    if row is not None and target.pk is None:
        target.pk = row.pk
    problem = ""
    try:
        target._meta.get_field("slug").run_validators(target.slug)
        target.clean()
    except ValidationError as error:
        problem = operations.in_words(error)
    moves = addresses.departures(row, path).count if row is not None else 0
    former = addresses.former_holder(path, target.uid) if not problem else None
    return {
        "address": path or "",
        "problem": problem,
        "moves": _("%d 个旧网址会转到新网址") % moves if moves else "",
        "former": _("这个网址曾属于另一篇内容，保存时会请您确认") if former else "",
    }


def _about_venue(user: Any, venue: str) -> Data:
    """What papers say that this person may read."""
    if not venue:
        return {"venues": [], "venue_full": ""}
    among = roles.readable_by(user, Paper.objects.all())
    return {
        "venues": suggestions.venues(venue, among=among),
        "venue_full": suggestions.venue_full_for(venue, among=among),
    }


def _duplicates(user: Any, identity: Data, uid: str) -> list[Data]:
    return [
        {"title": str(one.paper), "url": where_to_look(user, one.paper), "because": because(one)}
        for one in visible_duplicates(user, identity, uid)
    ]


def where_to_look(user: Any, paper: Paper) -> str:
    """Its form; its page for those to whom the form is closed."""
    if roles.may(user, "view", paper):
        return reverse("admin:papers_paper_change", args=[paper.pk])
    return paper.get_absolute_url()


def _section(pk: str) -> Section | None:
    return Section.objects.for_menus().filter(pk=pk).first() if pk.isdecimal() and len(pk) < 10 else None


def _date(text: str) -> date | None:
    """A day, or the first of a month."""
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return None
