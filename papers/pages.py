"""What several pages share: the section tree, the front page's lists, paging, absolute addresses."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .models import Figure, Paper, PaperKey, Section, TaggedPaper
from .models.places import place
from .querysets import LIST_COLUMNS, PaperQuerySet, is_public_row
from .rendering import Targets, block_names, figure_names, finish, paper_names
from .stored import shared

PAGE_SIZE = 30
SECTIONS = 300  # in one condition: SQLite may take no deeper one than of 1,000 parts
_INDEX_COLUMNS = ("uid", "section", "slug", "path", "title", "summary", "published_on", "day_known")
INDEX_SIZE = 20  # papers under one heading of the front page; the rest are a link away


def absolute(url: str) -> str:
    """The public address of a local one: scheme and host of PAPERCACHE_URL, whatever the request said."""
    base = urlsplit(settings.PAPERCACHE_URL)
    return f"{base.scheme}://{base.netloc}{url}"


def front_page() -> str:
    return place("papers:page", "")


def canonical(url: str, page: Page | None = None) -> str:
    """The address of a page that search engines should keep; each page of a list is one of its own."""
    return absolute(f"{url}?page={page.number}" if page and page.number > 1 else url)


# --- The tree ---------------------------------------------------------------------------------------------


class Tree:
    """All sections without their texts; one query. Several threads may hold the same: it is only read.

    `parts` are pieces of HTML that say no more than the tree does, by what they were made for.
    """

    def __init__(self) -> None:
        self.parts: dict[tuple[str, ...], SafeString] = {}
        self.sections = list(Section.objects.for_menus())
        self.by_pk = {section.pk: section for section in self.sections}
        self._children: dict[int | None, list[Section]] = defaultdict(list)
        for section in self.sections:
            self._children[section.parent_id].append(section)

    @property
    def root(self) -> Section | None:
        return next(iter(self._children.get(None, [])), None)

    @property
    def navigation(self) -> list[Section]:
        return [section for section in self.sections if section.in_navigation]

    def children(self, section: Section) -> list[Section]:
        return self._children.get(section.pk, [])

    def depth_first(self, top: Section | None = None) -> Iterator[Section]:
        """Each section before those below it, siblings in their order; of the whole tree, or from one section down."""
        waiting = [top] if top else list(self._children.get(None, []))
        while waiting:
            section = waiting.pop(0)
            yield section
            waiting[:0] = self.children(section)

    def trail(self, section: Section | None) -> list[Section]:
        """From the root to the section itself."""
        trail: list[Section] = []
        while section is not None:
            trail.insert(0, section)
            section = self.by_pk.get(section.parent_id) if section.parent_id else None
        return trail

    def topics(self) -> list[Section]:
        """Top sections with an icon are the front page's topics."""
        return [section for section in self.children(self.root) if section.icon] if self.root else []

    def headings(self) -> list[Section]:
        listed = [section for section in self.sections if section.index_position is not None]
        return sorted(listed, key=lambda section: (section.index_position or 0, section.path))

    def heading_of(self, section: Section) -> Section | None:
        """The nearest section, from this one up, that is a heading of the front page's paper list."""
        return next(
            (above for above in reversed(self.trail(section)) if above.index_position is not None), None
        )


def tree_of(request: HttpRequest) -> Tree:
    """The tree: the same one for all requests until something changes, and for the whole of this one."""
    if not hasattr(request, "_section_tree"):
        request._section_tree = shared("tree", Tree)  # type: ignore[attr-defined]
    return request._section_tree  # type: ignore[attr-defined]


# --- The front page ---------------------------------------------------------------------------------------


@dataclass
class Heading:
    section: Section | None
    papers: list[Paper] = field(default_factory=list)
    has_more: bool = False


def index(tree: Tree) -> list[Heading]:
    """The paper list of the front page, heading by heading; two queries. Papers under no heading come last."""
    groups = {section.pk: Heading(section) for section in tree.headings()}
    rest = Heading(None)
    for paper in _newest_of_each_section():
        heading = tree.heading_of(tree.by_pk[paper.section_id]) if paper.section_id in tree.by_pk else None
        group = groups[heading.pk] if heading else rest
        group.papers.append(paper)
    for group in (*groups.values(), rest):
        group.has_more = len(group.papers) > INDEX_SIZE
        del group.papers[INDEX_SIZE:]
    return [group for group in (*groups.values(), rest) if group.papers]


def _newest_of_each_section() -> list[Paper]:
    """INDEX_SIZE and one more of each, by a seek in the index of a section's papers; two queries up to SECTIONS."""
    wanted = [_newest_of(pk, day, slug) for pk, day, slug in _edges()]
    papers: list[Paper] = []
    for start in range(0, len(wanted), SECTIONS):
        some = reduce(or_, wanted[start : start + SECTIONS])
        papers += Paper.objects.filter(is_public_row(), some).newest_first().only(*_INDEX_COLUMNS)
    papers.sort(key=lambda paper: paper.uid)
    return sorted(papers, key=lambda paper: (paper.published_on, paper.slug), reverse=True)


def _newest_of(section: int, day: date | None, slug: str) -> Q:
    return Q(section=section) & (
        Q(published_on__gte=day) & ~Q(published_on=day, slug__lt=slug) if day is not None else Q()
    )


