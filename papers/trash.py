"""What is deleted stays in the history, and comes back from there with its tags and addresses."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from . import addresses, revisions
from .models import Kind, Paper, Revision, Section, Tag
from .revisions import KIND_OF, MODEL_OF, Data, Thing


@transaction.atomic
def delete(thing: Thing, *, author: Any = None, why: str = "") -> None:
    """The receivers below every delete record what goes, with this name and these words. What is gone stays gone."""
    addresses.lock_tree()
    if revisions.stored(thing) is None:
        return
    thing._deleted_by = author  # type: ignore[union-attr]
    thing._deleted_why = why  # type: ignore[union-attr]
    thing.delete()


def note(thing: Thing, *, author: Any, why: str) -> None:
    """Record what is about to go, and leave its addresses: 410 from now on."""
    addresses.lock_tree()
    row = revisions.stored(thing)
    if row is None:
        return  # somebody has deleted it already
    revisions.record(row, why=gettext_noop("此前未记入历史的内容"))
    data = {**revisions.typed_fields(row), **_what_is_not_typed(row, getattr(thing, "_merged_into", ""))}
    shown = revisions.numbered(KIND_OF[type(row)], row.uid, getattr(row, "revision", None))
    newest = revisions.head(KIND_OF[type(row)], row.uid)
    revisions.append(
        row, data, shown or newest, newest, author=author, why=why or gettext_noop("删除"), is_deletion=True
    )
    if isinstance(row, Tag):
        addresses.leave(row)
        _untag(row, author)
        return
    addresses.leave(row)
    if isinstance(row, Paper) and row.was_public:
        addresses.keep(Kind.PAPER, row.uid, addresses.permanent_path(row.uid))


def _what_is_not_typed(row: Thing, survivor: str) -> Data:
    """What a thing needs beside its fields to come back as it was."""
    if survivor:
        return {"merged_into": survivor}
    if isinstance(row, Tag):
        tagged = Paper.objects.tagged(row).order_by("uid")
        return {"papers": list(tagged.values_list("uid", flat=True))}
    if isinstance(row, Paper) and row.first_public_at:
        return {"first_public_at": row.first_public_at.isoformat()}
    return {}


def _untag(tag: Tag, author: Any) -> None:
    """The papers' histories say that the tag went."""
    why = gettext_noop("删除标签“%s”") % tag
    revisions.retag(Paper.objects.tagged(tag), remove=tag, author=author, why=why)


def without_tag(data: Data, tag: Tag) -> Data:
    return {**data, "tags": [uid for uid in data["tags"] if uid != tag.uid]}


def with_tag(data: Data, tag: Tag) -> Data:
    return {**data, "tags": sorted({*data["tags"], tag.uid})}


# --- The trash --------------------------------------------------------------------------------------------


def deletions(kind: Kind) -> Any:
    """The last revisions of deleted things, newest first; a merged tag lives on in another."""
    newer = Revision.objects.filter(kind=kind, uid=OuterRef("uid"), number__gt=OuterRef("number"))
    alive = MODEL_OF[kind]._default_manager.filter(uid=OuterRef("uid"))
    last = Revision.objects.filter(~Exists(newer), ~Exists(alive), kind=kind, is_deletion=True)
    return last.filter(data__merged_into__isnull=True).order_by("-created_at", "-pk")


def title_of(deletion: Revision) -> str:
    return str(deletion.data.get("title") or deletion.data.get("name") or deletion.uid)


def newest_data(deletion: Revision) -> Data:
    """What an editor saved last: changes that waited to be published when the paper was deleted, else what went."""
    unpublished = _unpublished(deletion)
    return unpublished.data if unpublished else deletion.data


def _unpublished(deletion: Revision) -> Revision | None:
    if deletion.based_on in (None, deletion.number - 1):
        return None
    return revisions.numbered(Kind(deletion.kind), deletion.uid, deletion.number - 1)


@transaction.atomic
def bring_back(deletion: Revision, *, author: Any = None, may_publish: bool) -> Thing:
    """As it was, unpublished changes included; a draft where publishing is not allowed.

    Raises ValidationError by field, for instance if its address is taken; RenderingFailed.
    """
    addresses.lock_tree()
    kind = Kind(deletion.kind)
    thing: Any = MODEL_OF[kind]()
    take_up(thing, deletion)
    withdrawn = {} if may_publish else {"status": Paper.Status.DRAFT.value, "publish_at": None}
    data = {**deletion.data, **withdrawn}
    refuse_lost_section(thing, data)
    revisions.write(thing, data)
    revisions.record(thing, author=author, why=gettext_noop("从回收站恢复"))
    unpublished = _unpublished(deletion)
    if isinstance(thing, Paper) and unpublished:
        revisions.save(
            thing, {**unpublished.data, **withdrawn}, author=author, why=gettext_noop("恢复未发布的修改")
        )
    if isinstance(thing, Tag):
        tag_again(thing, deletion, author)
    return thing


def take_up(thing: Thing, deletion: Revision) -> None:
    """Give a new row what nobody types of the one that was deleted."""
    thing.uid = deletion.uid
    if isinstance(thing, Paper):
        thing.first_public_at = _first_public_at(deletion)


def _first_public_at(deletion: Revision) -> datetime | None:
    """An hour of publishing that came after the deletion never was."""
    first = parse_datetime(deletion.data.get("first_public_at", ""))
    return first if first and first <= deletion.created_at else None


def refuse_lost_section(thing: Thing, data: Data) -> None:
    """A section may be in the trash itself: it has to come back first. Raises ValidationError by field."""
    field = "section" if isinstance(thing, Paper) else "parent"
    uid = data.get(field)
    if uid and not Section.objects.filter(uid=uid).exists():
        lost = revisions.head(Kind.SECTION, uid)
        message = _("它所在的栏目“%(title)s”已被删除，请先恢复栏目，或另选一个栏目。")
        raise ValidationError({field: message % {"title": lost.data["title"] if lost else uid}})


def tag_again(tag: Tag, deletion: Revision, author: Any) -> None:
    """On the papers that it was on."""
    papers = Paper.objects.filter(uid__in=deletion.data.get("papers", []))
    revisions.retag(papers, add=tag, author=author, why=gettext_noop("恢复标签“%s”") % tag)
