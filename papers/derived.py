"""The only maker of derived columns and side rows; what `rebuild` calls."""

import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.text import slugify

from . import citations, figures, paths
from .models import Citation, FigureUse, Kind, Paper, PaperKey, Revision, Section, SiteState, Tag, TaggedPaper
from .rendering import Format, Rendered, render_in_child, renderer_version
from .search import rows as search_rows

# What is made from the row itself; `first_public_at` and `changed_at` are made from what happened to it.
PAPER_COLUMNS = (
    "path",
    "path_folded",
    "venue_slug",
    "notes_html",
    "contents",
    "plain_text",
    "cited",
    "rendered_by",
)
SECTION_COLUMNS = ("path", "path_folded", "text_html", "rendered_by")

# What a citation's row has as the renderer found it, and how much of it.
_columns: Any = Citation._meta.concrete_fields
_LENGTHS = {
    column.name: column.max_length for column in _columns if column.max_length and column.name != "key"
}

# Papers in memory at a time.
BATCH = 200

Renderer = Callable[[str, Format], Rendered]

# One note's HTML stays in memory between the form that renders it and the row that takes it.
rendered = lru_cache(maxsize=4)(render_in_child)

_at_hand: ContextVar[Mapping[str, Rendered]] = ContextVar("at_hand", default=MappingProxyType({}))


@contextmanager
def at_hand(results: Mapping[str, Rendered]) -> Iterator[None]:
    """What was rendered before a transaction that writes many things, by `digest`: saves in it take that."""
    token = _at_hand.set(results)
    try:
        yield
    finally:
        _at_hand.reset(token)


def digest(source: str, note_format: str) -> str:
    """What made a piece of HTML: the renderer and the source. Equal means the HTML is fresh."""
    source_hash = hashlib.sha256(f"{note_format}\n{source}".encode()).hexdigest()[:16]
    return f"{renderer_version()} {source_hash}"


# --- Columns ----------------------------------------------------------------------------------------------


def fill(thing: Section | Paper, *, renderer: Renderer | None = None) -> None:
    """Make every column that follows from the row. Raises RenderingFailed; a query for the parent if not loaded."""
    place(thing)
    render(thing, renderer=renderer)


def place(thing: Section | Paper) -> None:
    """Make the columns that cost nothing to make."""
    thing.path = thing.true_path
    thing.path_folded = paths.fold(thing.path) if thing.path else None
    if isinstance(thing, Paper):
        thing.venue_slug = slugify(thing.venue, allow_unicode=True)
        _note_first_publication(thing)


def render(thing: Section | Paper, *, renderer: Renderer | None = None) -> None:
    """Make the HTML, and what comes with it, unless it is fresh. Raises RenderingFailed.

    Pass `rendering.renderer.render` as the renderer for text that is our own and needs no child process.
    """
    source, note_format = source_of(thing)
    made_by = digest(source, note_format)
    if thing.rendered_by == made_by:
        return
    result = _at_hand.get().get(made_by) or (renderer or rendered)(source, note_format)
    if isinstance(thing, Paper):
        _take(thing, result)
    else:
        thing.text_html = result.html
    thing.rendered_by = made_by


def _take(paper: Paper, result: Rendered) -> None:
    paper.notes_html = result.html
    paper.contents = [asdict(heading) for heading in result.contents]
    paper.plain_text = result.plain_text
    paper.cited = [asdict(citation) for citation in result.citations]


def source_of(thing: Section | Paper) -> tuple[str, Format]:
    """What its HTML is rendered from."""
    if isinstance(thing, Section):
        return thing.text, "markdown"
    return thing.notes, "html" if thing.notes_format == Paper.NotesFormat.HTML else "markdown"


def _note_first_publication(paper: Paper) -> None:
    """A paper is owed an address from the moment it is public, and none if that moment never came."""
    if not paper.was_public:
        is_due = paper.status == Paper.Status.PUBLISHED
        paper.first_public_at = (paper.publish_at or timezone.now()) if is_due else None


# --- Side rows --------------------------------------------------------------------------------------------


def keys_of(paper: Paper) -> set[str]:
    names = [paper.title, paper.title_official, paper.title_published, paper.slug, paper.uid, paper.arxiv_id]
    return {citations.normalise_key(name) for name in [*names, *paper.alias_names]} - {""}


def citations_of(paper: Paper) -> list[dict[str, Any]]:
    """What its rows of Citation are to say: made of the row itself, so that they are right where its HTML was fresh."""
    return [
        {"position": position, "key": citations.normalise_key(found["title"]), **_fitting(found)}
        for position, found in enumerate(paper.cited)
    ]


