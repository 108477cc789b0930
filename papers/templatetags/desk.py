"""The dashboard of the admin's first page, and the words of histories."""

import re
from typing import Any

from django import template
from django.utils.translation import gettext

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


_NAME = re.compile("(?<=“).*?(?=”)")


@register.filter
def reason(why: str) -> str:
    """Why a version was made, translated where it is a sentence of ours: names stand in quotation marks in it."""
    sentence = _NAME.sub("%s", why)
    said = gettext(sentence) if why else ""
    return said % tuple(_NAME.findall(why)) if said != sentence else why