def _edges() -> Any:
    """Of each section the last paper that is wanted, if it has so many."""
    papers = Paper.objects.filter(is_public_row(), section=OuterRef("pk")).newest_first()
    values = (Subquery(papers.values(name)[INDEX_SIZE : INDEX_SIZE + 1]) for name in ("published_on", "slug"))
    return Section.objects.order_by().values_list("pk", *values)


@dataclass
class Topic:
    section: Section
    text: SafeString
    parts: list["Topic"] = field(default_factory=list)


def texts_of_topics(tree: Tree) -> dict[int, str]:
    """Stored HTML of each topic and of what is directly below it, by primary key; one query."""
    wanted = [part.pk for top in tree.topics() for part in (top, *tree.children(top))]
    return dict(Section.objects.filter(pk__in=wanted).values_list("pk", "text_html"))


def topics(tree: Tree, html: dict[int, str], offered: Targets) -> list[Topic]:
    """Each topic with its text and those of its subsections that have one."""

    def topic(section: Section) -> Topic:
        return Topic(section, finish(html.get(section.pk, ""), offered))

    return [
        Topic(
            top,
            topic(top).text,
            [topic(part) for part in tree.children(top) if html.get(part.pk) and not part.icon],
        )
        for top in tree.topics()
    ]


# --- Text and lists ---------------------------------------------------------------------------------------


def targets(*texts: str) -> Targets:
    """What these pieces of stored HTML ask for; a query for papers and one for pictures, if they ask for any."""
    return offered(named_in(*texts), *texts)


def named_in(*texts: str) -> dict[str, Paper]:
    """The papers that these pieces of stored HTML name, by the names typed; a query, if they name any."""
    return PaperKey.objects.papers(_asked(paper_names, texts))


def offered(named: Mapping[str, Paper], *texts: str) -> Targets:
    """Links to the papers that are named, and the pictures that these pieces of stored HTML ask for."""
    return Targets(
        prefix=get_script_prefix().rstrip("/"),
        papers={name: paper.get_absolute_url() for name, paper in named.items()},
        figures=Figure.objects.sizes(_asked(figure_names, texts)),
    )


def _asked(names_in: Callable[[str], frozenset[str]], texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name in names_in(text))


def absolute_targets(*texts: str) -> Targets:
    """For texts that are read elsewhere: in a feed reader."""
    local = targets(*texts)
    papers = {name: absolute(url) for name, url in local.papers.items()}
    return replace(local, prefix=absolute(local.prefix), papers=papers)


def note(paper: Paper, offered: Targets) -> SafeString:
    """A paper's note as readers see it. What names the paper itself is no link."""
    url = paper.get_absolute_url()
    own = (url, absolute(url))
    others = {name: to for name, to in offered.papers.items() if to not in own}
    return finish(paper.notes_html, replace(offered, papers=others))


def section_text(request: HttpRequest, section: Section, papers: Page | None) -> SafeString:
    """A section's text, with the lists that its marks `[[topics]]` and `[[papers]]` ask for."""
    asked = block_names(section.text_html)
    tree = tree_of(request)
    texts = texts_of_topics(tree) if "topics" in asked else {}
    offered = targets(section.text_html, *texts.values())
    blocks = {}
    if "topics" in asked:
        context = {"topics": topics(tree, texts, offered)}
        blocks["topics"] = render_to_string("papers/_topics.html", context)
    if "papers" in asked and section.is_root:
        blocks["papers"] = render_to_string("papers/_index.html", {"headings": index(tree)})
    elif "papers" in asked:
        listing = {"page": papers, "cite_query": f"section={section.uid}"}
        blocks["papers"] = render_to_string("papers/_paper_list.html", listing, request)
    return finish(section.text_html, replace(offered, blocks=blocks))


def listed(papers: PaperQuerySet) -> PaperQuerySet:
    """Rows for a list of papers: two queries however many there are."""
    return with_tags(papers.select_related("section").only(*LIST_COLUMNS))


def with_tags(papers: PaperQuerySet) -> PaperQuerySet:
    """One query more, joined: a list of a thousand tags would be too long a condition for SQLite."""
    rows = TaggedPaper.objects.select_related("tag")
    return papers.prefetch_related(Prefetch("tagged", rows, to_attr="tag_rows"))


class _Pages(Paginator):
    """The papers of a page are found by an index alone, from the nearer end; only then are their rows read.

    A search or a ranking puts its pages together in a way of its own.
    """

    def page(self, number: int | str) -> Page:
        page = super().page(number)
        papers: Any = self.object_list
        if type(papers) is PaperQuerySet:
            start, stop = max(page.start_index() - 1, 0), page.end_index()
            keys = papers.select_related(None).prefetch_related(None).values("pk")
            if start > self.count - stop:
                keys, start, stop = keys.reverse(), self.count - stop, self.count - start
            page.object_list = papers.regardless().filter(pk__in=keys[start:stop])
        return page


def paginate(request: HttpRequest, papers: QuerySet, total: int | None = None) -> Page:
    """Raises Http404 with a sentence for the reader. A query less where the total is known."""
    paginator = _Pages(papers, PAGE_SIZE)
    if total is not None:
        paginator.count = total  # a cached property
    number = request.GET.get("page", "1")
    try:
        return paginator.page(number)
    except InvalidPage:
        message = _("没有第“%(number)s”页：page 应为 1 到 %(last)d 的整数。")
        raise Http404(message % {"number": number[:20], "last": paginator.num_pages}) from None
