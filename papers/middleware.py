"""What holds for every request and response."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from . import page_cache
from .encodings import GZIP, accepted, is_compressible

GetResponse = Callable[[HttpRequest], HttpResponse]


def compressed_text(get_response: GetResponse) -> GetResponse:
    """Send pages, feeds and records compressed, whatever stands in front. The page cache does it by itself."""
    gzip = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_text = is_compressible(response.get("Content-Type", "")) and not response.streaming
        is_left = page_cache.MARK in request.META and page_cache.may_be_kept(request.META, response)
        if is_text and not is_left:
            patch_vary_headers(response, ["Accept-Encoding"])
            if GZIP in accepted(
                request.headers.get("Accept-Encoding", "")
            ):  # Django would take `gzip;q=0` for a yes
                gzip.process_response(request, response)  # which changes the response itself
        return response

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """Speak the language that the switch's cookie names, whatever Accept-Language says.

    Pages are whole when they leave here: nothing renders while it streams.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(code):
            response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):  # not the notes' own texts and records
            response.headers.setdefault("Content-Language", code)
        return response

    return middleware


def refuse_nul(get_response: GetResponse) -> GetResponse:
    """No path, field or file name holds a NUL; PostgreSQL raises on one wherever it gets it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            message = _("网址里有空字符（%%00），请去掉后重试。") % {}
            return render(request, "400.html", {"message": message}, status=400)
        return get_response(request)

    return middleware


def _personal_cookies() -> set[str]:
    return {settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}


# What a browser could do for a page, and no page of ours asks for.
_FEATURES = (
    "accelerometer camera display-capture encrypted-media geolocation gyroscope hid magnetometer microphone midi "
    "payment screen-wake-lock serial usb xr-spatial-tracking"
)
_NOTHING_ALLOWED = ", ".join(f"{feature}=()" for feature in _FEATURES.split())


def response_headers(get_response: GetResponse) -> GetResponse:
    """Say who may keep a page: any cache the anonymous one, nobody what was made for one person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" not in response:
            is_personal = not request.COOKIES.keys().isdisjoint(_personal_cookies())
            response["Cache-Control"] = (
                "private, no-store" if is_personal else "public, max-age=0, must-revalidate"
            )
        if "immutable" not in response["Cache-Control"]:  # pictures are the same for everybody
            patch_vary_headers(response, ["Cookie"])
        response["Permissions-Policy"] = _NOTHING_ALLOWED
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware
