"""Putting a backup back into an empty place."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from .. import derived, figures
from ..models import SiteState
from .contents import (
    FIGURES,
    NAMED,
    BackupError,
    Follow,
    Manifest,
    Part,
    columns_of,
    member_of,
    names_of,
    tables,
)
from .reading import check, damaged, lines_of, opened, picture_of, row_of

# What a place has as soon as it is migrated and asked for a page: it gives way to what the file has.
GIVES_WAY = {"auth.group", "auth.group_permissions", "papers.missed", "papers.report", "papers.linkcheck"}

BATCH_BYTES = 4 * 1024 * 1024
ROW_BYTES = 500  # of numbers, dates and what holds them

#: In place of the key of what has no row here: a right that no version has any more.
LOST = object()

UNFIT = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    OverflowError,
    ValidationError,
    DatabaseError,
)


def restore(source: Path, *, follow: Follow) -> Manifest:
    """Into an empty place, all or nothing. Raises BackupError, OSError, DatabaseError."""
    with opened(source) as (archive, manifest):
        refuse_full()
        check(archive, manifest, follow)
        with transaction.atomic():
            refuse_full()
            _clear()
            for model in tables():
                _load(archive, model, manifest.parts[member_of(model)], follow)
            _finish_rows()
            _put_figures_back(archive, manifest, follow)
    return manifest


def _put_figures_back(archive: ZipFile, manifest: Manifest, follow: Follow) -> None:
    with lines_of(archive, FIGURES) as lines:
        for name, _part in follow("figures", map(picture_of, lines), manifest.pictures):
            figures.put_back(name, archive.read(f"figures/{name}"))


def refuse_full() -> None:
    for model in tables():
        name = model._meta.label_lower
        count = 0 if name in GIVES_WAY else model._base_manager.count()
        if count:
            message = _("只能恢复到空的网站：这里已有 %(name)s %(count)d 行。")
            raise BackupError(message % {"name": name, "count": count})


def _clear() -> None:
    """What gives way. The generation starts at the clock again: above all that the old place ever had."""
    gone: list[type[models.Model]] = [SiteState]
    gone += [model for model in tables() if model._meta.label_lower in GIVES_WAY]
    with connection.cursor() as cursor:
        for model in gone:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")


def _load(archive: ZipFile, model: type[models.Model], part: Part, follow: Follow) -> None:
    """Statements of our own, since a model would set the hour at which a revision was made anew."""
    name = model._meta.label_lower
    statement, done = _insertion(model), 0
    try:
        with lines_of(archive, member_of(model)) as lines, connection.cursor() as cursor:
            rows = map(_Reader(model), follow(name, lines, part.count))
            for batch in _batches(filter(None, rows)):
                cursor.executemany(statement, batch)
                done += len(batch)
    except UNFIT as error:
        message = _("备份里的 %(name)s 放不进数据库，在第 %(done)d 行之后：%(reason)s")
        raise BackupError(message % {"name": name, "done": done, "reason": error}) from error


def _insertion(model: type[models.Model]) -> str:
    quote, columns = connection.ops.quote_name, columns_of(model)
    listed = ", ".join(quote(column.column) for column in columns)
    values = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quote(model._meta.db_table)} ({listed}) VALUES ({values})"


class _Reader:
    """From a line to the values of a row, as the database takes them; None where it hangs on what is not here."""

    def __init__(self, model: type[models.Model]) -> None:
        self.columns = columns_of(model)
        self.known = {
            kind: {name: key for key, name in names.items()} for kind, names in names_of("default").items()
        }

    def __call__(self, line: bytes) -> list[Any] | None:
        row = row_of(line)
        if len(row) != len(self.columns):
            raise ValueError(f"columns {sorted(row)}")
        values = [self._value(column, row[column.attname]) for column in self.columns]
        return None if LOST in values else values

    def _value(self, column: Any, value: Any) -> Any:
        if column.related_model not in NAMED:
            return column.get_db_prep_save(column.to_python(value), connection)
        key = self.known[column.related_model].get(tuple(value or ()))
        return LOST if key is None and not column.null else key


def _batches(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    """As many as a few megabytes hold."""
    batch, size = [], 0
    for row in rows:
        batch.append(row)
        size += ROW_BYTES + sum(len(value) for value in row if isinstance(value, str))
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _finish_rows() -> None:
    try:
        connection.check_constraints()
    except DatabaseError as error:
        raise damaged(str(error)) from error
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)
    derived.raise_generation()
