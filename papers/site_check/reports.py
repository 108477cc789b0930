"""What was found last, kept for the admin: the first findings of each part, and how many there are by kind."""

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from ..models import Report
from .finding import Finding

KEPT = 1000

_KINDS = {
    "address": gettext_noop("网址应答不对"),
    "alt": gettext_noop("图片没有说明"),
    "anchor": gettext_noop("链接的位置不存在"),
    "bold": gettext_noop("粗体"),
    "bracket": gettext_noop("括号"),
    "broken": gettext_noop("站内链接断开"),
    "citation": gettext_noop("引用"),
    "external": gettext_noop("站外链接断开"),
    "fence": gettext_noop("代码块"),
    "formula": gettext_noop("公式"),
    "heading": gettext_noop("标题层级"),
    "link": gettext_noop("论文名"),
    "nesting": gettext_noop("嵌套"),
    "picture": gettext_noop("图片不存在"),
    "price": gettext_noop("美元符号"),
    "punctuation": gettext_noop("标点"),
    "rendering": gettext_noop("无法渲染"),
}


def kind_in_words(kind: str) -> str:
    return gettext(_KINDS[kind]) if kind in _KINDS else kind


@dataclass
class Found:
    """Of one part, while it is looked at."""

    looked_at: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, findings: list[Finding]) -> None:
        self.looked_at += 1
        self.counts.update(finding.kind for finding in findings)
        self.findings += findings[: KEPT - len(self.findings)]


def keep(part: str, found: Found) -> None:
    """Once a part has come to its end."""
    values = {
        "made_at": timezone.now(),
        "looked_at": found.looked_at,
        "counts": dict(found.counts),
        "findings": [asdict(finding) for finding in found.findings],
    }
    Report.objects.update_or_create(part=part, defaults=values)


@dataclass(frozen=True, slots=True)
class Kept:
    part: str
    made_at: datetime
    looked_at: int
    counts: dict[str, int]
    findings: list[Finding]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def kept() -> dict[str, Kept]:
    """By part; one query."""
    rows = Report.objects.order_by("part")
    names = {column.name for column in fields(Finding)}

    def read(kept: dict[str, Any]) -> Finding:
        """Another version may have kept it."""
        return Finding(**{name: value for name, value in kept.items() if name in names})

    return {
        row.part: Kept(row.part, row.made_at, row.looked_at, row.counts, [read(one) for one in row.findings])
        for row in rows
    }
