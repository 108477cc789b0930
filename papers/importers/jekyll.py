"""A Jekyll site: posts in HTML and Markdown, drafts, what `_config.yml` and `_data` say of them."""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property, partial
from typing import Any
from urllib.parse import unquote, urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from . import embedded, front_matter, kramdown, liquid, pages, permalinks, reading, said, texts
from .embedded import LocalPictures, Store
from .folder import Folder
from .found import Found, FoundPage, Refused, Trouble
from .front_matter import Front
from .permalinks import Post
from .reading import Note, Text

_SMALL = 4 * 1024 * 1024
_FILE = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})-(?P<title>.+)", re.DOTALL)
# Whatever Jekyll does not take for a post, however it begins.
_DATED = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}-")
_OWN_FOLDERS = ("_layouts/", "_includes/", "_sass/", "_data/", "_plugins/")
_FRONT = (b"---", codecs.BOM_UTF8 + b"---")
_OWN_PAGES = ("index", "404", "readme", "about", "search", "archive", "archives", "tags", "categories")


@dataclass(frozen=True, slots=True)
class Collection:
    """What `_config.yml` says of the files in `_papers/`; without a page for each of them there is nothing to move."""

    label: str
    folder: str
    permalink: str
    has_pages: bool

    def path_of(self, name: str) -> str:
        return name.removeprefix(self.folder).rpartition(".")[0]


def is_one(folder: Folder) -> bool:
    return any(folder.has(name) for name in ("_config.yml", "_config.yaml", "_posts"))


