"""What `loaddata` leaves undone: it calls no `save()`, validates nothing and writes every column.

Receivers call `carry_over` and `check` before each row and `note` after it; the command calls `finish` at the end of
its own transaction, when tags are in too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from . import derived, revisions
from .models import Kind, Paper, Section, Tag
from .rendering import RenderingFailed

Loaded = dict[tuple[Kind, str], None]  # an ordered set
_loaded: ContextVar[Loaded | None] = ContextVar("loaded", default=None)
MODEL_OF: dict[Kind, type[Section] | type[Paper] | type[Tag]] = {
    Kind.TAG: Tag,
    Kind.SECTION: Section,
    Kind.PAPER: Paper,
}


class LoadError(Exception):
    """One line that names the row by its uid, and the field."""

    def __init__(self, thing: Section | Paper | Tag, problem: str) -> None:
        self.message = f"{thing._meta.label_lower} {thing.uid}: {problem}"
        super().__init__(self.message)


@contextmanager
def collecting() -> Iterator[Loaded]:
    loaded: Loaded = {}
    token = _loaded.set(loaded)
    try:
        yield loaded
    finally:
        _loaded.reset(token)


def note(kind: Kind, uid: str) -> None:
    loaded = _loaded.get()
    if loaded is not None:
        loaded[kind, uid] = None


def carry_over(thing: Section | Paper | Tag, old: Section | Paper | Tag | None) -> None:
    """Keep what the fixture does not say: derived columns always, and typed fields that it leaves out."""
    if old is None:
        return
    absent = getattr(thing, "_absent_fields", frozenset())
    for field in thing._meta.concrete_fields:
        if not field.primary_key and (not field.serialize or field.name in absent):
            setattr(thing, field.attname, getattr(old, field.attname))


def check(thing: Section | Paper | Tag) -> None:
    """Raises LoadError. Foreign keys are the database's to check."""
    skipped = [f.name for f in thing._meta.concrete_fields if not f.serialize or f.primary_key or f.remote_field]
    try:
        thing.clean_fields(exclude=skipped)
        thing.clean()
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        problems = [f"{name}: {' '.join(messages)}".removeprefix(": ") for name, messages in fields.items()]
        raise LoadError(thing, "; ".join(problems)) from None


def finish(loaded: Loaded, progress: Callable[[list[tuple[Kind, str]]], Iterator[tuple[Kind, str]]]) -> None:
    """Render, make side rows, and record each loaded thing as a revision that is head and published."""
    for kind, uid in progress(list(loaded)):
        thing = MODEL_OF[kind]._default_manager.get(uid=uid)
        if isinstance(thing, Section | Paper):
            try:
                _derive(thing)
            except RenderingFailed as error:
                raise LoadError(thing, f"{'notes' if isinstance(thing, Paper) else 'text'}: {error}") from None
        revisions.record(thing, why=_("由 loaddata 载入"))
    if loaded:
        derived.raise_generation()


def _derive(thing: Section | Paper) -> None:
    derived.fill(thing)
    derived.store(thing)
