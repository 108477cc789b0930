"""Which files an exported site has, and what each is made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Any, Literal
from urllib.parse import parse_qsl

from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models.fields.json import KT

from .. import addresses, citing, figure_uses, paths, sitemaps, totals
from ..importers.said import undated
from ..models import Address, Kind, Paper, Revision, Section, Tag
from ..models.places import page as url_of
from ..pages import PAGE_SIZE, Tree
from ..stored import kept
from . import site_search

#: Further pages of lists are here, since a server of files knows no `?page=2`.
PAGES = "-/pages"
#: Every address is one segment or more, and file systems take names of 255 bytes; `.part` is added while writing.
_LONGEST_NAME = 250
_SPELLINGS = 8  # of one former address

#: What is made from `source`: a page from its address, a redirect from where it leads, the rest from a name.
Making = Literal["page", "moved", "figure", "asset", "missing", "search", "palette", "empty"]


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    making: Making
    source: str = ""
    paper: str = ""  # its path, where the file says something of one


def file_of(address: str) -> str:
    """`/llm/` is `llm/index.html`; `/llm/?page=2` is `-/pages/llm/2/index.html`; `/llm/x.html` is itself."""
    path, _mark, query = address.partition("?")
    name = path.lstrip("/")
    asked = dict(parse_qsl(query))
    if "section" in asked:
        return f"sitemap-{asked['section']}-{asked['p']}.xml"
    if "page" in asked:
        name = f"{PAGES}/{name}{asked['page']}/"
    return f"{name}index.html" if not name or name.endswith("/") else name


def fits(name: str) -> bool:
    return all(len(part.encode()) <= _LONGEST_NAME for part in name.split("/"))


def everything(*, has_search: bool) -> Iterator[Job]:
    """In no case a name twice. Pages of a paper stand together, and what is cheap comes first."""
    yield Job(".nojekyll", "empty")
    yield from _assets()
    yield from (Job(f"-/figures/{name}", "figure", name) for name in _figures())
    taken = set()
    for job in (*map(page, _addresses()), *_of_papers(), *_own_pages(has_search)):
        taken.add(paths.fold(job.name))
        yield job
    former: set[str] = set()  # of `/x/`, `/x` and `/x/index.html` there is one file
    for path, url in _former():
        job = Job(file_of(path), "moved", url)
        if paths.fold(job.name) not in taken and job.name not in former:
            former.add(job.name)
            yield job


def page(address: str) -> Job:
    return Job(file_of(address), "page", address)


def _own_pages(has_search: bool) -> Iterator[Job]:
    """What differs from what a server would say."""
    yield Job("404.html", "missing", "/404.html")
    indexes = " ".join(map(str, site_search.numbers())) if has_search else ""
    yield Job("search/index.html", "search", indexes)
    yield Job("-/search/index.html", "palette")
    yield Job("-/language/index.html", "moved", url_of("/"))
    for uid, path in Paper.objects.published().order_by("pk").values_list("uid", "path").iterator():
        yield Job(file_of(addresses.permanent_path(uid)), "moved", url_of(path or ""))


# --- Pages ------------------------------------------------------------------------------------------------


def _addresses() -> Iterator[str]:
    yield from ("/robots.txt", "/sitemap.xml", *map(sitemaps.address, sitemaps.parts()))
    yield from ("/tags/", "/-/collection/")
    yield from _of_sections()
    yield from _of_lists()


def _of_papers() -> Iterator[Job]:
    for path in Paper.objects.published().order_by("pk").values_list("path", flat=True).iterator():
        yield from of_paper(path or "")


def of_paper(path: str) -> Iterator[Job]:
    twins = (path.removesuffix(".html") + suffix for suffix in paths.TWIN_SUFFIXES)
    for address in (path, *twins, f"/-/card{path}"):
        yield Job(file_of(address), "page", address, paper=path)


def feeds_at(path: str) -> Iterator[str]:
    yield from (path + suffix for suffix in paths.FEED_SUFFIXES)


def _of_sections() -> Iterator[str]:
    tree, places = Tree(), totals.places()
    for section in tree.depth_first():
        total = places.in_sections(below.pk for below in tree.depth_first(section))
        yield from _list(section.path, 0 if section.is_root else total)
        yield from feeds_at(section.path)


def _of_lists() -> Iterator[str]:
    places, tags = totals.places(), totals.tags()
    yield from _list("/papers/", places.total)
    if places.total:
        yield from ("/-/papers.bib", "/-/papers.ris")
    wanted: Any = kept("wanted", citing.wanted)
    yield from _list("/-/wanted/", len(wanted))
    for slug, total in sorted(tags.numbers.items()):
        yield from _list(addresses.tag_path(slug), total)
        yield from feeds_at(addresses.tag_path(slug))
    for slug, total in sorted(places.venues.items()):
        yield from _list(f"/venues/{slug}/", total)
    yield from _of_months(places.months)


def _of_months(months: Any) -> Iterator[str]:
    for year in sorted({month[:4] for month in months}):
        yield from _list(f"/{year}/", sum(months[month] for month in months if month[:4] == year))
    for month, total in sorted(months.items()):
        yield from _list(f"/{month.replace('-', '/')}/", total)


def _list(address: str, total: int) -> Iterator[str]:
    yield address
    yield from (f"{address}?page={number}" for number in range(2, ceil(total / PAGE_SIZE) + 1))


# --- Files that are there already ---------------------------------------------------------------------------


def _assets() -> Iterator[Job]:
    """Of the site itself, not of its admin, under the names that `collectstatic` gave them."""
    hashed: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    for name in sorted(name for own, name in hashed.items() if own.startswith("papers/")):
        yield Job(f"static/{name}", "asset", name)


def _figures() -> Iterable[str]:
    return figure_uses.public().order_by("pk").values_list("pk", flat=True)


# --- Former addresses ---------------------------------------------------------------------------------------


def _former() -> Iterator[tuple[str, str]]:
    """Each with where it leads, under every spelling that the history knows: a server of files minds letter case."""
    targets = _targets()
    rows = Address.objects.order_by("path_folded")
    wanted = [row for row in rows if (row.kind, row.uid) in targets]
    spelled = _spellings(wanted)
    for row in wanted:
        segments = [spelled.get(part, {part}) | {part} for part in row.path_folded.strip("/").split("/")]
        for some, _count in zip(product(*map(sorted, segments)), range(_SPELLINGS), strict=False):
            # Asked for a path without an ending, a server of files looks for a folder.
            is_folder = row.path_folded.endswith("/") or "." not in some[-1]
            path = f"/{'/'.join(some)}{'/' if is_folder else ''}"
            if path.endswith(("/", ".html")):
                yield path, targets[row.kind, row.uid]


def _targets() -> dict[tuple[str, str], str]:
    things: list[tuple[str, Any]] = [
        (Kind.SECTION, Section.objects.values_list("uid", "path")),
        (Kind.PAPER, Paper.objects.published().order_by().values_list("uid", "path")),
    ]
    found = {(str(kind), uid): url_of(path) for kind, rows in things for uid, path in rows}
    for tag in Tag.objects.public():
        found[str(Kind.TAG), tag.uid] = tag.get_absolute_url()
    return found


def _spellings(rows: list[Address]) -> dict[str, set[str]]:
    """Segments in the letter case in which somebody typed them, by the folded ones."""
    uids = sorted({row.uid for row in rows if row.kind == Kind.PAPER})
    found: dict[str, set[str]] = {}
    typed = [Revision.objects.filter(kind=Kind.SECTION)]
    typed += [
        Revision.objects.filter(kind=Kind.PAPER, uid__in=uids[at : at + 500])
        for at in range(0, len(uids), 500)
    ]
    for revisions in typed:
        # Without KT, SQLite would read a slug `2024` as a number.
        for slug in revisions.order_by().values_list(KT("data__slug"), flat=True).distinct():
            # An imported note had its name without the month, and with an ending or as a folder.
            for name in {slug, undated(slug)[0]} if slug else ():
                for spelled in (name, f"{name}.html"):
                    found.setdefault(paths.fold(spelled), set()).add(spelled)
    return found