class Jekyll:
    kind = "jekyll"

    def __init__(self, folder: Folder) -> None:
        """Raises Refused for a configuration that cannot be read."""
        self.folder = folder
        self._pages = pages.Pages(folder, reading.may_be_note)
        name = next((name for name in ("_config.yml", "_config.yaml") if folder.has(name)), "")
        self.config = front_matter.mapping(self._text(name)) if name else {}
        self.base = str(self.config.get("baseurl", ""))
        self.permalink = str(self.config.get("permalink", ""))

    @cached_property
    def titles(self) -> dict[str, str]:
        """What sections are called, by their paths, as far as `_data` says it."""
        found: dict[str, str] = {}
        for name in self.folder.files():
            if name.startswith("_data/") and name.endswith((".yml", ".yaml", ".json")):
                _collect(self._data(name), found)
        return found

    def _data(self, name: str) -> Any:
        try:
            text = self._text(name)
            return json.loads(text) if name.endswith(".json") else front_matter.load(text)
        except (Refused, ValueError, RecursionError):
            return None  # titles are all that is looked for, and a section without one has its slug

    def _text(self, name: str) -> str:
        return texts.text_of(texts.in_utf8(self.folder.read(name, _SMALL)))

    def files(self) -> Iterator[str]:
        """Posts first: of two files that are one note, theirs is the one that Jekyll served."""
        later = []
        for name in self.folder.files():
            if not reading.may_be_note(name):
                continue
            if _is_post(name):
                yield name
            elif (
                name.startswith(_OWN_FOLDERS)
                or self._collection(name)
                or not any(part.startswith("_") for part in {*name.split("/")[:-1]} - self._included)
            ):
                later.append(name)
        yield from later

    @cached_property
    def _included(self) -> set[str]:
        """Folders that the configuration names although they begin with a line."""
        named = self.config.get("include", [])
        return {str(name).strip("/") for name in (named if isinstance(named, list) else [named])}

    @cached_property
    def _collections(self) -> list[Collection]:
        said_so, above = self.config.get("collections", {}), str(self.config.get("collections_dir", ""))
        top = f"{above.strip('/')}/" if above.strip("/") else ""
        named = said_so if isinstance(said_so, dict) else {}
        found = {str(label): values if isinstance(values, dict) else {} for label, values in named.items()}
        return [
            Collection(
                label,
                f"{top}_{label}/",
                str(values.get("permalink", f"/:collection/:path{permalinks.ending_of(self.permalink)}")),
                Front(values).says("output") is True,
            )
            for label, values in found.items()
        ]

    def _collection(self, name: str) -> Collection | None:
        """The one of a file that is no post."""
        of_file = (one for one in self._collections if name.startswith(one.folder))
        return None if _is_post(name) else next(of_file, None)

    def read(self, name: str, keep: Store) -> Found | FoundPage | None:
        collection = self._collection(name)
        if collection and not collection.has_pages:
            return None
        if not collection and not _is_post(name):
            return self._page(name, keep)
        text = reading.text_of(self.folder, name, keep)
        front = self._front(reading.front_of(text), name, collection.label if collection else "posts")
        stem = reading.stem_of(name)
        when = said.when(front, stem)
        found = self._found(text, front, when, self._places(front, name, when[0] if when else None), keep)
        if collection and self._is_made(front, found.values["notes"]):
            return None
        is_unseen = not collection and "_drafts" not in name.split("/") and not _DATED.match(stem)
        if is_unseen:
            found.troubles.insert(0, Trouble(1, _("文件名不以日期开头，Jekyll 没有发布它：作为草稿导入")))
        found.is_draft = found.is_draft or is_unseen or "_drafts" in name.split("/")
        return found

    def _found(
        self,
        text: Text,
        front: Front,
        when: tuple[date, bool] | None,
        places: dict[str, Any],
        keep: Store,
    ) -> Found:
        record = said.Record(front)
        note = self._note(text, front, next(iter(places["addresses"]), "/"), keep)
        name = _words(said.undated(reading.stem_of(text.name))[0])
        title = front.text("title") or ("" if _is_post(text.name) else note.title) or name
        record.read()
        record.read_authors(note.source)
        values = record.values | note.columns(title) | said.columns_of(when)
        return Found(
            text.name,
            values,
            tags=record.tags,
            is_draft=said.is_draft(front),
            troubles=sorted(text.troubles + record.troubles, key=lambda trouble: trouble.line),
            content=text.digest,
            first_public_at=said.since(when),
            **places,
        )

    def _note(self, text: Text, front: Front, at: str, keep: Store) -> Note:
        """As it was at its own path."""
        pictures = LocalPictures(self.folder, text.name, keep, partial(self._find, text.name, at))
        if front.says("render_with_liquid") is not False:
            text.troubles += self._untold(front)
        return reading.note_of(text, front, pictures, partial(self._changed, text.name, front, at))

    def _untold(self, front: Front) -> Iterator[Trouble]:
        """Templates that show something else here."""
        for line, tag in liquid.lost(front.body):
            reason = _("模板 %s 显示的内容不在这个文件里，没有导入") % tag[:200]
            yield Trouble(front.body_line + line - 1, reason)
        for line, tag in liquid.unknown(front.body, front.values, self.config):
            reason = _("模板 %s 没有执行：它的内容照原样留在文章里") % tag[:200]
            yield Trouble(front.body_line + line - 1, reason)

    def _changed(self, name: str, front: Front, at: str, body: str) -> str:
        is_markdown = reading.is_markdown(name)
        if front.says("render_with_liquid") is not False:
            body = liquid.resolved(body, front.values, self.config, is_markdown=is_markdown)
        home = str(self.config.get("url", ""))
        body = liquid.with_addresses_here(body, home, self.base, at, is_markdown=is_markdown)
        if not is_markdown:
            return body
        is_kramdown = "kramdown" in str(self.config.get("markdown", "kramdown")).lower()
        return kramdown.as_github(body) if is_kramdown else body

    def _page(self, name: str, keep: Store) -> Found | FoundPage | None:
        """A page beside the posts has its path for an address; those at the top are the site's own."""
        if name.startswith(_OWN_FOLDERS):
            return None
        place = self._pages.place(name)
        is_own = "/" not in name or not place or place.rpartition("/")[2].lower() in _OWN_PAGES
        if not reading.is_markdown(name) and not self.folder.read(name).startswith(_FRONT):
            return None if is_own else self._whole_page(name, keep)
        text = reading.text_of(self.folder, name, keep)
        front = reading.front_of(text)
        if not front.is_there:
            return None
        front = self._front(front, name, "pages")
        path = unquote(front.text("permalink"))
        path = path and f"/{path.lstrip('/')}"
        section = tuple(filter(None, path.split("/")))
        if reading.is_markdown(name) and path.endswith("/") and section and said.segments(section) == section:
            return self._section(text, front, path, section, keep)
        return None if is_own else self._own_page(text, front, place, path, keep)

    def _whole_page(self, name: str, keep: Store) -> Found | None:
        found = self._pages.read(name, keep)
        if found:
            found.addresses = tuple(permalinks.with_base(list(found.addresses), self.base))
        return found

    def _section(
        self, text: Text, front: Front, path: str, section: tuple[str, ...], keep: Store
    ) -> FoundPage | None:
        """One at the path of a section that says something by itself, and no template says it."""
        if said.is_draft(front):
            return None
        note = self._note(text, front, path, keep)
        title = front.text("title") or note.title or _words(reading.stem_of(text.name))
        says = note.columns(title)["notes"]
        if self._is_made(front, says):
            return None
        return FoundPage(
            text.name,
            {"title": title, "text": says},
            section=section,
            addresses=tuple(permalinks.with_base([path, *said.former(front)], self.base)),
            troubles=text.troubles,
        )

    def _own_page(self, text: Text, front: Front, place: str, path: str, keep: Store) -> Found | None:
        """As `_section`, but a note: where it was served, or else where its file is."""
        here = path.strip("/").removesuffix(".html").removesuffix("/index") or place
        above, _slash, stem = here.rpartition("/")
        ending = permalinks.ending_of(self.permalink).replace(":output_ext", ".html")
        is_folder = reading.stem_of(text.name).lower() == "index"
        served = [path or f"/{place}{'/' if is_folder else ending}", *said.former(front)]
        guesses = [*permalinks.also_answered(served), f"/{place}.html", f"/{place}/"]
        places = {
            "section": said.segments((above,)),
            "slugs": (said.slug_of(stem) or "note",),
            "addresses": tuple(permalinks.with_base(served, self.base)),
            "guesses": tuple(permalinks.with_base(guesses, self.base)),
        }
        found = self._found(text, front, said.when(front, stem), places, keep)
        return None if self._is_made(front, found.values["notes"]) else found

    def _is_made(self, front: Front, says: str) -> bool:
        """Whether templates say what is on it, such as a list of posts; its layout, if it says nothing itself."""
        if front.says("render_with_liquid") is False:
            return not says.strip()
        outputs = liquid.unknown(front.body, front.values, self.config)
        return not says.strip() or any(sign.startswith("{{") for _line, sign in outputs)

    def _front(self, front: Front, name: str, kind: str) -> Front:
        """With what the configuration says of all posts, of all pages, or of a collection."""
        if not front.is_there:
            raise Refused(_("没有 front matter，Jekyll 也不会把它当作文章"))
        values: dict[str, Any] = {}
        defaults = self.config.get("defaults", [])
        for one in defaults if isinstance(defaults, list) else []:
            scope, more = (one.get("scope"), one.get("values")) if isinstance(one, dict) else (None, None)
            if isinstance(scope, dict) and isinstance(more, dict) and _is_in(scope, name, kind):
                values |= more
        return Front(values | front.values, front.body, front.body_line, is_there=True, source=front.source)

    def _places(self, front: Front, name: str, day: date | None) -> dict[str, Any]:
        """Where the note is to be, and every path that it has had."""
        collection = self._collection(name)
        label, path = (collection.label, collection.path_of(name)) if collection else ("posts", "")
        above, below = ((), (label, *path.split("/")[:-1])) if collection else _folders(name)
        categories = _once(above + _categories(front))
        # Folders below `_posts` are no categories, but order posts that have none.
        section = said.segments(categories or below)
        stem = reading.stem_of(name)
        in_file = _FILE.fullmatch(stem)
        bare, dates = said.undated(stem)
        titles = (front.text("slug"), in_file["title"] if in_file else stem, bare, stem)
        days = (day, self._day_there(front), *(_day(text) for text in dates))
        post = Post(
            tuple(dict.fromkeys(filter(None, titles))),
            tuple(dict.fromkeys(one for one in days if one)),
            tuple(category.lower() for category in categories),
            label,
            path,
        )
        usual = permalinks.OF_COLLECTIONS if collection else permalinks.USUAL
        general = collection.permalink if collection else self.permalink
        pattern = permalinks.pattern_of(unquote(front.text("permalink")) or general)
        own, *others = permalinks.served_at(pattern, post) or [""]
        served = [path for path in (own, *said.former(front)) if path]
        answered = permalinks.also_answered([*served, *others])
        guesses = [*others, *answered, *permalinks.possible(general, post, usual)]
        return {
            "section": section,
            "slugs": _slugs(own, section, bare, day),
            "addresses": tuple(permalinks.with_base(served, self.base)),
            "guesses": tuple(permalinks.with_base(guesses, self.base)),
        }

    def _day_there(self, front: Front) -> date | None:
        """Jekyll takes a time without a zone for UTC, and the day in an address from the zone of the site."""
        try:
            moment = parse_datetime(front.text("date"))
            zone = ZoneInfo(str(self.config.get("timezone", "UTC")))
            return (
                (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).date()
                if moment
                else None
            )
        except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
            return None

    def _find(self, note: str, at: str, written: str) -> str | None:
        """Beside the file, as editors show it, or from the address that the note had, as browsers did."""
        base = self.base.strip("/")
        bare = written.removeprefix(f"/{base}") if base and written.startswith(f"/{base}/") else written
        there = urljoin(at, bare)
        return embedded.below(self.folder, note, bare, "") or embedded.below(self.folder, note, there, "")


