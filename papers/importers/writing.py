"""What was found becomes sections, tags and papers, by the ways that editors use: history, addresses, derived data.

Together with a file's paper is written that it was this file: killed in the middle, the next run goes on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .. import addresses, paths, revisions
from ..models import Address, ImportedFile, Kind, Paper, PaperKey, Section
from ..revisions import Data
from ..starting import in_batches
from . import embedded, sections
from .folder import Folder
from .found import Found, Refused, Trouble

_ASIDE = gettext_noop("由 import_notes 导入，没有采用：编辑已改过这篇")
_EMPTY: tuple[Any, ...] = ("", None, [])


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # an editor's version, beside which the imported one lies in the history
    SKIPPED = "skipped"
    LEFT_OUT = "left out"  # no note: a page of the other site's own


@dataclass
class Written:
    outcome: Outcome
    paper: Paper | None = None
    troubles: list[Trouble] = field(default_factory=list)


@dataclass
class Writer:
    """A file is known by the name of its source and its own path below it, wherever the folder lies."""

    folder: Folder
    source: str
    titles: Mapping[str, str] = field(default_factory=dict)
    author: Any = None
    #: Keeps no picture, and takes back what it has written: file by file, unless the whole run is taken back.
    dry_run: bool = False
    is_taken_back: bool = False
    #: Sections that are here under another uid than in an export.
    section_uids: dict[str, str] = field(default_factory=dict, init=False)
    #: Figures of an export, which says all that is said of them, if only nothing.
    described: set[str] = field(default_factory=set, init=False)
    #: What a dry run has promised to the files before, folded: no row holds it.
    promised: set[str] = field(default_factory=set, init=False)
    #: Paths that papers may have had, by uid: a later file may be the one that had it for certain.
    guessed: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)

    def write(self, found: Found, seen_on: date) -> Written:
        """While the tree is locked. Raises Refused, ValidationError. `seen_on` is for a note that says no date."""
        written = self._write(found, seen_on)
        if written.paper and (written.paper.is_published or found.keeps_addresses):
            written.troubles += _point(found.addresses, written.paper)
            self.guessed[written.paper.uid] = found.guesses
        if not self.dry_run and written.outcome != Outcome.UNCHANGED:
            embedded.describe(found.values.get("notes", ""), but=self.described)
        return written

    def point_guesses(self) -> None:
        """After all files, what is still free; some papers a transaction, since nobody else can write meanwhile."""
        for uids in in_batches(list(self.guessed), 100):
            with addresses.tree_locked():
                for paper in Paper.objects.filter(uid__in=uids):
                    _point(self.guessed[paper.uid], paper)

    def has(self, found: Found) -> bool:
        """Whether the file has been imported as it is: its note need not be rendered again."""
        record = self._record(found)
        return record is not None and record.digest == found.digest()

    def _record(self, found: Found) -> ImportedFile | None:
        return ImportedFile.objects.filter(source=self._name(found), kind=Kind.PAPER).first()

    def _write(self, found: Found, seen_on: date) -> Written:
        record = self._record(found)
        if record:
            return self._recorded(found, record, seen_on)
        record = self._renamed(found)
        if record:
            return self._under_its_new_name(found, record, seen_on)
        paper = self._known(found)
        return self._adopt(found, paper, seen_on) if paper else self._create(found, seen_on)

    def _recorded(self, found: Found, record: ImportedFile, seen_on: date) -> Written:
        paper = Paper.objects.select_related("section").filter(uid=record.uid).first()
        if paper is None:
            return _kept(_("这篇已被编辑删除，没有恢复"))
        if record.digest == found.digest():
            if not record.content and found.content:
                record.content = found.content
                record.save(update_fields=["content"])
            return Written(Outcome.UNCHANGED, paper)
        return self._again(found, record, paper, seen_on)

    def _renamed(self, found: Found) -> ImportedFile | None:
        """The one file that said the same to the letter, and is gone; none if there are more, or if it says nothing."""
        if not found.content or not found.values["notes"].strip():
            return None
        start = f"{self.source}/"
        same = ImportedFile.objects.filter(kind=Kind.PAPER, content=found.content)
        ours = [record for record in same if record.source.startswith(start)]
        gone = [record for record in ours if not self.folder.has(record.source.removeprefix(start))]
        return gone[0] if len(gone) == 1 else None

    def _under_its_new_name(self, found: Found, record: ImportedFile, seen_on: date) -> Written:
        former = record.source.removeprefix(f"{self.source}/")
        record.source = self._name(found)
        record.save(update_fields=["source"])
        written = self._recorded(found, record, seen_on)
        if written.outcome == Outcome.UNCHANGED:
            written.outcome = Outcome.UPDATED
        written.troubles.insert(0, Trouble(1, _("由 %s 改名而来") % former))
        return written

    def _section(self, found: Found) -> Section:
        """An export says which by its uid; a draft of none lies below the root, as far as its address is concerned."""
        uid = found.values.get("section")
        if uid is None:
            return sections.section_at(found.section, self.titles, self.author)
        section = Section.objects.filter(uid=self.section_uids.get(uid, uid)).first()
        if section is None:
            raise Refused(_("没有栏目 %s") % uid)
        return section

    def _name(self, found: Found) -> str:
        return f"{self.source}/{found.source}"

    # --- A new paper --------------------------------------------------------------------------------------

    def _create(self, found: Found, seen_on: date) -> Written:
        section = self._section(found)
        paper = Paper(uid=found.uid) if found.uid else Paper()
        is_hidden = found.is_draft or found.values.get("publish_at")
        if found.first_public_at and (found.keeps_addresses or not is_hidden):
            paper.first_public_at = parse_datetime(found.first_public_at)
        data = self._data(found, section.uid, revisions.typed_fields(paper, tags=()), seen_on)
        data["slug"] = self._free_slug(found, section)
        if self.dry_run and data["slug"]:
            self.promised.add(paths.fold(paths.paper_path(section.path, data["slug"])))
        hour = {} if found.keeps_addresses else _at_its_hour(data)
        self._save(paper, {**data, **hour}, is_draft=found.is_draft)
        return self._note(found, paper, Outcome.CREATED)

    def _data(self, found: Found, section: str | None, base: Data, seen_on: date) -> Data:
        tags = sections.tags_named(found.tags, self.author)
        dated = (
            {}
            if base.get("published_on") or found.is_draft
            else {"published_on": seen_on.replace(day=1).isoformat()}
        )
        return {
            **base,
            **dated,
            **found.values,
            "section": None if found.values.get("section", "") is None else section,
            "tags": sorted(tag.uid for tag in tags),
        }

    def _save(self, paper: Paper, data: Data, *, is_draft: bool) -> None:
        said = {"author": self.author, "why": sections.WHY}
        if is_draft and paper.status == Paper.Status.PUBLISHED:
            revisions.unpublish(paper, **said)
            paper.refresh_from_db()
        if is_draft:
            revisions.save(paper, {**data, "status": Paper.Status.DRAFT.value, "publish_at": None}, **said)
        else:
            revisions.publish(paper, data, **said)

    def _note(self, found: Found, paper: Paper, outcome: Outcome, number: int | None = None) -> Written:
        """Which revision the file made, and what it said."""
        row = Paper.objects.select_related("section").get(uid=paper.uid)
        values = {
            "kind": Kind.PAPER,
            "digest": found.digest(),
            "content": found.content,
            "uid": row.uid,
            "number": number or row.head_revision,
            "imported_at": timezone.now(),
        }
        ImportedFile.objects.update_or_create(source=self._name(found), defaults=values)
        return Written(outcome, row)

    def _free_slug(self, found: Found, section: Section, uid: str = "") -> str:
        """The first that no other paper has or had. Raises Refused."""
        path = ""
        if found.values.get("slug") == "":
            return ""  # a draft that has none yet
        for slug in found.slugs:
            path = paths.paper_path(section.path, slug)
            holder = Paper.objects.filter(path_folded=paths.fold(path)).exclude(uid=uid)
            is_taken = paths.fold(path) in self.promised or holder.exists()
            if not (is_taken or addresses.former_holder(path, uid)):
                return slug
        raise Refused(_("网址 %s 已属于另一篇论文") % path)

    # --- A paper that is there ----------------------------------------------------------------------------

    def _known(self, found: Found) -> Paper | None:
        """By its uid, its path, a former path or its title; not one that another file is. Makes no section yet."""
        named = Paper.objects.filter(uid=found.uid).first() if found.uid else None
        if named:
            return named
        section = sections.path_of(found.section)
        for slug in found.slugs:
            path = paths.fold(paths.paper_path(section, slug))
            former = Address.objects.filter(path_folded=path, kind=Kind.PAPER).values("uid")[:1]
            for papers in (Paper.objects.filter(path_folded=path), Paper.objects.filter(uid__in=former)):
                paper = papers.first()
                if paper and not self._is_another(paper, found):
                    return paper
        return self._of_title(found, section)

    def _of_title(self, found: Found, section: str) -> Paper | None:
        """Two notes of one title may be two papers, unless they stand in one section or one is still empty."""
        rows = PaperKey.objects.named([found.values["title"]]).get(found.values["title"], [])
        papers = Paper.objects.select_related("section").filter(pk__in=[row.paper_id for row in rows])
        likely = [
            paper
            for paper in papers
            if (paper.section and paper.section.path == section) or not revisions.data_of(paper)["notes"]
        ]
        return likely[0] if len(likely) == 1 and not self._is_another(likely[0], found) else None

    def _is_another(self, paper: Paper, found: Found) -> bool:
        sources = ImportedFile.objects.filter(kind=Kind.PAPER, uid=paper.uid).values_list("source", flat=True)
        return any(source.partition("/")[2] != found.source for source in sources)

    def _adopt(self, found: Found, paper: Paper, seen_on: date) -> Written:
        """It was written or seeded here: an empty note is filled, and what somebody has typed stays."""
        here = revisions.data_of(paper)
        said = self._data(found, here["section"] or self._section(found).uid, {**here, "tags": []}, seen_on)
        filled = _filled(here, said)
        if filled == here and here["notes"] == said["notes"]:
            return self._note(found, paper, Outcome.UNCHANGED)
        if here["notes"].strip() or paper.has_changes:
            return self._aside(found, paper, {**said, "slug": here["slug"]})
        self._save(paper, filled, is_draft=here["status"] == Paper.Status.DRAFT)
        return self._note(found, paper, Outcome.UPDATED)

    def _again(self, found: Found, record: ImportedFile, paper: Paper, seen_on: date) -> Written:
        """The file has changed since it was imported; perhaps an editor has changed the paper, too."""
        here, base = revisions.data_of(paper), revisions.numbered(Kind.PAPER, paper.uid, record.number)
        if base is None or base.data != here:
            return self._aside(found, paper, self._data(found, here["section"], here, seen_on))
        section = self._section(found)
        data = self._data(found, section.uid, here, seen_on)
        if here["slug"] not in found.slugs:
            data["slug"] = self._free_slug(found, section, paper.uid)
        self._save(paper, data, is_draft=found.is_draft)
        written = self._note(found, paper, Outcome.UPDATED)
        if here["title"] != data["title"]:
            titles = {"before": here["title"], "now": data["title"], "source": self.source}
            reason = _(
                "标题原是“%(before)s”，现在是“%(now)s”。若不是同一来源 %(source)s，请用 --source 另起名字再导入"
            )
            written.troubles.append(Trouble(1, reason % titles))
        return written

    def _aside(self, found: Found, paper: Paper, data: Data) -> Written:
        aside = revisions.set_aside(paper, data, author=self.author, why=_ASIDE)
        written = self._note(found, paper, Outcome.KEPT, aside.number)
        reason = _("编辑已改过“%s”：没有改动，导入的版本在它的历史里") % paper
        return _kept(reason, written.paper)


def _kept(reason: str, paper: Paper | None = None) -> Written:
    return Written(Outcome.KEPT, paper, [Trouble(1, reason)])


def _filled(here: Data, said: Data) -> Data:
    """Column by column, what is empty here; the note and its format belong together."""
    data = {name: said.get(name) if value in _EMPTY else value for name, value in here.items()}
    if not here["notes"].strip():
        data |= {"notes": said["notes"], "notes_format": said["notes_format"]}
    if not here["published_on"]:
        data["day_known"] = said["day_known"]
    return {**data, "tags": sorted({*here["tags"], *said["tags"]})}


def _at_its_hour(data: Data) -> Data:
    """What is dated in the future is not public before: no generator would have shown it."""
    if (
        data["publish_at"]
        or not data.get("day_known")
        or data["published_on"] <= timezone.localdate().isoformat()
    ):
        return {}
    at = timezone.make_aware(datetime.combine(date.fromisoformat(data["published_on"]), time()))
    return {"publish_at": at.isoformat()}


def _point(former: Iterable[str], paper: Paper) -> list[Trouble]:
    """Those that lead to another thing."""
    asked = [path for path in map(_tidy, former) if len(path) <= paths.PATH_MAX_LENGTH]
    taken = addresses.point_many(asked, paper)
    return [Trouble(1, _("旧网址 %s 已属于别处") % path) for path in sorted(taken)]


def _tidy(path: str) -> str:
    return paths.without_doubled_slashes(f"/{path.strip().lstrip('/')}")
