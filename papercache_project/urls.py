"""Routes of the whole project: the admin, then everything else by `papers`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from papers.views.errors import no_page

urlpatterns = [
    # Django's redirect to the page of any object would tell a draft's address to staff without the right to it.
    path(f"{settings.PAPERCACHE_ADMIN_PATH}/r/<path:rest>", no_page),
    path(f"{settings.PAPERCACHE_ADMIN_PATH}/", admin.site.urls),
    path("", include("papers.urls")),
]

handler400 = "papers.views.errors.bad_request"
handler404 = "papers.views.errors.not_found"
handler500 = "papers.views.errors.server_error"
