"""Which papers the notes of this site cite most."""

from collections import Counter, defaultdict

from django.db.models import Case, Count, F, IntegerField, Min, OuterRef, Subquery, Value, When

from .models import Citation, PaperKey
from .querysets import PAPER_ORDER, PaperQuerySet, is_published
from .stored import kept

#: So many papers are ranked by their citations; whatever comes after them is in the site's order.
RANKED = 1000


def most_cited_first(papers: PaperQuerySet) -> PaperQuerySet:
    """With `cited_here`, the number of other published notes that name a paper (0 outside of the ranked ones)."""
    ranks = kept("most_cited", most_cited)
    if not ranks:
        return papers.annotate(cited_here=Value(0)).newest_first()
    exact = Case(*(When(pk__in=pks, then=Value(count)) for count, pks in ranks.items()), default=Value(0))
    ranked = [pk for pks in ranks.values() for pk in pks]
    cited = Case(When(pk__in=ranked, then=exact), default=Value(0), output_field=IntegerField())
    return papers.annotate(cited_here=cited).order_by("-cited_here", *PAPER_ORDER)


def most_cited() -> dict[int, list[int]]:
    """Primary keys of the most cited papers by their number of citations, highest first; one query.

    A note counts once however often it names a paper, and not for itself; a name that two papers share names neither.
    """
    owners = PaperKey.objects.published().filter(key=OuterRef("key")).order_by().values("key")
    owner = owners.annotate(owners=Count("pk"), owner=Min("paper")).filter(owners=1).values("owner")
    cited = Citation.objects.filter(is_published("paper__")).order_by().annotate(cited=Subquery(owner))
    others = cited.exclude(cited=None).exclude(cited=F("paper")).values("cited")
    counts = Counter(dict(others.annotate(notes=Count("paper", distinct=True)).values_list("cited", "notes")))
    ranks: defaultdict[int, list[int]] = defaultdict(list)
    for pk, count in counts.most_common(RANKED):
        ranks[count].append(pk)
    return dict(ranks)
