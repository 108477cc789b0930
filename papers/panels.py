"""The facets of a list as a page shows them: every value with its count, and the link that chooses it or lets it go."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from . import counting
from .counting import Counts
from .facets import Choice
from .models import Paper, Section
from .models.places import place
from .pages import Tree

#: Values of a facet that are shown at once; the next ones are behind a fold, and a chosen one is always shown.
SHOWN, FOLDED = 12, 100


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    count: int | None = None
    is_chosen: bool = False
    depth: int = 0
    is_typed: bool = False  # by an editor


@dataclass
class Facet:
    name: str
    title: str
    items: list[Item]
    folded: list[Item] = field(default_factory=list)

    @property
    def is_typed(self) -> bool:
        """Whether its values are words of editors, which are Chinese in any language of the interface."""
        return self.name in ("section", "tag")


@dataclass
class Panel:
    """`problems` are sentences; `chosen` are links that let go of one thing each."""

    choice: Choice
    counts: Counts
    problems: list[str]
    facets: list[Facet]
    chosen: list[Item]
    sorts: list[Item]
    tag_modes: list[Item]
    clear: str

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form for a day has to repeat."""
        return [(name, value) for name, value in self.choice.pairs() if name != "since"]


class _Links:
    """Addresses of one page with other choices than the present one."""

    def __init__(self, path: str, choice: Choice) -> None:
        self.path, self.choice = path, choice

    def to(self, **changes: Any) -> str:
        query = self.choice.but(**changes).query_string()
        return f"{self.path}?{query}" if query else self.path


def panel(path: str, choice: Choice, problems: list[str], tree: Tree) -> Panel:
    sections = {section.uid: section for section in tree.sections}
    counts = Counts() if problems else counting.count(choice, _subtree(choice, sections, tree))
    problems = problems or _unknown(choice, counts, sections)
    links = _Links(path, choice)
    return Panel(
        choice=choice,
        counts=Counts() if problems else counts,
        problems=problems,
        facets=[] if problems else _facets(choice, counts, links, tree),
        chosen=_chosen(choice, counts, links, sections),
        sorts=_sorts(choice, links),
        tag_modes=_tag_modes(choice, links),
        clear=_Links(path, Choice()).to(q=choice.q),
    )


def _subtree(choice: Choice, sections: dict[str, Section], tree: Tree) -> set[int]:
    chosen = sections.get(choice.section)
    return {section.pk for section in tree.depth_first(chosen)} if chosen else set()


def _unknown(choice: Choice, counts: Counts, sections: dict[str, Section]) -> list[str]:
    is_there = not choice.section or choice.section in sections
    missing = [*([] if is_there else [("section", choice.section)]), *counts.unknown]
    said = {
        "section": _("没有“%(value)s”这个栏目。"),
        "tag": _("没有公开的论文带标签“%(value)s”。"),
        "venue": _("没有公开的论文发表于“%(value)s”。"),
        "year": _("没有 %(value)s 年的论文。"),
    }
    return [said[name] % {"value": value[:80]} for name, value in missing]


# --- Facets -----------------------------------------------------------------------------------------------


def _facets(choice: Choice, counts: Counts, links: _Links, tree: Tree) -> list[Facet]:
    sections = Facet("section", _("栏目"), list(_sections(choice, counts, links, tree)))
    facets = [
        sections,
        _tags(choice, counts, links),
        _years(choice, counts, links),
        _venues(choice, counts, links),
        _reviews(choice, counts, links),
    ]
    return [facet for facet in facets if facet.items]


def _sections(choice: Choice, counts: Counts, links: _Links, tree: Tree) -> list[Item]:
    """The tree without branches that have no paper; each section counts what is below it too."""
    totals: Counter[int] = Counter()
    for pk, number in counts.sections.items():
        for section in tree.trail(tree.by_pk.get(pk)):
            totals[section.pk] += number
    items = []
    for section in tree.depth_first():
        is_chosen = section.uid == choice.section
        if section.is_root or not (totals[section.pk] or is_chosen):
            continue
        url = links.to(section="" if is_chosen else section.uid)
        depth = section.path.count("/") - 2
        items.append(Item(section.title, url, totals[section.pk], is_chosen, min(depth, 4)))
    return items


def _tags(choice: Choice, counts: Counts, links: _Links) -> Facet:
    def link(slug: str, is_chosen: bool) -> str:
        others = set(choice.tag) - {slug}
        return links.to(tag=tuple(others if is_chosen else {*others, slug}))

    name_of = counts.tag_names
    return _facet("tag", pgettext("plural", "标签"), counts.tags, name_of, set(choice.tag), link)


def _venues(choice: Choice, counts: Counts, links: _Links) -> Facet:
    def link(slug: str, is_chosen: bool) -> str:
        return links.to(venue="" if is_chosen else slug)

    return _facet("venue", _("会议或期刊"), counts.venues, counts.venue_names, {choice.venue}, link)


