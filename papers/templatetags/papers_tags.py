"""Links that keep the rest of the query string or lead to a list's references, and data for other sites."""

from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from .. import neighbours
from ..bibliographies import LIMIT, WRITERS
from ..models import Paper, Tag
from ..models.places import place
from ..pages import tree_of
from ..rendering import html_items, script_json

register = template.Library()


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """`?q=moe&page=2`: the query of this page with some values changed."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


@register.inclusion_tag("papers/_cite_list.html")
def cite_list(query: str, total: int) -> dict[str, Any]:
    """The references of the list that a query string asks for."""
    urls = {name: place("papers:bibliography", name) for name in WRITERS}
    links = {name: f"{url}?{query}".rstrip("?") for name, url in urls.items()}
    return {"links": links, "total": total, "limit": LIMIT, "is_cut": total > LIMIT}


@register.simple_tag
def fixed(template_name: str) -> SafeString:
    """Includes a template without variables, which reads the same on every page: rendered once in each language."""
    if settings.DEBUG:
        return render_to_string(template_name)
    return rendered_once(template_name, translation.get_language(), get_script_prefix())


@lru_cache(maxsize=256)
def rendered_once(template_name: str, _language: str, _prefix: str) -> SafeString:
    return render_to_string(template_name)


@register.simple_tag(takes_context=True)
def site_part(context: template.Context, template_name: str) -> SafeString:
    """Includes a template that shows the site and its menu, and nothing of the page: rendered once for each tree."""
    request = context["request"]
    parts = {} if settings.DEBUG else tree_of(request).parts
    key = template_name, translation.get_language(), get_script_prefix()
    if key not in parts:
        parts[key] = render_to_string(template_name, request=request)
    return parts[key]


class Head(NamedTuple):
    """What the first line of an item in a list of papers says."""

    month_url: str
    date_label: str
    venue: str
    origin: str
    review_state: str
    cited_here: int | None
    section_url: str
    section_title: str


@register.simple_tag
def item_head(paper: Paper) -> SafeString:
    """Papers of one month, venue and section have the same: rendered once for them."""
    section: Any = paper.section
    place = (section.get_absolute_url(), section.title)
    said = (paper.venue, paper.origin, paper.review_state, paper.cited_here)
    head = Head(paper.month_url, paper.date_label, *said, *place)
    return _rendered("papers/_item_head.html", head)


@register.simple_tag
def tag_list(tags: Iterable[Tag]) -> SafeString:
    """Rendered once for all papers that have the same."""
    return _rendered("papers/_tags.html", tuple((tag.get_absolute_url(), tag.name) for tag in tags))


def _rendered(template_name: str, said: Hashable) -> SafeString:
    render = _rendered_of.__wrapped__ if settings.DEBUG else _rendered_of
    return render(template_name, said, translation.get_language())


@lru_cache(maxsize=4096)
def _rendered_of(template_name: str, said: Hashable, _language: str) -> SafeString:
    return render_to_string(template_name, {"said": said})


# A paper's page and a list of papers have hundreds of such items: for them a template takes ten times as long.


@register.simple_tag
def contents_items(headings: Iterable[dict[str, Any]]) -> SafeString:
    item = '<li class="contents-{}"><a href="#{}">{}</a></li>\n'
    return html_items(item, ((one["level"], one["id"], one["text"]) for one in headings))


@register.simple_tag
def meta_items(pairs: Iterable[tuple[str, str]]) -> SafeString:
    return html_items('<meta name="{}" content="{}">\n', pairs)


@register.simple_tag
def sitemap_items(urls: Iterable[dict[str, Any]]) -> SafeString:
    """Django's own template takes four times as long, and there are a thousand of them."""
    dated = [(one["location"], localtime(one["lastmod"]).date()) for one in urls if one["lastmod"]]
    undated = [(one["location"],) for one in urls if not one["lastmod"]]
    return html_items("<url><loc>{}</loc><lastmod>{}</lastmod></url>\n", dated) + html_items(
        "<url><loc>{}</loc></url>\n", undated
    )


@register.filter
def json_html(value: Any) -> SafeString:
    return script_json(value)


@register.simple_tag
def place_in(list_query: str, start: int, offset: int) -> str:
    """What a link adds to a paper's address so that its page knows the list around it; nothing for no list."""
    return neighbours.place_in(list_query, start + offset) if list_query else ""
