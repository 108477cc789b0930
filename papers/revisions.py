"""History: every write appends a Revision; publishing copies one to the row that readers see.

The row of a public paper holds its published revision, and later saves wait above it; a draft's row, a section's and a
tag's hold the newest one. Rows are rendered as they are saved: call `prepare` before a transaction that must not wait.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from . import addresses, derived
from .models import Kind, Paper, Revision, Section, Tag
from .rendering import Format, Rendered

KIND_OF: dict[type[Model], Kind] = {Section: Kind.SECTION, Paper: Kind.PAPER, Tag: Kind.TAG}
MODEL_OF: dict[Kind, type[Section] | type[Paper] | type[Tag]] = {
    Kind.TAG: Tag,
    Kind.SECTION: Section,
    Kind.PAPER: Paper,
}

WHY_MAX_LENGTH = 200  # names of tags may fill it

Thing = Section | Paper | Tag
Data = dict[str, Any]

# --- What was typed ---------------------------------------------------------------------------------------


def typed_columns(thing: Thing | type[Thing]) -> list[Any]:
    columns: Any = thing._meta.concrete_fields
    return [field for field in columns if field.serialize and not field.primary_key]


def typed_fields(thing: Thing, tags: Iterable[Tag] | None = None) -> Data:
    """What an editor typed, as JSON: sections and tags by uid. One query for a paper's tags unless they are given."""
    data = {field.name: _as_json(field, thing) for field in typed_columns(thing)}
    if isinstance(thing, Paper):
        uids = thing.tagged.values_list("tag__uid", flat=True) if tags is None else [tag.uid for tag in tags]
        data["tags"] = sorted(uids)
    return data


def _as_json(field: Any, thing: Model) -> Any:
    """As the database would give it back, whatever was assigned; times in UTC."""
    if field.remote_field:
        other = getattr(thing, field.name)
        return other.uid if other else None
    value = field.to_python(getattr(thing, field.attname))
    if isinstance(value, datetime):
        aware = timezone.make_aware(value) if timezone.is_naive(value) else value
        return aware.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def apply(thing: Thing, data: Data) -> None:
    """Set the typed fields as a revision has them, except tags, which are rows. A section that is gone becomes None."""
    for field in typed_columns(thing):
        if field.name not in data:
            continue  # older than the field
        value = data[field.name]
        if field.remote_field:
            if value != _as_json(field, thing):
                others = field.related_model._default_manager.filter(uid=value)
                setattr(thing, field.name, others.first() if value else None)
        else:
            setattr(thing, field.attname, field.to_python(value))


def tags_of(data: Data) -> list[Tag]:
    """The tags that a revision names: a merged one is its survivor, a deleted one is left out."""
    wanted = set(data.get("tags", []))
    found = {tag.uid: tag for tag in Tag.objects.filter(uid__in=wanted)}
    for uid in wanted - found.keys():
        survivor = _survivor(uid)
        if survivor:
            found[survivor.uid] = survivor
    return sorted(found.values(), key=lambda tag: tag.name)


def _survivor(uid: str) -> Tag | None:
    seen: set[str] = set()
    while uid and uid not in seen:
        tag = Tag.objects.filter(uid=uid).first()
        if tag:
            return tag
        seen.add(uid)
        last = head(Kind.TAG, uid)
        uid = last.data.get("merged_into", "") if last else ""
    return None


def check(thing: Thing) -> None:
    """What a form would check. Raises ValidationError by field."""
    columns: Any = thing._meta.concrete_fields
    exclude = {
        column.name for column in columns if not column.serialize or column.primary_key or column.remote_field
    }
    thing.clean_fields(exclude=exclude)
    thing.clean()
    thing.validate_unique(exclude=exclude)


# --- Reading ----------------------------------------------------------------------------------------------


def stored(thing: Thing) -> Any:
    """The row as it is in the database, until the end of the transaction; None if there is none."""
    rows = type(thing)._default_manager.select_for_update(no_key=True)
    return rows.filter(pk=thing.pk).first() if thing.pk else None


def _lock(thing: Thing) -> None:
    """So that two revisions never get the same number."""
    type(thing)._default_manager.select_for_update(no_key=True).filter(pk=thing.pk).values_list("pk").first()


