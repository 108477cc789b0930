"""The editors' product, on the stock Django admin. Classes stand in the order of work."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import BadRequest
from django.db import models, transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag as TaggitTag

from . import addresses, derived, revisions
from .fields import NoteField, is_month_or_day
from .forms import MultilineField, NoteFormField
from .models import Address, Paper, Section, Tag
from .rendering import Format, RenderingFailed
from .search import MAX_QUERY_LENGTH

admin.site.site_header = _("PaperCache 编辑台")
admin.site.site_title = _("PaperCache 编辑台")
admin.site.index_title = _("内容")
admin.site.unregister(TaggitTag)  # its tables stay empty: our Tag takes their place

INDENT = "　"


def indented(section: Section) -> str:
    """A title set in by the depth of its section, for lists that cannot be trees."""
    return INDENT * max(section.path.count("/") - 1, 0) + section.title


class ContentAdmin(admin.ModelAdmin):
    """What sections, papers and tags share: a revision with every save, rendering before the transaction."""

    formfield_overrides = {
        models.TextField: {"form_class": MultilineField},
        NoteField: {"form_class": NoteFormField},
    }
    source_field = ""

    class Media:
        css = {"all": ["papers/css/admin.css"]}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Render first: a form holds the write lock from its first query, and rendering may take seconds."""
        if request.method == "POST":
            self._render_posted_source(request)
        return self._under_lock(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._under_lock(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._under_lock(request, super().changelist_view, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Our own filters only: a stray `?title__regex=(` would be an error of the database."""
        return lookup in {getattr(chosen, "parameter_name", "") for chosen in self.list_filter}

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        if not all(re.fullmatch("[0-9]{1,18}", pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest
        return super().response_action(request, queryset, *args, **kwargs)

    def _under_lock(self, request: HttpRequest, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """One change after another, so that an address found free is still free when it is written."""
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            addresses.lock_tree()
            return view(request, *args, **kwargs)

    def _render_posted_source(self, request: HttpRequest) -> None:
        source = request.POST.get(self.source_field, "")
        if len(source.encode(errors="replace")) > NoteField.max_bytes:
            return  # the field's own rule answers
        is_html = request.POST.get("notes_format") == Paper.NotesFormat.HTML
        note_format: Format = "html" if is_html else "markdown"
        try:
            derived.rendered(MultilineField.with_plain_newlines(source), note_format)
        except RenderingFailed as error:
            request.rendering_failure = error  # type: ignore[attr-defined]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)  # a class of this request alone
        form.rendering_failure = getattr(request, "rendering_failure", None)
        form.source_field = self.source_field
        return form

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The revision comes last, when tags are in too."""
        super().save_related(request, form, formsets, change)
        revisions.record(form.instance, author=request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if len(search_term) <= MAX_QUERY_LENGTH:
            return super().get_search_results(request, queryset, search_term)
        limit, length = MAX_QUERY_LENGTH, len(search_term)
        text = gettext("搜索词最多 %(limit)d 个字符，这里有 %(length)d 个。")
        messages.error(request, text % {"limit": limit, "length": length})
        return queryset.none(), False

    def view_on_site(self, obj: Any) -> str:
        return obj.get_absolute_url()

    @admin.display(description=_("旧网址"))
    def former_addresses(self, obj: Any) -> str:
        """Paths that redirect here; one query."""
        if not obj.pk:
            return "—"
        kind = revisions.KIND_OF[type(obj)]
        former = Address.objects.filter(kind=kind, uid=obj.uid).order_by("path_folded")
        return "\n".join(former.values_list("path_folded", flat=True)[:50]) or "—"


class ContentForm(forms.ModelForm):
    """Says at the source's field why it could not be rendered; what was typed stays in the form."""

    rendering_failure: RenderingFailed | None = None
    source_field = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.rendering_failure:
            self.add_error(
                self.source_field, forms.ValidationError(str(self.rendering_failure), code="not_rendered")
            )
        return cleaned


class PaperForm(ContentForm):
    def clean_tags(self) -> list[str]:
        """taggit's field knows no limit; the column does."""
        limit = Tag._meta.get_field("name").max_length or 0
        names: list[str] = self.cleaned_data["tags"]
        for name in names:
            if len(name) > limit:
                text = _("标签“%(name)s…”太长：最多 %(limit)d 个字符，这里有 %(length)d 个。")
                params = {"name": name[:20], "limit": limit, "length": len(name)}
                raise forms.ValidationError(text, code="tag_too_long", params=params)
        return names


class IndentedSections(forms.ModelChoiceField):
    def label_from_instance(self, section: Any) -> str:
        return f"{indented(section)}  {section.path}"


def section_choice(field: models.ForeignKey) -> IndentedSections:
    sections = Section.objects.for_menus().order_by("path_folded")
    return IndentedSections(
        sections,
        required=not field.blank,
        label=field.verbose_name,
        help_text=field.help_text,
        empty_label="—",
    )


def month_or_day(field: models.DateField) -> forms.DateField:
    """`2025-07` is enough, and is shown in the same form as in the address."""
    return forms.DateField(
        required=False,
        input_formats=["%Y-%m", "%Y-%m-%d", "%Y/%m/%d"],
        widget=AdminDateWidget(format="%Y-%m-%d"),
        label=field.verbose_name,
        help_text=field.help_text,
        error_messages={"invalid": is_month_or_day.message},
    )


# --- Papers -----------------------------------------------------------------------------------------------


class SectionFilter(admin.SimpleListFilter):
    title = _("栏目")
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        sections = Section.objects.for_menus().order_by("path_folded")
        return [(section.uid, indented(section)) for section in sections]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        section = Section.objects.filter(uid=self.value()).first() if self.value() else None
        return queryset.in_section(section) if section else queryset


class StateFilter(admin.SimpleListFilter):
    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("draft", _("草稿")), ("scheduled", _("定时")), ("published", _("已发布"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "published":
            return queryset.published()
        return (
            queryset.scheduled()
            if self.value() == "scheduled"
            else queryset.drafts()
            if self.value()
            else queryset
        )


class TagFilter(admin.SimpleListFilter):
    title = _("标签")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return list(Tag.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(tagged__tag__slug=self.value()) if self.value() else queryset


class MonthFilter(admin.SimpleListFilter):
    title = _("年月")
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        months = Paper.objects.order_by().dates("published_on", "month", order="DESC")
        return [(label, label) for label in (f"{month:%Y-%m}" for month in months)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        try:
            month = datetime.strptime(self.value() or "", "%Y-%m")
        except ValueError:
            return queryset
        return queryset.in_month(month.year, month.month)


class VenueFilter(admin.SimpleListFilter):
    title = _("会议或期刊")
    parameter_name = "venue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        venues = Paper.objects.exclude(venue="").order_by("venue").values_list("venue", flat=True).distinct()
        return [(venue, venue) for venue in venues]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(venue=self.value()) if self.value() else queryset


@admin.register(Paper)
class PaperAdmin(ContentAdmin):
    form = PaperForm
    source_field = "notes"
    list_display = ("title_or_uid", "section", "month", "venue", "state_label", "review_state")
    list_filter = (StateFilter, SectionFilter, TagFilter, MonthFilter, VenueFilter)
    list_select_related = ("section",)
    list_per_page = 50
    search_fields = (
        "title",
        "title_official",
        "title_published",
        "summary",
        "authors",
        "aliases",
        "slug",
        "arxiv_id",
        "doi",
    )
    search_help_text = _("按标题、摘要、作者、别名、网址、arXiv 编号或 DOI 查找")
    readonly_fields = ("address", "former_addresses")
    save_on_top = True
    fieldsets = (
        (
            _("论文"),
            {"fields": ("title", "summary", "section", "slug", ("published_on", "day_known"), "tags")},
        ),
        (_("笔记"), {"fields": ("notes", "notes_format")}),
        (_("发布"), {"fields": ("status", "publish_at", "address", "former_addresses")}),
        (
            _("文献记录"),
            {
                "fields": (
                    "authors",
                    "title_official",
                    "title_published",
                    ("venue", "year", "pages"),
                    "venue_full",
                    ("bibtex_type", "arxiv_id", "doi"),
                    "paper_url",
                    "code_url",
                    "first_posted",
                    "aliases",
                )
            },
        ),
        (
            _("来源与核对"),
            {"fields": (("origin", "generated_by"), ("review_state", "reviewed_by", "reviewed_on"))},
        ),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for row in form.instance.tagged.select_related("tag"):  # those typed for the first time
            revisions.record(row.tag, author=request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Lists leave the notes in the database; the form reads them with one more query."""
        return super().get_queryset(request).defer("notes", "notes_html", "plain_text", "contents")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "section":
            return section_choice(db_field)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "published_on":
            return month_or_day(db_field)
        if db_field.name in ("summary", "aliases"):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 80})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "publish_at" and field:
            text = gettext("%(help)s时区：%(zone)s。")
            field.help_text = text % {"help": db_field.help_text, "zone": settings.TIME_ZONE}
        return field

    @admin.display(description=_("标题"), ordering="title")
    def title_or_uid(self, paper: Paper) -> str:
        return str(paper)

    @admin.display(description=_("年月"), ordering="published_on")
    def month(self, paper: Paper) -> str:
        return paper.date_label or "—"

    @admin.display(description=_("状态"))
    def state_label(self, paper: Paper) -> str:
        return {"draft": gettext("草稿"), "scheduled": gettext("定时"), "published": gettext("已发布")}[
            paper.state
        ]

    @admin.display(description=_("网址"))
    def address(self, paper: Paper) -> str:
        return paper.path or gettext("保存后由栏目和网址片段组成")


# --- Sections ---------------------------------------------------------------------------------------------


@admin.register(Section)
class SectionAdmin(ContentAdmin):
    form = ContentForm
    source_field = "text"
    list_display = ("indented_title", "path", "paper_count", "position", "index_position", "in_navigation")
    ordering = ("path_folded",)
    search_fields = ("title", "slug", "description", "path")
    list_per_page = 200
    readonly_fields = ("path", "former_addresses")
    fieldsets = (
        (None, {"fields": ("title", "parent", "slug", "path", "former_addresses")}),
        (_("内容"), {"fields": ("icon", "description", "text")}),
        (_("次序"), {"fields": ("position", "index_position", "in_navigation")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(papers_here=Count("papers"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            return section_choice(db_field)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = Section.objects.get(pk=obj.pk).path if change else ""
        super().save_model(request, obj, form, change)
        if change and before != obj.path:
            moved = Paper.objects.in_section(obj).count()
            text = _("栏目移到 %(path)s，%(moved)d 篇论文随之移动；旧网址会转到新网址。")
            messages.info(request, text % {"path": obj.path, "moved": moved})

    @admin.display(description=_("标题"))
    def indented_title(self, section: Section) -> str:
        return indented(section)

    @admin.display(description=_("论文"))
    def paper_count(self, section: Any) -> int:
        return section.papers_here


# --- Tags -------------------------------------------------------------------------------------------------


@admin.register(Tag)
class TagAdmin(ContentAdmin):
    list_display = ("name", "slug", "paper_count")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "former_addresses")
    readonly_fields = ("former_addresses",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(papers_here=Count("tagged"))

    @admin.display(description=_("论文"), ordering="papers_here")
    def paper_count(self, tag: Any) -> int:
        return tag.papers_here
