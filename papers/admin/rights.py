"""Whether a side view of a form may do what the form itself would let a person do."""

from typing import Any

from django.http import Http404, HttpRequest


def may_write(request: HttpRequest, model_admin: Any, pk: int | str | None) -> bool:
    """A new thing, or one that is there. Raises Http404 for what this person does not see."""
    if pk is None:
        return bool(model_admin.has_add_permission(request))
    thing = model_admin.get_object(request, str(pk))
    if thing is None:
        raise Http404
    return bool(model_admin.has_change_permission(request, thing))
