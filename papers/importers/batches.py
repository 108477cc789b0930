"""Several files a transaction: with each one that changes something, every cached page of the site goes cold.

They are read and rendered first, since nobody else can write while a transaction is open. Each is written in a
savepoint of its own, so that one that fails fails alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from time import monotonic

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import addresses, derived, revisions
from ..rendering import Rendered
from . import embedded, own_pages, restoring
from .failures import FAILURES, in_words
from .found import Anything, Found, FoundChange, FoundPage, FoundSection, Trouble
from .reading import Source
from .writing import Outcome, Writer, Written

# What one batch may come to: the transaction stays short, memory small, and the progress bar in motion.
FILES = 50
CHARACTERS = 3_000_000
SECONDS = 5.0


@dataclass
class Done:
    """One file, and where its note is now."""

    name: str
    outcome: Outcome
    path: str = ""
    state: str = ""  # unless it is public
    troubles: list[Trouble] = field(default_factory=list)


@dataclass
class Ready:
    """One file that can be written, and the day it was changed."""

    name: str
    found: Anything
    seen_on: date


def in_batches(source: Source, writer: Writer, names: list[str]) -> Iterator[Done]:
    batch = Batch(source, writer)
    for name in names:
        batch.add(name)
        if batch.is_full:
            yield from batch.write()
            batch = Batch(source, writer)
    yield from batch.write()


class Batch:
    def __init__(self, source: Source, writer: Writer) -> None:
        self.source, self.writer = source, writer
        self.files: list[Ready | Done] = []
        self.rendered: dict[str, Rendered] = {}
        self.characters = 0
        self.began = monotonic()

    @property
    def is_full(self) -> bool:
        return (
            len(self.files) >= FILES or self.characters >= CHARACTERS or monotonic() - self.began >= SECONDS
        )

    def add(self, name: str) -> None:
        try:
            self.files.append(self._read(name))
        except FAILURES as error:
            self.files.append(_failed(name, error))

    def _read(self, name: str) -> Ready | Done:
        found = self.source.read(name, embedded.look_at if self.writer.dry_run else embedded.store)
        if found is None:
            own = Trouble(1, _("是网站自己的页面，不是文章"))
            return Done(name, Outcome.LEFT_OUT, troubles=[own])
        if not (isinstance(found, Found) and self.writer.has(found)):
            self._render(found)
        modified = datetime.fromtimestamp(self.source.folder.modified(name), UTC)
        return Ready(name, found, timezone.localdate(modified))

    def _render(self, found: Anything) -> None:
        key, result = revisions.prepare(found.values)
        self.rendered[key] = result
        # The source is about as long as its text.
        self.characters += 2 * len(result.plain_text) + len(result.html)

    def write(self) -> list[Done]:
        """What cannot even be committed is named, and the next run has it to do."""
        try:
            with derived.at_hand(self.rendered), addresses.tree_locked():
                return [one if isinstance(one, Done) else self._written(one) for one in self.files]
        except (DataError, IntegrityError) as error:
            return [one if isinstance(one, Done) else _failed(one.name, error) for one in self.files]

    def _written(self, ready: Ready) -> Done:
        try:
            with transaction.atomic():
                written = _write(self.writer, ready)
                if self.writer.dry_run and not self.writer.is_taken_back:
                    transaction.set_rollback(True)
        except FAILURES as error:
            if transaction.get_rollback():  # the database has given up the whole of it
                raise
            return _failed(ready.name, error)
        paper, troubles = written.paper, [*ready.found.troubles, *written.troubles]
        if paper is None:
            return Done(ready.name, written.outcome, troubles=troubles)
        state = "" if paper.is_published else paper.state
        return Done(ready.name, written.outcome, paper.path or "", state, troubles)


def _write(writer: Writer, ready: Ready) -> Written:
    match ready.found:
        case FoundSection() as section:
            return restoring.write_section(writer, section)
        case FoundChange() as change:
            return restoring.write_change(writer, change)
        case FoundPage() as page:
            return own_pages.write_page(writer, page)
        case Found() as note:
            return writer.write(note, ready.seen_on)


def _failed(name: str, error: Exception) -> Done:
    return skipped(name, getattr(error, "line", 1), in_words(error))


def skipped(name: str, line: int, reason: str) -> Done:
    return Done(name, Outcome.SKIPPED, troubles=[Trouble(line, reason)])
