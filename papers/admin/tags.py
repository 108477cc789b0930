"""Tags: renamed and merged without an address lost."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from .. import addresses, operations, roles, trash
from ..models import Paper, Tag, TaggedPaper
from ..revisions import Data
from ..suggestions import free_tag_slug
from . import trash as trash_views
from .base import ContentAdmin, ContentForm
from .choices import autocomplete


class TagForm(ContentForm):
    """The browser's own prepopulation would make the same slug of C, C++ and C#."""

    slug = forms.SlugField(
        label=_("网址片段"),
        required=False,
        allow_unicode=True,
        max_length=Tag._meta.get_field("slug").max_length,
        help_text=_("小写；留空则由名称生成。"),
        error_messages={"unique": _("这个网址片段已属于另一个标签，请换一个。")},
    )

    def clean_name(self) -> str:
        """A paper's form knows a tag by its name in any case, so two that differ in nothing else are one too many."""
        name: str = self.cleaned_data["name"]
        other = Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).first()
        if other and "name" in self.changed_data:
            text = _("已有标签“%(name)s”；只差大小写的是同一个标签。")
            raise forms.ValidationError(text, code="name_taken", params={"name": other})
        return name

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        name = self.cleaned_data.get("name", "")
        return slug or (free_tag_slug(Tag(name=name, uid=self.instance.uid)) if name else "")


@admin.register(Tag)
class TagAdmin(ContentAdmin):
    form = TagForm
    list_display = ("name", "slug", "paper_count")
    search_fields = ("name", "slug")
    ordering = ("name",)
    fields = ("name", "slug", "former_addresses")
    readonly_fields = ("former_addresses",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Counts only what this person may see: a number tells of drafts too."""
        tags = super().get_queryset(request)
        if roles.sees_all(request.user):
            return tags.annotate(papers_here=Count("tagged"))
        readable = Q(tagged__content_object__in=_readable(request).order_by().values("pk"))
        return tags.annotate(papers_here=Count("tagged", filter=readable))

    def side_urls(self) -> list[Any]:
        return [
            self.side_url("autocomplete/", autocomplete, "autocomplete"),
            self.side_url("<int:pk>/merge/", merge, "merge"),
            *super().side_urls(),
        ]

    def write(self, request: HttpRequest, form: Any, data: Data, row: Any) -> None:
        deletion = trash_views.find(request, self, data["uid"])
        super().write(request, form, data, row)
        if deletion:
            trash.tag_again(form.instance, deletion, request.user)

    @admin.display(description=_("论文"), ordering="papers_here")
    def paper_count(self, tag: Any) -> int:
        return tag.papers_here


def _readable(request: HttpRequest) -> Any:
    return roles.readable_by(request.user, Paper.objects.all())


class OneTag(AutocompleteSelect):
    """Django's own, which would ask the database for whatever was posted."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        keys = [key for key in value if re.fullmatch("[0-9]{1,18}", str(key))]
        return super().optgroups(name, keys, attrs)


class MergeForm(forms.Form):
    survivor = forms.ModelChoiceField(Tag.objects.all(), label=_("并入哪个标签"))

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tag = tag
        self.fields["survivor"].widget = OneTag(TaggedPaper._meta.get_field("tag"), admin.site)
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
    if form.is_valid() and "confirm" in request.POST and _merge(request, tag, form.cleaned_data["survivor"]):
        return HttpResponseRedirect(model_admin.side_link("change", form.cleaned_data["survivor"].pk))
    papers = _readable(request).tagged(tag).newest_first()
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


def _merge(request: HttpRequest, tag: Tag, survivor: Tag) -> bool:
    """Whether they were merged; if not, a message says why."""
    try:
        with addresses.tree_locked():
            count = operations.merge_tags(tag, survivor, author=request.user)
    except ValidationError as error:
        messages.error(request, operations.in_words(error))
        return False
    text = gettext("标签“%(tag)s”已并入“%(survivor)s”，涉及 %(count)d 篇论文。")
    messages.success(request, text % {"tag": tag, "survivor": survivor, "count": count})
    return True
