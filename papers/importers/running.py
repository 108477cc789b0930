"""A whole source, file by file: one is in memory at a time, and one that fails keeps no other out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from ..figures import FigureRefused
from ..rendering import RenderingFailed
from . import embedded, reading
from .found import Refused, Trouble
from .reading import Source
from .writing import Outcome, Writer

#: What one file may bring about, whatever is in it.
FAILURES = (
    FigureRefused,
    RenderingFailed,
    ValidationError,
    DatabaseError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
    RecursionError,
)


@dataclass
class Done:
    """One file, and where its note is now."""

    name: str
    outcome: Outcome
    path: str = ""
    troubles: list[Trouble] = field(default_factory=list)


def run(source: Source, writer: Writer) -> Iterator[Done]:
    names = list(source.files())
    for name in names:
        yield one(source, writer, name)
    yield from _others(source, set(names))


def count(source: Source) -> int:
    return sum(reading.is_markdown(name) or reading.is_html(name) for name in source.folder.files())


def one(source: Source, writer: Writer, name: str) -> Done:
    try:
        found = source.read(name, embedded.look_at if writer.dry_run else embedded.store)
        if found is None:
            return _skipped(name, 1, _("是网站自己的页面，不是文章"))
        changed = datetime.fromtimestamp(source.folder.modified(name), UTC).date()
        written = writer.write(found, changed)
    except Refused as error:
        return _skipped(name, error.line, error.reason)
    except FAILURES as error:
        return _skipped(name, 1, _in_words(error))
    path = (written.paper.path or "") if written.paper else ""
    return Done(name, written.outcome, path, found.troubles + written.troubles)


def _others(source: Source, read: set[str]) -> Iterator[Done]:
    """What looks like a note and is none of this kind of source: named, so that nobody has to miss it."""
    for name in source.folder.files():
        if name not in read and (reading.is_markdown(name) or reading.is_html(name)):
            yield _skipped(name, 1, _("不属于这种来源；若是文章，请换 --as 再导入"))


def _skipped(name: str, line: int, reason: str) -> Done:
    return Done(name, Outcome.SKIPPED, troubles=[Trouble(line, reason)])


def _in_words(error: Exception) -> str:
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        return "; ".join(f"{name}: {' '.join(lines)}" for name, lines in error.message_dict.items())
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return " ".join(str(error).split())[:500] or type(error).__name__
