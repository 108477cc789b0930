"""Two editors of one thing: a save based on an older revision than the newest is merged with it, on a page of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from .. import merging, revisions
from ..models import Revision
from ..revisions import Data
from . import comparing

# What the page adds to the form, and must not come twice.
OWN_INPUTS = ("csrfmiddlewaretoken", "merge_head", "confirmed")


class Stale(Exception):
    """The form was opened on an older revision than the newest, and the two have to be merged."""

    def __init__(self, form: Any, base: Data, newest: Revision, mine: Data, merge: merging.Merge) -> None:
        super().__init__()
        self.form, self.base, self.newest, self.mine, self.merge = form, base, newest, mine, merge


def merged(request: HttpRequest, model_admin: Any, form: Any, mine: Data) -> Data:
    """What is to be saved. Raises Stale until the editor has seen the merge and chosen."""
    newest = revisions.head(model_admin.kind, form.instance.uid)
    based_on = form.cleaned_data.get("based_on")
    if newest is None or newest.number == based_on:
        return mine
    theirs = {name: newest.data.get(name, value) for name, value in mine.items()}
    base = revisions.numbered(model_admin.kind, form.instance.uid, based_on)
    if theirs in (mine, {name: base.data.get(name) for name in mine} if base else None):
        return mine  # a deletion, for instance, says nothing new
    was_shown = request.POST.get("merge_head") == str(newest.number)
    choices = _choices(request) if was_shown else {}  # made for other conflicts, if there is a newer revision
    merge = merging.merge(base.data if base else {}, mine, theirs, choices)
    if was_shown and not merge.unresolved:
        return merge.values
    raise Stale(form, base.data if base else {}, newest, mine, merge)


def _choices(request: HttpRequest) -> dict[str, str]:
    chosen = ((name, request.POST.get(name, "")) for name in request.POST if name.startswith("choice-"))
    return {name.removeprefix("choice-"): value for name, value in chosen}


def page(request: HttpRequest, model_admin: Any, stale: Stale) -> HttpResponse:
    """Nothing is saved: what both changed side by side, what only one did as it will be, all that was typed hidden."""
    kind, newest, merge = model_admin.kind, stale.newest, stale.merge
    since = revisions.history(stale.form.instance).filter(number__gt=stale.form.cleaned_data["based_on"] or 0)
    contested = {conflict.field for conflict in merge.conflicts}
    names = comparing.labels(kind)
    context = model_admin.page_context(
        request,
        _("合并两份修改"),
        original=stale.form.instance,
        newest=newest,
        since=since,
        is_own=all(revision.author_id == request.user.pk for revision in since),
        conflicts=[_shown(kind, conflict, names, request) for conflict in merge.conflicts],
        result=[
            change
            for change in comparing.changes(kind, stale.base or newest.data, merge.values)
            if change.name not in contested
        ],
        by_me=_("、").join(comparing.labels_of(kind, merge.changed_by_me)) or "—",
        by_them=_("、").join(comparing.labels_of(kind, merge.changed_by_them)) or "—",
        hidden=_typed(request),
        button=next((name for name in ("_publish", "_continue") if name in request.POST), "_save"),
        was_seen="merge_head" in request.POST,
    )
    return TemplateResponse(request, "admin/papers/merge.html", context, status=409)


def _shown(kind: Any, conflict: merging.Conflict, names: dict[str, str], request: HttpRequest) -> Data:
    return {
        "input": f"choice-{conflict.name}",
        "chosen": request.POST.get(f"choice-{conflict.name}", ""),
        "label": names.get(conflict.field, conflict.field),
        "mine": comparing.in_words(kind, conflict.field, conflict.mine),
        "theirs": comparing.in_words(kind, conflict.field, conflict.theirs),
        "base": comparing.in_words(kind, conflict.field, conflict.base),
        "in_text": conflict.in_text,
    }


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Every input as it was posted."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name not in OWN_INPUTS
        and not name.startswith("choice-")
        and name not in ("_save", "_continue", "_addanother", "_publish")
    ]