def _fitting(found: dict[str, str]) -> dict[str, str]:
    return {name: found[name][:length] for name, length in _LENGTHS.items()}


def _held_citations(paper: Paper) -> list[dict[str, Any]]:
    columns = ("position", "key", *_LENGTHS)
    return [{name: getattr(row, name) for name in columns} for row in paper.citations.all()]


def make_side_rows(paper: Paper) -> None:
    make_keys(paper)
    make_citations(paper)
    make_figure_uses(paper)
    index([paper])


def make_keys(paper: Paper) -> None:
    wanted = keys_of(paper)
    existing = set(paper.keys.values_list("key", flat=True))
    paper.keys.filter(key__in=existing - wanted).delete()
    PaperKey.objects.bulk_create([PaperKey(paper=paper, key=key) for key in sorted(wanted - existing)])


def make_citations(paper: Paper) -> None:
    """From the first row that differs on, all are made again."""
    wanted, existing = citations_of(paper), _held_citations(paper)
    if wanted == existing:
        return
    pairs = itertools.zip_longest(wanted, existing)
    first = next(number for number, (new, old) in enumerate(pairs) if new != old)
    paper.citations.filter(position__gte=first).delete()
    Citation.objects.bulk_create(Citation(paper=paper, **values) for values in wanted[first:])


def figures_of(thing: Section | Paper) -> dict[str, bool]:
    """The pictures that a thing names, and whether in its row; a query if changes wait to be published."""
    shown = figures.named_in(source_of(thing)[0])
    waiting = figures.named_in(_waiting_source(thing))
    return {name: name in shown for name in shown | waiting}


def _waiting_source(thing: Section | Paper) -> str:
    if isinstance(thing, Section) or not thing.has_changes:
        return ""
    newest = Revision.objects.filter(kind=Kind.PAPER, uid=thing.uid, number=thing.head_revision or 0)
    # Without KT, SQLite would read a note `2024` as a number.
    return newest.values_list(KT("data__notes"), flat=True).first() or ""


def make_figure_uses(thing: Section | Paper) -> None:
    wanted, held = figures_of(thing), dict(thing.figure_uses.values_list("name", "in_row"))
    if wanted == held:
        return
    thing.figure_uses.exclude(name__in=[name for name in held if held[name] == wanted.get(name)]).delete()
    whose = {"section": thing} if isinstance(thing, Section) else {"paper": thing}
    new = sorted(wanted.items() - held.items())
    FigureUse.objects.bulk_create(FigureUse(name=name, in_row=in_row, **whose) for name, in_row in new)


def index(papers: list[Paper]) -> None:
    search_rows.index(papers)


def note_tags(papers: list[int]) -> None:
    """After a change of what papers are tagged with."""
    search_rows.index_names(papers)


def note_name(tag: Tag) -> None:
    """After a change of what a tag is called."""
    note_tags(list(tag.tagged.values_list("content_object", flat=True)))


def complete_search(**kwargs: Any) -> None:
    """Make the rows that search lacks, after an upgrade or a flush. A receiver of post_migrate, safe to run again."""
    try:
        kwargs.get("apps", apps).get_model("papers", "SearchRow")
    except LookupError:
        return  # this was a migration to a state before it
    while papers := search_rows.missing(BATCH):
        search_rows.index(papers)


# --- Sets -------------------------------------------------------------------------------------------------


def move_subtree(old: str, new: str) -> None:
    """Give everything below a section its new path, in two statements whatever the number of papers."""
    folded = paths.fold(old)
    columns: dict[str, Any] = {
        "path": Concat(Value(new), Substr("path", len(old) + 1)),
        "path_folded": Concat(Value(paths.fold(new)), Substr("path_folded", len(folded) + 1)),
    }
    Section.objects.in_subtree(folded).exclude(path=new).update(**columns)  # its own row may be there already
    low, high = paths.subtree_bounds(folded)
    Paper.objects.filter(path_folded__gte=low, path_folded__lt=high).update(**columns)


def move(thing: Section | Paper, path: str) -> None:
    """Give one row another path than follows from its fields: for `loading`, until the row itself is loaded."""
    if isinstance(thing, Section):
        move_subtree(thing.path, path)
    else:
        Paper.objects.filter(pk=thing.pk).update(path=path, path_folded=paths.fold(path))


def note_change(thing: Section | Paper) -> None:
    thing.changed_at = timezone.now()
    type(thing)._default_manager.filter(pk=thing.pk).update(changed_at=thing.changed_at)


