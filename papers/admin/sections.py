"""Sections: the tree, moved by form, by dragging, and by keyboard."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from .. import addresses, operations, revisions, roles
from ..models import Paper, Section
from ..pages import Tree
from ..revisions import Data
from . import check, completion, preview, undo
from .base import ContentAdmin, ContentForm
from .choices import indented, section_choice
from .questions import about_addresses


class TreeChangeList(ChangeList):
    """Sections below the one above them, siblings in their order, as the site shows them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if ORDER_VAR not in self.params:
            places = {section.pk: place for place, section in enumerate(Tree().depth_first())}
            self.result_list = sorted(self.result_list, key=lambda section: places[section.pk])


@admin.register(Section)
class SectionAdmin(ContentAdmin):
    form = ContentForm
    source_field = "text"
    list_display = (
        "indented_title",
        "path",
        "paper_count",
        "position",
        "index_position",
        "in_navigation",
        "move_link",
    )
    ordering = ("path_folded",)
    search_fields = ("title", "slug", "description", "path")
    list_per_page = 500
    readonly_fields = ("path", "former_addresses")
    fieldsets = (
        (None, {"fields": ("title", "parent", "slug", "path", "former_addresses")}),
        (_("内容"), {"fields": ("icon", "description", "text")}),
        (_("次序"), {"fields": ("position", "index_position", "in_navigation")}),
    )

    class Media:
        js = [
            Script("papers/js/live_check.js", type="module"),
            Script("papers/js/section_tree.js", type="module"),
            *preview.MODULES,
        ]

    def side_urls(self) -> list[Any]:
        return [
            self.side_url("check/", check.section, "check"),
            self.side_url("<int:pk>/move/", move, "move"),
            self.side_url("complete/", completion.papers, "complete"),
            self.side_url("preview/", preview.preview, "preview"),
            self.side_url("<int:pk>/preview/", preview.preview, "preview"),
            *super().side_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeChangeList

    def get_list_display(self, request: HttpRequest) -> Any:
        may_move = self.has_change_permission(request)
        return [name for name in self.list_display if may_move or name != "move_link"]

    def live_check_url(self) -> str:
        return self.side_link("check")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Counts only what this person may see: a number tells of drafts too."""
        sections = super().get_queryset(request)
        if roles.sees_all(request.user):
            return sections.annotate(papers_here=Count("papers"))
        readable = roles.readable_by(request.user, Paper.objects.all()).order_by().values("pk")
        return sections.annotate(papers_here=Count("papers", filter=Q(papers__in=readable)))

    @admin.display(description=_("标题"))
    def indented_title(self, section: Section) -> str:
        return indented(section)

    @admin.display(description=_("论文"))
    def paper_count(self, section: Any) -> int:
        return section.papers_here

    @admin.display(description=_("移动"))
    def move_link(self, section: Section) -> str:
        """Also what `section_tree.js` drags."""
        if section.is_root:
            return "—"
        url = self.side_link("move", section.pk)
        link = '<a href="{}" data-section="{}" data-parent="{}">{}</a>'
        return format_html(link, url, section.pk, section.parent_id, gettext("移动…"))


# --- Moving -----------------------------------------------------------------------------------------------


class MoveForm(forms.Form):
    """Where in the tree: under which section, before which of its subsections."""

    before = forms.ModelChoiceField(
        Section.objects.none(),
        required=False,
        label=_("排在谁之前"),
        empty_label=_("最后"),
        help_text=_("换了上级栏目之后先预览，这里就会列出它的子栏目；不选就排在最后。"),
    )

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section
        parent = section_choice(Section._meta.get_field("parent"))
        parent.required, parent.empty_label, parent.help_text = True, None, ""
        inside = Section.objects.in_subtree(section.path_folded).values("pk")
        parent.queryset = Section.objects.for_menus().order_by("path_folded").exclude(pk__in=inside)
        siblings = _siblings(section, self._parent_pk())
        self.fields = {"parent": parent, "before": self.fields["before"]}
        self.fields["before"].queryset = siblings  # type: ignore[attr-defined]
        if self.is_bound and str(self.data.get("before")) not in {str(sibling.pk) for sibling in siblings}:
            self.data = {
                "parent": self.data.get("parent"),
                "before": "",
            }  # it belongs to the parent chosen before

    def _parent_pk(self) -> Any:
        chosen = self.data.get("parent") or self.initial.get("parent") or ""
        return chosen if re.fullmatch("[0-9]{1,18}", str(chosen)) else self.section.parent_id


def _siblings(section: Section, parent: Any) -> Any:
    return Section.objects.for_menus().filter(parent=parent).exclude(pk=section.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The place is chosen by GET, and what it means shown; a POST moves."""
    section = Section.objects.filter(pk=pk).first()
    if section is None:
        raise Http404
    if section.is_root or not model_admin.has_change_permission(request, section):
        raise PermissionDenied
    typed = request.POST if request.method == "POST" else request.GET
    form = MoveForm(
        typed if "parent" in typed else None, section=section, initial={"parent": section.parent_id}
    )
    if request.method == "POST" and form.is_valid() and _carry_out(request, model_admin, section, form):
        return HttpResponseRedirect(model_admin.side_link("changelist"))
    context = model_admin.page_context(
        request,
        gettext("移动栏目：%s") % section,
        original=section,
        form=form,
        based_on=operations.position(section)[1],
        **_preview(section, form),
    )
    return TemplateResponse(request, "admin/papers/move_section.html", context)


def _preview(section: Section, form: MoveForm) -> Data:
    """The final address, what redirects to it, and what stands in the way."""
    if not form.is_bound or not form.is_valid():
        return {}
    target = Section.objects.get(pk=section.pk)
    target.parent = form.cleaned_data["parent"]
    try:
        target.clean()
    except ValidationError as error:
        return {"problem": operations.in_words(error)}
    data = {**revisions.typed_fields(section), "parent": target.parent.uid}
    questions = about_addresses(Section(uid=section.uid), section, data)
    return {"path": target.true_path, "questions": questions, "is_ready": True}


def _carry_out(request: HttpRequest, model_admin: Any, section: Section, form: MoveForm) -> bool:
    """Whether it was moved; if not, a message says why."""
    try:
        with addresses.tree_locked():
            before = operations.position(section)
            if str(before[1] or "") != request.POST.get("based_on"):
                raise ValidationError(_("在您查看之后有了新的修订，请重新查看再操作。"))
            traces = operations.place_section(
                section, form.cleaned_data["parent"], form.cleaned_data["before"], author=request.user
            )
    except ValidationError as error:
        messages.error(request, operations.in_words(error))
        return False
    section.refresh_from_db()
    text = gettext("“%(section)s”现在在 %(path)s，%(count)d 篇论文随之移动。") % {
        "section": section,
        "path": section.path,
        "count": Paper.objects.in_section(section).count(),
    }
    messages.success(request, format_html("{} {}", text, undo.link(model_admin, request, traces)))
    return True
