"""The history of one thing: who, when, why, what changed, and the way back."""

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import revisions
from ..models import Paper, Revision
from . import comparing

PER_PAGE = 50


def _thing(model_admin: Any, request: HttpRequest, pk: Any) -> Any:
    is_key = re.fullmatch("[0-9]{1,18}", str(pk))
    thing = model_admin.get_queryset(request).filter(pk=pk).first() if is_key else None
    if thing is None:
        raise Http404
    if not model_admin.has_view_or_change_permission(request, thing):
        raise PermissionDenied
    return thing


@require_safe
def listing(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    thing = _thing(model_admin, request, object_id)
    found = revisions.history(thing).defer("data")
    pages = Paginator(found, PER_PAGE)
    context = model_admin.page_context(
        request,
        _("修订历史：%s") % thing,
        original=thing,
        page=pages.get_page(request.GET.get("p")),
        newest=found.values_list("number", flat=True).first(),
        shown=thing.revision if isinstance(thing, Paper) else None,
        is_public=isinstance(thing, Paper) and thing.is_published,
        may_change=model_admin.has_change_permission(request, thing),
    )
    return TemplateResponse(request, "admin/papers/history.html", context)


@require_safe
def comparison(request: HttpRequest, model_admin: Any, pk: int, old: int, new: int) -> HttpResponse:
    thing = _thing(model_admin, request, pk)
    before, after = _revision(thing, old), _revision(thing, new)
    context = model_admin.page_context(
        request,
        _("第 %(old)d 版与第 %(new)d 版：%(thing)s") % {"old": old, "new": new, "thing": thing},
        original=thing,
        before=before,
        after=after,
        versions=[before, after],
        changes=comparing.changes(model_admin.kind, before.data, after.data),
        may_change=model_admin.has_change_permission(request, thing),
    )
    return TemplateResponse(request, "admin/papers/comparison.html", context)


def _revision(thing: Any, number: int) -> Revision:
    found = revisions.history(thing).filter(number=number).first()
    if found is None:
        raise Http404
    return found
