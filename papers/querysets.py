"""What can be asked of papers and sections, in a reader's words."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from . import citations, paths
from .prepared import NOW, Prepared, once, prepared, several, text

if TYPE_CHECKING:
    from .models import Paper, PaperKey, Section, Tag

# Columns that only a paper's own page needs: lists leave them in the database.
HEAVY_COLUMNS = ("notes", "notes_html", "plain_text", "contents", "cited")
# What a list shows of a paper; of its section the title and the address.
LIST_COLUMNS = (
    *(
        "uid",
        "slug",
        "path",
        "title",
        "summary",
        "published_on",
        "day_known",
        "venue",
        "origin",
        "review_state",
    ),
    *("section", "section__title", "section__path"),
)
PAPER_ORDER = ("-published_on", "-slug", "uid")
# What a link to a paper says.
LINKED = ("id", "uid", "title", "path")

# SQLite may take no more than 32,766 parameters, and a note may name more papers or pictures than that.
KEYS_AT_A_TIME = 10_000
_OF_ITS_PAPER = tuple(f"paper__{name}" for name in ("uid", "title", "path", "status", "publish_at"))


def is_published(prefix: str = "", now: Any = None) -> Q:
    """What the public may see, as a condition on a paper or on what `prefix` leads to from elsewhere.

    `now` is for prepared queries, which ask at other times than they are made.

    From elsewhere the status is compared in a way that no index answers: SQLite, which has no statistics, would
    start from all published papers instead of from the few rows that are asked for.
    """
    moment = timezone.now() if now is None else now
    is_due = Q(**{f"{prefix}publish_at": None}) | Q(**{f"{prefix}publish_at__lte": moment})
    return is_due & Q(**{f"{prefix}status__startswith" if prefix else "status": "published"})


def is_public_row(now: Any = None) -> models.Case:
    """The same, asked of each row by itself and of no index."""
    return models.Case(
        models.When(is_published(now=now), then=True), default=False, output_field=models.BooleanField()
    )


def is_hidden(now: Any = None) -> Q:
    """All others, said in a way that an index answers: they are few."""
    return Q(status="draft") | Q(status="published", publish_at__gt=timezone.now() if now is None else now)


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
    def published(self, now: Any = None) -> Self:
        """The one rule of what the public may see; every public surface starts here."""
        return self.filter(is_published(now=now))

    def scheduled(self, now: Any = None) -> Self:
        return self.filter(status="published", publish_at__gt=timezone.now() if now is None else now)

    def drafts(self) -> Self:
        return self.filter(status="draft")

    def with_changes(self) -> Self:
        """Papers with a newer revision than the one that readers see."""
        return self.filter(head_revision__gt=models.F("revision"))

    def unchecked(self) -> Self:
        """Notes that nobody has compared with their paper yet."""
        return self.filter(review_state="unreviewed")

    def checked(self) -> Self:
        return self.filter(review_state="reviewed")

    def without_text(self) -> Self:
        """A record alone, or a summary."""
        return self.filter(notes="")

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

    def in_year(self, year: int) -> Self:
        return self.filter(published_on__range=(date(year, 1, 1), date(year, 12, 31)))

    def regardless(self) -> Self:
        """Without its conditions, for keys that have met them: with these SQLite would look for the keys among all papers."""
        found: Any = self.all()
        del found.query.where.children[:]
        return found

    def newest_first(self) -> Self:
        return self.order_by(*PAPER_ORDER)

    def newest_notes_first(self) -> Self:
        """By when readers could first see them: a new note on an old paper is listed far down, and is news."""
        return self.order_by("-first_public_at", *PAPER_ORDER)


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
        """Tags of at least one published paper; the first that is found answers."""
        tagged: Any = self.model._meta.get_field("tagged").related_model
        return self.filter(Exists(tagged.objects.published().filter(tag=OuterRef("pk"))))


class TaggedPaperQuerySet(models.QuerySet):
    def get_by_natural_key(self, paper: str, tag: str) -> Any:
        return self.get(content_object__uid=paper, tag__uid=tag)

    def published(self, now: Any = None) -> Self:
        """Tags of papers that the public may see."""
        return self.filter(is_published("content_object__", now))

    def all_published(self) -> Self:
        """The same for who wants them all: an index says at once which papers are meant, not each paper's row."""
        papers: Any = self.model._meta.get_field("content_object").related_model
        return self.filter(content_object__in=papers.objects.published().order_by().values("pk"))


class PaperKeyQuerySet(models.QuerySet):
    def published(self, now: Any = None) -> Self:
        """Keys of papers that the public may see."""
        return self.filter(is_published("paper__", now))

    def named(self, names: Iterable[str]) -> "dict[str, list[PaperKey]]":
        """The rows that have each name, if any, with what lists show of their papers; one query."""
        key_of = {name: citations.normalise_key(name) for name in names}
        keys = sorted(set(key_of.values()) - {""})
        rows: defaultdict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            some: Any = self.filter(key__in=keys[start : start + KEYS_AT_A_TIME])
            for row in some.select_related("paper").only("key", *_OF_ITS_PAPER):
                rows[row.key].append(row)
        return {name: rows[key] for name, key in key_of.items() if key in rows}

    def papers(self, names: Iterable[str]) -> "dict[str, Paper]":
        """Whom each name means, if it is that of one published paper; of two it means none. One query."""
        key_of = {name: citations.normalise_key(name) for name in names}
        keys = sorted(set(key_of.values()) - {""})
        found: defaultdict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            for key, *columns in self._of_published(keys[start : start + KEYS_AT_A_TIME]):
                found[key].append(columns)
        model: Any = self.model._meta.get_field("paper").related_model
        papers = {key: model.with_columns(LINKED, *rows) for key, rows in found.items() if len(rows) == 1}
        return {name: papers[key] for name, key in key_of.items() if key in papers}

    def _of_published(self, keys: list[str]) -> list[tuple[Any, ...]]:
        given = several("key", keys)
        return _keys_of_published(self.model, len(given)).tuples(now=timezone.now(), **given)

    def unshared(self, now: Any = None) -> Self:
        """Keys that no other published paper has: they mean their paper, or nobody."""
        others: Any = type(self)(self.model).published(now).filter(key=OuterRef("key"))
        return self.filter(~Exists(others.exclude(paper=OuterRef("paper"))))


@once
def _keys_of_published(model: Any, many: int) -> Prepared:
    keys = [text(f"key{place}") for place in range(many)]
    rows = model._default_manager.published(NOW).filter(key__in=keys).order_by()
    return prepared(rows.values_list("key", *(f"paper__{name}" for name in LINKED)))


class CitationQuerySet(models.QuerySet):
    def published(self, now: Any = None) -> Self:
        """What notes say that the public may see."""
        return self.filter(is_published("paper__", now))


class FigureQuerySet(models.QuerySet):
    def sizes(self, names: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Width and height by name, for those that there are; one query, none for no names."""
        wanted, found = sorted(set(names)), {}
        for start in range(0, len(wanted), KEYS_AT_A_TIME):
            given = several("name", wanted[start : start + KEYS_AT_A_TIME])
            rows = _sizes(self.model, len(given)).tuples(**given)
            found.update({name: (width, height) for name, width, height in rows})
        return found


@once
def _sizes(model: Any, many: int) -> Prepared:
    names = [text(f"name{place}") for place in range(many)]
    rows = model._default_manager.filter(pk__in=names).order_by()
    return prepared(rows.values_list("pk", "width", "height"))
