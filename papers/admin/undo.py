"""Undo: what an operation did, remembered in the editor's session, put back with one button."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from .. import operations, revisions, roles
from ..models import Kind
from ..operations import Trace

REMEMBERED = 10
SHOWN = 100


def remember(request: HttpRequest, traces: Iterable[Trace]) -> str:
    """Keep what was done; returns the token of its undo page."""
    token = secrets.token_hex(8)
    kept = list(request.session.get("undo", {}).items())[1 - REMEMBERED :]
    request.session["undo"] = dict([*kept, (token, [asdict(trace) for trace in traces])])
    return token


def link(model_admin: Any, request: HttpRequest, traces: Iterable[Trace]) -> str:
    url = model_admin.side_link("undo", remember(request, traces))
    return format_html('<a href="{}">{}</a>', url, pgettext("verb", "撤销"))


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, model_admin: Any, token: str) -> HttpResponse:
    rows = request.session.get("undo", {}).get(token)
    if rows is None:
        raise Http404
    traces = [Trace(**row) for row in rows]
    if not _may_undo(request.user, traces):
        raise PermissionDenied
    if request.method != "POST":
        return _ask(request, model_admin, traces)
    outcome = operations.undo(traces, request.user, may_publish=roles.may_publish(request.user))
    request.session["undo"] = {key: kept for key, kept in request.session["undo"].items() if key != token}
    _report(request, outcome)
    return HttpResponseRedirect(model_admin.side_link("changelist"))


def _may_undo(user: Any, traces: list[Trace]) -> bool:
    """A contributor what they did to their own drafts."""
    kinds = {trace.kind for trace in traces}
    if all(user.has_perm(f"papers.change_{kind}") for kind in kinds):
        return True
    return kinds == {Kind.PAPER.value} and roles.began(user, {trace.uid for trace in traces})


def _ask(request: HttpRequest, model_admin: Any, traces: list[Trace]) -> HttpResponse:
    names = [(trace, _title(trace)) for trace in traces[:SHOWN]]
    context = model_admin.page_context(request, pgettext("verb", "撤销"), names=names, count=len(traces))
    return TemplateResponse(request, "admin/papers/undo.html", context)


def _title(trace: Trace) -> str:
    """As it was after the operation: what came later may not be for the eyes of whoever did it."""
    left = revisions.numbered(Kind(trace.kind), trace.uid, trace.after)
    return (left.data.get("title") or left.data.get("name") or trace.uid) if left else trace.uid


def _report(request: HttpRequest, outcome: operations.Outcome) -> None:
    if outcome.done:
        messages.success(request, _("已撤销 %d 项。") % len(outcome.done))
    for thing, problem in outcome.refused:
        messages.warning(request, f"{thing}{_('：')}{problem}")
