"""What was found last, kept for the admin: the first findings of each part, and how many there are by kind."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.utils import timezone

from ..models import Report
from .finding import Finding

KEPT = 1000


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
    return {
        row.part: Kept(
            row.part, row.made_at, row.looked_at, row.counts, [Finding(**one) for one in row.findings]
        )
        for row in rows
    }