def history(thing: Thing) -> Any:
    """Newest first."""
    return Revision.objects.filter(kind=KIND_OF[type(thing)], uid=thing.uid).order_by("-number")


def head(kind: Kind, uid: str) -> Revision | None:
    return Revision.objects.filter(kind=kind, uid=uid).order_by("-number").first()


def numbered(kind: Kind, uid: str, number: int | None) -> Revision | None:
    if number is None:
        return None
    return Revision.objects.filter(kind=kind, uid=uid, number=number).first()


def waiting(paper: Paper) -> Revision | None:
    """The newest revision, if readers do not see it yet."""
    return head(Kind.PAPER, paper.uid) if paper.has_changes else None


def data_of(thing: Thing) -> Data:
    """What an editor is to see: the head of a paper with unpublished changes, else the row."""
    latest = waiting(thing) if isinstance(thing, Paper) else None
    return latest.data if latest else typed_fields(thing)


# --- Writing ----------------------------------------------------------------------------------------------


@transaction.atomic
def record(thing: Thing, *, author: Any = None, why: str = "") -> Revision | None:
    """Append a revision of the thing as its row and tags are now; None if the history says so already."""
    _lock(thing)
    return _record(thing, author=author, why=why)


def _record(thing: Thing, *, author: Any = None, why: str = "") -> Revision | None:
    """The same, for who holds the row's lock."""
    data, latest = typed_fields(thing), head(KIND_OF[type(thing)], thing.uid)
    shown = _shown(thing, latest)
    if shown and shown.data == data and not shown.is_deletion:
        return None
    if latest and latest.data == data and not latest.is_deletion:
        _note(thing, latest.number)
        return None
    revision = append(thing, data, shown, latest, author=author, why=why)
    _note(thing, revision.number)
    return revision


def _shown(thing: Thing, latest: Revision | None) -> Revision | None:
    """The revision that the row is thought to hold."""
    if latest and isinstance(thing, Paper) and thing.revision and thing.revision != latest.number:
        return numbered(Kind.PAPER, thing.uid, thing.revision)
    return latest


def _note(thing: Thing, number: int) -> None:
    if isinstance(thing, Paper):
        derived.note_revision(thing, number, number)
    if not isinstance(thing, Tag):
        derived.note_change(thing)


def append(
    thing: Thing, data: Data, based_on: Revision | None, latest: Revision | None, **fields: Any
) -> Revision:
    """A revision whatever `latest`, the head, says; the caller holds the row's lock.

    `why` is kept as in the source, with its names, and translated for whoever reads the history.
    """
    author = fields.get("author")
    return Revision.objects.create(
        kind=KIND_OF[type(thing)],
        uid=thing.uid,
        number=latest.number + 1 if latest else 1,
        based_on=based_on.number if based_on else None,
        data=data,
        author_name=author.get_username() if author else "",
        **{**fields, "why": fields.get("why", "")[:WHY_MAX_LENGTH]},
    )


@transaction.atomic
def propose(paper: Paper, data: Data, *, author: Any = None, why: str = "") -> Revision | None:
    """Append what readers do not see yet; None if the head says the same. Whether they see the paper stays as it is."""
    _lock(paper)
    return _propose(paper, data, author=author, why=why)


def _propose(paper: Paper, data: Data, *, author: Any = None, why: str = "") -> Revision | None:
    """The same, for who holds the row's lock."""
    row, latest = typed_fields(paper), head(Kind.PAPER, paper.uid)
    fixed = ("status", "publish_at") if paper.is_published else ("status",)
    data = {**row, **data, **{name: row[name] for name in fixed}}
    data["tags"] = sorted(set(data["tags"]))
    if latest and latest.data == data:
        return None
    revision = append(paper, data, latest, latest, author=author, why=why)
    derived.note_revision(paper, revision.number if data == row else paper.revision, revision.number)
    return revision


def write(thing: Thing, data: Data) -> None:
    """Copy a revision's data to the row and its tags. Raises ValidationError by field."""
    before = typed_fields(thing, tags=())
    apply(thing, data)
    if thing._state.adding or typed_fields(thing, tags=()) != before:
        check(thing)
        thing.save()
    if isinstance(thing, Paper) and "tags" in data:
        thing.tags.set(tags_of(data))


