"""What is stored for search: a row of tokens for each paper, whatever its status. Only `derived` calls this."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from papers.models import Paper, SearchRow, TaggedPaper

from .tokens import BREAK, sequence

#: From the best place for a hit to the last.
COLUMNS = ("title", "names", "summary", "notes")

# Rows in one statement: SQLite takes 32,766 parameters, and a list of so many papers is in memory.
BATCH = 200

_MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?-")


def columns_of(paper: Paper, tags: Iterable[str]) -> dict[str, str]:
    """What the paper's row is to say."""
    return {
        "title": _together(paper.title, paper.title_official, paper.title_published, *paper.alias_names),
        "names": _names(paper, tags),
        "summary": sequence(paper.summary),
        "notes": sequence(paper.plain_text),
    }


def _names(paper: Paper, tags: Iterable[str]) -> str:
    identifiers = (paper.venue, paper.venue_full, paper.arxiv_id, paper.doi, _MONTH.sub("", paper.slug, 1))
    return _together(*paper.author_names, *sorted(tags), *identifiers)


def _together(*texts: str) -> str:
    """Each text once, and no phrase across two of them."""
    return BREAK.join(sequence(text) for text in dict.fromkeys(texts) if text)


def index(papers: Sequence[Paper]) -> None:
    """Write what differs; two queries if nothing does."""
    tags = _tags_of([paper.pk for paper in papers])
    stored = {row.pk: row for row in SearchRow.objects.filter(pk__in=[paper.pk for paper in papers])}
    wanted = [SearchRow(paper_id=paper.pk, **columns_of(paper, tags[paper.pk])) for paper in papers]
    _write([row for row in wanted if row.pk not in stored or _said(row) != _said(stored[row.pk])], COLUMNS)


def index_names(pks: Sequence[int]) -> None:
    """After a change of tags: what is long is left alone. A paper without a row has none yet to change."""
    for start in range(0, len(pks), BATCH):
        _index_names(pks[start : start + BATCH])


def _index_names(pks: Sequence[int]) -> None:
    tags = _tags_of(pks)
    stored = dict(SearchRow.objects.filter(pk__in=pks).values_list("pk", "names"))
    needed = ("authors", "venue", "venue_full", "arxiv_id", "doi", "slug")
    names = {
        paper.pk: _names(paper, tags[paper.pk]) for paper in Paper.objects.filter(pk__in=stored).only(*needed)
    }
    changed = [SearchRow(paper_id=pk, names=name) for pk, name in names.items() if name != stored[pk]]
    SearchRow.objects.bulk_update(changed, ["names"])


def is_stale(paper: Paper) -> bool:
    """One whose row and tags have been fetched costs no query."""
    row = getattr(paper, "search_row", None)
    tags = [tagging.tag.name for tagging in paper.tagged.all()]
    return row is None or _said(row) != columns_of(paper, tags)


def missing(limit: int) -> list[Paper]:
    """Some of the papers that have no row."""
    return list(Paper.objects.filter(search_row=None).order_by("pk")[:limit])


def _tags_of(pks: Sequence[int]) -> defaultdict[int, list[str]]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    for pk, name in TaggedPaper.objects.filter(content_object__in=pks).values_list(
        "content_object", "tag__name"
    ):
        names[pk].append(name)
    return names


def _said(row: SearchRow) -> dict[str, str]:
    return {name: getattr(row, name) for name in COLUMNS}


def _write(rows: list[SearchRow], columns: Sequence[str]) -> None:
    SearchRow.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["paper"], update_fields=columns
    )
