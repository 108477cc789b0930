"""The addresses of things that stand in every list."""

from functools import lru_cache
from urllib.parse import quote

from django.urls import get_script_prefix, reverse
from django.utils.http import escape_leading_slashes

# What RFC 3986 lets stand in a path as it is, beside letters and digits.
_PLAIN = "!$&'()*+,;=/~:@"


def page(path: str) -> str:
    """As `reverse`, for which one site has too many pages to remember: the address of a page is its path."""
    address = get_script_prefix() + path.lstrip("/")
    return escape_leading_slashes(quote(address, safe=_PLAIN))


def place(name: str, *arguments: str) -> str:
    """As `reverse`, remembered: a page has dozens of addresses, and Django makes each out of all patterns."""
    return _place(name, arguments, get_script_prefix())


@lru_cache(maxsize=4096)
def _place(name: str, arguments: tuple[str, ...], _prefix: str) -> str:
    return reverse(name, args=arguments)
