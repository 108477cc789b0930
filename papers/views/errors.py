"""What is answered instead of a page."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from .. import missed, search


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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A sentence if the view gave one, a search box, and the papers that may have been meant."""
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    if not reason:
        missed.note_address(request)
    nearest = list(search.nearest(request.path_info)) if not reason else []
    return render(request, "404.html", {"reason": reason, "nearest": nearest}, status=404)


def no_page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def gone(request: HttpRequest) -> HttpResponse:
    """410, kept for a minute only: what was deleted may come back."""
    response = render(request, "410.html", status=410)
    response["Cache-Control"] = "max-age=60"
    return response
