"""What sections, papers and tags share in the admin: a save is a revision, asked about before, undone after."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .. import addresses, derived, figures, operations, revisions, trash
from ..fields import NoteField
from ..forms import MultilineField, NoteFormField, number
from ..models import Address, Kind, Paper, Section
from ..rendering import Format, RenderingFailed
from ..revisions import KIND_OF, Data
from ..search import MAX_QUERY_LENGTH
from . import history, merge, preview, problems, undo, uploads, working
from . import trash as trash_views
from .choices import section_choice
from .questions import Question, Unanswered, about_addresses, unanswered
from .sides import WithSidePages

# Rows that a list counts before it says "more": a full count of 100,000 papers takes longer than the list.
COUNT_LIMIT = 5000

# What storing the pictures of one note may take; the rest waits for the next save.
TAKE_IN_SECONDS = 20.0


class CappedPaginator(Paginator):
    """Counts to a limit; what lies beyond is found by search and filters."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows) if isinstance(rows, list) else rows.order_by()[:COUNT_LIMIT].count()


class ContentAdmin(WithSidePages):
    formfield_overrides = {
        models.TextField: {"form_class": MultilineField},
        NoteField: {"form_class": NoteFormField},
    }
    change_form_template = "admin/papers/change_form.html"
    change_list_template = "admin/papers/change_list.html"
    show_full_result_count = False
    paginator = CappedPaginator
    source_field = ""

    class Media:
        css = {
            "all": [
                f"papers/css/{name}.css"
                for name in ("admin", "admin_pages", "pictures", "working_copy", "desk_editor", "desk_lists")
            ]
        }
        js = [
            Script("papers/js/first_error.js", type="module"),
            Script("papers/js/pictures.js", type="module"),
            *working.MODULES,
        ]

    @property
    def kind(self) -> Kind:
        return KIND_OF[self.model]

    # --- Requests ---------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        """The side views; each checks its own permissions and methods."""
        urls = super().get_urls()
        for url in urls:
            if url.name and url.name.endswith(("_add", "_change")):
                url.callback = working.keeping(url.callback)
        return [*self.side_urls(), *urls]

    def side_urls(self) -> list[Any]:
        return [
            self.side_url("trash/", trash_views.listing, "trash"),
            self.side_url("trash/<slug:uid>/", trash_views.detail, "trash_detail"),
            self.side_url("trash/<slug:uid>/restore/", trash_views.restore, "trash_restore"),
            self.side_url("undo/<slug:token>/", undo.page, "undo"),
            self.side_url("<int:pk>/history/<int:old>/<int:new>/", history.comparison, "comparison"),
            *working.side_urls(self),
            *(self._upload_urls() if self.source_field else []),
        ]

    def _upload_urls(self) -> list[Any]:
        return [
            self.side_url("upload/", uploads.upload, "upload"),
            self.side_url("<int:pk>/upload/", uploads.upload, "upload_of"),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Render first: a form holds the write lock from its first query, and rendering may take seconds."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        self._take_in_posted_pictures(request)
        self._render_posted_source(request)
        sections = self.sections_touched(request, object_id)
        view = partial(self._posted, request, object_id, form_url, extra_context)
        try:
            return _under_lock(view, sections)
        except merge.Stale as stale:
            return merge.page(request, self, stale)
        except Unanswered as asked:
            request.questions = asked.questions  # type: ignore[attr-defined]
        except ValidationError as error:
            request.problem = error  # type: ignore[attr-defined]
        return _under_lock(view, sections)

    def _posted(self, request: HttpRequest, object_id: str | None, *args: Any) -> HttpResponse:
        """Under the lock, so that who waited for a deletion is told of it."""
        if object_id and not self.get_queryset(request).filter(pk=number(object_id)).exists():
            return self._deleted_meanwhile(request)
        return super().changeform_view(request, object_id, *args)

    def sections_touched(self, request: HttpRequest, object_id: str | None) -> set[int] | None:
        """Primary keys of the sections below which a posted form may take or leave an address; None: of any."""
        return None

    def _deleted_meanwhile(self, request: HttpRequest) -> HttpResponse:
        """Nothing typed is lost: the form is filled with it, and a save brings the thing back."""
        deletion = trash_views.find(request, self, request.POST.get("thing_uid", ""))
        if deletion is None:
            text = gettext("这条记录已不存在。您输入的内容还在下面：保存会把它作为新的一条。")
        else:
            text = gettext(
                "“%(title)s”已由 %(who)s 删除。您输入的内容还在下面：保存会把它从回收站恢复，并存下这些内容。"
            ) % {"title": trash.title_of(deletion), "who": deletion.author_name or gettext("系统")}
        request.problem = ValidationError(text, code="deleted_meanwhile")  # type: ignore[attr-defined]
        return super().changeform_view(request, None, self.side_link("add"))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _in_turn(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _in_turn(request, super().changelist_view, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return history.listing(request, self, object_id)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Our own filters only: a stray `?title__regex=(` would be an error of the database."""
        return lookup in {getattr(chosen, "parameter_name", "") for chosen in self.list_filter}

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        if not all(re.fullmatch("[0-9]{1,18}", pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest
        return super().response_action(request, queryset, *args, **kwargs)

    def _take_in_posted_pictures(self, request: HttpRequest) -> None:
        """Pictures pasted into the source become files, before its length is measured and whatever comes of the form."""
        source = request.POST.get(self.source_field, "")
        if not source or not (self.has_add_permission(request) or self.has_change_permission(request)):
            return
        taken = figures.take_in(source, _posted_format(request), seconds=TAKE_IN_SECONDS)
        request.refused_pictures = taken.refused  # type: ignore[attr-defined]
        if taken.source != source:
            posted = request.POST.copy()
            posted[self.source_field] = taken.source
            request.POST = posted  # type: ignore[assignment]

    def _render_posted_source(self, request: HttpRequest) -> None:
        source = request.POST.get(self.source_field, "")
        if len(source.encode(errors="replace")) > NoteField.max_bytes:
            return  # the field's own rule answers
        note_format = _posted_format(request)
        try:
            derived.rendered(MultilineField.with_plain_newlines(source), note_format)
        except RenderingFailed as error:
            request.rendering_failure = error  # type: ignore[attr-defined]

    # --- The form ---------------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """As the editors left it: with the changes that readers do not see yet, or as an older revision has it."""
        thing: Any = super().get_object(request, object_id, from_field)
        if thing is None:
            return None
        newest = revisions.head(self.kind, thing.uid)
        thing.based_on = newest.number if newest else None
        thing.opened = self._asked_revision(request, thing) or revisions.data_of(thing)
        revisions.apply(thing, thing.opened)
        return thing

    def _asked_revision(self, request: HttpRequest, thing: Any) -> Data | None:
        """An older one by `?revision=`; readers see the thing or not as they did before."""
        if request.method == "POST" or "revision" not in request.GET:
            return None
        asked = revisions.numbered(self.kind, thing.uid, number(request.GET["revision"]))
        if asked is None:
            raise Http404
        fixed = {"status": thing.status} if isinstance(thing, Paper) else {}
        return {**asked.data, **fixed}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Section:
            return section_choice(db_field)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A section is not changed or deleted in passing, by a button beside the choice of it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = False
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)  # a class of this request alone
        form.rendering_failure = getattr(request, "rendering_failure", None)
        form.refused_pictures = getattr(request, "refused_pictures", [])
        form.problem = getattr(request, "problem", None)
        form.questions = getattr(request, "questions", [])
        form.source_field = self.source_field
        form.is_publishing = is_publishing(request)
        form.editor = request.user
        return form

    def render_change_form(self, request: HttpRequest, context: Data, *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        asked = number(request.GET.get("revision", "")) if request.method != "POST" else None
        context["opened_revision"] = asked if obj is not None and asked != obj.based_on else None
        context["live_check_url"] = self.live_check_url()
        context["pictures"] = uploads.context(self, obj)
        if obj is None or self.has_change_permission(request, obj):
            form = context["adminform"].form
            context["working"] = working.context(request, self, form, obj if obj and obj.pk else None)
        context["desk"] = self.desk(context["adminform"].form, obj)
        context["problems"] = problems.in_form(context["adminform"].form, request.user)
        return preview.with_frames(super().render_change_form(request, context, *args, **kwargs))

    def live_check_url(self) -> str:
        return ""

    def desk(self, form: Any, obj: Any) -> Data:
        """What the tools beside the source's field need, if this person may write in it."""
        if not self.source_field or self.source_field not in form.fields:
            return {}
        url = self.side_link("preview", *([obj.pk] if obj and obj.pk else []))
        return {
            "field": form[self.source_field],
            "preview_url": url,
            "complete_url": self.side_link("complete"),
        }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A deleted thing opened from the trash: `?restore=<uid>`."""
        asked: Any = super().get_changeform_initial_data(request)
        initial: Any = {name: asked[name] for name in ("section", "parent") if name in asked}
        deletion = trash_views.find(request, self, request.GET.get("restore", ""))
        if deletion:
            thing = self.model(uid=deletion.uid)
            data = trash.newest_data(deletion)
            revisions.apply(thing, data)
            initial |= {**forms.model_to_dict(thing), "thing_uid": deletion.uid, "based_on": deletion.number}
            initial["tags"] = revisions.tags_of(data)
        return initial

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """A thing that was deleted comes back under its own name."""
        thing = super().save_form(request, form, change)
        deletion = trash_views.find(request, self, form.cleaned_data.get("thing_uid", ""))
        if deletion and not change:
            trash.take_up(thing, deletion)
        elif not change:
            working.name_new(self, thing, form.cleaned_data.get("thing_uid", ""))
        return thing

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The one way in: merged with what others saved, asked about, then written as a revision."""
        row = revisions.known_row(obj) if change else None
        if row is not None and obj.based_on is None:
            form.cleaned_data["based_on"] = 1  # opened before there was a history
        data = merge.merged(request, self, form, self.typed(form, row))
        questions = self.questions(request, row, data)
        if unanswered(questions, request):
            raise Unanswered(questions)
        before = operations.position(row) if row else (None, None)
        self.write(request, form, data, row)
        working.saved(request, self, form, obj.uid)
        for question in questions:
            if question.moves.count:
                self.say_moved(request, operations.trace(obj, *before), question.moves.count)
        problems.tell(request, form, self.side_link("change", obj.pk))

    def typed(self, form: Any, row: Any) -> Data:
        return revisions.typed_fields(form.instance)

    def questions(self, request: HttpRequest, row: Any, data: Data) -> list[Question]:
        """What the editor has to confirm before this is written."""
        return about_addresses(self.model(uid=data["uid"]), row, data)

    def write(self, request: HttpRequest, form: Any, data: Data, row: Any) -> None:
        revisions.save(form.instance, data, row=row, author=request.user, why=form.cleaned_data["why"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Everything is written already, tags included."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        trash.delete(obj, author=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for thing in queryset:
            trash.delete(thing, author=request.user)

    # --- Lists ------------------------------------------------------------------------------------------

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

    def say_moved(self, request: HttpRequest, trace: operations.Trace, count: int) -> None:
        """How many addresses redirect from now on, with a way back."""
        text = gettext("已移动，%d 个旧网址会转到新网址。") % count
        messages.info(request, format_html("{} {}", text, undo.link(self, request, [trace])))

    @admin.display(description=_("旧网址"))
    def former_addresses(self, obj: Any) -> str:
        """Paths that redirect here; one query."""
        if not obj.pk:
            return "—"
        former = Address.objects.filter(kind=self.kind, uid=obj.uid).order_by("path_folded")
        former = former.exclude(
            path_folded=getattr(obj, "path_folded", None) or ""
        )  # of a paper that was withdrawn
        return "\n".join(former.values_list("path_folded", flat=True)[:50]) or "—"


def _in_turn(request: HttpRequest, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    asked = partial(view, request, *args, **kwargs)
    return _under_lock(asked) if request.method == "POST" else asked()


def _under_lock(view: Callable[[], Any], sections: set[int] | None = None) -> Any:
    """One change after another, so that an address found free is still free when it is written."""
    with transaction.atomic():
        addresses.lock_tree(sections)
        return view()


def _posted_format(request: HttpRequest) -> Format:
    return "html" if request.POST.get("notes_format") == Paper.NotesFormat.HTML else "markdown"


def is_publishing(request: HttpRequest) -> bool:
    return request.method == "POST" and "_publish" in request.POST


class ContentForm(forms.ModelForm):
    """Says at the source's field why it could not be rendered; what was typed stays in the form."""

    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    thing_uid = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    # Which window the text comes from, and whose it was opened on.
    working_writer = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    working_replaces = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    why = forms.CharField(
        required=False,
        max_length=revisions.WHY_MAX_LENGTH,
        label=_("修改说明"),
        help_text=_("可以不填；和这次修改一起记入历史。"),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    rendering_failure: RenderingFailed | None = None
    refused_pictures: Sequence[str] = ()
    problem: ValidationError | None = None
    questions: list[Question]
    source_field = ""
    is_publishing = False
    editor: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = {"thing_uid": self.instance.uid, "working_writer": working.new_writer()}
        self.initial = {**given, **self.initial}
        if self.instance.pk:
            self.initial |= {"based_on": getattr(self.instance, "based_on", None), **given}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for refused in self.refused_pictures:
            self.add_error(self.source_field, forms.ValidationError(refused, code="picture_refused"))
        if self.rendering_failure:
            self.add_error(
                self.source_field, forms.ValidationError(str(self.rendering_failure), code="not_rendered")
            )
        if self.problem:
            self.add_error(None, self.problem)
        if self.questions:
            self.add_error(
                None, forms.ValidationError(_("还没有保存：请先确认下面的事。"), code="unconfirmed")
            )
        return cleaned
