"""Search: one interface, whatever stands behind it. Results are published papers, in a QuerySet to page through."""

from .excerpts import Excerpt, Part, excerpts
from .finding import among, find, keys, named
from .nearest import nearest
from .query import MAX_QUERY_LENGTH, Filter, Query, Term, parse
from .results import COUNT_LIMIT

__all__ = [
    "COUNT_LIMIT",
    "MAX_QUERY_LENGTH",
    "Excerpt",
    "Filter",
    "Part",
    "Query",
    "Term",
    "among",
    "excerpts",
    "find",
    "keys",
    "named",
    "nearest",
    "parse",
]
