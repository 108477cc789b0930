"""What editors do to many things at once: said before, done as said, undone in one step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from . import addresses, paths, revisions, trash
from .models import Kind, Paper, Section, Tag
from .rendering import RenderingFailed
from .revisions import KIND_OF, Data, Thing


@dataclass(frozen=True, slots=True)
class Step:
    """What an operation is about to do to one paper, or why it will leave it alone."""

    paper: Paper
    effects: list[str] = field(default_factory=list)
    problem: str = ""
    path: str = ""  # its address from then on, where that changes


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the history of a thing stood before and after, so that it can be put back."""

    kind: str
    uid: str
    row: int | None
    head: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    done: list[Trace] = field(default_factory=list)
    refused: list[tuple[Thing, str]] = field(default_factory=list)


def position(thing: Thing) -> tuple[int | None, int | None]:
    """Numbers of the revision that the row holds and of the newest."""
    newest = revisions.head(KIND_OF[type(thing)], thing.uid)
    number = newest.number if newest else None
    return (thing.revision, number) if isinstance(thing, Paper) else (number, number)


def in_words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# --- Operations -------------------------------------------------------------------------------------------


class Operation:
    """One change of many papers. `step` says what `do` does; both ask the paper as it is now."""

    # Whether readers see it, so that it takes the right to publish where the paper is public.
    is_public = True

    def step(self, paper: Paper) -> Step:
        raise NotImplementedError

    def do(self, paper: Paper, author: Any) -> None:
        raise NotImplementedError

    def prepare(self, paper: Paper) -> None:
        """Slow work, while no lock is held."""


class Publish(Operation):
    def step(self, paper: Paper) -> Step:
        if paper.is_published and not paper.has_changes:
            return Step(paper, problem=_("已发布，没有未发布的修改"))
        draft = self._as_published(paper)
        try:
            draft.clean()
        except ValidationError as error:
            return Step(paper, problem=_missing(error))
        path = draft.true_path or ""
        effects = [_("公开未发布的修改") if paper.is_published else _("对读者公开")]
        return Step(paper, effects, path="" if paper.is_published and path == paper.path else path)

    def _as_published(self, paper: Paper) -> Paper:
        draft = Paper.objects.get(pk=paper.pk)
        revisions.apply(draft, {**revisions.data_of(paper), "status": Paper.Status.PUBLISHED.value})
        return draft

    def prepare(self, paper: Paper) -> None:
        revisions.prepare(revisions.data_of(paper))

    def do(self, paper: Paper, author: Any) -> None:
        revisions.publish(paper, revisions.data_of(paper), author=author, why=_("批量发布"))


def _missing(error: ValidationError) -> str:
    """The names of the fields with what is wrong."""
    columns: Any = Paper._meta.concrete_fields
    names = {column.name: str(column.verbose_name) for column in columns}
    return " ".join(f"{names[name]}：{' '.join(texts)}" for name, texts in error.message_dict.items())


class Unpublish(Operation):
    def step(self, paper: Paper) -> Step:
        if paper.status == Paper.Status.DRAFT:
            return Step(paper, problem=_("已是草稿"))
        return Step(paper, [_("变回草稿，网址 %s 显示 404，直到重新发布") % paper.path])

    def do(self, paper: Paper, author: Any) -> None:
        revisions.unpublish(paper, author=author, why=_("批量撤下"))


@dataclass(frozen=True)
class Retag(Operation):
    add: tuple[Tag, ...] = ()
    remove: tuple[Tag, ...] = ()

    def step(self, paper: Paper) -> Step:
        data = revisions.data_of(paper)
        row = revisions.typed_fields(paper)
        if self._edit(data) == data and self._edit(row) == row:
            return Step(paper, problem=_("标签已是这样"))
        uids = {*data["tags"], *row["tags"]}
        added = [_("加上“%s”") % tag for tag in self.add if tag.uid not in uids & set(row["tags"])]
        return Step(paper, added + [_("去掉“%s”") % tag for tag in self.remove if tag.uid in uids])

    def _edit(self, data: Data) -> Data:
        for tag in self.add:
            data = trash.with_tag(data, tag)
        for tag in self.remove:
            data = trash.without_tag(data, tag)
        return data

    def do(self, paper: Paper, author: Any) -> None:
        revisions.change(paper, self._edit, author=author, why=_("批量修改标签"))


