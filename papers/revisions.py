"""History: one Revision for every write that changed what was typed."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from . import derived
from .models import Kind, Paper, Revision, Section, Tag

KIND_OF: dict[type[Model], Kind] = {Section: Kind.SECTION, Paper: Kind.PAPER, Tag: Kind.TAG}


def typed_fields(thing: Section | Paper | Tag) -> dict[str, Any]:
    """What an editor typed, as JSON: sections and tags by uid. One query for a paper's tags."""
    columns: Any = thing._meta.concrete_fields
    fields = [field for field in columns if field.serialize and not field.primary_key]
    data = {field.name: _as_json(field, thing) for field in fields}
    if isinstance(thing, Paper):
        data["tags"] = sorted(thing.tagged.values_list("tag__uid", flat=True))
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


def stored(thing: Section | Paper | Tag) -> Any:
    """The row as it is in the database, until the end of the transaction; None if there is none."""
    rows = type(thing)._default_manager.select_for_update(no_key=True)
    return rows.filter(pk=thing.pk).first() if thing.pk else None


def _lock(thing: Section | Paper | Tag) -> None:
    """So that two revisions never get the same number."""
    type(thing)._default_manager.select_for_update(no_key=True).filter(pk=thing.pk).values_list("pk").first()


def head(kind: Kind, uid: str) -> Revision | None:
    return Revision.objects.filter(kind=kind, uid=uid).order_by("-number").first()


@transaction.atomic
def record(thing: Section | Paper | Tag, *, author: Any = None, why: str = "") -> Revision | None:
    """Append a revision of the thing as its row and tags are now; None if the head says the same."""
    kind = KIND_OF[type(thing)]
    _lock(thing)
    data, latest = typed_fields(thing), head(kind, thing.uid)
    if latest and latest.data == data:
        return None
    if not isinstance(thing, Tag):
        derived.note_change(thing)
    return Revision.objects.create(
        kind=kind,
        uid=thing.uid,
        number=latest.number + 1 if latest else 1,
        based_on=latest.number if latest else None,
        data=data,
        author=author,
        author_name=author.get_username() if author else "",
        why=why,
    )
