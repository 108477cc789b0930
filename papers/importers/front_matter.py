"""The YAML between two lines of dashes at the start of a note, read as text: what a value is, its reader knows."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from .found import Refused

MAX_LENGTH = 64 * 1024
MAX_DEPTH = 20

_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>(?:(?!---[ \t]*(?:\n|\Z)).*\n)*)---[ \t]*(?:\n|\Z)")


class _Loader(yaml.BaseLoader):
    """Numbers and dates stay as they are typed; aliases, of which bombs are made, are refused."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem=_("不能用 YAML 的别名（*）"), problem_mark=event.start_mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=_("YAML 嵌套太深"), problem_mark=self.peek_event().start_mark)
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

    def line_of(self, name: str) -> int:
        lines = self.source.split("\n")
        return next((number for number, line in enumerate(lines, 2) if line.startswith(f"{name}:")), 1)

    def text(self, *names: str) -> str:
        """The first of these that says something. Raises Refused for a list or a mapping."""
        for name in names:
            value = self.values.get(name, "")
            if not isinstance(value, str):
                raise Refused(_("%(name)s 应是一行文字") % {"name": name}, self.line_of(name))
            if value.strip() not in ("", "~", "null"):
                return value.strip()
        return ""

    def list(self, *names: str, split: str = "[,，、]") -> tuple[str, ...]:
        """A list, or a line of text with commas."""
        for name in names:
            value = self.values.get(name, "")
            items = re.split(split, value) if isinstance(value, str) else value
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                raise Refused(_("%(name)s 应是文字的列表") % {"name": name}, self.line_of(name))
            found = tuple(dict.fromkeys(" ".join(item.split()) for item in items if item.strip()))
            if found:
                return found
        return ()

    def says(self, name: str) -> bool | None:
        """What a switch is set to; none where it is not there, or is none."""
        value = self.values.get(name, "")
        word = value.strip().lower() if isinstance(value, str) else ""
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(word)


def read(text: str) -> Front:
    """Raises Refused for YAML that is none, with its line in the file."""
    found = _FRONT.match(text)
    if found is None:
        return Front(body=text)
    source = found["yaml"]
    values = mapping(source, first_line=2)
    lines = text.count("\n", 0, found.end()) + 1
    return Front(values, text[found.end() :], lines, is_there=True, source=source)


def mapping(source: str, first_line: int = 1, longest: int = MAX_LENGTH) -> dict[str, Any]:
    values = load(source, first_line, longest) if source.strip() else {}
    if not isinstance(values, dict):
        raise Refused(_("应是“名称: 值”的列表"), first_line)
    return {str(name): value for name, value in values.items()}


def load(source: str, first_line: int = 1, longest: int = MAX_LENGTH) -> Any:
    if len(source) > longest:
        raise Refused(_("YAML 超过 %d KB") % (longest // 1024), first_line)
    try:
        return yaml.load(source, Loader=_Loader)  # a BaseLoader makes nothing but text
    except yaml.MarkedYAMLError as error:
        is_unclosed = (error.context or "").startswith("while scanning a quoted")
        mark = error.context_mark if is_unclosed else error.problem_mark
        line = (mark.line if mark else 0) + first_line
        raise Refused(_("YAML 有误：%s") % " ".join((error.problem or "").split()), line) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Refused(_("YAML 有误：%s") % " ".join(str(error).split())[:200], first_line) from None
