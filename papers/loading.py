"""What `loaddata` leaves undone: it calls no `save()`, validates nothing and writes every column.

Receivers call `prepare` before each row; the command calls `finish` at the end of its own transaction, when tags are
in too.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from . import addresses, derived, figures, paths, revisions
from .models import Kind, Paper, Section, Tag, TaggedPaper, holder_of_path, refuse_taken
from .rendering import RenderingFailed


class LoadError(Exception):
    """One line that names the row by its uid, and the field."""

    def __init__(self, thing: models.Model, problem: str) -> None:
        self.message = f"{thing._meta.label_lower} {getattr(thing, 'uid', '')}: {problem}"
        super().__init__(self.message)


@dataclass
class Load:
    """What one run of `loaddata` has done so far."""

    things: dict[tuple[Kind, str], None] = field(default_factory=dict)  # an ordered set
    displaced: dict[tuple[Kind, str], LoadError] = field(default_factory=dict)


_current: ContextVar[Load | None] = ContextVar("load", default=None)


@contextmanager
def collecting() -> Iterator[Load]:
    load = Load()
    token = _current.set(load)
    try:
        yield load
    finally:
        _current.reset(token)


def note(kind: Kind, uid: str) -> None:
    load = _current.get()
    if load is not None:
        load.things[kind, uid] = None


# --- Before a row is written ------------------------------------------------------------------------------


def prepare(thing: Section | Paper | Tag) -> None:
    """Keep what the row would lose, fill in what the fixture does not say, check it. Raises LoadError."""
    old = revisions.stored(thing)
    if old is not None:
        if old.uid != thing.uid:
            problem = _("主键 %(pk)s 在这里属于 %(uid)s；导出时请加 --natural-primary --natural-foreign")
            raise LoadError(thing, f"pk: {problem}" % {"pk": old.pk, "uid": old.uid})
        revisions.record(old, why=gettext_noop("由 loaddata 载入前的内容"))
    thing._state.adding = old is None
    _carry_over(thing, old)
    problems = _problems(thing, _check_columns)
    if not problems and isinstance(thing, Section | Paper):
        _take_in_pictures(thing)
        _make_room(thing)
    problems = problems or _problems(thing, revisions.check)
    if problems:
        raise LoadError(thing, problems)
    note(revisions.KIND_OF[type(thing)], thing.uid)


def prepare_tagging(tagging: TaggedPaper) -> None:
    """A row that says the same as another is that one, whatever its primary key. Raises LoadError."""
    problems = _problems(tagging, _check_columns)
    if problems:
        raise LoadError(tagging, problems)
    same = TaggedPaper.objects.filter(content_object=tagging.content_object, tag=tagging.tag)
    tagging.pk = same.values_list("pk", flat=True).first()
    note(Kind.PAPER, tagging.content_object.uid)


def _carry_over(thing: Section | Paper | Tag, old: Any) -> None:
    """Derived columns stay as they are, whatever the fixture says, and typed fields that it leaves out."""
    absent: frozenset[str] = getattr(thing, "_absent_fields", frozenset()) if old else frozenset()
    source = old or type(thing)()
    columns: Any = thing._meta.concrete_fields
    for column in columns:
        if not column.primary_key and (not column.serialize or column.name in absent):
            setattr(thing, column.attname, getattr(source, column.attname))


def _take_in_pictures(thing: Section | Paper) -> None:
    """Their files stay even if the load fails, and are harmless. Raises LoadError."""
    column, note_format = ("notes", thing.notes_format) if isinstance(thing, Paper) else ("text", "markdown")
    taken = figures.take_in(getattr(thing, column), "html" if note_format == "html" else "markdown")
    if taken.refused:
        raise LoadError(thing, f"{column}: {' '.join(taken.refused)}")
    setattr(thing, column, taken.source)


def _make_room(thing: Section | Paper) -> None:
    """Rows of one fixture may swap addresses: the one that is still to come waits at an address of nobody."""
    load, holder = _current.get(), holder_of_path(thing)
    if load is None or holder is None or thing.true_path == "/":
        return
    key = (revisions.KIND_OF[type(holder)], holder.uid)
    if key in load.things:
        return  # it has the address for good, and the rules refuse this one
    load.displaced[key] = LoadError(thing, _problems(thing, refuse_taken))
    addresses.leave(holder)
    suffix = "/" if isinstance(holder, Section) else ".html"
    derived.move(holder, f"{paths.WAITING_ROOM}{holder.uid}{suffix}")


def _problems(thing: Any, check: Callable[[Any], None]) -> str:
    """What a check has to say, by field, in one line; empty if nothing."""
    try:
        check(thing)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        lines = [f"{name}: {' '.join(messages)}".removeprefix(": ") for name, messages in fields.items()]
        return "; ".join(lines)
    return ""


def _check_columns(thing: models.Model) -> None:
    """What the database would answer without naming the row, or only on PostgreSQL."""
    for column in thing._meta.concrete_fields:
        if column.primary_key:
            continue
        value = getattr(thing, column.attname)
        problem = _problem_of_value(column, value)
        if problem:
            raise ValidationError({column.name: problem})
        if isinstance(column, models.DateTimeField) and value and timezone.is_naive(value):
            setattr(thing, column.attname, timezone.make_aware(value))


def _problem_of_value(column: Any, value: Any) -> str:
    if value is None:
        return "" if column.null else _("不可为空")
    if isinstance(value, str) and ("\0" in value or _has_lone_surrogate(value)):
        return _("含有不允许的字符（NUL 或残缺的 Unicode）")
    if isinstance(column, models.ForeignKey) and not _exists(column.related_model, value):
        return _("找不到 %(value)s") % {"value": value}
    return ""


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _exists(model: Any, pk: Any) -> bool:
    return model._default_manager.filter(pk=pk).exists()


# --- After the last row -----------------------------------------------------------------------------------

Progress = Callable[[list[tuple[Kind, str]]], Iterable[tuple[Kind, str]]]


def finish(load: Load, progress: Progress) -> None:
    """Render, make side rows, and record each loaded thing as a revision that is head and published."""
    for key, error in load.displaced.items():
        if key not in load.things:
            raise error
    for kind, uid in progress(list(load.things)):
        thing: Any = revisions.MODEL_OF[kind]._default_manager.get(uid=uid)
        if isinstance(thing, Tag):
            derived.note_name(thing)
        else:
            _derive(thing)
        revisions.record(thing, why=gettext_noop("由 loaddata 载入"))
    if load.things:
        derived.raise_generation()


def _derive(thing: Section | Paper) -> None:
    try:
        derived.fill(thing)
    except RenderingFailed as error:
        raise LoadError(thing, f"{'notes' if isinstance(thing, Paper) else 'text'}: {error}") from None
    derived.write(thing)
