"""Two revisions side by side, field by field, in the words of the form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from .. import revisions
from ..differences import Piece, compare, excerpts
from ..models import Kind, Section
from ..revisions import MODEL_OF, Data


@dataclass(frozen=True, slots=True)
class FieldChange:
    name: str
    label: str
    pieces: list[Piece]


def changes(kind: Kind, old: Data, new: Data) -> list[FieldChange]:
    """The fields that differ, in the order of the model; one query a section or tag list."""
    found = []
    for name, label in labels(kind).items():
        if name in old and name in new and old[name] == new[name]:
            continue
        before, after = in_words(kind, name, old.get(name)), in_words(kind, name, new.get(name))
        if before != after:
            found.append(FieldChange(name, label, excerpts(compare(before, after))))
    return found


def labels(kind: Kind) -> dict[str, str]:
    names = {field.name: str(field.verbose_name) for field in revisions.typed_columns(MODEL_OF[kind])}
    names.pop("uid")
    return names | ({"tags": gettext("标签")} if kind == Kind.PAPER else {})


def labels_of(kind: Kind, names: Iterable[str]) -> list[str]:
    known = labels(kind)
    return [known[name] for name in names if name in known]


def in_words(kind: Kind, name: str, value: Any) -> str:
    """A value as the form would show it."""
    if value is None or value == "":
        return ""
    if name == "tags":
        return gettext("、").join(tag.name for tag in revisions.tags_of({"tags": value}))
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    return _of_field(MODEL_OF[kind]._meta.get_field(name), value)


def _of_field(field: Any, value: Any) -> str:
    if field.remote_field:
        section = Section.objects.filter(uid=value).first()
        return f"{section.title}  {section.path}" if section else gettext("已删除的栏目（%s）") % value
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(value)
        return date_format(localtime(moment), "DATETIME_FORMAT") if moment else str(value)
    return str(value)
