"""What `check_site` found last, part by part; a part that is quick is checked again from here."""

import time
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from ..models import Paper, Report, Section
from ..site_check import PARTS, Finding, reports
from ..site_check.reports import Kept
from .desk import DeskAdmin

PER_PAGE = 50

# What one request may take; a site that needs longer is checked by the command, and nothing runs unseen.
SECONDS = 20.0

_TITLES = {
    "links": gettext_noop("站内链接"),
    "external": gettext_noop("站外链接"),
    "addresses": gettext_noop("网址"),
    "notes": gettext_noop("笔记"),
}
_HERE = ("links", "addresses", "notes")  # not other sites, which take their time


@admin.register(Report)
class ReportAdmin(DeskAdmin):
    def side_urls(self) -> list[Any]:
        return [
            self.side_url("", page, "changelist"),
            self.side_url("<slug:part>/again/", again, "again"),
        ]


@require_safe
def page(request: HttpRequest, model_admin: ReportAdmin) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    last = reports.kept()
    asked = request.GET.get("part", "")
    part = asked if asked in PARTS else next((name for name in PARTS if name in last), "links")
    kind = request.GET.get("kind", "")
    kept = last.get(part)
    findings = [one for one in kept.findings if not kind or one.kind == kind] if kept else []
    shown = Paginator(findings, PER_PAGE).get_page(request.GET.get("p"))
    context = model_admin.page_context(
        request,
        _("网站检查"),
        parts=[(name, _(_TITLES[name]), last.get(name)) for name in PARTS],
        part=part,
        kept=kept,
        kinds=_kinds(kept),
        kind=kind,
        page=shown,
        rows=_with_forms(list(shown)),
        is_here=part in _HERE,
        command=f"check_site {part.replace('external', 'links')}",
    )
    return TemplateResponse(request, "admin/papers/report.html", context)


def _kinds(kept: Kept | None) -> list[tuple[str, str, int]]:
    counts = sorted(kept.counts.items(), key=lambda item: -item[1]) if kept else []
    return [(kind, reports.kind_in_words(kind), number) for kind, number in counts]


def _with_forms(findings: list[Finding]) -> list[tuple[Finding, str]]:
    """Each with the form of what it was found in, if that is there still; two queries."""
    paths = [finding.where.partition(":")[0] for finding in findings]
    forms: dict[str, str] = {}
    for model, name in ((Section, "section"), (Paper, "paper")):
        there: Any = model._default_manager.filter(path__in=set(paths)).order_by()
        for path, pk in there.values_list("path", "pk"):
            forms[path] = reverse(f"admin:papers_{name}_change", args=[pk])
    return [(finding, forms.get(path, "")) for finding, path in zip(findings, paths, strict=True)]


@require_POST
def again(request: HttpRequest, model_admin: ReportAdmin, part: str) -> HttpResponse:
    """To the end, or not at all."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if part not in _HERE:
        raise Http404
    found = _checked(part)
    if found:
        reports.keep(part, found)
        messages.success(request, _("已检查 %(count)d 处。") % {"count": found.looked_at})
    else:
        text = _("%(seconds)d 秒内没有检查完，报告没有改动。请在服务器上运行 manage.py check_site %(part)s。")
        messages.warning(request, text % {"seconds": SECONDS, "part": part})
    return HttpResponseRedirect(f"{reverse('admin:papers_report_changelist')}?part={part}")


def _checked(part: str) -> reports.Found | None:
    """None if there is not the time for it."""
    found, end = reports.Found(), time.monotonic() + SECONDS
    for findings in PARTS[part].look():
        found.add(findings)
        if time.monotonic() > end:
            return None
    return found
