"""Search: one interface, whatever stands behind it. Results are published papers, in a QuerySet to page through."""

from papers.models import Paper
from papers.querysets import PaperQuerySet

from . import plain

MAX_QUERY_LENGTH = 200


def find(query: str) -> PaperQuerySet:
    """Published papers that hold every word of the query, best place of the hit first, then in the site's order."""
    return plain.find(Paper.objects.published(), query)


def nearest(path: str, limit: int = 5) -> PaperQuerySet:
    """Published papers whose title or address shares words with a path that leads nowhere."""
    return plain.nearest(Paper.objects.published(), path)[:limit]
