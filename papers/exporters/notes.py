"""Sections and papers as files with front matter, in folders that mirror their addresses; pictures beside them.

All that an editor can type is in it, and every former address, so that `import_notes` makes the same site of it. The
history and accounts are not: they are for a backup.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from .. import figures, paths, revisions
from ..exported import ABOUT, CHANGES, DRAFTS, FIGURES, FOR_GIT, FORMAT, SECTION
from ..models import Address, Figure, Kind, Paper, Section, Tag
from ..revisions import Data
from ..serializers import BlockDumper
from . import site_memory
from .tree import Tree, TreeRefused

BATCH = 100
# File systems take names of 255 bytes; a slug of 200 Chinese characters has 600.
_LONGEST = 200
_DOTS = re.compile(r"^\.\.\.\n\Z", re.MULTILINE)
_ENDINGS = {"markdown": ".md", "html": ".html"}


@dataclass
class Plan:
    """The name of the file of everything, by primary key."""

    sections: dict[int, str] = field(default_factory=dict)
    papers: dict[int, str] = field(default_factory=dict)
    changes: dict[int, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)

    def names(self) -> set[str]:
        kinds: tuple[dict[Any, str], ...] = (self.sections, self.papers, self.changes, self.figures)
        return {name for kind in kinds for name in kind.values()} | {ABOUT, FOR_GIT}


def plan() -> Plan:
    made = Plan()
    folders: dict[int, str] = {}
    taken = {f"{ABOUT}/"}
    rows = Section.objects.order_by("path_folded").values_list("pk", "parent", "slug", "uid")
    for pk, parent, slug, uid in sorted(rows, key=lambda row: row[1] is not None):
        folders[pk] = "" if parent is None else f"{_free(folders[parent], slug, uid, '/', taken)}/"
        made.sections[pk] = f"{folders[pk]}{SECTION}"
    columns = ("pk", "section", "slug", "uid", "notes_format", "status")
    for pk, section, slug, uid, note_format, status in Paper.objects.order_by("uid").values_list(*columns):
        ending = _ENDINGS[note_format]
        is_public = status == Paper.Status.PUBLISHED
        folder = folders[section] if is_public else f"{DRAFTS}/"
        made.papers[pk] = f"{_free(folder, slug if is_public else uid, uid, ending, taken)}{ending}"
    changed = Paper.objects.with_changes()
    made.changes = {pk: f"{CHANGES}/{uid}.md" for pk, uid in changed.values_list("pk", "uid")}
    made.figures = {name: f"{FIGURES}/{name}" for name in Figure.objects.values_list("name", flat=True)}
    return made


def _free(folder: str, slug: str, uid: str, ending: str, taken: set[str]) -> str:
    """A name that no other file has, on file systems without letter case either; the uid, where the slug cannot be one."""
    is_short = len(slug.encode()) <= _LONGEST and slug[:1] not in "_-"
    name = f"{folder}{slug if is_short else uid}"
    while f"{name}{ending}".casefold() in taken:
        name += "~"
    taken.add(f"{name}{ending}".casefold())
    return name


def export(tree: Tree) -> Iterator[list[str]]:
    """After each thing, what could not be exported of it. Raises TreeRefused."""
    if (tree.root / site_memory.FILE).exists():
        raise TreeRefused(f"{tree.root}: holds an export of another kind")
    planned = plan()
    tree.begin(planned.names())
    former = _former()
    tree.put(ABOUT, _about(former))
    tree.put(FOR_GIT, b"* -text\n")
    yield []
    for section in Section.objects.filter(pk__in=planned.sections).select_related("parent").order_by("pk"):
        tree.put(planned.sections[section.pk], _section(section, planned.sections[section.pk], former))
        yield []
    for paper in _papers():
        if paper.pk in planned.papers:  # others came while this was at work
            _put_paper(tree, planned, paper, former)
            yield []
    for name, file in planned.figures.items():
        yield _put_figure(tree, name, file)
    tree.end()


def _papers() -> Iterator[Paper]:
    last = 0
    papers = Paper.objects.select_related("section").prefetch_related("tagged__tag").order_by("pk")
    while batch := list(papers.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _former() -> dict[tuple[str, str], list[str]]:
    """Former paths by what they lead to; where something lives, nothing else is reached."""
    live = {
        *Section.objects.values_list("path_folded", flat=True),
        *Paper.objects.values_list("path_folded", flat=True),
    }
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, kind, uid in Address.objects.order_by("path_folded").values_list("path_folded", "kind", "uid"):
        if path not in live:
            found[kind, uid].append(path)
    return found


# --- Files ------------------------------------------------------------------------------------------------


def _about(former: dict[tuple[str, str], list[str]]) -> bytes:
    """Tags, words of figures, and former addresses of tags, of what is deleted, and of what front matter cannot say."""
    owners = {(Kind.SECTION.value, uid) for uid in Section.objects.values_list("uid", flat=True)}
    owners |= {(Kind.PAPER.value, uid) for uid in Paper.objects.values_list("uid", flat=True)}
    said = Figure.objects.exclude(alt="", caption="").order_by("name").values("name", "alt", "caption")
    about = {
        "format": FORMAT,
        "tags": list(Tag.objects.order_by("uid").values("uid", "name", "slug")),
        "figures": list(said),
        "addresses": [
            {"path": path, "kind": kind, "uid": uid}
            for (kind, uid), left in sorted(former.items())
            for path in left
            if (kind, uid) not in owners or not _is_plain(path)
        ],
    }
    return _yaml(about).encode()


def _section(section: Section, name: str, former: dict[tuple[str, str], list[str]]) -> bytes:
    data = revisions.typed_fields(section)
    text = data.pop("text")
    if name.split("/")[-2:-1] == [section.slug] or section.is_root:
        data.pop("slug")
    return _file({**_said(data, Section()), **_redirects(former, Kind.SECTION, section.uid)}, text)


def _put_paper(tree: Tree, planned: Plan, paper: Paper, former: dict[tuple[str, str], list[str]]) -> None:
    row = revisions.typed_fields(paper, paper.tag_list)
    more = _redirects(former, Kind.PAPER, paper.uid)
    if paper.first_public_at:
        more["first_public_at"] = paper.first_public_at.isoformat()
    tree.put(planned.papers[paper.pk], _paper(row, more))
    if paper.pk in planned.changes:
        tree.put(planned.changes[paper.pk], _paper(revisions.data_of(paper), {}))


def _paper(data: Data, more: dict[str, Any]) -> bytes:
    """Tags by their names; the section by its uid too, since a draft lies in no folder of a section."""
    names = [tag.name for tag in revisions.tags_of(data)]
    said = _said({**data, "notes": "", "tags": []}, Paper(status=Paper.Status.PUBLISHED))
    return _file({**said, **({"tags": names} if names else {}), **more}, data["notes"])


def _said(data: Data, nothing: Section | Paper) -> dict[str, Any]:
    """Only what somebody has said; the uid first."""
    silent = revisions.typed_fields(nothing, tags=())
    said = {name: value for name, value in data.items() if value not in (None, silent.get(name))}
    return {"uid": data["uid"]} | said


def _redirects(former: dict[tuple[str, str], list[str]], kind: Kind, uid: str) -> dict[str, Any]:
    left = [path for path in former.get((kind.value, uid), []) if _is_plain(path)]
    return {"redirect_from": left} if left else {}


def _is_plain(path: str) -> bool:
    """Whether it is read in front matter as it stands, and not as a link that a person has written."""
    is_tidy = path.startswith("/") and path == path.strip() and not re.search(r"[?#]|//", path)
    return is_tidy and len(path) <= paths.PATH_MAX_LENGTH


def _put_figure(tree: Tree, name: str, file: str) -> list[str]:
    figure = Figure.objects.filter(pk=name).first()
    if figure is None or tree.has(file, figure.bytes):
        return []
    try:
        with default_storage.open(figures.place_of(name)) as opened:
            tree.put(file, opened.read())
    except FileNotFoundError:
        return [f"{name}: {_('图片的文件不在了')}"]
    return []


def _file(front: dict[str, Any], body: str) -> bytes:
    """After a text that ends in empty lines YAML puts three dots, which would end the front matter too soon."""
    return f"---\n{_DOTS.sub('', _yaml(front))}---\n{body}".encode()


def _yaml(data: dict[str, Any]) -> str:
    text: str = yaml.dump(data, Dumper=BlockDumper, allow_unicode=True, sort_keys=False, width=1_000_000)
    return text
