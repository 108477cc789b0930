"""The trash of papers, sections and tags: what was deleted, by whom, and back with one button."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .. import addresses, operations, revisions, roles, trash
from ..models import Kind, Revision
from ..rendering import RenderingFailed
from . import comparing

PER_PAGE = 50


def _visible(model_admin: Any, request: HttpRequest) -> Any:
    """Deletions that this person may see: a contributor's are those of drafts that they began."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    deletions = trash.deletions(model_admin.kind)
    is_paper = model_admin.kind == Kind.PAPER
    return roles.visible_deletions(request.user, deletions) if is_paper else deletions


def may_restore(model_admin: Any, request: HttpRequest) -> bool:
    """A tag comes back to its papers: making new ones is not enough."""
    may_add: bool = model_admin.has_add_permission(request)
    return may_add and model_admin.has_change_permission(request)


def find(request: HttpRequest, model_admin: Any, uid: str) -> Revision | None:
    """What a form or an address says is to come back, if this person may bring it back."""
    if not uid.isprintable() or not may_restore(model_admin, request):
        return None
    found: Revision | None = _visible(model_admin, request).filter(uid=uid).first()
    return found


def _deletion(model_admin: Any, request: HttpRequest, uid: str) -> Revision:
    found = _visible(model_admin, request).filter(uid=uid).first()
    if found is None:
        raise Http404
    return found


@require_safe
def listing(request: HttpRequest, model_admin: Any) -> HttpResponse:
    pages = Paginator(_visible(model_admin, request), PER_PAGE)
    page = pages.get_page(request.GET.get("p"))
    context = model_admin.page_context(
        request,
        _("回收站：%s") % model_admin.opts.verbose_name_plural,
        page=page,
        rows=[(deletion, trash.title_of(deletion)) for deletion in page],
        may_restore=may_restore(model_admin, request),
    )
    return TemplateResponse(request, "admin/papers/trash.html", context)


@require_safe
def detail(request: HttpRequest, model_admin: Any, uid: str) -> HttpResponse:
    deletion = _deletion(model_admin, request, uid)
    kind = model_admin.kind
    data = trash.newest_data(deletion)
    shown = (
        (label, comparing.in_words(kind, name, data.get(name)))
        for name, label in comparing.labels(kind).items()
    )
    context = model_admin.page_context(
        request,
        trash.title_of(deletion),
        deletion=deletion,
        fields=[(label, text) for label, text in shown if text],
        may_restore=may_restore(model_admin, request),
    )
    return TemplateResponse(request, "admin/papers/trash_detail.html", context)


@require_POST
def restore(request: HttpRequest, model_admin: Any, uid: str) -> HttpResponse:
    """As it was; where that cannot be, the form is opened with all of it and the reason."""
    if not may_restore(model_admin, request):
        raise PermissionDenied
    deletion = _deletion(model_admin, request, uid)
    try:
        revisions.prepare(trash.newest_data(deletion))
        thing = _bring_back(deletion, request)
    except (ValidationError, RenderingFailed) as error:
        text = _("没有恢复：%s 请在这里改好再保存。") % operations.in_words(error)
        messages.error(request, text)
        return HttpResponseRedirect(f"{model_admin.side_link('add')}?restore={deletion.uid}")
    messages.success(request, _("“%s”已从回收站恢复。") % thing)
    return HttpResponseRedirect(model_admin.side_link("change", thing.pk))


def _bring_back(deletion: Revision, request: HttpRequest) -> Any:
    with addresses.tree_locked():
        return trash.bring_back(deletion, author=request.user, may_publish=roles.may_publish(request.user))
