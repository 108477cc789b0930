"""What the site noted of itself: a list that is read and acted on, and never a form of its rows."""

from typing import Any

from django.http import HttpRequest

from .. import roles
from .sides import WithSidePages


class DeskAdmin(WithSidePages):
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
