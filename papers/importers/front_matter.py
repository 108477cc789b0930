"""The YAML between two lines of dashes at the start of a note, read as text: what a value is, its reader knows.

Hugo's TOML between two lines of `+++` is read the same way, and its JSON, with which a file begins.
"""

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

import yaml
from django.utils.translation import gettext as _

from .found import Refused

MAX_DEPTH = 20
#: Keys of many parts cost the square of their length.
MAX_TOML = 8 * 1024


class Limits(NamedTuple):
    """Memory goes by the number of values: text of the same length takes a tenth of it."""

    characters: int = 64 * 1024
    values: int = 50_000


USUAL = Limits()

_FRONT = re.compile(
    r"\A---[ \t]*\n(?P<yaml>(?:(?!(?:---|\.\.\.)[ \t]*(?:\n|\Z)).*\n)*)(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(?P<toml>(?:(?!\+\+\+[ \t]*(?:\n|\Z)).*\n)*)\+\+\+[ \t]*(?:\n|\Z)")
_JSON = re.compile(r"\A\{\s*\"[^\"\n]*\"\s*:")
# A note may begin with JSON of which it speaks.
_OF_A_NOTE = frozenset(("title", "date", "draft"))
_END_OF_LINE = re.compile(r"[ \t]*(?:\n|\Z)")
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)
_IN_LINE = re.compile(r"\(at line (\d+)")
_LINE = re.compile(r"(?P<name>[\w-]+)[ \t]*[:：](?P<value>.*)")
_CLOSING = {'"': '"', "'": "'", "[": "]", "{": "}"}
_NOTHING = ("", "~", "null")
_SWITCH = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)


class _NoYaml(Refused):
    pass


class _Forbidden(yaml.MarkedYAMLError):
    pass


