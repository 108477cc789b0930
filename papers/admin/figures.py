"""Pictures: uploaded and described; never deleted, since a revision in the history may show them again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .. import figure_uses, figures
from ..figures import FigureRefused
from ..models import Figure, FigureUse, Section
from ..rendering.marks import FIGURE_ROUTE
from . import check, publishing
from .base import CappedPaginator

_ACCEPTED = "image/png,image/jpeg,image/webp,image/gif,image/avif"
_TEXTS = {name: forms.Textarea(attrs={"rows": 2, "cols": 80}) for name in ("alt", "caption")}


class UploadForm(forms.ModelForm):
    """The file is stored before the form is asked: `stored` is its row, or why it was refused."""

    file = forms.FileField(
        label=_("文件"),
        help_text=_("PNG、JPEG、WebP、GIF 或 AVIF。拍摄地点等附带信息不会存下来。"),
        widget=forms.FileInput(attrs={"accept": _ACCEPTED}),
    )
    stored: Figure | FigureRefused | None = None

    class Meta:
        model = Figure
        fields = ("file", "alt", "caption")
        widgets = _TEXTS

    def clean_file(self) -> Any:
        if isinstance(self.stored, FigureRefused):
            raise forms.ValidationError(str(self.stored), code="picture_refused")
        return self.cleaned_data["file"]


class DescriptionForm(forms.ModelForm):
    class Meta:
        model = Figure
        fields = ("alt", "caption")
        widgets = _TEXTS


class UseFilter(admin.SimpleListFilter):
    """By any row, or any unpublished change; what is in the trash does not count."""

    title = _("使用")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("none", _("未使用")), ("some", _("使用中"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        used = Exists(FigureUse.objects.filter(name=OuterRef("pk")))
        return {"none": queryset.filter(~used), "some": queryset.filter(used)}.get(
            self.value() or "", queryset
        )


@admin.register(Figure)
class FigureAdmin(admin.ModelAdmin):
    form = DescriptionForm
    change_form_template = "admin/change_form.html"  # not those of content, with its trash and merges
    change_list_template = "admin/change_list.html"
    list_display = ("thumbnail", "name", "size", "alt", "caption", "created_at")
    list_display_links = ("thumbnail", "name")
    list_filter = (UseFilter,)
    search_fields = ("name", "alt", "caption")
    search_help_text = _("按文件名、替代文字或图注查找")
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    readonly_fields = ("picture", "markdown", "used_in", "size", "created_at")

    class Media:
        css = {"all": ["papers/css/admin.css", "papers/css/admin_figures.css"]}

    # --- Who may ----------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Figure | None = None) -> bool:
        return False

    # --- The form ---------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Figure | None = None) -> Any:
        return (
            ("picture", "markdown", "used_in", "size", "created_at", "alt", "caption")
            if obj
            else UploadForm.Meta.fields
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        figure: Any = super().get_object(request, object_id, from_field)
        if figure is not None:
            figure.used_in = _uses(figure, request.user)
        return figure

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if change:
            return super().get_form(request, obj, change=change, **kwargs)
        return type("UploadForm", (UploadForm,), {"stored": getattr(request, "stored_figure", None)})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Store first: Django runs the form in a transaction, and to decode a picture may take a second."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        file = request.FILES.get("file")
        if file is not None:
            texts = {name: request.POST.get(name, "").strip() for name in ("alt", "caption")}
            try:
                request.stored_figure = figures.store(file, **texts)  # type: ignore[attr-defined]
            except FigureRefused as refused:
                request.stored_figure = refused  # type: ignore[attr-defined]
        return super().add_view(request, form_url, extra_context)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return super().save_form(request, form, change) if change else form.stored

    def save_model(self, request: HttpRequest, obj: Figure, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing besides the row."""

    def response_add(self, request: HttpRequest, obj: Figure, post_url_continue: Any = None) -> HttpResponse:
        messages.info(request, gettext("在笔记里这样写：%s") % _markdown(obj))
        return super().response_add(request, obj, post_url_continue)

    # --- What is shown ----------------------------------------------------------------------------------

    @admin.display(description=_("图片"))
    def thumbnail(self, figure: Figure) -> str:
        return _image(figure, "thumbnail")

    @admin.display(description=_("图片"))
    def picture(self, figure: Figure) -> str:
        return _image(figure, "picture")

    @admin.display(description=_("在笔记里"))
    def markdown(self, figure: Figure) -> str:
        return format_html("<code>{}</code>", _markdown(figure))

    @admin.display(description=_("使用处"))
    def used_in(self, figure: Any) -> str:
        return figure.used_in

    @admin.display(description=_("大小"))
    def size(self, figure: Figure) -> str:
        return f"{figure.width} × {figure.height}, {filesizeformat(figure.bytes)}"


def _image(figure: Figure, kind: str) -> str:
    html = '<img class="figure-{}" src="{}" alt="{}" width="{}" height="{}" loading="lazy">'
    return format_html(html, kind, figure.get_absolute_url(), figure.alt, figure.width, figure.height)


def _markdown(figure: Figure) -> str:
    alt = " ".join(figure.alt.split()).replace("[", r"\[").replace("]", r"\]")
    return f"![{alt}]({FIGURE_ROUTE}{figure.name})"


def _uses(figure: Figure, user: Any) -> str:
    """A list of links, and how many more there are."""
    found = figure_uses.uses(figure, user)
    lines = [_link(_section_url(section, user), section, _("栏目")) for section in found.sections]
    for paper, is_waiting in found.papers:
        state = gettext("未发布的修改") if is_waiting else publishing.state_in_words(paper)
        lines.append(_link(check.where_to_look(user, paper), paper, state))
    if found.more:
        lines.append(ngettext("另有 %d 篇论文", "另有 %d 篇论文", found.more) % found.more)
    if found.hidden:
        hidden = ngettext("另有 %d 篇您看不到的论文", "另有 %d 篇您看不到的论文", found.hidden)
        lines.append(hidden % found.hidden)
    if not lines:
        return gettext("没有论文或栏目用到它")
    return format_html(
        '<ul class="figure-uses">{}</ul>', format_html_join("", "<li>{}</li>", ((one,) for one in lines))
    )


def _link(url: str, thing: Any, state: Any) -> str:
    return format_html('<a href="{}">{}</a> <span class="quiet">{}</span>', url, thing, state)


def _section_url(section: Section, user: Any) -> str:
    if user.has_perm("papers.view_section") or user.has_perm("papers.change_section"):
        return reverse("admin:papers_section_change", args=[section.pk])
    return section.get_absolute_url()
