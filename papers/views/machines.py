"""For machines: sitemap, robots, icon, health."""

from django.conf import settings
from django.contrib.sitemaps import views as sitemap_views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import health, sitemaps
from ..pages import absolute, front_page


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """One file, or an index of files where one would be too long."""
    section = request.GET.get("section")
    parts = sitemaps.parts() if section is None and "p" not in request.GET else []
    if not parts:
        return sitemap_views.sitemap(request, sitemaps.everything(), section)
    url = absolute(reverse("papers:sitemap"))
    files = [sitemap_views.SitemapIndexItem(f"{url}?{part}") for part in parts]
    return render(request, "sitemap_index.xml", {"sitemaps": files}, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    context = {
        "sitemap": absolute(reverse("papers:sitemap")),
        "prefix": front_page(),
        "is_secret": settings.PAPERCACHE_ADMIN_PATH
        != "admin",  # its pages tell robots to go, each for itself
        "is_unlisted": settings.PAPERCACHE_NOINDEX,
    }
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it where no page names the icon, as in the admin."""
    return redirect(static("papers/icon.svg"), permanent=True)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive, and no more: asks nothing of the database."""
    response = HttpResponse("ok\n", content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether all is there that a page needs, a line for each part."""
    state = health.state()
    response = HttpResponse(str(state), content_type="text/plain", status=200 if state.is_ready else 503)
    response["Cache-Control"] = "no-store"
    return response
