"""YAML fixtures: readable when dumped, refused with the uid and the field when wrong."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.serializers import pyyaml
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.db.models import CharField, Field, ForeignKey, TextField
from django.utils.translation import gettext as _
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.resolver import Resolver

# Ends of lines to YAML, which reads other ones in their place unless they are escaped.
_RARE_ENDS = re.compile("[\x85\u2028\u2029]")


class BlockDumper(yaml.SafeDumper):
    """Text of several lines as a block literal, as a person would write it.

    In Python: the quick dumper of libyaml takes an emoji for something unprintable and escapes the whole text.
    """

    yaml_representers = pyyaml.DjangoSafeDumper.yaml_representers.copy()


def _represent_text(dumper: Any, text: str) -> yaml.Node:
    style = '"' if _RARE_ENDS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


BlockDumper.add_representer(str, _represent_text)


class Serializer(pyyaml.Serializer):
    def end_serialization(self) -> None:
        _put_parents_first(self.objects)
        self.options.setdefault("allow_unicode", True)
        yaml.dump(self.objects, self.stream, Dumper=BlockDumper, **self.options)


def _put_parents_first(objects: list[dict[str, Any]]) -> None:
    """Sections come in the order of their keys, in which one may stand before the section it was moved to."""
    places = [place for place, item in enumerate(objects) if item["model"] == "papers.section"]
    sections = [objects[place] for place in places]
    parents: dict[Any, Any] = {}
    for item in sections:
        parent = _name(item["fields"]["parent"])
        parents |= {item["fields"]["uid"]: parent, item.get("pk", ""): parent}
    sections.sort(key=lambda item: _depth(item["fields"]["uid"], parents))
    for place, item in zip(places, sections, strict=True):
        objects[place] = item


def _name(reference: Any) -> Any:
    """A primary key, or the uid in a natural key."""
    return reference[0] if isinstance(reference, list | tuple) else reference


def _depth(name: Any, parents: dict[Any, Any]) -> int:
    return 1 + _depth(parents[name], parents) if name in parents else 0


class _ItemLoader(Composer, CParser, SafeConstructor, Resolver):
    """libyaml reads, Python composes: so that a list can be had item by item. libyaml's own loader wants it whole."""

    def __init__(self, stream: Any) -> None:
        CParser.__init__(self, stream)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """A day such as 2025-13-77 looks like a date, and Python alone would not say where it stands."""
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            problem = _("第 %(line)d 行的 %(value)s 不是日期也不是数（%(reason)s）；请改正，是文字就加引号")
            params = {"line": node.start_mark.line + 1, "value": str(node.value)[:80], "reason": error}
            raise DeserializationError(problem % params) from error


def _items(stream: Any) -> Iterator[Any]:
    """The items of a document that is one list, each made when it is asked for: a fixture may be larger than memory."""
    loader: Any = _ItemLoader(stream)
    loader.get_event()  # that the stream starts
    if loader.check_event(yaml.StreamEndEvent) or not _starts_a_list(loader):
        raise DeserializationError(_("最外层须是列表，每一项有 model 和 fields"))
    while not loader.check_event(yaml.SequenceEndEvent):
        yield loader.construct_document(loader.compose_node(None, None))
    ends = loader.get_event(), loader.get_event()  # of the list and of the document
    if not loader.check_event(yaml.StreamEndEvent):
        problem = _("一个文件只能有一份 YAML 文档，第二份在第 %(line)d 行")
        raise DeserializationError(problem % {"line": ends[1].end_mark.line + 1})


def _starts_a_list(loader: Any) -> bool:
    loader.get_event()  # that the document starts
    return isinstance(loader.get_event(), yaml.SequenceStartEvent)


class Deserializer(pyyaml.Deserializer):
    """A section or tag must stand before what refers to it: a name that is not there is a mistake, said at once."""

    def __init__(self, stream: Any, **options: Any) -> None:
        # Past its parent, which would read all of it.
        super(pyyaml.Deserializer, self).__init__(_items(stream), **options)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[DeserializedObject]:  # type: ignore[override]
        try:
            yield from super().__iter__()
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise DeserializationError(" ".join(str(error).split())) from error

    def _handle_object(self, obj: Any) -> Iterator[DeserializedObject]:
        if not isinstance(obj, dict) or not isinstance(obj.get("fields"), dict) or "model" not in obj:
            raise DeserializationError(_("每一项都要有 model 和 fields：%(item)s") % {"item": str(obj)[:80]})
        fields = obj["fields"]
        name = f"{obj['model']} {fields.get('uid') or obj.get('pk') or fields.get('content_object', '')}"
        try:
            if str(obj["model"]).lower() == "papers.paper" and "tags" in fields:
                raise DeserializationError(_("tags: 标签各写一项 papers.taggedpaper"))
            for result in super()._handle_object(obj):  # type: ignore[misc]
                _refuse_unquoted(result.object, fields)
                _note_absent_fields(result.object, fields)
                yield result
        except DeserializationError as error:
            raise DeserializationError(f"{name}: {_field_problem(self, obj) or error}") from error

    def _handle_fk_field_node(self, field: ForeignKey, field_value: Any) -> Any:
        self.handle_forward_references &= field.model._meta.app_label != "papers"  # type: ignore[attr-defined]
        return super()._handle_fk_field_node(field, field_value)  # type: ignore[misc]


def _note_absent_fields(thing: Any, fields: dict[str, Any]) -> None:
    """For papers.loading, which keeps a row's own values for them."""
    thing._absent_fields = frozenset(field.name for field in thing._meta.concrete_fields) - fields.keys()


def _refuse_unquoted(thing: Any, fields: dict[str, Any]) -> None:
    """2310.10 without quotes is the number 2310.1, and 2025-07-01 a date."""
    for field in thing._meta.concrete_fields:
        value = fields.get(field.name)
        if isinstance(field, CharField | TextField) and value is not None and not isinstance(value, str):
            problem = _("%(field)s: 须是文字，请加引号：%(value)s") % {
                "field": field.name,
                "value": str(value)[:80],
            }
            raise DeserializationError(problem)


def _field_problem(reader: Any, obj: dict[str, Any]) -> str:
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
        except (TypeError, ValueError):
            return _("%(field)s: 不能是 %(value)s") % {"field": name, "value": str(value)[:80]}
        except (ObjectDoesNotExist, DeserializationError):
            return _("%(field)s: 找不到 %(value)s；它须已在库中，或在本文件中排在前面") % {
                "field": name,
                "value": str(value)[:80],
            }
    return ""


def _read(reader: Any, field: Any, value: Any) -> None:
    if isinstance(field, ForeignKey):
        reader._handle_fk_field_node(field, value)
    elif isinstance(field, Field):
        field.to_python(value)