def locked_row(thing: Thing) -> Any:
    """The row with all that the history has to know of it; what is new is its own row.

    Raises ValidationError if somebody has deleted it. The tree comes first, or two writers might wait for each other.
    """
    addresses.lock_tree()
    return known_row(thing)


def known_row(thing: Thing) -> Any:
    """The same, for who has locked the tree already or, of a paper that is there, the sections where it is and will be."""
    row = stored(thing)
    if row is None:
        if not thing._state.adding:
            raise ValidationError(_("已被删除"), code="deleted")
        return thing
    _record(row, why=gettext_noop("此前未记入历史的内容"))
    return row


@transaction.atomic
def save(thing: Thing, data: Data, *, row: Any = None, author: Any = None, why: str = "") -> Revision | None:
    """What an editor saved: of a public paper a head that readers do not see, else row and revision alike.

    `row`: what `known_row` gave in this transaction, if it was asked.
    """
    row = row or locked_row(thing)
    if isinstance(row, Paper) and row.status == Paper.Status.PUBLISHED:
        return _propose(row, data, author=author, why=why)
    write(row, data)
    thing.pk = row.pk
    return _record(row, author=author, why=why)


@transaction.atomic
def publish(
    paper: Paper, data: Data, *, row: Paper | None = None, author: Any = None, why: str = ""
) -> Revision | None:
    """Make it what readers see, at once or at `publish_at`. Raises ValidationError by field.

    `row`: what `known_row` gave in this transaction, if it was asked.
    """
    row = row or locked_row(paper)
    if row.pk and row.is_published:
        data = {**data, "publish_at": typed_fields(row)["publish_at"]}
    write(row, {**data, "status": Paper.Status.PUBLISHED.value})
    paper.pk = row.pk
    recorded = _record(row, author=author, why=why)
    return _taken_back(row, author=author, why=why) if recorded is None and row.has_changes else recorded


def _taken_back(paper: Paper, *, author: Any, why: str) -> Revision:
    """What waited is published as what readers have seen all along."""
    latest = head(Kind.PAPER, paper.uid)
    revision = append(paper, typed_fields(paper), latest, latest, author=author, why=why)
    _note(paper, revision.number)
    return revision


@transaction.atomic
def set_aside(paper: Paper, data: Data, *, author: Any = None, why: str = "") -> Revision:
    """Put a version into the history of a paper, and what an editor has made of it above, as it was.

    If the history has that version already, it is the newest that says so.
    """
    row: Paper = locked_row(paper)
    past = history(row)
    known: Revision | None = next((one for one in past.iterator() if one.data == data), None)
    if known:
        return known
    newest, shows_newest = past[0], not row.has_changes
    aside = append(row, data, newest, newest, author=author, why=why)
    again = append(row, newest.data, aside, aside, author=author, why=gettext_noop("编辑的版本，仍是最新的"))
    derived.note_revision(row, again.number if shows_newest else row.revision, again.number)
    return aside


@transaction.atomic
def unpublish(paper: Paper, *, author: Any = None, why: str = "") -> Revision | None:
    """A draft again, at its newest revision; its address answers 404 until it is back."""
    row: Paper = locked_row(paper)
    write(row, {**data_of(row), "status": Paper.Status.DRAFT.value, "publish_at": None})
    return _record(row, author=author, why=why)


@transaction.atomic
def change(thing: Thing, edit: Callable[[Data], Data], *, author: Any = None, why: str = "") -> None:
    """Apply one edit to the row and, where the head differs, to the head too: a later publish does not undo it."""
    row = locked_row(thing)
    pending = waiting(row) if isinstance(row, Paper) else None
    data = typed_fields(row)
    write(row, edit(data))
    _record(row, author=author, why=why)
    if pending:
        _propose(row, edit({**data, **pending.data}), author=author, why=why)


