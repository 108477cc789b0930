"""The references of a list of papers, in one file."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from . import citations
from .citations import Reference
from .querysets import PaperQuerySet

# What one file holds at most: more than a manuscript cites, and made while the reader waits.
LIMIT = 1000

WRITERS: dict[str, Callable[[Reference], str]] = {"bib": citations.bibtex, "ris": citations.ris}
CONTENT_TYPES = {"bib": "application/x-bibtex", "ris": "application/x-research-info-systems"}

_COLUMNS = (
    "uid title title_official title_published authors venue venue_full pages year first_posted bibtex_type arxiv_id "
    "doi paper_url"
)


@dataclass(frozen=True)
class Bibliography:
    references: list[Reference]
    is_cut: bool

    def text(self, suffix: str) -> str:
        entries = (WRITERS[suffix](reference) for reference in self.references)
        return self._comment(suffix) + "\n".join(entries)

    def file_name(self, words: list[str], suffix: str) -> str:
        """`papers-moe-first-1000.bib`: what was asked for, and whether that is all."""
        asked = slugify(" ".join(words), allow_unicode=True)[:80]
        cut = f"first-{LIMIT}" if self.is_cut else ""
        return "-".join(part for part in ("papers", asked, cut) if part) + f".{suffix}"

    def _comment(self, suffix: str) -> str:
        """BibTeX takes for a comment what stands between entries, up to an `@`; RIS has no comments."""
        if suffix != "bib" or not self.is_cut:
            return ""
        said = _("%(site)s：列表超过 %(limit)d 篇，这里只有前 %(limit)d 篇。")
        comment = said % {"site": settings.PAPERCACHE_NAME, "limit": LIMIT}
        return f"% {' '.join(comment.replace('@', ' ').split())}\n\n"


def of(papers: PaperQuerySet) -> Bibliography:
    """Of the first papers, in their order; one query."""
    found = list(papers.only(*_COLUMNS.split())[: LIMIT + 1])
    return Bibliography([paper.reference() for paper in found[:LIMIT]], is_cut=len(found) > LIMIT)
