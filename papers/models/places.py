"""The address of what has a path of its own."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=4096)
def page_url(path: str, prefix: str) -> str:
    """Of a section or a paper. A page has dozens of them, and Django makes each out of patterns; `prefix` is in force."""
    return reverse("papers:page", args=[path.lstrip("/")])