@transaction.atomic
def retag(papers: Iterable[Paper], *, add: Tag | None = None, remove: Tag | None = None, **said: Any) -> None:
    """`change` of tags on many papers: a few statements per batch. Papers with unpublished changes go one by one."""
    addresses.lock_tree()
    pks = sorted({paper.pk for paper in papers})
    rows = Paper.objects.select_for_update(no_key=True, of=("self",))
    rows = rows.select_related("section").prefetch_related("tagged__tag")
    for start in range(0, len(pks), derived.BATCH):
        _retag(list(rows.filter(pk__in=pks[start : start + derived.BATCH])), add, remove, said)


def _retag(papers: list[Paper], add: Tag | None, remove: Tag | None, said: dict[str, Any]) -> None:
    """Rows that hold the newest revision, and nothing else, take the one after it."""
    heads, simple = _heads(papers), []
    for paper in papers:
        newest, data = heads.get(paper.uid), typed_fields(paper, paper.tag_list)
        edited = with_tags(data, add, remove)
        if paper.has_changes or newest is None or newest.is_deletion or newest.data != data:
            change(paper, lambda data: with_tags(data, add, remove), **said)
        elif edited != data:
            simple.append((paper, _next(newest, edited, said)))
    Revision.objects.bulk_create([revision for _paper, revision in simple])
    derived.retag([paper.pk for paper, _revision in simple], add, remove)


def _next(newest: Revision, data: Data, said: dict[str, Any]) -> Revision:
    author = said.get("author")
    return Revision(
        kind=newest.kind,
        uid=newest.uid,
        number=newest.number + 1,
        based_on=newest.number,
        data=data,
        author=author,
        author_name=author.get_username() if author else "",
        why=said.get("why", "")[:WHY_MAX_LENGTH],
    )


def _heads(papers: list[Paper]) -> dict[str, Revision]:
    """The newest revisions, by the papers' uids."""
    number = Paper.objects.filter(uid=OuterRef("uid")).values("head_revision")
    uids = [paper.uid for paper in papers]
    found = Revision.objects.filter(kind=Kind.PAPER, uid__in=uids, number=Subquery(number))
    return {revision.uid: revision for revision in found}


def with_tags(data: Data, add: Tag | None, remove: Tag | None) -> Data:
    """One tag more, one less; a tag that takes another's place comes only where that one was."""
    tags = set(data["tags"])
    if add and (remove is None or remove.uid in tags):
        tags.add(add.uid)
    if remove:
        tags.discard(remove.uid)
    return {**data, "tags": sorted(tags)}


# --- Rebuilding -------------------------------------------------------------------------------------------


def stale_numbers(thing: Thing) -> list[str]:
    """The names of a paper's columns that say something else than its history.

    A row that was changed by a plain `save()` is not stale: the next writer records it.
    """
    newest = head(Kind.PAPER, thing.uid) if isinstance(thing, Paper) else None
    if not isinstance(thing, Paper) or newest is None:
        return []
    shown = numbered(Kind.PAPER, thing.uid, thing.revision)
    stale = {"revision": shown is None, "head_revision": thing.head_revision != newest.number}
    return [name for name, is_stale in stale.items() if is_stale]


@transaction.atomic
def repair_numbers(paper: Paper) -> None:
    """Find the revision that the row holds; record the row if there is none."""
    row: Paper | None = stored(paper)
    if row is None:
        return
    data = typed_fields(row)
    held = next((one for one in history(row).iterator() if one.data == data and not one.is_deletion), None)
    newest = head(Kind.PAPER, row.uid)
    if held is None or newest is None:
        derived.note_revision(row, None, newest.number if newest else 0)
        record(row, why=gettext_noop("此前未记入历史的内容"))
    else:
        derived.note_revision(row, held.number, newest.number)


# --- Before the lock --------------------------------------------------------------------------------------


def prepare(data: Data) -> tuple[str, Rendered]:
    """Render a note or text while no lock is held; the save that follows takes the result. Raises RenderingFailed.

    Before many saves in one transaction, give the results with their keys to `derived.at_hand`.
    """
    source: str = data.get("notes") or data.get("text") or ""
    note_format: Format = "html" if data.get("notes_format") == Paper.NotesFormat.HTML else "markdown"
    return derived.digest(source, note_format), derived.rendered(source, note_format)
