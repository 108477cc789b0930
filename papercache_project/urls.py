"""Routes of the whole project: the admin, then everything else by `papers`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("papers.urls")),
]

handler400 = "papers.views.bad_request"
handler404 = "papers.views.not_found"
