"""What can be asked of papers and sections, in a reader's words."""

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from . import paths

if TYPE_CHECKING:
    from .models import Paper, Section, Tag

# Columns that only a paper's own page needs: lists leave them in the database.
HEAVY_COLUMNS = ("notes", "notes_html", "plain_text", "contents")
PAPER_ORDER = ("-published_on", "-slug", "uid")


def is_published(prefix: str = "") -> Q:
    """What the public may see, as a condition on a paper or on what `prefix` leads to from elsewhere."""
    is_due = Q(**{f"{prefix}publish_at": None}) | Q(**{f"{prefix}publish_at__lte": timezone.now()})
    return is_due & Q(**{f"{prefix}status": "published"})


def visible_state(paper: "Paper") -> str:
    """`draft`, `scheduled` or `published`, by the clock: the twin of `is_published`."""
    if paper.status != "published":
        return "draft"
    return "published" if paper.publish_at is None or paper.publish_at <= timezone.now() else "scheduled"


class ByUid(models.QuerySet):
    """Natural keys are uids: a derived path is not there yet when `loaddata` asks."""

    def get_by_natural_key(self, uid: str) -> Any:
        return self.get(uid=uid)


class PaperQuerySet(ByUid):
    def published(self) -> Self:
        """The one rule of what the public may see; every public surface starts here."""
        return self.filter(is_published())

    def scheduled(self) -> Self:
        return self.filter(status="published", publish_at__gt=timezone.now())

    def drafts(self) -> Self:
        return self.filter(status="draft")

    def with_changes(self) -> Self:
        """Papers with a newer revision than the one that readers see."""
        return self.filter(head_revision__gt=models.F("revision"))

    def unchecked(self) -> Self:
        """Notes that nobody has compared with their paper yet."""
        return self.filter(review_state="unreviewed")

    def in_section(self, section: "Section") -> Self:
        """Papers of a section and of all sections below it."""
        low, high = paths.subtree_bounds(section.path_folded)
        return self.filter(path_folded__gte=low, path_folded__lt=high)

    def tagged(self, tag: "Tag") -> Self:
        return self.filter(tagged__tag=tag)

    def in_month(self, year: int, month: int) -> Self:
        """As a range of days, which an index answers."""
        days = monthrange(year, month)[1]
        return self.filter(published_on__range=(date(year, month, 1), date(year, month, days)))

    def newest_first(self) -> Self:
        return self.order_by(*PAPER_ORDER)


class SectionQuerySet(ByUid):
    def with_path(self, path: str) -> "Section | None":
        found: Any = self.filter(path_folded=paths.fold(path)).first()
        return found

    def in_subtree(self, folded_path: str) -> Self:
        low, high = paths.subtree_bounds(folded_path)
        return self.filter(path_folded__gte=low, path_folded__lt=high)

    def for_menus(self) -> Self:
        """Every section without its texts, parents before children, siblings in their order."""
        return self.defer("text", "text_html").order_by("position", "title", "uid")


class TagQuerySet(ByUid):
    def public(self) -> Self:
        """Tags of at least one published paper, with their number of papers, most used first."""
        is_public = is_published("tagged__content_object__")
        counted = self.annotate(papers=models.Count("tagged", filter=is_public))
        return counted.filter(papers__gt=0).order_by("-papers", "name")


class TaggedPaperQuerySet(models.QuerySet):
    def get_by_natural_key(self, paper: str, tag: str) -> Any:
        return self.get(content_object__uid=paper, tag__uid=tag)
