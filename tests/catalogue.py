"""The strings of code and templates, and their translations, read without the gettext programs."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from .test_interface_language import GETTEXT

FOLDER = settings.BASE_DIR / "papers" / "locale" / "en" / "LC_MESSAGES"
_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d\])? )?(".*")')


@dataclass
class Entry:
    """A string: its context and plural if it has them, and what the catalogue makes of it."""

    msgid: str
    context: str = ""
    plural: str = ""
    texts: list[str] = field(default_factory=list)
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        return f"{self.context}\x04{self.msgid}" if self.context else self.msgid


# --- What there is to translate ---------------------------------------------------------------------------


def used() -> dict[str, Entry]:
    found = [*_in_python(), *_in_templates()]
    return {entry.key: entry for entry in found}


def _in_python() -> Iterator[Entry]:
    for path in (settings.BASE_DIR / "papers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in GETTEXT:
                yield from _of_call(name, node)


def _of_call(name: str, call: ast.Call) -> Iterator[Entry]:
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    context = texts.pop(0) if name.startswith(("p", "np")) else ""
    if texts:
        yield Entry(texts[0], context, texts[1] if "ngettext" in name or "npgettext" in name else "")


def _in_templates() -> Iterator[Entry]:
    folder = settings.BASE_DIR / "templates"
    for path in folder.rglob("*.*"):
        template: Any = get_template(str(path.relative_to(folder)))
        nodes = template.template.nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            literal = node.filter_expression.var.literal
            if literal is not None:  # a variable holds what Python has named with gettext_noop
                yield Entry(literal.replace("%", "%%"), _context(node))
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            yield Entry(node.render_token_list(node.singular)[0], _context(node), plural)


def _context(node: Any) -> str:
    return str(node.message_context.resolve({})) if node.message_context else ""


# --- What is translated -----------------------------------------------------------------------------------


def source() -> dict[str, Entry]:
    """The .po file."""
    blocks = (FOLDER / "django.po").read_text(encoding="utf-8").split("\n\n")
    entries = [_entry(block.splitlines()) for block in blocks if not block.startswith("#~")]
    return {entry.key: entry for entry in entries}


def _entry(lines: list[str]) -> Entry:
    parts: list[tuple[str, str]] = []
    for line in lines:
        if found := _LINE.fullmatch(line.strip()):
            name, text = found[1], ast.literal_eval(found[2])
            if name:
                parts.append((name, text))
            else:
                parts[-1] = (parts[-1][0], parts[-1][1] + text)
    named = dict(parts)
    texts = [text for name, text in parts if name == "msgstr"]
    is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
    return Entry(named["msgid"], named.get("msgctxt", ""), named.get("msgid_plural", ""), texts, is_fuzzy)


def compiled() -> dict[Any, str]:
    """The .mo file: by key, or by key and number of the plural form."""
    with (FOLDER / "django.mo").open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def to_be_compiled(entries: dict[str, Entry]) -> dict[Any, str]:
    made: dict[Any, str] = {}
    for key, entry in entries.items():
        if entry.is_fuzzy or not all(entry.texts):
            continue
        forms = {(key, number): text for number, text in enumerate(entry.texts)}
        made.update(forms if entry.plural else {key: entry.texts[0]})
    return made