class _Loader(yaml.BaseLoader):
    """Numbers and dates stay as they are typed; aliases, of which bombs are made, are refused."""

    def __init__(self, source: str, most: int) -> None:
        super().__init__(source)
        self._depth, self._left = 0, most

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _Forbidden(problem=_("YAML 里的值太多"), problem_mark=self.peek_event().start_mark)
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise _Forbidden(problem=_("不能用 YAML 的别名（*）"), problem_mark=event.start_mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Forbidden(problem=_("YAML 嵌套太深"), problem_mark=self.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


@dataclass(frozen=True, slots=True)
class Front:
    """`body` is what follows, from line `body_line` on. Without front matter there are no values, and `is_there` is no."""

    values: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    is_there: bool = False
    source: str = ""

    def value(self, name: str) -> Any:
        """In any letter case, as Hugo reads names; nothing where it is not there."""
        if name in self.values:
            return self.values[name]
        folded = name.lower()
        return next((value for key, value in self.values.items() if key.lower() == folded), "")

    def line_of(self, name: str) -> int:
        folded = name.lower()
        starts = (f"{folded}:", f"{folded} =", f"{folded}=")
        found = (
            number
            for number, line in enumerate(self.source.lower().split("\n"), 2)
            if line.startswith(starts) or line.lstrip().startswith(f'"{folded}"')
        )
        return next(found, 1)

    def text(self, *names: str) -> str:
        """The first of these that says something. Raises Refused for a list or a mapping."""
        for name in names:
            value = self.value(name)
            if not isinstance(value, str):
                raise Refused(_("%(name)s 应是一行文字") % {"name": name}, self.line_of(name))
            if value.strip() not in _NOTHING:
                return value.strip()
        return ""

    def list(self, *names: str, split: str = "[,，、]") -> tuple[str, ...]:
        """A list, or a line of text with commas; a list in it counts as its items, a mapping as its `name`."""
        for name in names:
            value = self.value(name)
            items = re.split(split, value) if isinstance(value, str) else _flat(value)
            if isinstance(value, dict) or not all(isinstance(item, str) for item in items):
                raise Refused(_("%(name)s 应是文字的列表") % {"name": name}, self.line_of(name))
            found = tuple(
                dict.fromkeys(" ".join(item.split()) for item in items if item.strip() not in _NOTHING)
            )
            if found:
                return found
        return ()

    def says(self, name: str) -> bool | None:
        """What a switch is set to; none where it is not there, or is none."""
        value = self.value(name)
        word = value.strip().lower() if isinstance(value, str) else ""
        return _SWITCH.get(word)


def read(text: str, limits: Limits = USUAL) -> Front:
    """Raises Refused for YAML, TOML or JSON that is none or too much, with its line in the file."""
    if _JSON.match(text):
        return _with_json(text)
    found = _FRONT.match(text) or _TOML.match(text)
    if found is None:
        return Front(body=text)
    source = found[1]
    values = _of_toml(source) if found.re is _TOML else _of_yaml(source, limits)
    lines = text.count("\n", 0, found.end()) + 1
    return Front(values, text[found.end() :], lines, is_there=True, source=source)


def _of_yaml(source: str, limits: Limits) -> dict[str, Any]:
    try:
        return mapping(source, 2, limits)
    except _NoYaml as error:
        return _as_typed(source, error)


def _of_toml(source: str) -> dict[str, Any]:
    if len(source) > MAX_TOML:
        raise Refused(_("TOML 超过 %d KB") % (MAX_TOML // 1024), 2)
    try:
        return {name: _in_text(value) for name, value in tomllib.loads(source, parse_float=str).items()}
    except (ValueError, RecursionError) as error:
        line = _IN_LINE.search(str(error))
        raise Refused(
            _("TOML 有误：%s") % " ".join(str(error).split())[:200], int(line[1]) + 1 if line else 2
        ) from None


def _with_json(text: str) -> Front:
    try:
        said, end = _DECODER.raw_decode(text[: USUAL.characters])
        values = _in_text(said)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        why = _("JSON 有误，或超过 %(limit)d KB：%(why)s")
        raise Refused(why % {"limit": USUAL.characters // 1024, "why": str(error)[:200]}, line) from None
    if _OF_A_NOTE.isdisjoint(values) or not _END_OF_LINE.match(text, end):
        return Front(body=text)
    body = text[end:].lstrip("\n")
    first_line = text.count("\n", 0, len(text) - len(body)) + 1
    return Front(values, body, first_line, is_there=True, source=text[:end].removeprefix("{\n"))


def _in_text(value: Any, depth: int = 0) -> Any:
    """As YAML's values are read. Raises ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        return {name: _in_text(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_in_text(one, depth + 1) for one in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def mapping(source: str, first_line: int = 1, limits: Limits = USUAL) -> dict[str, Any]:
    values = load(source, first_line, limits) if source.strip() else {}
    if not isinstance(values, dict):
        raise _NoYaml(_("应是“名称: 值”的列表"), first_line)
    return {str(name): value for name, value in values.items()}


def load(source: str, first_line: int = 1, limits: Limits = USUAL) -> Any:
    if len(source) > limits.characters:
        raise Refused(_("YAML 超过 %d KB") % (limits.characters // 1024), first_line)
    try:
        return _Loader(source, limits.values).get_single_data()  # a BaseLoader makes nothing but text
    except _Forbidden as error:
        raise Refused(_in_words(error), _line_of(error.problem_mark, first_line)) from None
    except yaml.MarkedYAMLError as error:
        is_unclosed = (error.context or "").startswith("while scanning a quoted")
        mark = error.context_mark if is_unclosed else error.problem_mark
        raise _NoYaml(_in_words(error), _line_of(mark, first_line)) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Refused(_("YAML 有误：%s") % " ".join(str(error).split())[:200], first_line) from None


def _in_words(error: yaml.MarkedYAMLError) -> str:
    return _("YAML 有误：%s") % " ".join((error.problem or "").split())


def _line_of(mark: Any, first_line: int) -> int:
    return (mark.line if mark else 0) + first_line


def _flat(value: Any) -> Any:
    return [item for one in value for item in _flat(one)] if isinstance(value, list) else [_item(value)]


def _item(value: Any) -> Any:
    """Authors and tags may be described: `- name: Ada`; and a colon makes no mapping of `- vLLM: a title`."""
    if not isinstance(value, dict):
        return value
    name, text = next(iter(value.items()), ("", None))
    is_text = len(value) == 1 and isinstance(text, str) and name != "name"
    return f"{name}: {text}" if is_text else value.get("name")


def _as_typed(source: str, error: Refused) -> dict[str, Any]:
    """With each value that is no YAML, such as `vLLM: a title`, taken as the text that it is. Raises the error."""
    if len(source) > USUAL.characters:
        raise error
    lines = source.expandtabs(2).split("\n")
    try:
        return mapping("\n".join(map(_line_as_typed, lines)), first_line=2)
    except Refused:
        raise error from None


def _line_as_typed(line: str) -> str:
    found = _LINE.fullmatch(line)
    if found is None:
        return line
    name, value = found["name"], found["value"].strip()
    try:
        mapping(f"{name}: {value}")
    except Refused:
        if value[:1] in _CLOSING and _CLOSING[value[0]] not in value[1:]:  # it may go on in the next line
            return line
        is_quoted = value[0] in "'\"" and value.endswith(value[0])
        value = json.dumps(value[1:-1] if is_quoted else value, ensure_ascii=False)
    return f"{name}: {value}"
