"""What is refused before anything is read or looked up: bodies and addresses longer than any of ours."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Characters of the path, decoded, and of the query, percent-encoded, together: several times the longest path and the
#: longest search in Chinese.
LONGEST_ADDRESS = 16 * 1024
#: Outside the admin the largest form is the one that chooses a language.
READERS_BODY = 64 * 1024
#: In the admin a form that is too large gets an answer in words once it has been read, and so a browser shows it.
EDITORS_BODY = 256 * 1024 * 1024


def limits(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        status = _refusal(request)
        if not status:
            return get_response(request)
        context = {"message": _("这个请求太长，服务器没有读它。")}
        response = render(None, "400.html", context, status=status)
        response["Connection"] = "close"
        return response

    return middleware


def _refusal(request: HttpRequest) -> int:
    """A status, or 0."""
    if len(request.META.get("QUERY_STRING", "")) + len(request.path) > LONGEST_ADDRESS:
        return 414
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
        return 411  # nobody knows how much is coming, and no browser sends that
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_editors = request.path.startswith(reverse("admin:index"))
    limit = EDITORS_BODY if is_editors else READERS_BODY
    return 413 if not length.isdigit() or int(length) > limit else 0
