"""The dashboard of the admin's first page."""

from typing import Any

from django import template

from .. import dashboard, roles
from ..stored import state

register = template.Library()


@register.simple_tag(takes_context=True)
def desk(context: template.Context) -> dict[str, Any]:
    """What waits, what is nowhere, and the drawings; nothing for people without a part in it."""
    user = context["request"].user
    if not roles.may(user, "view"):
        return {}
    now = state()
    parts = dashboard.parts(user, now)
    return {
        "parts": [part for part in parts if part.count],
        "empty": [part for part in parts if not part.count],
        "drawings": dashboard.drawings(now),
    }
