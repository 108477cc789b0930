"""Addresses that another list names, such as those of the site before this one: each answers, or leads in one hop there."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from django.utils.translation import gettext_noop

from ..importers import former
from ..importers.found import Refused
from .finding import Finding, Part
from .inside import Site, local

_NEITHER = gettext_noop("应答 200，或一次 301 转到 200，却答 %(status)d。")
_LONG_WAY = gettext_noop("转到 %(location)s，那里又答 %(status)d。")

_NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_LOCATION, _INDEX = f"{_NAMESPACE}loc", f"{_NAMESPACE}sitemapindex"


class ListRefused(Exception):
    """One line: what is wrong with the list."""


def of_file(file: Path) -> Part:
    """One path or address a line. Raises ListRefused."""
    try:
        paths = [path for _number, path in former.read(file)]
    except (OSError, Refused) as error:
        raise ListRefused(f"{file}: {error}") from error
    return _part(paths)


def of_sitemap(file: Path) -> Part:
    """Every `<loc>` of it, whatever its host. Raises ListRefused."""
    try:
        found = [former.path_of((element.text or "").strip()) for element in _locations(file)]
    except (OSError, EOFError, ElementTree.ParseError) as error:
        raise ListRefused(f"{file}: {error}") from error
    if not found:
        raise ListRefused(f"{file}: no address in it")
    return _part(found)


def _locations(file: Path) -> Iterator[ElementTree.Element]:
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
        for _event, element in ElementTree.iterparse(opened):
            if element.tag == _INDEX:
                raise ListRefused(f"{file}: names other sitemaps; pass one of those")
            if element.tag == _LOCATION:
                yield element


def _part(paths: list[str]) -> Part:
    count: Callable[[], int] = paths.__len__
    return Part(count, lambda: _look(paths))


def _look(paths: list[str]) -> Iterator[list[Finding]]:
    site = Site()
    for path in paths:
        yield _asked(site, path)


def _asked(site: Site, path: str) -> list[Finding]:
    reply = site.ask_path(local(path))
    if reply.status == 200:
        return []
    if reply.status != 301:
        return [Finding(path, "address", _NEITHER, {"status": reply.status})]
    location = unquote(local(reply.location))
    there = site.ask_path(location).status
    params = {"location": location, "status": there}
    return [] if there == 200 else [Finding(path, "address", _LONG_WAY, params)]
