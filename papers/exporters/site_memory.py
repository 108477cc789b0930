"""What an export remembers of its last run, so that the next one knows what a change can have touched.

A page shows its own note, and of other papers only what stands in their records, tags and citations. So while these
are the same for all papers, and sections, tags, pictures and former addresses too, a paper whose note has changed has
touched its own files, the feeds above it and the sitemap; and nothing else.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.models import Case, TextField, When
from django.db.models.functions import Cast

from .. import __version__
from ..models import Address, Figure, FigureUse, Paper, Section, Tag, TaggedPaper
from ..querysets import is_public_row
from ..stored import state

#: In the folder itself; says that the folder is such an export.
FILE = ".papercache-site"

# What only a paper's own files, the feeds and the sitemap show, and what nobody sees.
_ITS_OWN = {"notes", "notes_html", "plain_text", "contents", "changed_at", "rendered_by"} | {
    "revision",
    "head_revision",
    "cited",
}
_OF_A_NOTE = ("changed_at", "revision", "rendered_by")  # what changes with it


@dataclass
class Memory:
    """Empty strings while a run is under way: the next one then makes everything."""

    made_with: str = ""  # code, settings, style sheets
    state: str = ""  # of the site, as `stored.state` has it
    around: str = ""  # all that more than one page shows
    papers: dict[str, str] = field(default_factory=dict)  # what each note was, by path


def read(root: Path) -> Memory:
    """An unreadable one is as good as none."""
    try:
        return Memory(**json.loads((root / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Memory()


def write(root: Path, memory: Memory) -> None:
    part = root / f"{FILE}.part"
    part.write_text(json.dumps(asdict(memory), ensure_ascii=False, indent=0), encoding="utf-8")
    os.replace(part, root / FILE)


def made_with(*options: object) -> str:
    chosen = {name: str(getattr(settings, name)) for name in dir(settings) if name.startswith("PAPERCACHE_")}
    chosen |= {name: str(getattr(settings, name)) for name in ("TIME_ZONE", "LANGUAGE_CODE")}
    assets = sorted(getattr(staticfiles_storage, "hashed_files", {}).items())
    return _digest([__version__, sorted(chosen.items()), options, assets, *_code()])


def _code() -> Iterable[tuple[str, int, int]]:
    """Size and time of each file say enough: somebody who develops wants to see the change."""
    for top in ("papers", "templates"):
        for folder, _folders, names in sorted(os.walk(settings.BASE_DIR / top)):
            for name in sorted(
                name for name in names if name.endswith((".py", ".html", ".xml", ".txt", ".mo"))
            ):
                status = os.stat(os.path.join(folder, name))
                yield os.path.join(folder, name), status.st_size, status.st_mtime_ns


def present() -> tuple[str, str, dict[str, str]]:
    """State, what is around, and the notes; the state first, so that a write meanwhile is found by the next run."""
    now = state()
    records, notes = _papers()
    return now, _digest([records, *_beside_papers()]), notes


def _papers() -> tuple[str, dict[str, str]]:
    """Their records, and what each note was; read at once, since the database goes through whole notes for it."""
    columns = [name for name in _columns(Paper) if name not in _ITS_OWN]
    # Published ones, as they lie in the table: found by an index they would all have to be sorted.
    papers = Paper.objects.filter(is_public_row()).order_by("pk").values_list("path", *_OF_A_NOTE, *columns)
    compared = papers.annotate(
        naming=Cast("cited", TextField()),
        is_written=Case(When(notes="", then=False), default=True),  # or else it is wanted
    )
    records, notes = hashlib.sha256(), {}
    for path, changed_at, revision, rendered_by, *record in _rows(compared):
        records.update(repr(record).encode())
        notes[path] = _digest([changed_at, revision, rendered_by])[:16]
    return records.hexdigest(), notes


def _beside_papers() -> Iterator[tuple[Any, ...]]:
    tagged = TaggedPaper.objects.all_published().order_by("content_object", "tag")
    used = FigureUse.objects.filter(in_row=True).order_by("name", "paper", "section")
    tables: list[Any] = [
        *(model._default_manager.order_by("pk").values_list() for model in (Section, Tag, Address, Figure)),
        tagged.values_list("content_object", "tag"),
        used.values_list("name", "paper", "section"),
    ]
    for table in tables:
        yield from _rows(table)


def _rows(query: Any) -> Iterator[tuple[Any, ...]]:
    """As the database has them: to compare dates nobody has to make them."""
    is_whole = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
    with connection.cursor() if is_whole else connection.chunked_cursor() as cursor:
        cursor.execute(*query.query.sql_with_params())
        yield from cursor


def _columns(model: Any) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


def _digest(parts: Iterable[Any]) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(repr(part).encode())
        made.update(b"\n")
    return made.hexdigest()
