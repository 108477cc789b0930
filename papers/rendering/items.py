"""Lists inside a page, of texts that somebody typed."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe


def html_items(item: str, rows: Iterable[tuple[object, ...]]) -> SafeString:
    """As Django's `format_html_join`, which takes five times as long to see whether any of the texts is HTML."""
    return mark_safe("".join([item.format(*[escape(str(text)) for text in row]) for row in rows]))
