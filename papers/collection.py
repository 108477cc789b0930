"""How many papers there are by month, section and venue. Only reads; counted over published papers."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max

from .models import Paper

#: Ten years of months are shown, up to the newest paper's.
MONTHS = 120


@dataclass(frozen=True, slots=True)
class Counts:
    """`months` are by first day, `sections` by primary key of those with papers of their own, `venues` by slug."""

    total: int
    months: dict[date, int]
    sections: dict[int, int]
    venues: dict[str, tuple[str, int]]


def counts() -> Counts:
    """Three queries over all published papers: keep what they return."""
    papers = Paper.objects.published().order_by()
    months: Counter[date] = Counter()
    for day, number in papers.values_list("published_on").annotate(Count("pk")):
        months[day.replace(day=1)] += number
    sections = dict(papers.values_list("section").annotate(Count("pk")))
    named = papers.exclude(venue_slug="").values_list("venue_slug").annotate(Max("venue"), Count("pk"))
    venues = {slug: (venue, number) for slug, venue, number in named}
    return Counts(sum(sections.values()), dict(months), sections, venues)


def last_months(months: dict[date, int]) -> list[tuple[date, int]]:
    """Every month from the first to the newest, those without a paper too; of a longer time the last ten years."""
    if not months:
        return []
    newest, oldest = (month.year * 12 + month.month - 1 for month in (max(months), min(months)))
    numbers = range(max(oldest, newest - MONTHS + 1), newest + 1)
    days = (date(number // 12, number % 12 + 1, 1) for number in numbers)
    return [(day, months.get(day, 0)) for day in days]
