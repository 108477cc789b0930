"""What the site noted of itself: a list that is read and acted on, and never a form of its rows."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

from .. import roles
from ..revisions import Data
from ..views.errors import in_words


class DeskAdmin(admin.ModelAdmin):
    """For those who see every paper: it tells of drafts, too."""

    class Media:
        css = {"all": ["papers/css/admin_pages.css", "papers/css/dashboard.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.sees_all(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return roles.sees_all(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        """No forms and no history of rows."""
        return self.side_urls()

    def side_urls(self) -> list[Any]:
        """Each admin's own."""
        return []

    def side_url(self, route: str, view: Callable[..., Any], name: str) -> Any:
        def run(request: HttpRequest, **arguments: Any) -> HttpResponse:
            return in_words(request, view(request, self, **arguments))

        return path(route, self.admin_site.admin_view(run), name=f"papers_{self.opts.model_name}_{name}")

    def page_context(self, request: HttpRequest, title: str, **more: Any) -> Data:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **more,
        }
