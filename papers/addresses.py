"""From a path to a thing; what happens to a path when its thing moves, goes or comes back."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from . import paths
from .models import Address, Kind, Paper, Section, Tag
from .prepared import NOW, Prepared, once, prepared, text
from .querysets import PaperQuerySet

# --- Reading ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What a path leads to. `path` is the one true path; where it differs from the asked one, redirect."""

    path: str
    thing: Section | Paper
    twin: str = ""  # ".bib" and its like for a paper, "feed.xml" or "feed.json" for a section


class Gone(Exception):
    """The path was public once and its thing is deleted."""


def find(path: str) -> Found | None:
    """The public thing at a path, at another spelling of it, or at a former path of it. Raises Gone.

    One query for a live path, up to three more for what is not there.
    """
    tidy = paths.without_doubled_slashes(path)
    bare = tidy.rstrip("/")
    if paths.split_feed(bare)[1]:
        return _find_section(bare) or _find_former(bare)
    if tidy.endswith("/"):
        return _find_section(tidy) or _find_paper(bare) or _find_former(tidy)
    return _find_paper(tidy) or _find_section(f"{tidy}/") or _find_former(tidy)


def find_draft(path: str) -> Paper | None:
    """An unpublished paper by its exact address: for those with the right to see it."""
    paper = Paper.objects.select_related("section").filter(path_folded=paths.fold(path)).first()
    return paper if paper and paper.path == path and not paper.is_published else None


def _find_section(path: str) -> Found | None:
    section_path, feed = paths.split_feed(path)
    section = Section.objects.with_path(section_path)
    return Found(section.path + feed, section, feed) if section else None


def _find_paper(path: str) -> Found | None:
    paper_path, twin = paths.split_twin(path)
    if not paper_path.lower().endswith(".html"):
        return None
    paper: Paper | None = _at_path().first(path=paths.fold(paper_path), now=timezone.now())
    return _found_paper(paper, twin) if paper else None


@once
def _at_path() -> Prepared:
    return prepared(Paper.objects.published(NOW).filter(path_folded=text("path")).order_by())


def _found_paper(paper: Paper, twin: str) -> Found:
    assert paper.path  # a published paper has one, by constraint
    return Found(paper.path.removesuffix(".html") + (twin or ".html"), paper, twin)


def _find_former(path: str) -> Found | None:
    section_path, feed = paths.split_feed(path)
    paper_path, twin = paths.split_twin(path.rstrip("/"))
    spellings = {paths.fold(spelling) for spelling in (section_path, f"{path}/", paper_path)}
    for former in Address.objects.filter(path_folded__in=spellings).order_by("pk"):
        if former.kind == Kind.SECTION:
            return _current_section(former.uid, feed)
        if former.kind == Kind.PAPER:
            return _current_paper(former.uid, twin)
    return None


def _current_section(uid: str, feed: str) -> Found:
    section = Section.objects.filter(uid=uid).first()
    if section is None:
        raise Gone
    return Found(section.path + feed, section, feed)


def _current_paper(uid: str, twin: str) -> Found | None:
    """None while the paper is unpublished: it may come back, and a draft must not be betrayed."""
    paper = Paper.objects.published().select_related("section").filter(uid=uid).first()
    if paper is not None:
        return _found_paper(paper, twin)
    if not Paper.objects.filter(uid=uid).exists():
        raise Gone
    return None


def is_gone(kind: Kind, uid: str) -> bool:
    """Whether something of this uid was public once. The caller has looked for it in vain."""
    return Address.objects.filter(kind=kind, uid=uid).exists()


def find_former_tag(path: str) -> Tag | None:
    """The tag that had this path. Raises Gone if it was deleted."""
    former = Address.objects.filter(path_folded=paths.fold(path), kind=Kind.TAG).first()
    if former is None:
        return None
    tag = Tag.objects.public().filter(uid=former.uid).first()
    if tag is None and not Tag.objects.filter(uid=former.uid).exists():
        raise Gone
    return tag


# --- Writing ----------------------------------------------------------------------------------------------


def tag_path(slug: str) -> str:
    return f"/tags/{slug}/"


def permanent_path(uid: str) -> str:
    return f"/p/{uid}/"


def keep(kind: Kind, uid: str, path: str, *, replace: bool = True) -> None:
    """Remember a path that a public thing leaves; the thing that was public there last answers for it."""
    write = Address.objects.update_or_create if replace else Address.objects.get_or_create
    write(path_folded=paths.fold(path), defaults={"kind": kind, "uid": uid})


def point(path: str, thing: Section | Paper) -> bool:
    """Let a path at which nothing is or was lead to something public; false if it is not free any more."""
    folded = paths.fold(path)
    taken: list[Any] = [
        model._default_manager.filter(path_folded=folded) for model in (Paper, Section, Address)
    ]
    if any(rows.exists() for rows in taken):
        return False
    keep(Kind.SECTION if isinstance(thing, Section) else Kind.PAPER, thing.uid, folded)
    return True


