"""The sitemap: every public address once, with the time of its last change."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.utils.functional import cached_property

from .models import Paper, Section, Tag, TaggedPaper


class _SiteSitemap(Sitemap):
    """One file holds so many addresses, and is made of no more rows than that: few, so that one change touches few."""

    limit = 1_000

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.PAPERCACHE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.PAPERCACHE_URL).scheme


class SectionSitemap(_SiteSitemap):
    def items(self) -> QuerySet:
        return Section.objects.for_menus().order_by("path_folded")

    def lastmod(self, section: Section) -> datetime | None:
        return section.changed_at


class PaperSitemap(_SiteSitemap):
    def items(self) -> QuerySet:
        return Paper.objects.published().newest_first().only("path", "changed_at", "first_public_at")

    def lastmod(self, paper: Paper) -> datetime | None:
        return paper.updated_at


class TagSitemap(_SiteSitemap):
    def items(self) -> QuerySet:
        return Tag.objects.public().order_by("slug")

    def lastmod(self, tag: Tag) -> datetime | None:
        return self._moments.get(tag.pk)

    @cached_property
    def _moments(self) -> dict[int, datetime | None]:
        """When the last paper of each tag came or changed; not with the tags, which are also counted."""
        tagged = TaggedPaper.objects.all_published().order_by().values_list("tag")
        rows = tagged.annotate(Max("content_object__first_public_at"), Max("content_object__changed_at"))
        return {tag: max(filter(None, moments), default=None) for tag, *moments in rows}


_KINDS: dict[str, type[Sitemap]] = {"sections": SectionSitemap, "papers": PaperSitemap, "tags": TagSitemap}


def everything() -> dict[str, type[Sitemap] | Sitemap]:
    return {**_KINDS}


def parts() -> list[str]:
    """The query strings of the files that an index has to list; none while all fits into one file."""
    paginators = {name: kind().paginator for name, kind in _KINDS.items()}
    if sum(paginator.count for paginator in paginators.values()) <= _SiteSitemap.limit:
        return []
    pages = {name: paginator.num_pages for name, paginator in paginators.items()}
    return [f"section={name}&p={number}" for name in pages for number in range(1, pages[name] + 1)]


def address(part: str) -> str:
    return f"/sitemap.xml?{part}"


def dating(papers: Collection[int]) -> list[str]:
    """The addresses of the files that say when these papers changed, by their keys: their own, and those of tags."""
    order = PaperSitemap().items().values_list("pk", flat=True)
    numbers = {place // _SiteSitemap.limit + 1 for place, pk in enumerate(order) if pk in papers}
    own = {f"section=papers&p={number}" for number in numbers}
    touched = [part for part in parts() if part in own or part.startswith("section=tags&")]
    return [address(part) for part in touched] or ["/sitemap.xml"]
