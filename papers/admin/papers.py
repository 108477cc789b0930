"""Papers: written, checked, published and moved by editors."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .. import identifiers, links, revisions, roles, search
from ..forms import number
from ..models import Paper, Tag
from ..querysets import HEAVY_COLUMNS
from ..revisions import Data
from . import bulk, check, completion, converting, draft_link, preview, publishing, records
from .base import ContentAdmin, ContentForm, is_publishing
from .choices import PastedField, TagsField, is_known, month_or_day, refuse_new, save_new
from .filters import MonthFilter, SectionFilter, StateFilter, TagFilter, VenueFilter
from .questions import Question, about_addresses

# What tells one paper from another: a change of these is compared with the papers that are there.
IDENTITY = ("title", "title_official", "title_published", "arxiv_id", "doi")


class PaperForm(ContentForm):
    tags = TagsField(
        label=pgettext_lazy("plural", "标签"),
        required=False,
        help_text=_("输入几个字就有建议；没有的标签按回车新建。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tags"] = revisions.tags_of(self.instance.opened)

    def clean_tags(self) -> list[Tag]:
        tags: list[Tag] = self.cleaned_data["tags"]
        refuse_new(tags, self.editor)
        return tags

    def clean(self) -> dict[str, Any] | None:
        if self.is_publishing and not roles.may_publish(self.editor):
            text = _("您没有发布的权限。请按“保存”存下内容，再请有权限的人发布。")
            self.add_error(None, forms.ValidationError(text, code="may_not_publish"))
        return super().clean()

    def _post_clean(self) -> None:
        """What is missing is asked for at publishing, not at saving."""
        status = Paper.Status.PUBLISHED if self.is_publishing else Paper.Status.DRAFT
        self.instance.status = status.value
        super()._post_clean()  # type: ignore[misc]


@admin.register(Paper)
class PaperAdmin(ContentAdmin):
    form = PaperForm
    source_field = "notes"
    list_display = ("title_or_uid", "section", "month", "venue", "state_label")
    list_filter = (StateFilter, SectionFilter, TagFilter, MonthFilter, VenueFilter)
    list_select_related = ("section",)
    list_per_page = 50
    actions = bulk.ACTIONS
    search_fields = ("title",)  # shows the box; what it finds is for `search` to say
    search_help_text = _(
        "按标题、笔记、作者、别名、网址、arXiv 编号或 DOI 查找；可用引号、减号和 tag: section: venue: year:"
    )
    readonly_fields = ("state_label", "address", "former_addresses")
    save_on_top = True
    fieldsets = (
        (
            _("论文"),
            {"fields": ("title", "summary", "section", "slug", ("published_on", "day_known"), "tags")},
        ),
        (_("笔记"), {"fields": ("notes", "notes_format")}),
        (_("发布"), {"fields": ("state_label", "publish_at", "address", "former_addresses")}),
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

    class Media:
        css = {"all": ["papers/css/record.css"]}
        js = [
            Script("papers/js/live_check.js", type="module"),
            Script("papers/js/drag_papers.js", type="module"),
            Script("papers/js/record.js", type="module"),
            *preview.MODULES,
        ]

    # --- Who may ----------------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Paper | None = None) -> bool:
        return roles.may(request.user, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Paper | None = None) -> bool:
        return roles.may(request.user, "change", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return roles.may(request.user, "add")

    def has_delete_permission(self, request: HttpRequest, obj: Paper | None = None) -> bool:
        """What readers see goes only by the hand of those who may publish."""
        is_public = obj is not None and obj.status == Paper.Status.PUBLISHED
        return roles.may(request.user, "delete", obj) and (not is_public or roles.may_publish(request.user))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return roles.may_publish(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Lists leave the notes in the database; the form reads them with one more query."""
        papers = super().get_queryset(request).defer(*HEAVY_COLUMNS)
        return roles.visible_to(request.user, papers)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term or len(search_term) > search.MAX_QUERY_LENGTH:
            return super().get_search_results(request, queryset, search_term)
        return search.among(queryset, search.parse(search_term)), False

    # --- The form ---------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if "_record" in request.POST:  # and no script caught it
            records.fill_posted(request, self, object_id)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def sections_touched(self, request: HttpRequest, object_id: str | None) -> set[int] | None:
        """Where a paper is and where it will be, so that others save elsewhere meanwhile.

        Any, if new tags come with it or another's changes, or if it may be another paper than it was.
        """
        posted, section = request.POST, number(request.POST.get("section", ""))
        row = Paper.objects.filter(pk=number(object_id or "") or 0).values("section", *IDENTITY).first()
        if row is None or "merge_head" in posted or not all(map(is_known, posted.getlist("tags"))):
            return None
        is_itself = all(posted.get(name, row[name]) == row[name] for name in IDENTITY)
        return {row["section"], section} if is_itself and row["section"] and section else None

    def side_urls(self) -> list[Any]:
        return [
            self.side_url("check/", check.paper, "check"),
            self.side_url("bulk/<slug:name>/", bulk.page, "bulk"),
            self.side_url("<int:pk>/draft-link/", draft_link.page, "draft_link"),
            self.side_url("<int:pk>/to-markdown/", converting.page, "to_markdown"),
            self.side_url("<int:pk>/to-markdown/page/", converting.shown, "converted"),
            self.side_url("<int:pk>/unpublish/", publishing.unpublish, "unpublish"),
            self.side_url("record/", records.fetch, "record"),
            self.side_url("<int:pk>/record/", records.fetch, "record_of"),
            self.side_url("complete/", completion.papers, "complete"),
            self.side_url("preview/", preview.preview, "preview"),
            self.side_url("<int:pk>/preview/", preview.preview, "preview"),
            *super().side_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Paper | None = None) -> Any:
        """A paper that readers see already cannot be scheduled."""
        if obj is None or not obj.is_published:
            return super().get_fieldsets(request, obj)
        return [
            (name, {**options, "fields": [field for field in options["fields"] if field != "publish_at"]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "published_on":
            return month_or_day(db_field)
        if db_field.name in ("arxiv_id", "doi"):
            normalise = getattr(identifiers, f"normalise_{db_field.name.removesuffix('_id')}")
            name = db_field.verbose_name  # no capital: it is arXiv
            return db_field.formfield(form_class=PastedField, normalise=normalise, label=name)
        if db_field.name in ("summary", "aliases"):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 80})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "publish_at" and field:
            text = gettext("%(help)s时区：%(zone)s。")
            field.help_text = text % {"help": db_field.help_text, "zone": settings.TIME_ZONE}
        return field

    def live_check_url(self) -> str:
        return self.side_link("check")

    def render_change_form(self, request: HttpRequest, context: Data, *args: Any, **kwargs: Any) -> Any:
        paper: Paper | None = kwargs.get("obj")
        context |= publishing.context(request, paper)
        context["record_url"] = (
            self.side_link("record_of", paper.pk) if paper and paper.pk else self.side_link("record")
        )
        if paper is not None and paper.pk:
            context["mentions"] = links.mentions([paper], request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: Data) -> Any:
        context["mentions"] = links.mentions([context["object"]], request.user)
        return super().render_delete_form(request, context)

    # --- Saving -----------------------------------------------------------------------------------------

    def typed(self, form: Any, row: Paper | None) -> Data:
        data = revisions.typed_fields(form.instance, form.cleaned_data["tags"])
        return {**data, "status": row.status if row else Paper.Status.DRAFT.value}

    def questions(self, request: HttpRequest, row: Paper | None, data: Data) -> list[Question]:
        """Only what is about to be written: an unpublished change takes no address yet."""
        is_written = is_publishing(request) or row is None or row.status == Paper.Status.DRAFT
        return [
            *self._duplicates(request, row, data),
            *(about_addresses(Paper(uid=data["uid"]), row, data) if is_written else []),
        ]

    def _duplicates(self, request: HttpRequest, row: Paper | None, data: Data) -> list[Question]:
        known = revisions.data_of(row) if row else {}
        if all(data[name] == known.get(name, "") for name in IDENTITY):
            return []
        identity = {name: data[name] for name in IDENTITY}
        found = check.visible_duplicates(request.user, identity, data["uid"])
        return [
            Question(
                f"duplicate:{duplicate.paper.uid}",
                gettext("%(because)s与已有的“%(title)s”相同，可能是同一篇论文。仍要保存？")
                % {"because": check.because(duplicate), "title": duplicate.paper},
                links=[(check.where_to_look(request.user, duplicate.paper), str(duplicate.paper))],
            )
            for duplicate in found
        ]

    def write(self, request: HttpRequest, form: Any, data: Data, row: Paper | None) -> None:
        save_new([tag for tag in form.cleaned_data["tags"] if tag.uid in data["tags"]], request.user)
        write = revisions.publish if is_publishing(request) else revisions.save
        write(form.instance, data, row=row, author=request.user, why=form.cleaned_data["why"])
        publishing.say_saved(request, row or form.instance)
        for doubt in check.doubts_of(data):
            messages.warning(request, doubt)

    # --- The list ---------------------------------------------------------------------------------------

    @admin.display(description=_("标题"), ordering="title")
    def title_or_uid(self, paper: Paper) -> str:
        return str(paper)

    @admin.display(description=_("年月"), ordering="published_on")
    def month(self, paper: Paper) -> str:
        return paper.date_label or "—"

    @admin.display(description=_("状态"))
    def state_label(self, paper: Paper) -> str:
        return publishing.state_in_words(paper)

    @admin.display(description=_("网址"))
    def address(self, paper: Paper) -> str:
        return paper.path or gettext("保存后由栏目和网址片段组成")
