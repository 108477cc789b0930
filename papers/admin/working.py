"""Never lose a word: what is typed is kept while it is typed, offered back, and taken into the form again."""

import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .. import revisions, working
from ..differences import compare as differences
from ..differences import excerpts
from ..forms import MultilineField, is_typed, number
from ..models import Revision, Tag, WorkingCopy
from ..revisions import Data
from ..views.errors import given_back
from . import trash as trash_views
from .choices import BY_UID, TagsField
from .comparing import FieldChange

MODULES = [Script(f"papers/js/{name}.js", type="module") for name in ("working_copy", "presence")]

WRITER = "[a-z0-9]{1,32}"


# --- Who may ----------------------------------------------------------------------------------------------


def _posted_uid(request: HttpRequest, model_admin: Any) -> str:
    """Of what this person may save by the form. To a stranger what is hidden is as what is not there."""
    uid = request.POST.get("thing_uid", "")
    if not uid.isprintable():
        raise Http404
    if model_admin.model._default_manager.filter(uid=uid).exists():
        thing = model_admin.get_queryset(request).filter(uid=uid).first()
        if thing is None:
            raise Http404
        is_allowed = model_admin.has_change_permission(request, thing)
    elif working.is_fresh_uid(model_admin.kind, uid):
        is_allowed = model_admin.has_add_permission(request)
    else:
        is_allowed = trash_views.find(request, model_admin, uid) is not None
        if not is_allowed and model_admin.has_change_permission(request):
            raise Http404
    if not is_allowed:
        raise PermissionDenied
    _refuse_another_account(request)
    return uid


def _refuse_another_account(request: HttpRequest) -> None:
    """A form that was opened before somebody else logged in does not put its text into their desk."""
    if request.POST.get("working_account", "") not in ("", str(request.user.pk)):
        raise PermissionDenied


# --- Side views -------------------------------------------------------------------------------------------


@require_POST
def store(request: HttpRequest, model_admin: Any) -> HttpResponse:
    uid = _posted_uid(request, model_admin)
    writer, replaces = _writers(request.POST)
    try:
        copy = working.store(
            request.user, model_admin.kind, uid, typed(request.POST), _based_on(request), writer, replaces
        )
    except working.HeldElsewhere:
        return JsonResponse({"problem": "elsewhere"}, status=409)
    except working.TooLong:
        return JsonResponse({"problem": "too long"}, status=413)
    assert copy.written_at
    return JsonResponse({"time": date_format(localtime(copy.written_at), "H:i")})


def typed(posted: QueryDict) -> working.Fields:
    """The inputs of a form by their names; NUL is refused by every field, and by PostgreSQL."""
    names = [name for name in posted if name.isprintable() and is_typed(name)]
    plain = MultilineField.with_plain_newlines
    return {name: [plain(value).replace("\0", "") for value in posted.getlist(name)] for name in names}


def _writers(posted: QueryDict) -> tuple[str, str]:
    """Raises BadRequest for what is not the name of a window."""
    writer, replaces = posted.get("working_writer", ""), posted.get("working_replaces", "")
    if not re.fullmatch(WRITER, writer) or not re.fullmatch(f"({WRITER})?", replaces):
        raise BadRequest
    return writer, replaces


def _based_on(request: HttpRequest) -> int | None:
    return number(request.POST.get("based_on", ""))