@dataclass(frozen=True)
class Move(Operation):
    section: Section

    def step(self, paper: Paper) -> Step:
        data = revisions.data_of(paper)
        if paper.section_id == self.section.pk and data["section"] == self.section.uid:
            return Step(paper, problem=_("已在这个栏目里"))
        moved = Paper.objects.get(pk=paper.pk)
        moved.section = self.section
        try:
            moved.clean()
        except ValidationError as error:
            return Step(paper, problem=_missing(error))
        return Step(paper, self._effects(paper, moved.true_path), path=moved.true_path or "")

    def _effects(self, paper: Paper, path: str | None) -> list[str]:
        effects = [_("移到“%s”") % self.section]
        if addresses.departures(paper, path).count:
            effects.append(_("旧网址转到新网址"))
        taken = addresses.former_holder(path, paper.uid)
        if taken:
            effects.append(_("新网址曾属于另一篇内容，旧的转址将不再有效"))
        return effects

    def do(self, paper: Paper, author: Any) -> None:
        uid = self.section.uid
        revisions.change(paper, lambda data: {**data, "section": uid}, author=author, why=_("批量移动"))


class Delete(Operation):
    def step(self, paper: Paper) -> Step:
        effects = [_("移入回收站")]
        if addresses.was_public(paper):
            effects.append(_("网址 %s 显示 410") % paper.path)
        return Step(paper, effects)

    def do(self, paper: Paper, author: Any) -> None:
        trash.delete(paper, author=author, why=_("批量删除"))


# --- Before and after -------------------------------------------------------------------------------------


def plan(operation: Operation, papers: Iterable[Paper], *, may_publish: bool = True) -> list[Step]:
    """What will happen to each paper; of two that would get one address, the second is refused."""
    steps, taken = [], set()
    for paper in papers:
        step = _step(operation, paper, may_publish)
        if step.path and not step.problem:
            folded = paths.fold(step.path)
            if folded in taken:
                step = Step(paper, problem=_("网址 %s 已由本次操作中的另一篇占用") % step.path)
            taken.add(folded)
        steps.append(step)
    return steps


def _step(operation: Operation, paper: Paper, may_publish: bool) -> Step:
    if operation.is_public and not may_publish and paper.status == Paper.Status.PUBLISHED:
        return Step(paper, problem=_("已公开的论文须由有发布权限的人处理"))
    return operation.step(paper)


def carry_out(
    operation: Operation, papers: Iterable[Paper], seen: Mapping[str, int | None], author: Any, **rights: bool
) -> Outcome:
    """Each paper whole or not at all. One that has a newer revision than was seen is left alone, and reported."""
    outcome = Outcome()
    for paper in papers:
        try:
            operation.prepare(paper)
            outcome.done.append(_carry_out(operation, paper, seen.get(paper.uid), author, **rights))
        except (ValidationError, RenderingFailed) as error:
            outcome.refused.append((paper, in_words(error)))
    return outcome


@transaction.atomic
def _carry_out(operation: Operation, paper: Paper, seen: int | None, author: Any, **rights: bool) -> Trace:
    addresses.lock_tree()
    now = revisions.stored(paper)
    if now is None:
        raise ValidationError(_("已被删除"))
    row, newest = position(now)
    if newest != seen:
        raise ValidationError(_("在您查看之后有了新的修订，请重新查看再操作"))
    step = _step(operation, now, rights.get("may_publish", True))
    if step.problem:
        raise ValidationError(step.problem)
    operation.do(now, author)
    return trace(now, row, newest)


