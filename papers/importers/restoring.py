"""What only an export of this site holds: tags, sections, pictures with their words, changes that wait, addresses."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import addresses, figures, paths, revisions
from ..models import Address, ImportedFile, Kind, Paper, Section, Tag
from . import embedded
from .failures import FAILURES, in_words
from .found import FoundChange, FoundPage, FoundSection, Refused, Trouble
from .ours import Export
from .sections import WHY, tags_named
from .writing import Outcome, Writer, Written


def before(source: Export, writer: Writer) -> Iterator[Trouble]:
    """Tags with their uids, and pictures: notes name both. In a dry run only looked at."""
    words = {row["name"]: row for row in _rows(source, "figures")}
    for name in source.figures():
        try:
            _figure(source, name, words, writer)
        except FAILURES as error:
            yield Trouble(1, f"{name}: {in_words(error)}")
    tags = _rows(source, "tags")
    uids = {row["uid"] for row in tags}
    for row in tags:
        try:
            _tag(row, uids, writer.author)
        except FAILURES as error:
            yield Trouble(1, f"{row['name'][:200]}: {in_words(error)}")


def after(source: Export) -> Iterator[Trouble]:
    """Former addresses of tags, and of what is deleted; where something lives or was, it stays."""
    wanted: list[Address] = []
    for row in _rows(source, "addresses"):
        address = Address(path_folded=paths.fold(row["path"]), kind=row["kind"], uid=row["uid"])
        try:
            address.clean_fields()
        except ValidationError as error:
            yield Trouble(1, f"{row['path'][:200]}: {in_words(error)}")
        else:
            wanted.append(address)
    Address.objects.bulk_create(wanted, ignore_conflicts=True)


def _rows(source: Export, name: str) -> list[defaultdict[str, str]]:
    """What is said there; of what is not, and of what is no text, nothing."""
    rows = source.about.get(name, [])
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [
        defaultdict(str, {name: value for name, value in row.items() if isinstance(value, str)})
        for row in found
    ]


def _figure(source: Export, name: str, words: Mapping[str, Mapping[str, str]], writer: Writer) -> None:
    address = (embedded.look_at if writer.dry_run else embedded.store)(source.figure(name))
    key = address.rpartition("/")[2]
    said = words.get(key, {})
    writer.described.add(key)
    if not writer.dry_run:
        figures.describe(key, alt=said.get("alt", ""), caption=said.get("caption", ""))


def _tag(row: Mapping[str, str], uids: Collection[str], author: Any) -> None:
    """Unless one of its name was here before, in whatever letter case: only fixtures make two of these."""
    if not row["uid"]:
        raise Refused(_("没有 uid，不是导出的文件"))
    tag = Tag(uid=row["uid"], name=row["name"], slug=row["slug"])
    same = Tag.objects.filter(Q(uid=tag.uid) | Q(name__iexact=tag.name)).values_list("uid", flat=True)
    if any(uid == tag.uid or uid not in uids for uid in same):
        return
    revisions.save(tag, revisions.typed_fields(tag), author=author, why=WHY)


def write_section(writer: Writer, found: FoundSection) -> Written:
    """By its uid, or by its address; one that was not imported, or was edited since, stays as it is."""
    uid, parent = found.values["uid"], found.values["parent"]
    data = {**found.values, "parent": writer.section_uids.get(parent, parent) if parent else None}
    section = _known(uid, data)
    outcome = Outcome.CREATED
    if section:
        writer.section_uids[uid] = section.uid
        data["uid"] = section.uid
        outcome = outcome_of(writer, found, section, data)
    if outcome in (Outcome.CREATED, Outcome.UPDATED):
        section = section or Section(uid=uid)
        revisions.save(section, data, author=writer.author, why=WHY)
    assert section
    note(writer, found, section, outcome)
    addresses.point_many(found.addresses, Section.objects.get(pk=section.pk))
    return Written(outcome, None, kept(section) if outcome == Outcome.KEPT else [])


def kept(section: Section) -> list[Trouble]:
    return [Trouble(1, _("编辑已改过栏目“%s”：没有改动") % section)]


def _known(uid: str, data: dict[str, Any]) -> Section | None:
    section = Section.objects.filter(uid=uid).first()
    if section or data["parent"] is None:
        return section or Section.objects.filter(parent=None).first()
    parent = Section.objects.filter(uid=data["parent"]).first()
    if parent is None:
        raise Refused(_("没有栏目 %s") % data["parent"])
    return Section.objects.with_path(paths.section_path(parent.path, data["slug"]))


def outcome_of(
    writer: Writer, found: FoundSection | FoundPage, section: Section, data: dict[str, Any]
) -> Outcome:
    here = revisions.typed_fields(section)
    if here == data:
        return Outcome.UNCHANGED
    record = record_of(writer, found)
    if record and record.digest == found.digest():
        return Outcome.UNCHANGED
    made = revisions.numbered(Kind.SECTION, section.uid, record.number) if record else None
    return Outcome.UPDATED if made and made.data == here else Outcome.KEPT


def record_of(writer: Writer, found: FoundSection | FoundPage) -> ImportedFile | None:
    return ImportedFile.objects.filter(source=f"{writer.source}/{found.source}", kind=Kind.SECTION).first()


def note(writer: Writer, found: FoundSection | FoundPage, section: Section, outcome: Outcome) -> None:
    """What an editor has made is no import, however often the file changes after it."""
    record, head = record_of(writer, found), revisions.head(Kind.SECTION, section.uid)
    if record and record.digest == found.digest():
        return
    made = record if outcome == Outcome.KEPT else head
    values = {
        "kind": Kind.SECTION,
        "digest": found.digest(),
        "uid": section.uid,
        "number": made.number if made else 0,
        "imported_at": timezone.now(),
    }
    ImportedFile.objects.update_or_create(source=f"{writer.source}/{found.source}", defaults=values)


def write_change(writer: Writer, found: FoundChange) -> Written:
    """A change that waited waits again, unless somebody is ahead of it here."""
    paper = Paper.objects.filter(uid=found.uid).first()
    if paper is None:
        raise Refused(_("没有论文 %s") % found.uid)
    uid = found.values.get("section")
    tags = sorted(tag.uid for tag in tags_named(found.tags, writer.author))
    data = {**found.values, "section": writer.section_uids.get(uid, uid) if uid else None, "tags": tags}
    return Written(_propose(writer, paper, data), paper)


def _propose(writer: Writer, paper: Paper, data: dict[str, Any]) -> Outcome:
    if revisions.data_of(paper) == data:
        return Outcome.UNCHANGED
    if paper.has_changes:
        return Outcome.KEPT
    revisions.save(paper, data, author=writer.author, why=WHY)
    return Outcome.UPDATED
