"""An Obsidian vault: properties, aliases, links between notes, embedded pictures found by their names alone."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from urllib.parse import quote

from django.utils.translation import gettext as _

from ..citations import normalise_key
from . import embedded, reading, texts
from .embedded import Store
from .folder import Folder
from .found import Found, Refused, Trouble
from .front_matter import Front
from .plain import Markdown

# In a table there is a backslash before the line.
_EMBED = re.compile(
    r"!\[\[(?P<name>[^\[\]|\n#]*[^\[\]|\n#\\])(?P<place>#[^\[\]|\n]*?)?(?:(?P<bar>\\?\|)(?P<words>[^\[\]\n]*))?\]\]"
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|webp|gif|avif|svg|bmp)\s*\Z", re.IGNORECASE)
_SIZE = re.compile(r"\d+(?:x\d+)?")
# A link: the folders before the name and its ending are none of the note's name.
_LINK = re.compile(
    r"(?<!!)\[\[(?:[^\[\]|#\n/<>`]+/)*(?P<name>[^\[\]|#\n/]+?)(?:\.md)?(?:\#\^[\w-]+)?(?P<rest>(?:(?:\\?\||#)[^\[\]\n]*)?)\]\]"
)
# The size of a picture in Markdown, behind its words or in their place.
_SIZED = re.compile(r"(?<!\\)!\[(?:(?P<alt>[^\[\]|\n\\]*)\\?\|)?[ \t]*\d+(?:x\d+)?[ \t]*\](?=\()")
# The name of a block, at its end: notes have none here, and a link to one leads to its note. In formulas nothing is one.
_BLOCK = re.compile(
    r"(?P<formula>\$\$(?:(?!\$\$).)*+\$\$)|(?:(?<=\S)[ \t]+|^[ \t]*)\^[A-Za-z0-9-]+[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
# In a line; of several lines, if the signs begin or end theirs.
_COMMENT = re.compile(r"%%[^\n]*?%%|(?:^[ \t]*%%|%%[ \t]*$).*?%%", re.DOTALL | re.MULTILINE)


def is_one(folder: Folder) -> bool:
    if (folder.root / ".obsidian").is_dir():
        return True
    notes = [name for name in folder.files() if reading.is_markdown(name)][:50]
    return any(_has_embed(folder, name) for name in notes)


def _has_embed(folder: Folder, name: str) -> bool:
    try:
        return b"![[" in folder.read(name)
    except Refused:
        return False


class Vault(Markdown):
    kind = "obsidian"
    puts_month_first = True

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """The shortest path of each name, as Obsidian takes it."""
        names: dict[str, str] = {}
        for name in sorted(self.folder.files(), key=lambda name: (name.count("/"), name), reverse=True):
            names[name.rpartition("/")[2].casefold()] = name
        return names

    def read(self, name: str, keep: Store) -> Found | None:
        """Links in a vault go by the names of files, whatever the notes' titles are."""
        found, stem = super().read(name, keep), reading.stem_of(name)
        if found and self._doubled:
            found.troubles += self._unclear(reading.front_of(reading.text_of(self.folder, name, keep)))
        if found and normalise_key(stem) != normalise_key(found.values["title"]):
            said = found.values.get("aliases", "")
            found.values["aliases"] = "\n".join(dict.fromkeys([*said.splitlines(), stem]))
        return found

    def files(self) -> Iterator[str]:
        """Without templates, and without drawings, which are packed."""
        folded = ((name, name.casefold()) for name in super().files())
        return (
            name
            for name, key in folded
            if not key.startswith(self._templates) and not key.endswith(".excalidraw.md")
        )

    @cached_property
    def _templates(self) -> tuple[str, ...]:
        """The folder of them, as Obsidian is told and as it is most often called."""
        said = None
        with suppress(Refused, ValueError, RecursionError):
            said = json.loads(self.folder.read(".obsidian/templates.json", 64 * 1024))
        folder = said.get("folder") if isinstance(said, dict) else None
        named = folder.strip(" /").casefold() if isinstance(folder, str) else ""
        return ("templates/", f"{named}/") if named else ("templates/",)

    @cached_property
    def _doubled(self) -> frozenset[str]:
        """Names that more than one note has."""
        stems = Counter(reading.stem_of(name).casefold() for name in self.files())
        return frozenset(stem for stem, number in stems.items() if number > 1)

    def _unclear(self, front: Front) -> Iterator[Trouble]:
        """Links by those names, which lead nowhere here: each name once a line."""
        shown = texts.replaced(_COMMENT, lambda comment: "\n" * comment[0].count("\n"), front.body)
        links = texts.outside_code(_LINK, texts.replaced(_EMBED, _shown, shown))
        named = {(line, link["name"].strip()): None for line, link in texts.with_lines(links)}
        for line, name in named:
            if name.casefold() in self._doubled:
                reason = _("不止一篇笔记叫“%s”，链接分不出是哪一篇：请改成指向地址的链接")
                yield Trouble(front.body_line + line - 1, reason % name[:200])

    def find(self, note: str, written: str) -> str | None:
        here = embedded.below(self.folder, note, written, "")
        return here or self._by_name.get(written.rpartition("/")[2].casefold())

    def changed(self, source: str) -> str:
        source = texts.replaced(_EMBED, _shown, texts.replaced(_COMMENT, "", source))
        for pattern, by in ((_LINK, _linked), (_SIZED, _without_size), (_BLOCK, _without_name)):
            source = texts.replaced(pattern, by, source)
        return super().changed(source)


def _shown(found: re.Match[str]) -> str:
    """A picture with its words, unless they are its size; another note as a link to it."""
    name, words = found["name"].strip(), (found["words"] or "").replace("\\|", "|").rpartition("|")
    if not _PICTURE.search(name):
        shown = f"{found['bar']}{found['words']}" if found["words"] else ""
        return f"[[{name}{found['place'] or ''}{shown}]]"
    said = words[2] if not _SIZE.fullmatch(words[2].strip()) else words[0]
    return f"![{said.strip()}]({quote(name)})"


def _linked(found: re.Match[str]) -> str:
    """By the name alone; a picture by its address, since no note has it."""
    name, words = found["name"].strip(), found["rest"].lstrip("\\|")
    if _PICTURE.search(name):
        return f"[{words if words[:1] not in ('', '#') else name}]({quote(name)})"
    return f"[[{found['name']}{found['rest']}]]"


def _without_size(found: re.Match[str]) -> str:
    return f"![{(found['alt'] or '').strip()}]"


def _without_name(found: re.Match[str]) -> str:
    return found["formula"] or ""
