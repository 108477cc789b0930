"""An Obsidian vault: properties, aliases, links between notes, embedded pictures found by their names alone."""

import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import quote

from ..citations import normalise_key
from . import embedded, reading, texts
from .embedded import Store
from .folder import Folder
from .found import Found, Refused
from .plain import Markdown

# In a table there is a backslash before the line.
_EMBED = re.compile(
    r"!\[\[(?P<name>[^\[\]|\n#]*[^\[\]|\n#\\])(?P<place>#[^\[\]|\n]*?)?(?:(?P<bar>\\?\|)(?P<words>[^\[\]\n]*))?\]\]"
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|webp|gif|avif|svg|bmp)\s*\Z", re.IGNORECASE)
_SIZE = re.compile(r"\d+(?:x\d+)?")
# Of a link, the folders before the name.
_FOLDER = re.compile(r"(?<!!)\[\[(?:[^\[\]|#\n/<>`]+/)+(?=[^\[\]|#\n/][^\[\]\n]*\]\])")
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
        if found and normalise_key(stem) != normalise_key(found.values["title"]):
            said = found.values.get("aliases", "")
            found.values["aliases"] = "\n".join(dict.fromkeys([*said.splitlines(), stem]))
        return found

    def files(self) -> Iterator[str]:
        return (name for name in super().files() if not name.startswith("templates/"))

    def find(self, note: str, written: str) -> str | None:
        here = embedded.below(self.folder, note, written, "")
        return here or self._by_name.get(written.rpartition("/")[2].casefold())

    def changed(self, source: str) -> str:
        for pattern, by in ((_COMMENT, ""), (_EMBED, _shown), (_FOLDER, "[[")):
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