def point_many(asked: Iterable[str], thing: Section | Paper) -> list[str]:
    """Let every path that is free lead to something public; those that are not free. Four statements for all of them."""
    wanted = {paths.fold(path): path for path in asked}
    wanted.pop(thing.path_folded or "", None)
    found: list[Any] = [
        model._default_manager.filter(path_folded__in=wanted).values_list("path_folded", "uid")
        for model in (Paper, Section, Address)
    ]
    holders = {folded: uid for rows in found for folded, uid in rows}
    kind = Kind.SECTION if isinstance(thing, Section) else Kind.PAPER
    free = [Address(path_folded=path, kind=kind, uid=thing.uid) for path in wanted if path not in holders]
    Address.objects.bulk_create(free, ignore_conflicts=True)
    return [wanted[folded] for folded, uid in holders.items() if uid != thing.uid]


def leave(thing: Section | Paper | Tag) -> None:
    """Remember the path of a thing that is about to leave it, and every path below, as far as they were public.

    Unpublishing is leaving too: a draft that moves on has nothing to say about a path where others were public.
    """
    if isinstance(thing, Tag):
        if ever_public().filter(tagged__tag=thing).exists():
            keep(Kind.TAG, thing.uid, tag_path(thing.slug))
    elif thing.path and not thing.path.startswith(paths.WAITING_ROOM):
        if isinstance(thing, Section):
            keep_subtree(thing.path_folded)
        elif thing.was_public:
            keep(Kind.PAPER, thing.uid, thing.path, replace=thing.is_published)


def ever_public() -> PaperQuerySet:
    """The twin of `Paper.was_public`."""
    return Paper.objects.filter(first_public_at__lte=timezone.now())


@dataclass(frozen=True, slots=True)
class Departures:
    """Which public paths a move gives up: the first of them with their new ones, and how many in all."""

    count: int
    shown: list[tuple[str, str]]


def departures(thing: Section | Paper | Tag, new_path: str | None, limit: int = 50) -> Departures:
    """What would redirect if a thing left its path for another. Four queries for a section, none for a paper."""
    if isinstance(thing, Tag):
        was_seen = bool(new_path) and ever_public().filter(tagged__tag=thing).exists()
        return Departures(1, [(tag_path(thing.slug), new_path or "")]) if was_seen else Departures(0, [])
    if not thing.path or not new_path or paths.fold(thing.path) == paths.fold(new_path):
        return Departures(0, [])
    if isinstance(thing, Paper):
        moved = [(thing.path, new_path)] if thing.was_public else []
        return Departures(len(moved), moved)
    low, high = paths.subtree_bounds(thing.path_folded)
    count = 0
    left: list[str | None] = []
    for things in (Section.objects.all(), ever_public()):
        found = things.filter(path_folded__gte=low, path_folded__lt=high).order_by("path_folded")
        count += found.count()
        left += list(found.values_list("path", flat=True)[: limit - len(left)])
    return Departures(count, [(path, new_path + path[len(thing.path) :]) for path in left if path])


def former_holder(path: str | None, uid: str) -> Address | None:
    """The former address of something else that a new thing at this path would take over."""
    if not path:
        return None
    return Address.objects.filter(path_folded=paths.fold(path)).exclude(uid=uid).first()


def hand_over(tag: Tag, survivor: Tag) -> None:
    """Whatever led to a tag leads to the one it is merged into; where a draft's tag is, there was nothing."""
    if ever_public().tagged(tag).exists() or not Paper.objects.tagged(tag).exists():
        keep(Kind.TAG, survivor.uid, tag_path(tag.slug))
    Address.objects.filter(kind=Kind.TAG, uid=tag.uid).update(uid=survivor.uid)


def keep_subtree(folded_path: str) -> None:
    """Remember every path of a section's subtree that was public, in three statements."""
    low, high = paths.subtree_bounds(folded_path)
    groups: list[tuple[Kind, Any, bool]] = [
        (Kind.SECTION, Section.objects.all(), True),
        (Kind.PAPER, Paper.objects.published(), True),
        (Kind.PAPER, ever_public(), False),
    ]
    for kind, things, replace in groups:
        found = things.filter(path_folded__gte=low, path_folded__lt=high).order_by()
        _insert_addresses(kind, found.values("path_folded", "uid"), replace)


def _insert_addresses(kind: Kind, rows: object, replace: bool) -> None:
    """INSERT … SELECT, which the ORM has not: 100,000 paths without one of them passing through Python."""
    query, parameters = rows.query.sql_with_params()  # type: ignore[attr-defined]
    table = connection.ops.quote_name(Address._meta.db_table)
    conflict = "UPDATE SET uid = excluded.uid, kind = excluded.kind" if replace else "NOTHING"
    sql = (
        f"INSERT INTO {table} (path_folded, uid, kind) SELECT found.*, %s FROM ({query}) AS found WHERE true "
        f"ON CONFLICT (path_folded) DO {conflict}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [kind.value, *parameters])


def lock_tree(sections: Collection[int] | None = None) -> None:
    """Queue all that changes paths one behind another: all of them, or those in some sections, by their primary keys.

    On SQLite an immediate transaction has done so already.
    """
    rows = Section.objects.select_for_update(no_key=True).order_by("pk").values_list("pk")
    list(rows if sections is None else rows.filter(pk__in=sections))


@contextmanager
def tree_locked() -> Iterator[None]:
    """A transaction in which nothing else changes a path."""
    with transaction.atomic():
        lock_tree()
        yield


def locked_section(pk: int | None) -> Section | None:
    """The section as it is now; it cannot move until the transaction ends."""
    return Section.objects.select_for_update(no_key=True).filter(pk=pk).first() if pk else None