def note_revision(paper: Paper, shown: int | None, newest: int) -> None:
    """Which revision the row holds, and which is the newest: the history's part of a paper's row."""
    paper.revision, paper.head_revision = shown, newest
    Paper.objects.filter(pk=paper.pk).update(revision=shown, head_revision=newest)
    make_figure_uses(paper)


def retag(pks: list[int], add: Tag | None, remove: Tag | None) -> None:
    """One tag on papers whose rows hold their newest revision, in place of another or beside it: one revision more."""
    if add:
        new = [TaggedPaper(content_object_id=pk, tag=add) for pk in pks]
        TaggedPaper.objects.bulk_create(new, ignore_conflicts=True)
    if remove:
        TaggedPaper.objects.filter(content_object__in=pks, tag=remove).delete()
    number = F("head_revision") + 1
    Paper.objects.filter(pk__in=pks).update(revision=number, head_revision=number, changed_at=timezone.now())
    note_tags(pks)
    raise_generation()


def write(thing: Section | Paper) -> None:
    """Write the columns of a thing that `fill` has filled, and its side rows."""
    columns = SECTION_COLUMNS if isinstance(thing, Section) else (*PAPER_COLUMNS, "first_public_at")
    values = {name: getattr(thing, name) for name in columns}
    type(thing)._default_manager.filter(pk=thing.pk).update(**values)
    if isinstance(thing, Paper):
        make_side_rows(thing)
    else:
        make_figure_uses(thing)


# --- The generation number --------------------------------------------------------------------------------


def raise_generation() -> None:
    """After a flush the number starts at the clock, in microseconds: above every number it had before."""
    if not SiteState.objects.filter(pk=1).update(generation=F("generation") + 1):
        first = SiteState(pk=1, generation=time.time_ns() // 1000)
        SiteState.objects.bulk_create(
            [first], update_conflicts=True, unique_fields=["pk"], update_fields=["generation"]
        )


def generation() -> int:
    return SiteState.objects.filter(pk=1).values_list("generation", flat=True).first() or 0


# --- Rebuilding -------------------------------------------------------------------------------------------


def stale_columns(thing: Section | Paper) -> list[str]:
    """The names of derived columns and side rows that differ from what would be made now; changes `thing`."""
    columns = SECTION_COLUMNS if isinstance(thing, Section) else PAPER_COLUMNS
    before = {name: getattr(thing, name) for name in columns}
    thing.rendered_by = ""
    fill(thing)
    stale = [name for name in columns if getattr(thing, name) != before[name]]
    if {row.name: row.in_row for row in thing.figure_uses.all()} != figures_of(thing):
        stale.append("figures")
    return stale + _stale_side_rows(thing) if isinstance(thing, Paper) else stale


def _stale_side_rows(paper: Paper) -> list[str]:
    is_stale = {
        "keys": keys_of(paper) != {row.key for row in paper.keys.all()},
        "citations": citations_of(paper) != _held_citations(paper),
        "search": search_rows.is_stale(paper),
    }
    return [name for name, is_so in is_stale.items() if is_so]


@transaction.atomic
def repair(thing: Section | Paper) -> None:
    """Make it all again from the row as it is now: an editor may have saved since it was found stale."""
    fresh = type(thing)._default_manager.select_for_update(no_key=True).filter(pk=thing.pk).first()
    if fresh is not None:
        fresh.rendered_by = ""
        fill(fresh)
        write(fresh)
        raise_generation()


def everything() -> Iterator[Section | Paper]:
    """Sections from the root down, then papers; each is read after everything above it was yielded.

    No cursor stays open meanwhile: on SQLite it would hold a snapshot in which nothing can be written.
    """
    yield from sections()
    yield from papers()


def sections() -> Iterator[Section]:
    """From the root down."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in Section.objects.order_by("pk").values_list("pk", "parent"):
        children.setdefault(parent, []).append(pk)
    waiting = children.get(None, [])
    while waiting:
        pk = waiting.pop()
        waiting += children.get(pk, [])
        yield from Section.objects.select_related("parent").filter(pk=pk)


def papers(pks: Sequence[int] | None = None) -> Iterator[Paper]:
    """All of them, or these few."""
    papers = Paper.objects.select_related("section", "search_row").order_by("pk")
    papers = papers.prefetch_related("keys", "citations", "figure_uses", "tagged__tag")
    if pks is not None:
        papers = papers.filter(pk__in=pks)
    last = 0
    while batch := list(papers.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def count_everything() -> int:
    return Section.objects.count() + Paper.objects.count()
