"""A whole source, from its first file to its last: one that fails keeps no other out."""

from collections.abc import Iterator
from contextlib import nullcontext

from django.db import transaction
from django.utils.translation import gettext as _

from .. import addresses
from ..exported import ABOUT
from ..models import ImportedFile, Kind, Paper, Section
from . import permalinks, reading, restoring
from .batches import Done, in_batches, skipped
from .found import Trouble
from .jekyll import Jekyll
from .ours import Export
from .reading import Source
from .writing import Outcome, Writer


def run(source: Source, writer: Writer) -> Iterator[Done]:
    names = list(source.files())
    yield from (
        _restored(source, writer, names) if isinstance(source, Export) else in_batches(source, writer, names)
    )
    if not writer.dry_run:
        writer.point_guesses()
    if isinstance(source, Jekyll) and not writer.dry_run:
        _keep_sections(source.base)
    yield from _others(source, set(names))
    yield from _gone(source, writer)


def _keep_sections(base: str) -> None:
    """The front page and the sections by the names of their files, and in the folder that the site was served in."""
    with addresses.tree_locked():
        for section in Section.objects.all():
            here = [section.path, f"{section.path}index.html"]
            addresses.point_many(permalinks.with_base(here, base), section)


def _restored(source: Export, writer: Writer, names: list[str]) -> Iterator[Done]:
    """What stands in one file is needed by the next: a dry run is taken back as a whole."""
    with transaction.atomic() if writer.dry_run else nullcontext():
        writer.is_taken_back = writer.dry_run
        for trouble in restoring.before(source, writer):
            yield Done(ABOUT, Outcome.SKIPPED, troubles=[trouble])
        yield from in_batches(source, writer, names)
        for trouble in restoring.after(source):
            yield Done(ABOUT, Outcome.SKIPPED, troubles=[trouble])
        if writer.dry_run:
            transaction.set_rollback(True)


def count(source: Source) -> int:
    return sum(map(reading.may_be_note, source.folder.files()))


def _others(source: Source, read: set[str]) -> Iterator[Done]:
    """What looks like a note and is none of this kind of source: named, so that nobody has to miss it."""
    for name in source.folder.files():
        if name not in read and reading.may_be_note(name):
            yield skipped(name, 1, _("不属于这种来源；若是文章，请换 --as 再导入"))


def _gone(source: Source, writer: Writer) -> Iterator[Done]:
    """Notes of an earlier run whose files are not there any more: they stay, and nobody has to find out by himself."""
    start = f"{writer.source}/"
    for record in ImportedFile.objects.filter(kind=Kind.PAPER, source__startswith=start).order_by("source"):
        name = record.source.removeprefix(start)
        paper = None if source.folder.has(name) else Paper.objects.filter(uid=record.uid).first()
        if paper:
            reason = _("来源里已没有这个文件：“%s”没有动") % paper
            yield Done(name, Outcome.KEPT, troubles=[Trouble(1, reason)])
