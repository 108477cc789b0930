"""Which papers the notes of this site cite most."""

from collections import Counter, defaultdict

from django.db.models import Case, IntegerField, Value, When

from .columns import columns
from .models import Citation, PaperKey
from .querysets import PAPER_ORDER, PaperQuerySet
from .stored import kept, state

#: So many papers are ranked by their citations; whatever comes after them is in the site's order.
RANKED = 1000


def most_cited_first(papers: PaperQuerySet) -> PaperQuerySet:
    """With `cited_here`, the number of other published notes that name a paper (0 outside of the ranked ones)."""
    now = state()
    ranks = kept("most_cited", lambda: most_cited(now), now)
    if not ranks:
        return papers.annotate(cited_here=Value(0)).newest_first()
    exact = Case(*(When(pk__in=pks, then=Value(count)) for count, pks in ranks.items()), default=Value(0))
    ranked = [pk for pks in ranks.values() for pk in pks]
    cited = Case(When(pk__in=ranked, then=exact), default=Value(0), output_field=IntegerField())
    return papers.annotate(cited_here=cited).order_by("-cited_here", *PAPER_ORDER)


def most_cited(at: str | None = None) -> dict[int, list[int]]:
    """Primary keys of the most cited papers by their number of citations, highest first; two queries.

    A note counts once however often it names a paper, and not for itself; a name that two papers share names neither.
    """
    public = set(columns(at).pks)
    owner = _owners(public)
    named = Citation.objects.order_by().values_list("key", "paper")
    pairs = {(owner[key], note) for key, note in named if key in owner and note in public}
    counts = Counter(paper for paper, note in pairs if paper != note)
    ranks: defaultdict[int, list[int]] = defaultdict(list)
    for pk, count in counts.most_common(RANKED):
        ranks[count].append(pk)
    return dict(ranks)


def _owners(public: set[int]) -> dict[str, int]:
    """The published paper that each cited name is the name of.

    Joined to papers, SQLite would look for every cited name among the names of each paper in turn.
    """
    cited = PaperKey.objects.filter(key__in=Citation.objects.order_by().values("key"))
    owners: defaultdict[str, list[int]] = defaultdict(list)
    for key, paper in cited.values_list("key", "paper"):
        if paper in public:
            owners[key].append(paper)
    return {key: papers[0] for key, papers in owners.items() if len(papers) == 1}