def _facet(
    name: str,
    title: str,
    counted: Counter[str],
    names: dict[str, str],
    chosen: set[str],
    link: Callable[[str, bool], str],
) -> Facet:
    """Most papers first, what is chosen before all."""
    slugs = sorted(counted, key=lambda slug: (slug not in chosen, -counted[slug], names[slug]))
    items = [
        Item(names[slug], link(slug, slug in chosen), counted[slug], slug in chosen)
        for slug in slugs[:FOLDED]
    ]
    shown = max(SHOWN, len(chosen))
    return Facet(name, title, items[:shown], items[shown:])


def _years(choice: Choice, counts: Counts, links: _Links) -> Facet:
    def item(year: int) -> Item:
        is_chosen = year == choice.year
        url = links.to(year=None if is_chosen else year, month="")
        return Item(str(year), url, counts.years[year], is_chosen)

    items = [item(year) for year in sorted(counts.years, reverse=True)]
    return Facet("year", _("年份"), items[:SHOWN], items[SHOWN:])


def _reviews(choice: Choice, counts: Counts, links: _Links) -> Facet:
    """Of no use while all notes are alike."""
    states = [state for state in Paper.Review if counts.reviews[state] or state == choice.review]
    items = [
        Item(
            str(state.label),
            links.to(review="" if state == choice.review else state.value),
            counts.reviews[state],
            state == choice.review,
        )
        for state in reversed(states)
    ]
    return Facet("review", _("核对"), items if len(items) > 1 or choice.review else [])


# --- What is chosen ---------------------------------------------------------------------------------------


def _chosen(choice: Choice, counts: Counts, links: _Links, sections: dict[str, Section]) -> list[Item]:
    items = []
    if choice.section:
        section = sections.get(choice.section)
        label = section.title if section else choice.section
        items.append(Item(label, links.to(section=""), is_typed=True))
    for slug in choice.tag:
        label = counts.tag_names.get(slug, slug)
        items.append(Item(label, links.to(tag=tuple(set(choice.tag) - {slug})), is_typed=True))
    if choice.year:
        items.append(Item(str(choice.year), links.to(year=None)))
    if choice.month:
        items.append(Item(choice.month, links.to(month="")))
    if choice.venue:
        items.append(Item(counts.venue_names.get(choice.venue, choice.venue), links.to(venue="")))
    if choice.review:
        items.append(Item(str(Paper.Review(choice.review).label), links.to(review="")))
    if choice.since:
        label = _("%(day)s 以后公开") % {"day": choice.since.isoformat()}
        items.append(Item(label, links.to(since=None)))
    return items


def _sorts(choice: Choice, links: _Links) -> list[Item]:
    labels = {
        "best": _("最相关"),
        "month": _("月份"),
        "newest": _("新笔记"),
        "title": _("标题"),
        "cited": _("被引次数"),
    }
    if not choice.q:
        del labels["best"]
    return [
        Item(label, links.to(sort=sort), is_chosen=sort == choice.order) for sort, label in labels.items()
    ]


def _tag_modes(choice: Choice, links: _Links) -> list[Item]:
    if len(choice.tag) < 2:
        return []
    labels = {"": _("同时有"), "any": _("有其一")}
    return [Item(label, links.to(tags=mode), is_chosen=mode == choice.tags) for mode, label in labels.items()]


# --- Years and months -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """The years, the months of one of them, and the neighbours of a year or month among those that have papers."""

    years: list[Item]
    months: list[Item]
    earlier: Item | None
    later: Item | None

    @property
    def total(self) -> int:
        """Of the year."""
        return sum(month.count or 0 for month in self.months)


def calendar(counted: Counter[str], year: int, month: str = "") -> Calendar:
    """Of the numbers of papers by month."""
    numbers = counting.by_year(counted)
    years = [_year(name, numbers[name], not month and name == year) for name in sorted(numbers)]
    months = [_month(name, counted[name], name == month) for name in sorted(counted)]
    earlier, later = _around(months if month else years)
    return Calendar(years, [item for item in months if item.label[:4] == f"{year:04}"], earlier, later)


def _year(year: int, count: int, is_chosen: bool) -> Item:
    return Item(f"{year:04}", place("papers:year", f"{year:04}"), count, is_chosen)


def _month(month: str, count: int, is_chosen: bool) -> Item:
    return Item(month, place("papers:month", *month.split("-")), count, is_chosen)


def _around(items: list[Item]) -> tuple[Item | None, Item | None]:
    at = next((at for at, item in enumerate(items) if item.is_chosen), None)
    if at is None:
        return None, None
    return (items[at - 1] if at else None), (items[at + 1] if at + 1 < len(items) else None)
