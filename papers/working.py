"""Working copies: what editors have typed and not saved, and who has a form open.

They are outside the history: none of these raises the generation number, makes a revision or touches a thing.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .fields import UID_ALPHABET, NoteField
from .models import Kind, Revision, WorkingCopy
from .revisions import MODEL_OF

#: What all inputs of a form may hold together: a note of the greatest length, and all that is beside it.
MAX_BYTES = NoteField.max_bytes + 64 * 1024

#: Who was in a form so long ago is no longer there.
PRESENT = timedelta(hours=1)

Fields = dict[str, list[str]]


class TooLong(Exception):
    """More than a working copy may hold."""


class HeldElsewhere(Exception):
    """Another window of the same account has text of this thing that is neither saved nor discarded."""


def is_fresh_uid(kind: Kind, uid: str) -> bool:
    """Whether a form may give this name to a new thing: made as we make them, and never anybody's."""
    if not re.fullmatch(f"[{UID_ALPHABET}]{{8}}", uid):
        return False
    return not (
        MODEL_OF[kind]._default_manager.filter(uid=uid).exists()
        or Revision.objects.filter(kind=kind, uid=uid).exists()
    )


# --- Writing ----------------------------------------------------------------------------------------------


@transaction.atomic
def store(
    account: Any, kind: Kind, uid: str, fields: Fields, based_on: int | None, writer: str, replaces: str = ""
) -> WorkingCopy:
    """Keep what stands in a form. Raises TooLong; HeldElsewhere unless the text there is of one of these writers."""
    _refuse_too_long(fields)
    held = _of(account, kind, uid).select_for_update().first()
    if held and held.written_at and held.writer not in (writer, replaces):
        raise HeldElsewhere
    now = timezone.now()
    values = {"fields": fields, "based_on": based_on, "writer": writer, "written_at": now, "seen_at": now}
    copy, _is_new = WorkingCopy.objects.update_or_create(account=account, kind=kind, uid=uid, defaults=values)
    return copy


def _refuse_too_long(fields: Fields) -> None:
    size = sum(
        len(name) + sum(len(value.encode(errors="replace")) for value in values)
        for name, values in fields.items()
    )
    if size > MAX_BYTES:
        raise TooLong


def touch(account: Any, kind: Kind, uid: str) -> None:
    """Say that the form is open; what nobody has looked at for a day and holds no text goes."""
    now = timezone.now()
    WorkingCopy.objects.update_or_create(
        account=account, kind=kind, uid=uid, defaults={"seen_at": now}, create_defaults={"seen_at": now}
    )
    WorkingCopy.objects.filter(written_at=None, seen_at__lt=now - timedelta(days=1)).delete()


def discard(account: Any, kind: Kind, writers: Iterable[str], uids: Iterable[str] = ()) -> int:
    """Drop the text that came from one of these windows, and that these forms are open; other windows' text stays."""
    own = Q(writer__in=set(writers) - {""}) | Q(written_at=None, uid__in=set(uids))
    dropped, _by_model = WorkingCopy.objects.filter(own, account=account, kind=kind).delete()
    return dropped


# --- Reading ----------------------------------------------------------------------------------------------


def _of(account: Any, kind: Kind, uid: str) -> Any:
    return WorkingCopy.objects.filter(account=account, kind=kind, uid=uid)


def held(account: Any, kind: Kind, uid: str) -> WorkingCopy | None:
    """The text that this account has of a thing and has not saved."""
    found: WorkingCopy | None = _of(account, kind, uid).exclude(written_at=None).first()
    return found


def of_what_is_not_there(account: Any, kind: Kind) -> list[WorkingCopy]:
    """What was begun in an empty form and never saved, or typed into what is deleted by now; newest first."""
    there = MODEL_OF[kind]._default_manager.values("uid")
    mine = WorkingCopy.objects.filter(account=account, kind=kind).exclude(written_at=None)
    return list(mine.exclude(uid__in=there).order_by("-written_at")[:20])


def others(account: Any, kind: Kind, uid: str) -> list[WorkingCopy]:
    """Who else has the form open or had it a short while ago, the latest first."""
    since = timezone.now() - PRESENT
    rows = WorkingCopy.objects.filter(kind=kind, uid=uid, seen_at__gt=since, account__is_active=True)
    return list(
        rows.exclude(account=account).select_related("account").defer("fields").order_by("-seen_at")[:5]
    )
