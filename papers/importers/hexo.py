"""What Hexo makes a site of: posts in `source/_posts`, drafts beside them, what `_config.yml` says of their addresses."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from . import front_matter, permalinks, reading, said, texts
from .embedded import Store
from .folder import Folder
from .found import Found
from .front_matter import Front
from .permalinks import Post
from .plain import Notes, own_paths
from .reading import Text

_CONFIGURATION = "_config.yml"
_USUAL = ":year/:month/:day/:title/"
_KEY = re.compile(r":([a-z_]+)")
_SAME = {"title": ":path", "category": ":categories"}
# What is the post's own, whatever its front matter says under these names.
_OWN = frozenset(
    ("year", "month", "day", "i_month", "i_day", "hour", "minute", "second", "name", "hash", "id")
)
_POST_LINK = re.compile(
    r"""\{%-?\s*post_link\s+(?P<quote>["']?)(?P<slug>[^\s"'%{}]+)(?P=quote)(?P<words>[^%{}]*)%\}"""
)


def is_one(folder: Folder) -> bool:
    """Or its `source`, which has no configuration."""
    if folder.has("_posts"):
        return folder.name == "source" and not folder.has(_CONFIGURATION)
    return folder.has("source/_posts") or (folder.has("scaffolds") and folder.has(_CONFIGURATION))


class Hexo(Notes):
    kind = "hexo"
    was_a_site = True

    def __init__(self, folder: Folder) -> None:
        """Raises Refused for a configuration that cannot be read."""
        super().__init__(folder)
        self.root = "source/" if (folder.root / "source").is_dir() else ""
        self.config: dict[str, Any] = {}
        if folder.has(_CONFIGURATION):
            self.config = front_matter.mapping(texts.text_of(texts.in_utf8(folder.read(_CONFIGURATION))))
        self.base = str(self.config.get("root", ""))

    def read(self, name: str, keep: Store) -> Found | None:
        """A page without a text is what a template makes, such as the list of all tags."""
        found = self.note_in(name, keep)
        is_page = not {"_posts", "_drafts"} & set(name.split("/"))
        return None if found and is_page and not found.values["notes"].strip() else found

    def front_of(self, text: Text) -> Front:
        """With its links to other posts, by the names of their files."""
        front = reading.front_of(text)
        return replace(front, body=texts.replaced(_POST_LINK, _linked, front.body))

    def find(self, note: str, written: str) -> str | None:
        base = f"/{self.base.strip('/')}/"
        return super().find(note, f"/{written.removeprefix(base)}" if written.startswith(base) else written)

    def section_of(self, front: Front, place: str) -> tuple[str, ...]:
        """Of several rows of categories, the first one's."""
        rows = front.values.get("categories")
        is_nested = isinstance(rows, list) and rows and isinstance(rows[0], list)
        first = Front({"categories": rows[0]}) if is_nested and rows else front
        return super().section_of(first, place)

    def paths_of(self, front: Front, name: str, when: tuple[date, bool] | None) -> dict[str, Any]:
        usual = super().paths_of(front, name, when)
        certain, possible = list(usual["addresses"]), [path for path in usual["guesses"] if "/_" not in path]
        served = list(self._served(front, name, when[0])) if when else []
        if served and self.config and not own_paths(front):
            certain.insert(0, served.pop(0))
        possible += [*served, *permalinks.also_answered([*certain, *served])]
        return {
            "addresses": tuple(permalinks.with_base(certain, self.base)),
            "guesses": tuple(permalinks.with_base(possible, self.base)),
        }

    def _served(self, front: Front, name: str, day: date) -> Iterator[str]:
        """With the file's whole name, or without its date where new files are given one."""
        place = self.place(name)
        if not place.startswith("_posts/"):
            return
        pattern = _KEY.sub(partial(_part, front), str(self.config.get("permalink") or _USUAL))
        above, stem = posixpath.split(place.removeprefix("_posts/"))
        stems = [stem, said.undated(stem)[0]]
        for one in dict.fromkeys(stems[::-1] if ":year" in str(self.config.get("new_post_name")) else stems):
            post = Post((one,), (day,), self._categories(front), path=posixpath.join(above, one))
            yield from permalinks.served_at(pattern, post)

    def _categories(self, front: Front) -> tuple[str, ...]:
        """The last one with those above it."""
        said_so = front.values.get("categories")
        last = said_so[-1] if isinstance(said_so, list) and said_so else said_so
        row = last if isinstance(last, list) else said_so if isinstance(said_so, list) else [said_so]
        names = tuple(said.slug_of(name) for name in row if isinstance(name, str) and name.strip())
        return names or (str(self.config.get("default_category") or "uncategorized"),)


def _part(front: Front, key: re.Match[str]) -> str:
    """A part of the pattern that is the note's: anything in its front matter may be one."""
    if key[1] == "post_title":
        return said.slug_of(front.text("title")) or key[0]
    value = front.values.get(key[1])
    is_said = isinstance(value, str) and value.strip() and key[1] not in {*_SAME, *_OWN}
    return str(value).strip() if is_said else _SAME.get(key[1], key[0])


def _linked(found: re.Match[str]) -> str:
    slug = said.slug_of(posixpath.basename(found["slug"]))
    words = re.sub(r"\s+(?:true|false)\s*\Z", "", found["words"]).strip().strip("\"'")
    return f"[[{slug}|{words}]]" if words else f"[[{slug}]]"
