"""Where a picture is used, as far as a person may know. Only reads."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from . import roles
from .models import Figure, FigureUse, Paper, Section
from .querysets import HEAVY_COLUMNS, is_published

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Uses:
    """`papers` each with whether only unpublished changes show the picture; `more` are not listed, `hidden` not shown."""

    papers: list[tuple[Paper, bool]]
    sections: list[Section]
    more: int
    hidden: int


def uses(figure: Figure, user: Any) -> Uses:
    """Of papers that this person may not see, and of changes to them, the number alone; four queries."""
    rows = FigureUse.objects.filter(name=figure.name, section=None)
    visible = roles.visible_to(user, Paper.objects.order_by())
    shown = rows.filter(Q(paper__in=visible.values("pk")) | (Q(in_row=True) & is_published("paper__")))
    heavy = [f"paper__{name}" for name in HEAVY_COLUMNS]
    order = ("-paper__published_on", "-paper__slug", "paper__uid")
    newest = shown.select_related("paper").defer(*heavy).order_by(*order)[:SHOWN]
    papers = [(row.paper, not row.in_row) for row in newest if row.paper]
    sections = Section.objects.filter(figure_uses__name=figure.name).order_by("path_folded")
    all_shown = shown.count()
    return Uses(papers, list(sections), all_shown - len(papers), rows.count() - all_shown)


def public() -> QuerySet[Figure]:
    """Those that readers see; the address of a draft's picture is all that protects it."""
    shown = FigureUse.objects.filter(Q(section__isnull=False) | is_published("paper__"), in_row=True)
    return Figure.objects.filter(pk__in=shown.values("name"))
