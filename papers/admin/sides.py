"""Pages of our own beside an admin's lists and forms."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from ..revisions import Data
from ..views.errors import in_words


class WithSidePages(admin.ModelAdmin):
    def side_url(self, route: str, view: Callable[..., Any], name: str) -> Any:
        """The view gets this admin, and checks its own permissions and methods."""

        def run(request: HttpRequest, **arguments: Any) -> HttpResponse:
            return in_words(request, view(request, self, **arguments))

        return path(route, self.admin_site.admin_view(run), name=f"papers_{self.opts.model_name}_{name}")

    def side_link(self, name: str, *args: Any) -> str:
        return reverse(f"admin:papers_{self.opts.model_name}_{name}", args=args)

    def page_context(self, request: HttpRequest, title: str, **more: Any) -> Data:
        """What every such page needs."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **more,
        }
