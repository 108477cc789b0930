"""Every route of the site, as its resolver has it: what is new is in the tests that walk over all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver

_ARGUMENT = re.compile(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)")


@dataclass(frozen=True)
class Route:
    """One line of a `urls.py`, below its `include`s: as it is written, and the expression that paths of it match."""

    written: str
    regex: str
    view: Any

    @property
    def arguments(self) -> list[str]:
        return [name for name, _regex in _ARGUMENT.findall(self.regex)]

    def path(self, **values: Any) -> str:
        return re.sub(r"\\(.)", r"\1", _ARGUMENT.sub(lambda found: str(values[found[1]]), self.regex))


def every_route(resolver: Any = None, written: str = "/", regex: str = "/") -> Iterator[Route]:
    for pattern in (resolver or get_resolver()).url_patterns:
        own = pattern.pattern.regex.pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        inside = written + str(pattern.pattern), regex + own
        if isinstance(pattern, URLResolver):
            yield from every_route(pattern, *inside)
        else:
            yield Route(*inside, pattern.callback)


ROUTES = list(every_route())
