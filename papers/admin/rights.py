"""What a side view of a form may work on: the same as the form itself would let a person change."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest


def opened(request: HttpRequest, model_admin: Any, pk: int | str | None) -> Any:
    """The thing as the form opens it, or a new one. Raises Http404 for what this person does not see, PermissionDenied."""
    if pk is None:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return model_admin.model()
    thing = model_admin.get_object(request, str(pk))
    if thing is None:
        raise Http404
    if not model_admin.has_change_permission(request, thing):
        raise PermissionDenied
    return thing
