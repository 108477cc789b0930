"""Tags: renamed and merged without an address lost."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from .. import addresses, operations
from ..models import Paper, Tag, TaggedPaper
from .base import ContentAdmin, ContentForm
from .choices import autocomplete


@admin.register(Tag)
class TagAdmin(ContentAdmin):
    form = ContentForm
    list_display = ("name", "slug", "paper_count")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "former_addresses")
    readonly_fields = ("former_addresses",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(papers_here=Count("tagged"))

    def side_urls(self) -> list[Any]:
        return [
            self.side_url("autocomplete/", autocomplete, "autocomplete"),
            self.side_url("<int:pk>/merge/", merge, "merge"),
            *super().side_urls(),
        ]

    @admin.display(description=_("论文"), ordering="papers_here")
    def paper_count(self, tag: Any) -> int:
        return tag.papers_here


class MergeForm(forms.Form):
    survivor = forms.ModelChoiceField(Tag.objects.all(), label=_("并入哪个标签"))

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tag = tag
        self.fields["survivor"].widget = AutocompleteSelect(TaggedPaper._meta.get_field("tag"), admin.site)
        self.fields["survivor"].widget.choices = self.fields["survivor"].choices  # type: ignore[attr-defined]

    def clean_survivor(self) -> Tag:
        survivor: Tag = self.cleaned_data["survivor"]
        if survivor.pk == self.tag.pk:
            raise forms.ValidationError(_("不能把标签合并到它自己。"), code="merged_with_itself")
        return survivor


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Asks for the other tag, shows the papers and addresses, then merges."""
    tag = Tag.objects.filter(pk=pk).first()
    if tag is None:
        raise Http404
    if not model_admin.has_change_permission(request, tag) or not model_admin.has_delete_permission(
        request, tag
    ):
        raise PermissionDenied
    form = MergeForm(request.POST or None, tag=tag)
    if form.is_valid() and "confirm" in request.POST:
        with addresses.tree_locked():
            count = operations.merge_tags(tag, form.cleaned_data["survivor"], author=request.user)
        text = gettext("标签“%(tag)s”已并入“%(survivor)s”，涉及 %(count)d 篇论文。")
        survivor = form.cleaned_data["survivor"]
        messages.success(request, text % {"tag": tag, "survivor": survivor, "count": count})
        return HttpResponseRedirect(model_admin.side_link("change", survivor.pk))
    papers = Paper.objects.tagged(tag).newest_first()
    context = model_admin.page_context(
        request,
        gettext("合并标签：%s") % tag,
        original=tag,
        form=form,
        survivor=form.cleaned_data.get("survivor") if form.is_bound and form.is_valid() else None,
        papers=papers[:50],
        count=papers.count(),
        tag_path=addresses.tag_path(tag.slug),
    )
    context["media"] += form.media
    return TemplateResponse(request, "admin/papers/merge_tags.html", context)
