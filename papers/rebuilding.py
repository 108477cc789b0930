"""A look at every row: what is stale in it is named, and made again if wished. On as many cores as there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError

from . import derived, revisions, starting
from .models import Paper, Section
from .rendering import RenderingFailed

#: Rows, below which another process takes longer to start than it saves.
FEW = 500
#: Papers that a process gets at a time.
BATCH = 50


@dataclass(frozen=True)
class Seen:
    """One row: `stale` names what differed from what would be made now, `problem` why it could not be made."""

    name: str
    stale: Sequence[str] = ()
    problem: str = ""


def look(*, repair: bool, workers: int) -> Iterator[Seen]:
    """Sections first, from the root down, because everything else has its path from them."""
    for section in derived.sections():
        yield look_at(section, repair=repair)
    if workers > 1:
        yield from _side_by_side(repair, workers)
        return
    for paper in derived.papers():
        yield look_at(paper, repair=repair)


def look_at(thing: Section | Paper, *, repair: bool) -> Seen:
    name = f"{thing._meta.label_lower} {thing.uid}"
    try:
        numbers = revisions.stale_numbers(thing)
        columns = derived.stale_columns(thing)
        if columns and repair:
            derived.repair(thing)
        if numbers and repair and isinstance(thing, Paper):
            revisions.repair_numbers(thing)
    except (RenderingFailed, IntegrityError) as error:
        return Seen(name, problem=" ".join(str(error).split()))
    return Seen(name, stale=[*columns, *numbers])


# --- On several cores -------------------------------------------------------------------------------------


def _side_by_side(repair: bool, workers: int) -> Iterator[Seen]:
    """In the order of the papers."""
    keys = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
    task = partial(_look_at_batch, repair=repair)
    for seen in starting.side_by_side(task, starting.in_batches(keys, BATCH), workers):
        yield from seen


def _look_at_batch(keys: list[int], repair: bool) -> list[Seen]:
    return [look_at(paper, repair=repair) for paper in derived.papers(keys)]
