"""Links that keep the rest of the query string."""

from typing import Any

from django import template

from .. import neighbours

register = template.Library()


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """`?q=moe&page=2`: the query of this page with some values changed."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag
def place_in(list_query: str, start: int, offset: int) -> str:
    """What a link adds to a paper's address so that its page knows the list around it; nothing for no list."""
    return neighbours.place_in(list_query, start + offset) if list_query else ""
