"""Every address that the site has or had, asked for as a reader would: it answers, or leads in one hop to what does."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from django.utils.translation import gettext_noop

from .. import figure_uses, paths, totals
from ..addresses import tag_path
from ..models import Address, Kind, Paper, Section, Tag
from ..rendering.marks import FIGURE_ROUTE
from .finding import Finding, Part
from .inside import Site, local

BATCH = 1000

_UNANSWERED = gettext_noop("现有网址应答 200，却答 %(status)d。")
_UNKNOWN = gettext_noop("旧网址应转到现在的网址，却答 %(status)d。")
_NOT_GONE = gettext_noop("内容已删除，旧网址应答 410，却答 %(status)d。")
_BETRAYED = gettext_noop("论文没有公开，旧网址应答 404，却答 %(status)d。")
_LONG_WAY = gettext_noop("转到 %(location)s，那里又答 %(status)d。")

_FIXED = ("/papers/", "/tags/", "/search/", "/sitemap.xml", "/robots.txt", "/-/wanted/", "/-/collection/")


def live() -> Iterator[str]:
    """Of everything public: pages, twins, pictures, feeds, lists."""
    for path in _in_batches(Section.objects.order_by("pk"), "path"):
        yield from (path, *(path + feed for feed in paths.FEED_SUFFIXES))
    for path in _in_batches(Paper.objects.published().order_by("pk"), "path"):
        yield path
        yield from (path.removesuffix(".html") + twin for twin in paths.TWIN_SUFFIXES)
    yield from (f"{FIGURE_ROUTE}{name}" for name in _in_batches(figure_uses.public().order_by("pk"), "name"))
    for slug in _in_batches(Tag.objects.public().order_by("pk"), "slug"):
        yield from (tag_path(slug), *(tag_path(slug) + feed for feed in paths.FEED_SUFFIXES))
    yield from lists()


def lists() -> list[str]:
    places = totals.places()
    venues = [f"/venues/{slug}/" for slug in sorted(places.venues)]
    months = [f"/{month[:4]}/{month[5:]}/" for month in sorted(places.months)]
    years = [f"/{year}/" for year in sorted({month[:4] for month in places.months})]
    return [*_FIXED, *venues, *years, *months]


def _in_batches(rows: Any, column: str) -> Iterator[str]:
    """No cursor stays open while the site is asked."""
    rest = rows
    while batch := list(rest.values_list("pk", column)[:BATCH]):
        yield from (value for _pk, value in batch if value)
        rest = rows.filter(pk__gt=batch[-1][0])


def count() -> int:
    sections, papers = Section.objects.count(), Paper.objects.published().count()
    tags, figures = Tag.objects.public().count(), figure_uses.public().count()
    return 3 * sections + 5 * papers + figures + 3 * tags + len(lists()) + Address.objects.count()


def look() -> Iterator[list[Finding]]:
    site = Site()
    for path in live():
        reply = site.ask_path(path)
        good = reply.status == 200
        yield [] if good else [Finding(path, "address", _UNANSWERED, {"status": reply.status})]
    last = 0
    while batch := list(Address.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for former in batch:
            yield _former(site, former)
        last = batch[-1].pk


def _former(site: Site, former: Address) -> list[Finding]:
    """Something new may live there, which is as good; what is deleted is gone; a draft is not betrayed."""
    path = former.path_folded
    reply = site.ask_path(path)
    if reply.status == 200:
        return []
    if reply.status == 301:
        location = unquote(local(reply.location))
        there = site.ask_path(location).status
        params = {"location": location, "status": there}
        return [] if there == 200 else [Finding(path, "address", _LONG_WAY, params)]
    wanted, message = _without_a_page(former)
    return [] if reply.status == wanted else [Finding(path, "address", message, {"status": reply.status})]


def _without_a_page(former: Address) -> tuple[int, str]:
    """What a former address answers if nothing public is behind it, and what to say otherwise."""
    things: dict[str, Any] = {
        Kind.SECTION: (Section.objects, Section.objects),
        Kind.PAPER: (Paper.objects, Paper.objects.published()),
        Kind.TAG: (Tag.objects, Tag.objects.public()),
    }
    everything, public = things[former.kind]
    if not everything.filter(uid=former.uid).exists():
        return 410, _NOT_GONE
    return (301, _UNKNOWN) if public.filter(uid=former.uid).exists() else (404, _BETRAYED)


PART: Final = Part(count, look)
