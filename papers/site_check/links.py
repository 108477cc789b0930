"""Links of notes and sections to this site: whether something answers there, and whether the place on its page exists."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.utils.translation import gettext_noop

from .. import addresses, derived
from ..models import Paper, PaperKey, Section
from ..rendering.marks import linked_places
from .finding import Finding, Part
from .hrefs import Link, batches, html_of, ids_of, links_of
from .inside import Site
from .notes import where_is

BROKEN, ANCHOR = "broken", "anchor"

_NOWHERE = gettext_noop("链接指向的网址不存在。")
_GONE = gettext_noop("链接指向的内容已删除。")
_NO_PLACE = gettext_noop("链接指向的页面上没有“#%(anchor)s”这个位置。")


class Targets:
    """What is known of the addresses that links lead to: of the papers and sections of a batch by two queries."""

    def __init__(self) -> None:
        self._site = Site()
        self._answers: dict[str, int] = {}
        self._ids: dict[str, set[str]] = {}

    def learn(self, links: Iterable[Link]) -> None:
        wanted = {link.path for link in links} - self._answers.keys()
        anchored = {link.path for link in links if link.fragment} - self._ids.keys()
        for rows, html in ((Section.objects.all(), "text_html"), (Paper.objects.published(), "notes_html")):
            found: Any = rows.order_by().filter(path__in=wanted)
            self._answers |= dict.fromkeys(found.values_list("path", flat=True), 200)
            found = rows.order_by().filter(path__in=anchored)
            self._ids |= {path: ids_of(text) for path, text in found.values_list("path", html)}

    def status(self, path: str) -> int:
        """Of the answer at the end of one hop at most."""
        if path not in self._answers:
            self._answers[path] = self._look(path)
        return self._answers[path]

    def _look(self, path: str) -> int:
        try:
            if "?" not in path and addresses.find(path):
                return 200
        except addresses.Gone:
            return 410
        reply = self._site.ask(path)
        return self._site.ask(reply.location).status if 300 <= reply.status < 400 else reply.status

    def has(self, path: str, anchor: str) -> bool:
        """What the note itself does not have may be the page's own."""
        if anchor in self._ids.get(path, ()) or anchor == "top":
            return True
        return anchor in self._ids_of_page(path)

    def _ids_of_page(self, path: str) -> set[str]:
        """Under a key of its own."""
        key = f"page {path}"
        if key not in self._ids:
            reply = self._site.ask(path, with_text=True)
            if 300 <= reply.status < 400:
                reply = self._site.ask(reply.location.partition("#")[0], with_text=True)
            self._ids[key] = ids_of(reply.text)
        return self._ids[key]


def look() -> Iterator[list[Finding]]:
    targets = Targets()
    for batch in batches():
        links = {thing.pk: _links(thing) for thing in batch}
        targets.learn([link for some in links.values() for link in some])
        for thing in batch:
            yield [finding for link in links[thing.pk] if (finding := _checked(thing, link, targets))]


def _links(thing: Section | Paper) -> list[Link]:
    """Those to this site, wikilinks to a heading among them; other wikilinks are checked with the notes."""
    html = html_of(thing)
    found = [link for link in links_of(html, where_is(thing)) if not link.url]
    places = linked_places(html)
    papers = PaperKey.objects.papers({name for name, _place in places}) if places else {}
    wikilinks = [(f"[[{name}#{place}]]", papers.get(name), place) for name, place in places]
    return [*found, *(Link(typed, paper.path or "", place) for typed, paper, place in wikilinks if paper)]


def _checked(thing: Section | Paper, link: Link, targets: Targets) -> Finding | None:
    own = link.path == where_is(thing)
    if own and link.fragment in ids_of(html_of(thing)):
        return None
    status = 200 if own else targets.status(link.path)
    if status != 200:
        return _finding(thing, link, BROKEN, _GONE if status == 410 else _NOWHERE)
    if not link.fragment or targets.has(link.path, link.fragment):
        return None
    return _finding(thing, link, ANCHOR, _NO_PLACE, anchor=link.fragment)


def _finding(thing: Section | Paper, link: Link, kind: str, message: str, **params: str) -> Finding:
    before, found, _after = derived.source_of(thing)[0].partition(link.typed)
    line = f":{before.count(chr(10)) + 1}" if found else ""
    is_draft = isinstance(thing, Paper) and not thing.is_published
    return Finding(where_is(thing) + line, kind, message, params, link.typed, is_draft)


PART: Final = Part(derived.count_everything, look)