@require_POST
def discard(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Back to the form, as it was opened. One's own text may be dropped whatever became of the thing."""
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    working.discard(request.user, model_admin.kind, _writers(request.POST))
    uid = request.POST.get("thing_uid", "")
    uid = uid if uid.isprintable() else ""
    row = model_admin.get_queryset(request).filter(uid=uid).first()
    return HttpResponseRedirect(_form_url(model_admin, row))


@require_POST
def comparison(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """What the text that a browser kept would change, as a piece of a page: nothing if it is saved."""
    uid = _posted_uid(request, model_admin)
    row = model_admin.get_queryset(request).filter(uid=uid).first()
    thing = model_admin.get_object(request, str(row.pk)) if row else None
    copy = WorkingCopy(uid=uid, fields=typed(request.POST), based_on=_based_on(request))
    held = working.held(request.user, model_admin.kind, uid)
    changes = unsaved(request, model_admin, thing, copy)
    html = render_to_string("admin/papers/_changes.html", {"changes": changes}) if changes else ""
    answer = {"html": html, "url": f"{_form_url(model_admin, row)}?working={uid}"}
    return JsonResponse({**answer, "isHeld": bool(held and held.fields == copy.fields)})


def _form_url(model_admin: Any, row: Any) -> str:
    return model_admin.side_link("change", row.pk) if row else model_admin.side_link("add")


@require_POST
def presence(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Says that the form is open here; answers who else has it open, and what was saved since."""
    uid = _posted_uid(request, model_admin)
    working.touch(request.user, model_admin.kind, uid)
    newest = revisions.head(model_admin.kind, uid)
    return JsonResponse(
        {
            "others": others_in_words(request, model_admin, uid),
            "newer": _newer_in_words(newest, _based_on(request)),
        }
    )


@require_safe
def token(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """A fresh CSRF token, since logging in again in another tab makes that of an open form worthless."""
    if not model_admin.has_view_or_change_permission(request) and not model_admin.has_add_permission(request):
        raise PermissionDenied
    return JsonResponse({"token": get_token(request), "account": request.user.pk})


SIDE_VIEWS: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "working": ("working/", store),
    "working_discard": ("working/discard/", discard),
    "working_comparison": ("working/comparison/", comparison),
    "presence": ("presence/", presence),
    "token": ("token/", token),
}


def side_urls(model_admin: Any) -> list[Any]:
    return [model_admin.side_url(route, view, name) for name, (route, view) in SIDE_VIEWS.items()]


# --- Who else is there ------------------------------------------------------------------------------------


def others_in_words(request: HttpRequest, model_admin: Any, uid: str) -> list[str]:
    return [_in_words(copy) for copy in working.others(request.user, model_admin.kind, uid)]


def _in_words(copy: WorkingCopy) -> str:
    name = copy.account.get_username()
    minutes = int((timezone.now() - copy.seen_at).total_seconds() // 60)
    if minutes < 1:
        return _("另一位编辑（%(name)s）正在编辑此文") % {"name": name}
    return _("另一位编辑（%(name)s）%(minutes)d 分钟前在编辑此文") % {"name": name, "minutes": minutes}


def _newer_in_words(newest: Revision | None, based_on: int | None) -> str:
    if newest is None or based_on is None or newest.number <= based_on:
        return ""
    text = _("您打开之后，%(name)s 已保存第 %(number)d 版；您保存时会请您合并。")
    return text % {"name": newest.author_name or _("系统"), "number": newest.number}


# --- The form ---------------------------------------------------------------------------------------------


def new_writer() -> str:
    return secrets.token_hex(8)


def context(request: HttpRequest, model_admin: Any, form: Any, thing: Any) -> Data:
    """For the template: what is offered, who else is there, and all that the modules have to know."""
    uid = request.POST.get("thing_uid", "") if request.method == "POST" else form.initial["thing_uid"]
    links = {f"{name}_url": model_admin.side_link(name) for name in SIDE_VIEWS}
    found = {
        "uid": uid,
        "is_new": thing is None,
        "login_url": f"{reverse('admin:login')}?next={reverse('admin:index')}",
    }
    if request.method == "POST":
        return {**links, **found}
    taken = _take(request, model_admin, form, thing)
    offered = working.held(request.user, model_admin.kind, uid) if thing and not taken else None
    if offered:
        offered.changes = unsaved(request, model_admin, thing, offered)  # type: ignore[attr-defined]
    return {
        **links,
        **found,
        "uid": form.initial["thing_uid"],
        "taken": taken,
        "offered": offered if offered and offered.changes else None,  # type: ignore[attr-defined]
        "begun": [] if thing or taken else working.of_what_is_not_there(request.user, model_admin.kind),
        "others": others_in_words(request, model_admin, uid) if thing else [],
    }


def _take(request: HttpRequest, model_admin: Any, form: Any, thing: Any) -> WorkingCopy | None:
    """`?working=<uid>`: what was typed stands in the form again."""
    asked = request.GET.get("working", "")
    if not asked.isprintable() or (thing is not None and asked != thing.uid):
        return None
    copy = working.held(request.user, model_admin.kind, asked) if asked else None
    if copy is None or (thing is None and model_admin.model._default_manager.filter(uid=asked).exists()):
        return None
    form.initial = {**form.initial, **values_in(form, copy), "working_replaces": copy.writer}
    if thing is not None or _may_name(request, model_admin, copy.uid):
        form.initial |= {"thing_uid": copy.uid, "based_on": copy.based_on}
    return copy


def _may_name(request: HttpRequest, model_admin: Any, uid: str) -> bool:
    """Whether what is saved next can have this name: nobody ever had it, or this person may bring it back."""
    return working.is_fresh_uid(model_admin.kind, uid) or bool(trash_views.find(request, model_admin, uid))


def values_in(form: Any, copy: WorkingCopy) -> Data:
    """What each field of the form would get from these inputs, as typed; fields that were not there keep theirs."""
    posted = QueryDict(mutable=True)
    for name, values in copy.fields.items():
        posted.setlist(name, values)
    values = {}
    for name, field in form.fields.items():
        prefixed = form.add_prefix(name)
        if is_typed(name) and not field.widget.value_omitted_from_data(posted, {}, prefixed):
            values[name] = field.widget.value_from_datadict(posted, {}, prefixed)
    return values


# --- What was typed since ---------------------------------------------------------------------------------


def unsaved(request: HttpRequest, model_admin: Any, thing: Any, copy: WorkingCopy) -> list[FieldChange]:
    """What was typed since the form was opened, whatever others did meanwhile; nothing if the thing is like that now."""
    if thing is not None and not _changes(_form_at(request, model_admin, thing, thing.based_on), copy):
        return []
    return _changes(_form_at(request, model_admin, thing, copy.based_on), copy)


def _form_at(request: HttpRequest, model_admin: Any, thing: Any, based_on: int | None) -> Any:
    """The form as a revision fills it."""
    if thing is None:
        return model_admin.get_form(request)()
    base = revisions.numbered(model_admin.kind, thing.uid, based_on)
    row = model_admin.model._default_manager.get(pk=thing.pk)
    row.based_on, row.opened = based_on, base.data if base else revisions.data_of(row)
    revisions.apply(row, row.opened)
    return model_admin.get_form(request, row, change=True)(instance=row)


def _changes(form: Any, copy: WorkingCopy) -> list[FieldChange]:
    """Field by field, as the form shows them, valid or not."""
    found = []
    for name, value in values_in(form, copy).items():
        field = form.fields[name]
        before, after = _in_form(field, form[name].value()), _in_form(field, value)
        if before != after:
            label = str(field.label or name)
            found.append(FieldChange(name, label, excerpts(differences(before, after))))
    return found


def _in_form(field: Any, value: Any) -> str:
    """A value as the form shows it."""
    if isinstance(field, TagsField):
        return _names(field.prepare_value(value))
    if isinstance(field, forms.BooleanField):
        return _("是") if value else _("否")
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return _chosen(field, str(value or ""))
    if isinstance(field.widget, forms.MultiWidget):
        parts: Any = value if isinstance(value, list | tuple) else field.widget.decompress(value)
        shown = zip(field.widget.widgets, parts, strict=False)
        return " ".join(filter(None, (widget.format_value(part) for widget, part in shown)))
    return MultilineField.with_plain_newlines(field.widget.format_value(value) or "")


def _chosen(field: Any, value: str) -> str:
    return next((str(label) for key, label in field.choices if str(key) == value), value)


def _names(tags: list[str]) -> str:
    uids = [text.removeprefix(BY_UID) for text in tags if text.startswith(BY_UID)]
    known = dict(Tag.objects.filter(uid__in=uids).values_list("uid", "name"))
    return _("、").join(sorted(known.get(text.removeprefix(BY_UID), text) for text in tags))


# --- When it is saved, or the session is over -------------------------------------------------------------


def name_new(model_admin: Any, thing: Any, uid: str) -> None:
    """A new thing keeps the name under which its text was kept while it was written."""
    if working.is_fresh_uid(model_admin.kind, uid):
        thing.uid = uid


def saved(request: HttpRequest, model_admin: Any, form: Any, uid: str) -> None:
    """The text is in the history now. What another window has of the same thing stays."""
    cleaned = form.cleaned_data
    writers = [cleaned.get("working_writer", ""), cleaned.get("working_replaces", "")]
    working.discard(request.user, model_admin.kind, writers, [uid])


def keeping(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form that is sent after its session is over gets its text back, where Django would only ask to log in."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        is_login = response.status_code == 302 and response["Location"].startswith(reverse("admin:login"))
        if request.method == "POST" and is_login:
            return given_back(request, _("登录已过期。"))
        return response

    return answer
