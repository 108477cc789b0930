"""What is answered instead of a page."""

import logging
import re
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import defaults

from .. import missed, search, time_limits
from ..forms import is_typed
from ..models import Kind
from ..revisions import MODEL_OF


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        _read_to_the_end(request)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        message = _(
            "提交的内容超过 %(limit)d MB，没有保存。请按浏览器的“后退”，把大图片单独上传，再用它的网址。"
        ) % {"limit": limit}
        return render(request, "400.html", {"message": message}, status=413)
    return render(request, "400.html", {"message": _("这个请求有误，服务器无法处理。")}, status=400)


def _read_to_the_end(request: HttpRequest) -> None:
    """A browser that is still sending shows a broken connection in place of the answer. 256 MB are enough of it."""
    for _count in range(256):
        if not request.read(1024 * 1024):
            return


def server_error(request: HttpRequest) -> HttpResponse:
    """A failure of ours is a 500; a database that is away, busy for too long or asked for too much is a 503."""
    error = sys.exc_info()[1]
    is_ours = not isinstance(error, (OperationalError, InterfaceError)) or str(error).startswith("no such ")
    if is_ours or error is None:
        return defaults.server_error(request)
    is_too_dear = time_limits.is_exceeded(error)
    logging.getLogger(__name__).error("503: %s", " ".join(str(error).split()))
    # Without the request: nothing on this page may ask the database who is there.
    context = {"is_too_dear": is_too_dear, "fields": _fields(request)}
    response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = "60" if is_too_dear else "10"
    response["Cache-Control"] = "no-store"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A sentence if the view gave one, a search box, and the papers that may have been meant."""
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    if not reason:
        missed.note_address(request)
    nearest = list(search.nearest(request.path_info)) if not reason else []
    return render(request, "404.html", {"reason": reason, "nearest": nearest}, status=404)


def in_words(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A button's address that is asked for as a page: a login came between, and what the button does was not done."""
    if response.status_code == 405 and request.method == "GET":
        message = _("这一步要按按钮提交。如果登录刚才过期了，操作就没有做：请再做一次。")
        context = {"message": message, "back": reverse("admin:index")}
        response.content = render_to_string("400.html", context, request).encode()
    return response


def no_page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


# --- Nothing typed is lost --------------------------------------------------------------------------------

# The forms whose text is given back: others have little in them, or a password.
_CONTENT_FORM = re.compile("papers_(paper|section|tag)_(add|change)")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is no longer good: after logging in again in another tab, for instance."""
    return given_back(request, _("这个页面打开之后，登录状态变了，服务器不能确认是您提交的。"))


def given_back(request: HttpRequest, problem: str) -> HttpResponse:
    """What was typed into a form that cannot be taken, to be copied from the page; nothing of it is kept here."""
    context = {"problem": problem, "fields": _fields(request), "form_url": request.path}
    response = render(request, "papers/given_back.html", context, status=403)
    response["Cache-Control"] = "private, no-store"
    return response


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed into the form of a paper, section or tag; nothing of any other."""
    match = request.resolver_match
    form = _CONTENT_FORM.fullmatch(match.url_name or "") if match else None
    return _typed(request, MODEL_OF[Kind(form[1])]) if form else []


def _typed(request: HttpRequest, model: Any) -> list[tuple[str, str]]:
    """What each text field was sent with, by its name in the form; the longest first, since it is the note."""
    columns = {field.name: field for field in model._meta.concrete_fields}
    found = []
    for name, values in request.POST.lists():
        column, text = columns.get(name), "\n".join(map(str, values))
        if is_typed(name) and text.strip() and not (column and (column.choices or column.remote_field)):
            found.append((str(column.verbose_name) if column else name, text))
    return sorted(found, key=lambda pair: -len(pair[1]))


def gone(request: HttpRequest, reason: str = "") -> HttpResponse:
    """410, kept for a minute only: what was deleted may come back."""
    response = render(request, "410.html", {"reason": reason}, status=410)
    response["Cache-Control"] = "max-age=60"
    return response
