"""A paper's record, looked up from one box: fields that are empty are filled, and what was typed stays."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from .. import lookup
from ..lookup import LookupFailed, Record
from ..models import Paper
from .rights import opened

# One person's look-ups in a minute: arXiv and Crossref answer everybody, as long as nobody asks without end.
LIMIT = 20


@require_POST
def fetch(request: HttpRequest, model_admin: Any, pk: int | None = None) -> HttpResponse:
    opened(request, model_admin, pk)
    try:
        found = _look_up(request)
    except LookupFailed as failure:
        return JsonResponse({"problem": str(failure)}, status=429 if failure.code == "busy" else 200)
    return JsonResponse(
        {
            "source": found.source,
            "fields": found.fields,
            "suggested": lookup.SUGGESTED,
            "remarks": found.remarks,
        }
    )


def _look_up(request: HttpRequest) -> Record:
    """Raises LookupFailed."""
    key = f"record:{request.user.pk}"
    cache.add(key, 0, timeout=60)
    try:
        count = cache.incr(key)
    except ValueError:  # it ran out in between
        count = 1
    if count > LIMIT:
        raise LookupFailed("busy", _("一分钟内最多查 %d 次，请过一会儿再试。") % LIMIT)
    return lookup.look_up(request.POST.get("record", ""))


# --- Without JavaScript -----------------------------------------------------------------------------------


def fill_posted(request: HttpRequest, model_admin: Any, pk: str | None) -> None:
    """The form comes back with what was found and with all that was typed; nothing is saved."""
    try:
        opened(request, model_admin, pk)
        said = _fill(request, _look_up(request))
    except LookupFailed as failure:
        said = str(failure)
    except Http404:
        return  # the form itself knows what to do with what was typed
    request.problem = ValidationError(said, code="record")  # type: ignore[attr-defined]


def _fill(request: HttpRequest, found: Record) -> str:
    """What was done, in a sentence."""
    posted = request.POST.copy()
    is_empty = {name: not _typed(posted, name) for name in found.fields}
    filled = [name for name in found.fields if is_empty[name]]
    for name in filled:
        posted[name] = found.fields[name]
    request.POST = posted  # type: ignore[assignment]
    differing = [
        name
        for name, value in found.fields.items()
        if not is_empty[name] and name not in lookup.SUGGESTED and _typed(posted, name) != value
    ]
    done = {"source": found.source, "names": _labels(filled) or _("无")}
    said = [_("还没有保存。已按 %(source)s 填入：%(names)s。") % done]
    for name in differing:
        value = Truncator(found.fields[name].replace("\n", "; ")).chars(200)
        other = {"name": _labels([name]), "source": found.source, "value": value}
        said.append(_("%(name)s没有改，%(source)s 上是“%(value)s”。") % other)
    return " ".join([*said, *found.remarks])


def _typed(posted: Any, name: str) -> str:
    return posted.get(name, "").replace("\r\n", "\n").strip()


def _labels(names: Iterable[str]) -> str:
    fields: Any = Paper._meta
    labels = (str(fields.get_field(name).verbose_name) for name in names)
    return pgettext("between names", "、").join(labels)
