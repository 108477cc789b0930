"""A whole source, file by file: one is in memory at a time, and one that fails keeps no other out."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from . import embedded, reading, restoring
from .failures import FAILURES, in_words
from .found import FoundChange, FoundSection, Trouble
from .ours import ABOUT, Export
from .reading import Source
from .writing import Outcome, Writer, Written


@dataclass
class Done:
    """One file, and where its note is now."""

    name: str
    outcome: Outcome
    path: str = ""
    troubles: list[Trouble] = field(default_factory=list)


def run(source: Source, writer: Writer) -> Iterator[Done]:
    names = list(source.files())
    yield from (
        _restored(source, writer, names) if isinstance(source, Export) else _each(source, writer, names)
    )
    yield from _others(source, set(names))


def _each(source: Source, writer: Writer, names: list[str]) -> Iterator[Done]:
    for name in names:
        yield one(source, writer, name)


def _restored(source: Export, writer: Writer, names: list[str]) -> Iterator[Done]:
    """What stands in one file is needed by the next: a dry run is taken back as a whole."""
    with transaction.atomic() if writer.dry_run else nullcontext():
        writer.is_taken_back = writer.dry_run
        for trouble in restoring.before(source, writer):
            yield Done(ABOUT, Outcome.SKIPPED, troubles=[trouble])
        yield from _each(source, writer, names)
        for trouble in restoring.after(source):
            yield Done(ABOUT, Outcome.SKIPPED, troubles=[trouble])
        if writer.dry_run:
            transaction.set_rollback(True)


def count(source: Source) -> int:
    return sum(map(reading.may_be_note, source.folder.files()))


def one(source: Source, writer: Writer, name: str) -> Done:
    try:
        found = source.read(name, embedded.look_at if writer.dry_run else embedded.store)
        if found is None:
            return _skipped(name, 1, _("是网站自己的页面，不是文章"))
        if isinstance(found, FoundSection):
            return Done(name, **_of(restoring.write_section(writer, found)))
        if isinstance(found, FoundChange):
            return Done(name, **_of(restoring.write_change(writer, found)))
        changed = datetime.fromtimestamp(source.folder.modified(name), UTC).date()
        written = writer.write(found, changed)
    except FAILURES as error:
        return _skipped(name, getattr(error, "line", 1), in_words(error))
    done = Done(name, **_of(written))
    done.troubles[:0] = found.troubles
    return done


def _of(written: Written) -> dict[str, Any]:
    path = (written.paper.path or "") if written.paper else ""
    return {"outcome": written.outcome, "path": path, "troubles": list(written.troubles)}


def _others(source: Source, read: set[str]) -> Iterator[Done]:
    """What looks like a note and is none of this kind of source: named, so that nobody has to miss it."""
    for name in source.folder.files():
        if name not in read and reading.may_be_note(name):
            yield _skipped(name, 1, _("不属于这种来源；若是文章，请换 --as 再导入"))


def _skipped(name: str, line: int, reason: str) -> Done:
    return Done(name, Outcome.SKIPPED, troubles=[Trouble(line, reason)])
