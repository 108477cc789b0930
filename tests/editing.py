"""What tests of the history write, and how they look at what came of it."""

from typing import Any

from papers import operations, revisions, trash
from papers.models import Kind, Paper, Revision, Tag
from papers.operations import Operation, Outcome, Step

Data = dict[str, Any]


def fresh(thing: Any) -> Any:
    return type(thing).objects.get(uid=thing.uid)


def data_of(paper: Paper) -> Data:
    return revisions.data_of(fresh(paper))


def save(paper: Paper, **fields: Any) -> Revision | None:
    return revisions.save(paper, {**data_of(paper), **fields})


def overwrite(paper: Paper, **fields: Any) -> None:
    """As a shell does: no revision."""
    row = fresh(paper)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def deletion_of(kind: Kind, uid: str) -> Revision | None:
    """What the trash has of it."""
    found: Revision | None = trash.deletions(kind).filter(uid=uid).first()
    return found


def tags_of(paper: Paper) -> set[str]:
    return {tag.name for tag in fresh(paper).tag_list}


def waiting_tags(paper: Paper) -> set[str]:
    return {tag.name for tag in revisions.tags_of(data_of(paper))}


def make_tag(name: str) -> Tag:
    tag = Tag(name=name)
    tag.save()
    revisions.record(tag)
    return tag


def tag_named(name: str) -> Tag:
    return Tag.objects.get(name=name)


def plan(operation: Operation, *papers: Paper, may_publish: bool = True) -> list[Step]:
    return operations.plan(operation, [fresh(paper) for paper in papers], may_publish=may_publish)


def run(operation: Operation, *papers: Paper, author: Any = None, may_publish: bool = True) -> Outcome:
    rows = [fresh(paper) for paper in papers]
    seen = {paper.uid: operations.position(paper)[1] for paper in rows}
    return operations.carry_out(operation, rows, seen, author, may_publish=may_publish)


def undo(outcome: Outcome, *, may_publish: bool = True) -> Outcome:
    return operations.undo(outcome.done, None, may_publish=may_publish)


def problems(outcome: Outcome) -> list[str]:
    return [problem for _thing, problem in outcome.refused]


def state(*papers: Paper) -> list[Any]:
    """What is in the rows and what waits."""
    return [
        (revisions.typed_fields(row), row.path, row.has_changes, revisions.data_of(row))
        for row in map(fresh, papers)
    ]


def publish(paper: Paper, **fields: Any) -> Revision | None:
    return revisions.publish(paper, {**data_of(paper), **fields})