def trace(thing: Thing, row: int | None, newest: int | None) -> Trace:
    after = revisions.head(KIND_OF[type(thing)], thing.uid)
    return Trace(KIND_OF[type(thing)].value, thing.uid, row, newest, after.number if after else None)


# --- Undo -------------------------------------------------------------------------------------------------


def undo(traces: Iterable[Trace], author: Any, *, may_publish: bool = True) -> Outcome:
    """Put each thing back to where its history stood, unless somebody has changed it since."""
    outcome = Outcome()
    for one in traces:
        kind = Kind(one.kind)
        thing: Any = revisions.MODEL_OF[kind]._default_manager.filter(uid=one.uid).first()
        shown = thing or revisions.MODEL_OF[kind](uid=one.uid)
        try:
            _put_back(one, kind, author, may_publish)
            outcome.done.append(one)
        except (ValidationError, RenderingFailed) as error:
            outcome.refused.append((shown, in_words(error)))
    return outcome


@transaction.atomic
def _put_back(one: Trace, kind: Kind, author: Any, may_publish: bool) -> None:
    addresses.lock_tree()
    newest = revisions.head(kind, one.uid)
    if newest is None or newest.number != one.after:
        raise ValidationError(_("此后又有修改，没有撤销"))
    thing: Any = revisions.MODEL_OF[kind]._default_manager.filter(uid=one.uid).first()
    if thing is None:
        trash.bring_back(newest, author=author, may_publish=may_publish)
        return
    row, head = (revisions.numbered(kind, one.uid, number) for number in (one.row, one.head))
    if row is None or head is None:
        raise ValidationError(_("历史里没有之前的内容"))
    revisions.write(thing, row.data)
    revisions.record(thing, author=author, why=_("撤销"))
    if head.number != row.number:
        revisions.propose(thing, head.data, author=author, why=_("撤销"))


# --- Sections ---------------------------------------------------------------------------------------------


@transaction.atomic
def place_section(
    section: Section, parent: Section, before: Section | None, *, author: Any = None
) -> list[Trace]:
    """Move a section with all below it under another, before one of its children or last. Raises ValidationError."""
    siblings = [
        child for child in Section.objects.filter(parent=parent).for_menus() if child.pk != section.pk
    ]
    place = next((index for index, child in enumerate(siblings) if child == before), len(siblings))
    order = [*siblings[:place], section, *siblings[place:]]
    traces = []
    for number, one in enumerate(order, 1):
        changes: Data = {"position": number * 10}
        if one.pk == section.pk:
            changes["parent"] = parent.uid
        traces += _edit(one, changes, author)
    return traces


def _edit(section: Section, changes: Data, author: Any) -> list[Trace]:
    data = revisions.typed_fields(section)
    if {**data, **changes} == data:
        return []
    revisions.record(section, why=_("此前未记入历史的内容"))
    before = position(section)
    revisions.change(section, lambda data: {**data, **changes}, author=author, why=_("移动栏目"))
    return [trace(section, *before)]


# --- Tags -------------------------------------------------------------------------------------------------


@transaction.atomic
def merge_tags(tag: Tag, survivor: Tag, *, author: Any = None) -> int:
    """Papers of one tag get the other, addresses of the one lead to the other; returns how many papers."""
    if tag.pk == survivor.pk:
        raise ValidationError(_("不能把标签合并到它自己。"), code="merged_with_itself")
    addresses.lock_tree()
    why = _("标签“%(tag)s”并入“%(survivor)s”") % {"tag": tag, "survivor": survivor}
    papers = list(Paper.objects.tagged(tag))
    for paper in papers:
        revisions.change(
            paper,
            lambda data: (
                trash.without_tag(trash.with_tag(data, survivor), tag) if tag.uid in data["tags"] else data
            ),
            author=author,
            why=why,
        )
    addresses.hand_over(tag, survivor)
    tag._merged_into = survivor.uid
    trash.delete(tag, author=author, why=why)
    return len(papers)
