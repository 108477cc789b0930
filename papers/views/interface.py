"""The language of the interface."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..pages import front_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """The switch, on a page of its own: every other one stays free of its token and cookie."""
    back = _own_address(request.POST.get("next") or request.GET.get("next") or "")
    if request.method != "POST":
        return render(request, "papers/language.html", {"next": back})
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        raise BadRequest
    response = HttpResponseRedirect(back)
    _keep_language(response, code)
    return response


def _own_address(url: str) -> str:
    """The address if it is one of this site, below its prefix; else the front page's."""
    home = front_page()
    is_own = url.startswith(home) and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_own else home


def _keep_language(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
