"""Where notes name papers: what leads nowhere, and whom a paper would be missed by. Only reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_noop

from . import roles
from .models import Citation, Paper, PaperKey
from .querysets import HEAVY_COLUMNS
from .rendering import Citation as Cited
from .rendering import Problem

# --- What a note names ------------------------------------------------------------------------------------


def problems(cited: Iterable[Cited], user: Any = None) -> list[Problem]:
    """Names that lead nowhere, as an editor should know them; one query, one more if some papers are unpublished.

    A citation of a paper that is not here is as it should be. Of unpublished papers not a word to a person who may
    not see them, or to nobody in particular.
    """
    found = _each_once(cited)
    named = PaperKey.objects.named({one.title for one in found})
    hidden = {row.paper_id for rows in named.values() for row in rows if not row.paper.is_published}
    hidden -= _visible(hidden, user)
    papers = {name: [row.paper for row in rows if row.paper_id not in hidden] for name, rows in named.items()}
    checked = (_problem(one, papers.get(one.title, [])) for one in found)
    return [problem for problem in checked if problem]


def _visible(pks: set[int], user: Any) -> set[int]:
    if not pks or user is None:
        return set()
    return set(roles.visible_to(user, Paper.objects.filter(pk__in=pks)).values_list("pk", flat=True))


def _each_once(cited: Iterable[Cited]) -> list[Cited]:
    """A citation stands in many places of a note by its label; what is wrong with the name is said at the first."""
    first: dict[tuple[str, int | None], Cited] = {}
    for one in cited:
        first.setdefault((one.title, one.line if one.kind == "wikilink" else None), one)
    return list(first.values())


def _problem(cited: Cited, papers: list[Paper]) -> Problem | None:
    public = [paper for paper in papers if paper.is_published]
    if len(public) == 1 or (cited.kind == "citation" and not public):
        return None
    if public:
        return _said(cited, _SHARED, papers=_titles(public))
    return _said(cited, _UNPUBLISHED, papers=_titles(papers)) if papers else _said(cited, _UNKNOWN)


_SHARED = gettext_noop(
    "“%(name)s”是几篇已公开论文共有的名字：%(papers)s。请换一个只属于其中一篇的名字；现在显示为文字。"
)
_UNPUBLISHED = gettext_noop("“%(name)s”还没有公开：%(papers)s。公开之前显示为文字，公开之后自动成为链接。")
_UNKNOWN = gettext_noop("没有已公开的论文叫“%(name)s”，现在显示为文字。请核对标题、别名或网址片段。")


def _said(cited: Cited, message: str, **params: str) -> Problem:
    snippet = f"[[{cited.title}]]" if cited.kind == "wikilink" else f"【{cited.label}】"
    return Problem(cited.line, snippet, "link", message, {"name": cited.title, **params})


def _titles(papers: list[Paper]) -> str:
    return "；".join(sorted(str(paper) for paper in papers))


# --- Who names a paper ------------------------------------------------------------------------------------

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Mentions:
    """Notes that name some papers: how many, and the newest of them, each with the first sentence that does so."""

    count: int
    shown: list[tuple[Paper, str]]


def naming(papers: Iterable[Paper]) -> QuerySet[Citation]:
    """Where notes name one of these papers by any of its names; not where they name each other."""
    pks = [paper.pk for paper in papers]
    keys = PaperKey.objects.filter(paper__in=pks).values("key")
    return Citation.objects.filter(key__in=keys).exclude(paper__in=pks)


def mentions(papers: Iterable[Paper], user: Any) -> Mentions:
    """In notes that this person may see in the admin; three queries however many papers there are."""
    found = naming(papers)
    notes = roles.visible_to(user, Paper.objects.filter(pk__in=found.order_by().values("paper")))
    rows = Prefetch("citations", found, to_attr="namings")
    newest = notes.defer(*HEAVY_COLUMNS).newest_first().prefetch_related(rows)[:SHOWN]
    shown = [(note, naming.sentence) for note in newest for naming in note.namings[:1]]
    return Mentions(notes.count() if len(shown) == SHOWN else len(shown), shown)
