"""Many papers at once: first exactly what will happen to which paper and address, then that, then a way back."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from .. import links, operations, roles
from ..models import Paper, Section, Tag
from ..operations import Operation, Outcome
from . import undo
from .choices import TagsField, TagsWidget, refuse_new, save_new, section_choice

LIMIT = 500


class Parameters(forms.Form):
    """What an operation has to be told beside its papers: most need nothing."""

    title: Any = ""
    made: type[Operation]
    editor: Any = None

    def operation(self) -> Operation:
        return self.made()


class PublishForm(Parameters):
    title = _("发布")
    made = operations.Publish


class UnpublishForm(Parameters):
    title = _("撤下")
    made = operations.Unpublish


class RetagForm(Parameters):
    title = _("修改标签")
    add = TagsField(
        label=_("加上"), required=False, help_text=_("输入几个字就有建议；没有的标签按回车新建。")
    )
    remove = TagsField(label=_("去掉"), required=False, widget=TagsWidget(attrs={"data-tags": "false"}))

    def clean_add(self) -> list[Tag]:
        tags: list[Tag] = self.cleaned_data["add"]
        refuse_new(tags, self.editor)
        return tags

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("add") and not cleaned.get("remove"):
            raise forms.ValidationError(_("请选择要加上或去掉的标签。"), code="required")
        return cleaned

    def operation(self) -> Operation:
        known = [tag for tag in self.cleaned_data["remove"] if tag.pk]
        return operations.Retag(tuple(self.cleaned_data["add"]), tuple(known))


class MoveForm(Parameters):
    title = _("移动")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = section_choice(Paper._meta.get_field("section"))
        self.fields["section"].required = True
        self.fields["section"].help_text = ""

    def operation(self) -> Operation:
        section: Section = self.cleaned_data["section"]
        return operations.Move(section)


class DeleteForm(Parameters):
    title = pgettext_lazy("verb", "删除")
    made = operations.Delete


FORMS: dict[str, Any] = {
    "publish": PublishForm,
    "unpublish": UnpublishForm,
    "retag": RetagForm,
    "move": MoveForm,
    "delete": DeleteForm,
}


def may(model_admin: Any, request: HttpRequest, name: str) -> bool:
    if name in ("publish", "unpublish"):
        return roles.may_publish(request.user) and model_admin.has_change_permission(request)
    return {"delete": model_admin.has_delete_permission}.get(name, model_admin.has_change_permission)(request)


# --- The actions of the list ------------------------------------------------------------------------------


def _start(model_admin: Any, request: HttpRequest, queryset: Any, name: str) -> HttpResponse | None:
    """From the list to the page that says what would happen."""
    if not may(model_admin, request, name):
        raise PermissionDenied
    papers = list(queryset.order_by("pk")[: LIMIT + 1])
    if len(papers) > LIMIT:
        text = gettext("一次最多处理 %d 篇论文，请先用筛选缩小范围。")
        messages.error(request, text % LIMIT)
        return None
    return _ask(request, model_admin, name, _first_form(name, request), papers)


def _first_form(name: str, request: HttpRequest) -> Any:
    """Complete at once if there is nothing to ask, or if `drag_papers.js` dropped the papers on a section."""
    uid = request.POST.get("dropped_on", "")
    dropped_on = Section.objects.filter(uid=uid).first() if uid.isprintable() else None
    if name == "move" and dropped_on:
        return MoveForm({"section": dropped_on.pk})
    return FORMS[name]() if name in ("move", "retag") else FORMS[name]({})


@admin.action(description=_("发布所选论文…"), permissions=["publish"])
def publish_selected(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _start(model_admin, request, queryset, "publish")


@admin.action(description=_("撤下所选论文…"), permissions=["publish"])
def unpublish_selected(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _start(model_admin, request, queryset, "unpublish")


@admin.action(description=_("修改所选论文的标签…"), permissions=["change"])
def retag_selected(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _start(model_admin, request, queryset, "retag")


@admin.action(description=_("移动所选论文…"), permissions=["change"])
def move_selected(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _start(model_admin, request, queryset, "move")


@admin.action(description=_("删除所选论文…"), permissions=["delete"])
def delete_selected(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _start(model_admin, request, queryset, "delete")


ACTIONS = [publish_selected, unpublish_selected, retag_selected, move_selected, delete_selected]

# --- The page ---------------------------------------------------------------------------------------------


@require_POST
def page(request: HttpRequest, model_admin: Any, name: str) -> HttpResponse:
    """Asked again until it is confirmed; what changed since it was shown is left alone."""
    if name not in FORMS:
        raise Http404
    if not may(model_admin, request, name):
        raise PermissionDenied
    seen = _selection(request)
    papers = list(model_admin.get_queryset(request).filter(uid__in=seen).order_by("pk"))
    form = FORMS[name](request.POST)
    form.editor = request.user
    if not form.is_valid() or "confirm" not in request.POST:
        return _ask(request, model_admin, name, form, papers)
    if name == "retag":
        save_new(form.cleaned_data["add"], request.user)
    outcome = operations.carry_out(
        form.operation(), papers, seen, request.user, may_publish=roles.may_publish(request.user)
    )
    _report(request, model_admin, FORMS[name].title, outcome, len(seen) - len(papers))
    return HttpResponseRedirect(model_admin.side_link("changelist"))


def _selection(request: HttpRequest) -> dict[str, int | None]:
    """The papers, each with the revision that the editor was shown."""
    try:
        seen = json.loads(request.POST.get("selection", ""))
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(seen, dict) or not all(
        number is None or type(number) is int for number in seen.values()
    ):
        raise BadRequest
    if len(seen) > LIMIT or not all(uid.isprintable() for uid in seen):
        raise BadRequest
    return seen


def _ask(request: HttpRequest, model_admin: Any, name: str, form: Any, papers: list[Paper]) -> HttpResponse:
    is_ready = form.is_bound and form.is_valid()
    may_publish = roles.may_publish(request.user)
    steps = operations.plan(form.operation(), papers, may_publish=may_publish) if is_ready else []
    leaving = [step.paper for step in steps if name in ("unpublish", "delete") and not step.problem]
    context = model_admin.page_context(
        request,
        gettext("%(what)s：%(count)d 篇论文") % {"what": form.title, "count": len(papers)},
        name=name,
        form=form,
        papers=papers,
        steps=steps,
        mentions=links.mentions(leaving, request.user) if leaving else None,
        possible=sum(1 for step in steps if not step.problem),
        selection=json.dumps({paper.uid: operations.position(paper)[1] for paper in papers}),
    )
    context["media"] += form.media
    return TemplateResponse(request, "admin/papers/bulk.html", context)


def _report(request: HttpRequest, model_admin: Any, title: Any, outcome: Outcome, gone: int) -> None:
    if outcome.done:
        text = gettext("%(what)s：%(count)d 篇论文。") % {"what": title, "count": len(outcome.done)}
        messages.success(request, format_html("{} {}", text, undo.link(model_admin, request, outcome.done)))
    for paper, problem in outcome.refused:
        messages.warning(request, f"{paper}{gettext('：')}{problem}")
    if gone:
        messages.warning(request, gettext("%d 篇论文此前已被删除。") % gone)
