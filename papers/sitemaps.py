"""The sitemap: every public address once, with the time of its last change."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from .models import Paper, Section, Tag
from .querysets import HEAVY_COLUMNS


class _SiteSitemap(Sitemap):
    limit = 10_000

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
        return Paper.objects.published().newest_first().defer(*HEAVY_COLUMNS)

    def lastmod(self, paper: Paper) -> datetime | None:
        return paper.changed_at


class TagSitemap(_SiteSitemap):
    def items(self) -> QuerySet:
        return Tag.objects.public().order_by("slug")


_KINDS: dict[str, type[Sitemap]] = {"sections": SectionSitemap, "papers": PaperSitemap, "tags": TagSitemap}


def everything() -> dict[str, type[Sitemap] | Sitemap]:
    return {**_KINDS}


def parts() -> list[str]:
    """The query strings of the files that an index has to list; none while all fits into one file."""
    pages = {name: kind().paginator.num_pages for name, kind in _KINDS.items()}
    if max(pages.values()) == 1:
        return []
    return [f"section={name}&p={number}" for name in pages for number in range(1, pages[name] + 1)]
