"""Pictures: uploaded and described; never deleted, since a revision in the history may show them again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .. import figures
from ..figures import FigureRefused
from ..models import Figure
from ..rendering.marks import FIGURE_ROUTE
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


@admin.register(Figure)
class FigureAdmin(admin.ModelAdmin):
    form = DescriptionForm
    change_form_template = "admin/change_form.html"  # not those of content, with its trash and merges
    change_list_template = "admin/change_list.html"
    list_display = ("thumbnail", "name", "size", "alt", "caption", "created_at")
    list_display_links = ("thumbnail", "name")
    search_fields = ("name", "alt", "caption")
    search_help_text = _("按文件名、替代文字或图注查找")
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    readonly_fields = ("picture", "markdown", "size", "created_at")

    class Media:
        css = {"all": ["papers/css/admin.css", "papers/css/admin_figures.css"]}

    # --- Who may ----------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Figure | None = None) -> bool:
        return False

    # --- The form ---------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Figure | None = None) -> Any:
        return (
            ("picture", "markdown", "size", "created_at", "alt", "caption") if obj else UploadForm.Meta.fields
        )

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

    @admin.display(description=_("大小"))
    def size(self, figure: Figure) -> str:
        return f"{figure.width} × {figure.height}, {filesizeformat(figure.bytes)}"


def _image(figure: Figure, kind: str) -> str:
    html = '<img class="figure-{}" src="{}" alt="{}" width="{}" height="{}" loading="lazy">'
    return format_html(html, kind, figure.get_absolute_url(), figure.alt, figure.width, figure.height)


def _markdown(figure: Figure) -> str:
    alt = " ".join(figure.alt.split()).replace("[", r"\[").replace("]", r"\]")
    return f"![{alt}]({FIGURE_ROUTE}{figure.name})"
