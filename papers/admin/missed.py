"""What was asked for and not found: an address is pointed somewhere with one click, or forgotten."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .. import addresses, missed, operations, roles, search
from ..models import Missed, Paper, Section
from .desk import DeskAdmin

PER_PAGE = 20


@admin.register(Missed)
class MissedAdmin(DeskAdmin):
    def side_urls(self) -> list[Any]:
        return [
            self.side_url("", listing, "changelist"),
            self.side_url("<int:pk>/point/", point, "point"),
            self.side_url("<int:pk>/forget/", forget, "forget"),
        ]


@require_safe
def listing(request: HttpRequest, model_admin: MissedAdmin) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    kinds = Missed.Kind.values
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else Missed.Kind.ADDRESS.value
    asked = missed.most(kind).order_by("-count", "-last_seen", "text")
    page = Paginator(asked, PER_PAGE).get_page(request.GET.get("p"))
    is_address = kind == Missed.Kind.ADDRESS
    context = model_admin.page_context(
        request,
        _("没有找到的"),
        page=page,
        rows=[(one, _nearest(one.text) if is_address else "") for one in page],
        kind=kind,
        kinds=Missed.Kind.choices,
        is_address=is_address,
        may_point=_may_point_to_paper(request.user) or _may_point_to_section(request.user),
    )
    return TemplateResponse(request, "admin/papers/missed.html", context)


def _nearest(path: str) -> str:
    """The path of the paper that may have been meant."""
    paper = search.nearest(path, limit=1).first()
    return (paper.path or "") if paper else ""


# --- One of them ------------------------------------------------------------------------------------------


def _may_point_to_paper(user: Any) -> bool:
    """Who may move what is public."""
    return bool(user.is_staff and user.has_perm("papers.change_paper")) and roles.may_publish(user)


def _may_point_to_section(user: Any) -> bool:
    return bool(user.is_staff and user.has_perm("papers.change_section"))


def _asked(request: HttpRequest, model_admin: MissedAdmin, pk: int, kind: str = "") -> Missed:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    found = Missed.objects.filter(pk=pk).first() if pk < 2**63 else None
    if found is None or (kind and found.kind != kind):
        raise Http404
    return found


def _back(one: Missed) -> HttpResponse:
    listing = reverse("admin:papers_missed_changelist")
    return HttpResponseRedirect(f"{listing}?{urlencode({'kind': one.kind})}")


@require_POST
def point(request: HttpRequest, model_admin: MissedAdmin, pk: int) -> HttpResponse:
    """To a public paper or a section, by its path or uid."""
    one = _asked(request, model_admin, pk, Missed.Kind.ADDRESS)
    if not (_may_point_to_paper(request.user) or _may_point_to_section(request.user)):
        raise PermissionDenied
    try:
        thing = _target(request.POST.get("target", "").strip())
        _refuse_without_right(request.user, thing)
        with addresses.tree_locked():
            is_free = addresses.point(one.text, thing)
            one.delete()
    except ValidationError as error:
        messages.error(request, operations.in_words(error))
        return _back(one)
    names = {"path": one.text, "title": thing}
    if is_free:
        messages.success(request, _("网址 %(path)s 现在转到“%(title)s”。") % names)
    else:
        messages.warning(request, _("网址 %(path)s 已有归属，没有改动。") % names)
    return _back(one)


def _target(typed: str) -> Paper | Section:
    """Raises ValidationError."""
    by_uid: list[Any] = [Paper.objects.published().filter(uid=typed), Section.objects.filter(uid=typed)]
    if not typed.isprintable():
        by_uid = []
    try:
        found = addresses.find(typed) if typed.startswith("/") and typed.isprintable() else None
    except addresses.Gone:
        found = None
    thing = found.thing if found else next((rows.first() for rows in by_uid if rows.exists()), None)
    if thing is None:
        text = _("没有已公开的论文或栏目在“%s”。请写网址（例如 /RL/…html）或标识。")
        raise ValidationError(text % typed[:200])
    return thing


def _refuse_without_right(user: Any, thing: Paper | Section) -> None:
    may = _may_point_to_section if isinstance(thing, Section) else _may_point_to_paper
    if not may(user):
        raise ValidationError(_("您没有移动“%s”的权限，不能把网址指向它。") % thing)


@require_POST
def forget(request: HttpRequest, model_admin: MissedAdmin, pk: int) -> HttpResponse:
    """Counted again from one if it is asked for again."""
    one = _asked(request, model_admin, pk)
    one.delete()
    messages.success(request, _("已忘记“%s”。") % one.text)
    return _back(one)
