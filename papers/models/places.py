"""The addresses of things that stand in every list."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def place(name: str, *arguments: str) -> str:
    """As `reverse`, remembered: a page has dozens of addresses, and Django makes each out of all patterns."""
    return _place(name, arguments, get_script_prefix())


@lru_cache(maxsize=4096)
def _place(name: str, arguments: tuple[str, ...], _prefix: str) -> str:
    return reverse(name, args=arguments)
