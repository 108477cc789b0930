"""YAML fixtures: readable when dumped, refused with the uid and the field when wrong."""

from collections.abc import Iterator
from typing import Any

import yaml
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.serializers import pyyaml
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.db.models import Field, ForeignKey
from django.utils.translation import gettext as _


class BlockDumper(pyyaml.DjangoSafeDumper):  # type: ignore[misc, valid-type]
    """Text of several lines as a block literal, as a person would write it."""


def _represent_text(dumper: Any, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


BlockDumper.add_representer(str, _represent_text)


class Serializer(pyyaml.Serializer):
    def end_serialization(self) -> None:
        self.options.setdefault("allow_unicode", True)
        yaml.dump(self.objects, self.stream, Dumper=BlockDumper, **self.options)


class Deserializer(pyyaml.Deserializer):
    """A section or tag must stand before what refers to it: a name that is not there is a mistake, said at once."""

    def __init__(self, stream: Any, **options: Any) -> None:
        try:
            super().__init__(stream, **options)
        except DeserializationError as error:
            raise DeserializationError(" ".join(str(error.__cause__ or error).split())) from error

    def _handle_object(self, obj: Any) -> Iterator[DeserializedObject]:
        if not isinstance(obj, dict) or not isinstance(obj.get("fields"), dict):
            raise DeserializationError(_("每一项都要有 model 和 fields：%(item)s") % {"item": str(obj)[:80]})
        name = f"{obj.get('model')} {obj['fields'].get('uid', obj.get('pk', ''))}".strip()
        try:
            for result in super()._handle_object(obj):
                _note_absent_fields(result.object, obj["fields"])
                yield result
        except DeserializationError as error:
            raise DeserializationError(f"{name}: {_field_problem(self, obj) or error}") from error

    def _handle_fk_field_node(self, field: ForeignKey, field_value: Any) -> Any:
        self.handle_forward_references &= field.model._meta.app_label != "papers"
        return super()._handle_fk_field_node(field, field_value)


def _note_absent_fields(thing: Any, fields: dict[str, Any]) -> None:
    """For papers.loading, which keeps a row's own values for them."""
    thing._absent_fields = frozenset(field.name for field in thing._meta.concrete_fields) - fields.keys()


def _field_problem(reader: Deserializer, obj: dict[str, Any]) -> str:
    """Which field Django stumbled over: it names only the value."""
    model = reader._get_model_from_node(obj["model"])
    for name, value in obj["fields"].items():
        field = next((field for field in model._meta.get_fields() if field.name == name), None)
        if field is None:
            return _("%(field)s: 没有这个字段") % {"field": name}
        try:
            _read(reader, field, value)
        except ValidationError as error:
            return f"{name}: {' '.join(error.messages)}"
        except (ObjectDoesNotExist, DeserializationError):
            return _("%(field)s: 找不到 %(value)s；它须已在库中，或在本文件中排在前面") % {
                "field": name,
                "value": value,
            }
    return ""


def _read(reader: Deserializer, field: Any, value: Any) -> None:
    if isinstance(field, ForeignKey):
        reader._handle_fk_field_node(field, value)
    elif isinstance(field, Field):
        field.to_python(value)
