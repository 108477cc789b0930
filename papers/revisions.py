"""History: one Revision for every write that changed what was typed."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from . import derived
from .models import Kind, Paper, Revision, Section, Tag

KIND_OF: dict[type[Model], Kind] = {Section: Kind.SECTION, Paper: Kind.PAPER, Tag: Kind.TAG}


def typed_fields(thing: Section | Paper | Tag) -> dict[str, Any]:
    """What an editor typed, as JSON: sections and tags by uid. One query for a paper's tags."""
    fields = [field for field in thing._meta.concrete_fields if field.serialize and not field.primary_key]
    data = {field.name: _as_json(getattr(thing, field.name)) for field in fields}
    if isinstance(thing, Paper):
        data["tags"] = sorted(thing.tagged.values_list("tag__uid", flat=True))
    return data


def _as_json(value: Any) -> Any:
    if isinstance(value, Section):
        return value.uid
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def head(kind: Kind, uid: str) -> Revision | None:
    return Revision.objects.filter(kind=kind, uid=uid).order_by("-number").first()


@transaction.atomic
def record(thing: Section | Paper | Tag, *, author: Any = None, why: str = "") -> Revision | None:
    """Append a revision of the thing as its row and tags are now; None if the head says the same."""
    kind = KIND_OF[type(thing)]
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
