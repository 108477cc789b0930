"""Draft, published, changed: what the buttons of a paper's form say and do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from .. import addresses, draft_links, links, operations, revisions, roles
from ..models import Kind, Paper, Revision
from . import undo


def state_in_words(paper: Paper) -> str:
    state = {"draft": _("草稿"), "scheduled": _("定时"), "published": _("已发布")}[paper.state]
    if paper.state == "scheduled" and paper.publish_at:
        state = _("定时（%s）") % date_format(localtime(paper.publish_at), "SHORT_DATETIME_FORMAT")
    notes = [state]
    if paper.has_changes:
        notes.append(_("有未发布的修改"))
    if paper.review_state == Paper.Review.UNREVIEWED:
        notes.append(_("未核对"))
    return " · ".join(notes)


def context(request: HttpRequest, paper: Paper | None) -> dict[str, Any]:
    """For the form: which buttons there are, and what they mean for this paper."""
    may_publish = roles.may_publish(request.user)
    if paper is None or not paper.pk:
        return {"show_publish": may_publish, "state": "new"}
    row = Paper.objects.get(pk=paper.pk)
    return {
        "show_publish": may_publish,
        "state": row.state,
        "row": row,
        "buried": _buried(row),
        "show_draft_link": draft_links.has_draft(row),
        "show_to_markdown": revisions.data_of(row)["notes_format"] == Paper.NotesFormat.HTML,
        "show_unpublish": may_publish and row.status == Paper.Status.PUBLISHED,
    }


def _buried(row: Paper) -> Revision | None:
    """An unpublished change that a reload of fixtures has put below what it loaded."""
    newest = revisions.head(Kind.PAPER, row.uid)
    if newest is None or newest.author_id or row.has_changes or newest.based_on in (None, newest.number - 1):
        return None
    return revisions.numbered(Kind.PAPER, row.uid, newest.number - 1)


def say_saved(request: HttpRequest, row: Paper) -> None:
    if row.has_changes:
        messages.info(request, _("已存为第 %d 版，尚未发布：读者看到的没有变。") % row.head_revision)
    elif row.state == "scheduled" and row.publish_at:
        when = date_format(localtime(row.publish_at), "DATETIME_FORMAT")
        messages.info(request, _("将在 %s 自动公开。") % when)
    elif row.is_published:
        messages.info(request, _("读者现在看到的就是这一版。"))
    else:
        messages.info(request, _("已存为草稿，只有编辑能看到。"))


@require_http_methods(["GET", "HEAD", "POST"])
def unpublish(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    paper = model_admin.get_queryset(request).filter(pk=pk).first()
    if paper is None:
        raise Http404
    if not roles.may_publish(request.user) or not model_admin.has_change_permission(request, paper):
        raise PermissionDenied
    form_url = model_admin.side_link("change", pk)
    if request.method == "POST" and paper.status == Paper.Status.PUBLISHED:
        _unpublish(request, model_admin, paper)
        return HttpResponseRedirect(form_url)
    context = model_admin.page_context(
        request,
        _("撤下：%s") % paper,
        original=paper,
        form_url=form_url,
        mentions=links.mentions([paper], request.user),
    )
    return TemplateResponse(request, "admin/papers/unpublish.html", context)


def _unpublish(request: HttpRequest, model_admin: Any, paper: Paper) -> None:
    try:
        with addresses.tree_locked():
            before = operations.position(revisions.locked_row(paper))
            revisions.unpublish(paper, author=request.user, why=gettext_noop("撤下"))
            trace = operations.trace(paper, *before)
    except ValidationError as error:
        messages.error(request, operations.in_words(error))
        return
    messages.success(request, _("已撤下，网址 %s 现在显示 404。") % paper.path)
    messages.info(request, undo.link(model_admin, request, [trace]))