def _is_post(name: str) -> bool:
    return bool({"_posts", "_drafts"} & set(name.split("/")[:-1]))


def _folders(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those above `_posts` or `_drafts`, and those in `_posts` that are no years or months."""
    parts = name.split("/")[:-1]
    place = next(number for number, part in enumerate(parts) if part in ("_posts", "_drafts"))
    below = parts[place + 1 :] if parts[place] == "_posts" else []
    return tuple(parts[:place]), tuple(part for part in below if not part.isdecimal())


def _is_in(scope: dict[str, Any], name: str, kind: str) -> bool:
    path, of = str(scope.get("path", "")).strip("/"), scope.get("type", "")
    is_of = of in ("", kind) or (kind == "posts" and of == "drafts")
    return is_of and (not path or name == path or name.startswith(f"{path}/"))


def _categories(front: Front) -> tuple[str, ...]:
    """Between blanks, where there are no commas; `category` comes last, and is one."""
    value = front.values.get("categories", "")
    has_comma = not isinstance(value, str) or re.search("[,，、/]", value)
    found = front.list("categories") if has_comma else front.list("categories", split=r"\s+")
    return (*found, *front.list("category"))


def _once(categories: tuple[str, ...]) -> tuple[str, ...]:
    """In any letter case, where it stands first."""
    found: dict[str, str] = {}
    for category in categories:
        found.setdefault(category.strip().lower(), category.strip())
    return tuple(found.values())


def _slugs(served: str, section: tuple[str, ...], title: str, day: date | None) -> tuple[str, ...]:
    """The name that the address had, if it was right below the section; else the month and the title."""
    folder, _slash, last = served.rpartition("/")
    slug = said.slug_of(title) or "note"
    found = []
    if last.endswith(".html") and folder.lower() == "/".join(["", *section]).lower():
        found.append(said.slug_of(last.removesuffix(".html")))
    found += [f"{day:%Y-%m}-{slug}", f"{day:%Y-%m-%d}-{slug}"] if day else [slug]
    found.append(f"{found[-1]}-2")  # of names that differ by letter case, or by a folder that is no category
    return tuple(dict.fromkeys(filter(None, found)))


def _day(text: str) -> date | None:
    try:
        return said.date_of(text)[0]
    except ValueError:
        return None


def _words(stem: str) -> str:
    return " ".join(re.split(r"[-_\s]+", stem)).strip()


def _collect(data: Any, found: dict[str, str], depth: int = 0) -> None:
    """Whatever has a path and a title, as lists for navigation have."""
    if depth > 20:
        return
    if isinstance(data, dict):
        path = next((data[key] for key in ("url", "link", "path", "slug", "permalink") if key in data), None)
        title = next((data[key] for key in ("title", "name", "label") if key in data), None)
        if isinstance(path, str) and isinstance(title, str) and title.strip():
            found.setdefault(path.strip("/").lower(), title.strip()[:200])
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for value in values:
        _collect(value, found, depth + 1)
