"""Whole HTML pages whose file path is their address."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from html import unescape
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

from django.utils.translation import gettext as _

from ..citations import normalise_key
from . import embedded, liquid, reading, said, texts
from .embedded import LocalPictures, Store
from .folder import Folder
from .found import Found, Refused

_H1 = re.compile(r"<h1\b[^<>]*>((?:(?!<h1\b).)*?)</h1\s*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]*>((?:(?!<title\b).)*?)</title\s*>", re.IGNORECASE | re.DOTALL)
_META = re.compile(
    r"""<meta\b(?>[^<>]*?\bname\s*=\s*["']?description["'])[^<>]*\bcontent\s*=\s*"([^"<>]*)\"""",
    re.IGNORECASE,
)
_SIGN = re.compile(r"<a\b[^<>]*>(?:[^<>\w&]{0,3}|&(?:para|#\w+);)</a\s*>", re.IGNORECASE)
_TOP = re.compile(r"</head\s*>|<body\b[^<>]*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b[^<>]*>((?:(?!</?p\b).)*)</p\s*>", re.IGNORECASE | re.DOTALL)
_PUBLISHED = re.compile(
    r"""<meta\b[^<>]{0,200}\bproperty\s*=\s*["']?article:published_time\b[^<>]{0,200}\bcontent\s*=\s*["']?(\d{4}-\d\d-\d\d)""",
    re.IGNORECASE,
)
# A page that is there for a former address alone, and where it leads.
_MOVED = re.compile(r"""<meta\b[^<>]{0,200}\bhttp-equiv\s*=\s*["']?refresh\b""", re.IGNORECASE)
_TARGET = re.compile(r"""\burl\s*=\s*["']?(?P<url>[^\s"'<>]+)""", re.IGNORECASE)
_LONGEST_MOVED = 8 * 1024
# The day, in the folders of an address.
_DAY = re.compile(r"(?:(?<=/)|^)\d{4}/(?:0[1-9]|1[0-2])(?:/\d\d)?(?=/)")
# A folder whose page is a list.
_LIST = re.compile(r"(?:^|/)(?:(?:tags?|categor(?:y|ies)|archives?)(?:/|$)|page/\d+$|404$)", re.IGNORECASE)


class Pages:
    kind = "html"

    def __init__(self, folder: Folder, is_page: Callable[[str], bool] = reading.is_html) -> None:
        """`is_page` says of which files an `index.html` beside them is the list."""
        self.folder, self._is_page = folder, is_page
        self.titles: dict[str, str] = {}

    def files(self) -> Iterator[str]:
        return (name for name in self.folder.files() if reading.is_html(name))

    @cached_property
    def _pages_below(self) -> Counter[str]:
        """How many there are in a folder and below."""
        parts = (name.split("/") for name in self.folder.files() if self._is_page(name))
        return Counter("/".join(one[:depth]) for one in parts for depth in range(1, len(one)))

    @cached_property
    def _moved(self) -> dict[str, list[str]]:
        """Addresses whose pages only lead on, by the path that they lead to; with the site's own folder and without."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.files():
            try:
                path = _target(name, self.folder.read(name, _LONGEST_MOVED).decode(errors="replace"))
            except (Refused, ValueError):  # too long to be one; or it leads nowhere
                continue
            for key in {path, f"/{path.lstrip('/').partition('/')[2]}"} if path else ():
                found[key] += [f"/{name}", f"/{name}".removesuffix("index.html")]
        return found

    def place(self, name: str) -> str:
        """Its path without the ending: of an `index.html` with nothing beside it, the folder's. Nothing for the site's own."""
        folder, stem = name.rpartition("/")[0], reading.stem_of(name).lower()
        if stem != "index":
            return name.rpartition(".")[0] if stem != "404" else ""
        return folder if self._pages_below[folder] == 1 and not _LIST.search(folder) else ""

    def read(self, name: str, keep: Store) -> Found | None:
        place = self.place(name)
        if not place:
            return None
        text = reading.text_of(self.folder, name, keep)
        front = reading.front_of(text)
        if _MOVED.search(front.body):
            return None
        record = said.Record(front)
        record.read()
        is_folder = not name.startswith(f"{place}.")
        at = f"/{place}/" if is_folder else f"/{name}"
        pictures = LocalPictures(self.folder, name, keep, partial(self._find, name))
        note = reading.note_of(text, front, pictures, partial(_as_linked, at) if is_folder else str)
        above, _slash, stem = place.rpartition("/")
        title = front.text("title") or _title(front.body, stem)
        if not note.source.strip():
            raise Refused(_("页面里没有正文"))
        when = said.when(front, stem) or said.when(front, _day(place) or _published(front.body))
        record.read_authors(note.source)
        values = record.values | note.columns(title) | said.columns_of(when)
        description = _META.search(front.body)
        former = (path for here in (at, f"/{name}") for path in self._moved.get(here, ()))
        if description and (summary := texts.words_of(description[1])):
            values.setdefault("summary", summary[:2000])
        return Found(
            name,
            values,
            section=said.segments(folders_of(_DAY.sub("", f"{above}/") if is_folder else f"{above}/")),
            slugs=_slugs(place, stem),
            tags=record.tags,
            is_draft=said.is_draft(front) or is_in_drafts(name),
            addresses=tuple(dict.fromkeys((at, f"/{name}", *former, *said.former(front)))),
            troubles=text.troubles + record.troubles,
            content=text.digest,
            first_public_at=said.since(when),
        )

    def _find(self, note: str, written: str) -> str | None:
        """From the top of the site, which GitHub Pages has below the name of its repository."""
        _repository, _slash, rest = written.removeprefix("/").partition("/")
        there = embedded.below(self.folder, note, written, "")
        is_deep = written.startswith("/") and rest
        return there or (embedded.below(self.folder, note, f"/{rest}", "") if is_deep else None)


def is_in_drafts(name: str) -> bool:
    return "_drafts" in name.split("/")[:-1]


def folders_of(name: str) -> tuple[str, ...]:
    """Those that a file is in, but for what only says whether it is public."""
    return tuple(part for part in name.split("/")[:-1] if part not in ("_posts", "_drafts"))


def _target(name: str, page: str) -> str:
    """The path that it leads to, if that is all it does. Raises ValueError."""
    found = _TARGET.search(page) if _MOVED.search(page) else None
    return unquote(urlsplit(urljoin(f"/{name}", unescape(found["url"]))).path) if found else ""


def _as_linked(at: str, body: str) -> str:
    """Its address has another end here: what it links to by a path from there, it does by the whole of it."""
    return liquid.with_addresses_here(body, "", "", at, is_markdown=False)


def _slugs(place: str, stem: str) -> tuple[str, ...]:
    """Notes of one name may have been in the folders of several days."""
    slug, day = said.slug_of(stem) or "note", _day(place)
    return (slug, f"{day[:7]}-{slug}") if day else (slug,)


def _day(place: str) -> str:
    """What its folders say of it, as the names of files do."""
    found = _DAY.search(place)
    return found[0].replace("/", "-") if found else ""


def _published(page: str) -> str:
    """What its head says, for the cards of other sites."""
    found = _PUBLISHED.search(page)
    return found[1] if found else ""


def _title(page: str, stem: str) -> str:
    """The heading of the page itself: its title often is that of all of them, but headings of sections are none's."""
    headings = [one for one in islice(_H1.finditer(page), 20) if _words(one[1])]
    found = _TITLE.search(page)
    title = _words(found[1]) if found else ""
    if headings and not (title and _are_sections(page, headings, title)):
        return _words(headings[0][1])
    return title or " ".join(said.undated(stem)[0].replace("_", " ").replace("-", " ").split()) or stem


def _words(markup: str) -> str:
    """Without the sign behind a heading that is a link to it."""
    return texts.words_of(_SIGN.sub("", markup))


def _are_sections(page: str, headings: list[re.Match[str]], title: str) -> bool:
    """As Word writes them: below a paragraph that is the title, or several of one kind below some text."""
    top = _TOP.search(page)
    before = page[top.end() if top else 0 : headings[0].start()]
    key = normalise_key(title)
    if any(normalise_key(texts.words_of(one[1])) == key for one in _PARAGRAPH.finditer(before)):
        return True
    is_headed = any(normalise_key(_words(one[1])) in key for one in headings)
    return len(headings) > 1 and bool(texts.words_of(before)) and not is_headed
