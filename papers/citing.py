"""Citations both ways, and what is cited and not here. Only reads; everything is asked of published papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Max, Window
from django.utils import timezone

from . import derived
from .citations import normalise_key
from .models import Citation, Paper, PaperKey
from .prepared import NOW, Prepared, number, once, prepared
from .querysets import PAPER_ORDER

SHOWN = 40  # places in other notes, or names that are nobody's here
CITED_MOST, WANTED = 3000, 300

_OF_ITS_PAPER = ("id", "uid", "title", "path", "published_on", "day_known")
_NEWEST_NOTE_FIRST = tuple(
    f"-paper__{name[1:]}" if name[0] == "-" else f"paper__{name}" for name in PAPER_ORDER
)


# --- Who cites a paper ------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where a note names a paper."""

    label: str
    sentence: str
    anchor: str


@dataclass(frozen=True, slots=True)
class CitedBy:
    """Notes, newest first, each with the places where it names the paper; how many places are not shown."""

    notes: list[tuple[Paper, list[Place]]]
    more: int


def cited_by(paper: Paper) -> CitedBy:
    """Asked for by the names that mean this paper alone; one query."""
    found = _newest_citations(SHOWN).tuples(paper=paper.pk, now=timezone.now())
    notes = [
        (Paper.with_columns(_OF_ITS_PAPER, note), [Place(*row[1:4]) for row in rows])
        for note, rows in groupby(found, lambda row: row[4:])
    ]
    return CitedBy(notes, found[0][0] - len(found) if found else 0)


@once
def _newest_citations(most: int) -> Prepared:
    keys = PaperKey.objects.filter(paper=number("paper")).unshared(NOW).values("key")
    rows = Citation.objects.published(NOW).filter(key__in=keys).exclude(paper=number("paper"))
    newest = rows.order_by(*_NEWEST_NOTE_FIRST, "position").annotate(total=Window(Count("pk")))
    of_its_paper = (f"paper__{name}" for name in _OF_ITS_PAPER)
    return prepared(newest.values_list("total", *Place._fields, *of_its_paper)[:most])


# --- Whom a paper cites -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cited:
    """A paper that a note names, and the first place where it does; `paper` is set if it is one of ours."""

    title: str
    anchor: str
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class Cites:
    ours: list[Cited] = field(default_factory=list)
    others: list[Cited] = field(default_factory=list)
    more: int = 0


def cites(paper: Paper, named: Mapping[str, Paper]) -> Cites:
    """From what rendering found in the note, and from whom its names mean: no query. The note itself is not cited."""
    ours: dict[int, Cited] = {}
    others: dict[str, Cited] = {}
    own_keys = derived.keys_of(paper)
    for found in paper.cited:
        title, anchor = found["title"], found["anchor"]
        if other := named.get(title):
            ours.setdefault(other.pk, Cited(other.title, anchor, other))
        elif (key := normalise_key(title)) and key not in own_keys:
            others.setdefault(key, Cited(title, anchor))
    ours.pop(paper.pk, None)
    return Cites(list(ours.values()), list(others.values())[:SHOWN], max(0, len(others) - SHOWN))


# --- What is not here -------------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """A name that notes give to a paper that has no note here; how many do, and the newest of them.

    Hundreds are kept together and read for every page: a tuple is read ten times as quickly as a data class.
    """

    title: str
    notes: int
    newest: int


def wanted() -> list[Wanted]:
    """The most cited first, a few hundred at most; three queries.

    Which names are cited often is asked of an index alone, since all citations are many; those that lead to no note
    are then counted as readers may know of them.
    """
    often = (
        Citation.objects.exclude(key="")
        .order_by()
        .values("key")
        .annotate(times=Count("paper", distinct=True))
    )
    keys = [row["key"] for row in often.order_by("-times", "key")[:CITED_MOST]]
    written = PaperKey.objects.published().filter(key__in=keys).exclude(paper__notes="")
    held = set(written.values_list("key", flat=True))
    missing = [key for key in keys if key not in held][: 2 * WANTED]
    named = Citation.objects.published().filter(key__in=missing).order_by().values("key")
    counted = named.annotate(notes=Count("paper", distinct=True), typed=Max("title"), newest=Max("paper"))
    rows = counted.order_by("-notes", "key")[:WANTED]
    return [Wanted(row["typed"], row["notes"], row["newest"]) for row in rows]
