"""What Hugo makes a site of: notes in `content`, and pages of their folders in `_index.md`."""

from contextlib import suppress
from itertools import product

from . import front_matter, pages, reading, said, texts
from .embedded import Store
from .folder import Folder
from .found import Found, FoundPage, Refused
from .front_matter import Front
from .plain import Notes, own_paths
from .reading import Text

_CONFIGURATIONS = [
    *(f"{name}.{ending}" for name, ending in product(("hugo", "config"), ("toml", "yaml", "yml", "json"))),
    "config/_default",
]


def is_site(folder: Folder) -> bool:
    return (folder.root / "content").is_dir() and any(map(folder.has, _CONFIGURATIONS))


def is_content(folder: Folder) -> bool:
    return any(_is_of_section(name) for name in folder.files())


class Hugo(Notes):
    kind = "hugo"
    was_a_site = True

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self.root = "content/" if is_site(folder) else ""
        self.titles = self._titles()

    def read(self, name: str, keep: Store) -> Found | FoundPage | None:
        if self.is_note(name) and _is_of_section(name):
            return self._section_page(name, keep)
        return self.note_in(name, keep)

    def _titles(self) -> dict[str, str]:
        """What the pages of sections say, whether there is a text below it or not."""
        names = (name for name in self.folder.files() if self.is_note(name) and _is_of_section(name))
        return {
            "/".join(self._section_of(name)).lower(): title for name in names if (title := self._title(name))
        }

    def _title(self, name: str) -> str:
        with suppress(Refused):  # it is named when the file is read
            return front_matter.read(texts.text_of(texts.in_utf8(self.folder.read(name)))).text("title")
        return ""

    def _section_of(self, name: str) -> tuple[str, ...]:
        return said.segments(pages.folders_of(name.removeprefix(self.root)))

    def _section_page(self, name: str, keep: Store) -> FoundPage | None:
        """What it says stands at the path of its section; the front page is the site's own."""
        section = self._section_of(name)
        if not section:
            return None
        text = reading.text_of(self.folder, name, keep)
        front = self.front_of(text)
        if said.is_draft(front) or pages.is_in_drafts(name):
            return None
        values = self._values(text, front, section, keep)
        former = (f"/{'/'.join(section)}/index.html", *own_paths(front), *said.former(front))
        page = FoundPage(name, values, section=section, addresses=former, troubles=text.troubles)
        return page if values["text"].strip() else None

    def _values(self, text: Text, front: Front, section: tuple[str, ...], keep: Store) -> dict[str, str]:
        note = self.note_of(text, front, "", keep)
        title = front.text("title") or note.title or section[-1]
        return {"title": title, "text": note.columns(title)["notes"]}


def _is_of_section(name: str) -> bool:
    return reading.is_markdown(name) and reading.stem_of(name) == "_index"
