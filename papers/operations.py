"""What editors do to many things at once: said before, done as said, undone in one step."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

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
    if isinstance(thing, Paper):
        return thing.revision, thing.head_revision
    newest = revisions.head(KIND_OF[type(thing)], thing.uid)
    number = newest.number if newest else None
    return number, number


def in_words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# --- Operations -------------------------------------------------------------------------------------------


class Operation(ABC):
    """One change of many papers. `step` says what `do` does; both ask the paper as it is now."""

    # Whether a draft becomes public; what is public already takes the right to publish whatever is done to it.
    publishes = False

    @abstractmethod
    def step(self, paper: Paper) -> Step: ...

    @abstractmethod
    def do(self, paper: Paper, author: Any) -> None: ...

    def prepare(self, paper: Paper) -> None:  # noqa: B027  (most have none)
        """Slow work, while no lock is held."""


class Publish(Operation):
    publishes = True

    def step(self, paper: Paper) -> Step:
        if paper.status == Paper.Status.PUBLISHED and not paper.has_changes:
            is_public = paper.is_published
            problem = _("已发布，没有未发布的修改") if is_public else _("已定时，没有未发布的修改")
            return Step(paper, problem=problem)
        fixed = {"publish_at": None} if paper.is_published else {}
        data = {**revisions.data_of(paper), "status": Paper.Status.PUBLISHED.value, **fixed}
        draft, problem = _written(paper, data)
        if problem:
            return Step(paper, problem=problem)
        effects = [self._effect(paper, draft), *_at_new_address(paper, draft.true_path)]
        return Step(
            paper, effects, path=_new_path(paper, draft) if paper.is_published else draft.true_path or ""
        )

    def _effect(self, paper: Paper, draft: Paper) -> str:
        if paper.is_published:
            return _("公开未发布的修改")
        if draft.state == "scheduled" and draft.publish_at:
            return _("定于 %s 对读者公开") % date_format(localtime(draft.publish_at), "SHORT_DATETIME_FORMAT")
        return _("对读者公开")

    def prepare(self, paper: Paper) -> None:
        revisions.prepare(revisions.data_of(paper))

    def do(self, paper: Paper, author: Any) -> None:
        revisions.publish(paper, revisions.data_of(paper), author=author, why=gettext_noop("批量发布"))


def _written(paper: Paper, data: Data) -> tuple[Paper, str]:
    """The paper as `revisions.write` would leave it, and what that would say against it."""
    draft = copy(paper)
    revisions.apply(draft, data)
    try:
        if revisions.typed_fields(draft, tags=()) != revisions.typed_fields(paper, tags=()):
            revisions.check(draft)
    except ValidationError as error:
        return draft, _missing(error)
    return draft, ""


def _new_path(paper: Paper, draft: Paper) -> str:
    return draft.true_path or "" if draft.true_path != paper.path else ""


def _at_new_address(paper: Paper, path: str | None) -> list[str]:
    """What becomes of the address that a paper leaves, and of the one that it takes."""
    effects = []
    if addresses.departures(paper, path).count:
        effects.append(_("旧网址转到新网址"))
    if addresses.former_holder(path, paper.uid):
        effects.append(_("新网址曾属于另一篇内容，旧的转址将不再有效"))
    return effects


def _missing(error: ValidationError) -> str:
    """The names of the fields with what is wrong."""
    columns: Any = Paper._meta.concrete_fields
    names = {column.name: str(column.verbose_name) for column in columns}
    return " ".join(
        names.get(name, name) + _("：") + " ".join(texts) for name, texts in error.message_dict.items()
    )


class Unpublish(Operation):
    def step(self, paper: Paper) -> Step:
        if paper.status == Paper.Status.DRAFT:
            return Step(paper, problem=_("已是草稿"))
        withdrawn = {"status": Paper.Status.DRAFT.value, "publish_at": None}
        draft, problem = _written(paper, {**revisions.data_of(paper), **withdrawn})
        if problem:
            return Step(paper, problem=problem)
        effects = [_("变回草稿，网址 %s 显示 404，直到重新发布") % paper.path]
        return Step(paper, effects, path=_new_path(paper, draft))

    def prepare(self, paper: Paper) -> None:
        revisions.prepare(revisions.data_of(paper))

    def do(self, paper: Paper, author: Any) -> None:
        revisions.unpublish(paper, author=author, why=gettext_noop("批量撤下"))


@dataclass(frozen=True)
class Retag(Operation):
    add: tuple[Tag, ...] = ()
    remove: tuple[Tag, ...] = ()

    def step(self, paper: Paper) -> Step:
        data = revisions.data_of(paper)
        row = revisions.typed_fields(paper)
        gone = self._gone()
        if gone:
            return Step(paper, problem=gone)
        if self._edit(data) == data and self._edit(row) == row:
            return Step(paper, problem=_("标签已是这样"))
        anywhere, everywhere = {*data["tags"], *row["tags"]}, {*data["tags"]} & {*row["tags"]}
        added = [_("加上“%s”") % tag for tag in self.add if tag.uid not in everywhere]
        return Step(paper, added + [_("去掉“%s”") % tag for tag in self.remove if tag.uid in anywhere])

    def _gone(self) -> str:
        """One that was deleted since it was chosen; a new one is saved when all is confirmed."""
        wanted = {tag.pk: tag for tag in self.add if tag.pk}
        for pk in wanted.keys() - set(Tag.objects.filter(pk__in=wanted).values_list("pk", flat=True)):
            return _("标签“%s”已被删除") % wanted[pk]
        return ""

    def _edit(self, data: Data) -> Data:
        for tag in self.add:
            data = trash.with_tag(data, tag)
        for tag in self.remove:
            data = trash.without_tag(data, tag)
        return data

    def do(self, paper: Paper, author: Any) -> None:
        revisions.change(paper, self._edit, author=author, why=gettext_noop("批量修改标签"))


@dataclass(frozen=True)
class Move(Operation):
    section: Section

    def step(self, paper: Paper) -> Step:
        data = revisions.data_of(paper)
        if paper.section_id == self.section.pk and data["section"] == self.section.uid:
            return Step(paper, problem=_("已在这个栏目里"))
        if not Section.objects.filter(pk=self.section.pk).exists():
            return Step(paper, problem=_("栏目“%s”已被删除") % self.section)
        moved, problem = _written(paper, {"section": self.section.uid})
        if problem:
            return Step(paper, problem=problem)
        effects = [_("移到“%s”") % self.section, *_at_new_address(paper, moved.true_path)]
        return Step(paper, effects, path=_new_path(paper, moved))

    def do(self, paper: Paper, author: Any) -> None:
        uid = self.section.uid
        revisions.change(
            paper, lambda data: {**data, "section": uid}, author=author, why=gettext_noop("批量移动")
        )


class Delete(Operation):
    def step(self, paper: Paper) -> Step:
        effects = [_("移入回收站")]
        if paper.was_public and paper.path:
            effects.append(_("网址 %s 显示 410") % paper.path)
        return Step(paper, effects)

    def do(self, paper: Paper, author: Any) -> None:
        trash.delete(paper, author=author, why=gettext_noop("批量删除"))


# --- Before and after -------------------------------------------------------------------------------------


def plan(operation: Operation, papers: Iterable[Paper], *, may_publish: bool) -> list[Step]:
    """What will happen to each paper; of two that would get one address, the second is refused."""
    steps, taken = [], set()
    for paper in papers:
        now = Paper.objects.filter(pk=paper.pk).first()
        step = _step(operation, now, may_publish) if now else Step(paper, problem=_("已被删除"))
        if step.path and not step.problem:
            folded = paths.fold(step.path)
            if folded in taken:
                step = Step(paper, problem=_("网址 %s 已由本次操作中的另一篇占用") % step.path)
            taken.add(folded)
        steps.append(step)
    return steps


def _step(operation: Operation, paper: Paper, may_publish: bool) -> Step:
    if not may_publish and (operation.publishes or paper.status == Paper.Status.PUBLISHED):
        return Step(paper, problem=_("已公开的论文须由有发布权限的人处理"))
    return operation.step(paper)


def carry_out(
    operation: Operation,
    papers: Iterable[Paper],
    seen: Mapping[str, int | None],
    author: Any,
    *,
    may_publish: bool,
) -> Outcome:
    """As planned, each paper whole or not at all; one that has a newer revision than was seen is left alone."""
    outcome = Outcome()
    for step in plan(operation, papers, may_publish=may_publish):
        try:
            if step.problem:
                raise ValidationError(step.problem)
            operation.prepare(step.paper)
            done = _carry_out(operation, step.paper, seen.get(step.paper.uid), author, may_publish)
            outcome.done.append(done)
        except (ValidationError, RenderingFailed) as error:
            outcome.refused.append((step.paper, in_words(error)))
    return outcome


@transaction.atomic
def _carry_out(operation: Operation, paper: Paper, seen: int | None, author: Any, may_publish: bool) -> Trace:
    addresses.lock_tree()
    now = revisions.stored(paper)
    if now is None:
        raise ValidationError(_("已被删除"))
    if position(now)[1] != seen:
        raise ValidationError(_("在您查看之后有了新的修订，请重新查看再操作"))
    now = revisions.locked_row(now)
    step = _step(operation, now, may_publish)
    if step.problem:
        raise ValidationError(step.problem)
    before = position(now)
    operation.do(now, author)
    return trace(now, *before)


def trace(thing: Thing, row: int | None, newest: int | None) -> Trace:
    after = revisions.head(KIND_OF[type(thing)], thing.uid)
    return Trace(KIND_OF[type(thing)].value, thing.uid, row, newest, after.number if after else None)


# --- Undo -------------------------------------------------------------------------------------------------


def undo(traces: Iterable[Trace], author: Any, *, may_publish: bool) -> Outcome:
    """Put each thing back to where its history stood, unless somebody has changed it since."""
    outcome = Outcome()
    for one in traces:
        kind = Kind(one.kind)
        thing: Any = revisions.MODEL_OF[kind]._default_manager.filter(uid=one.uid).first()
        shown = thing or revisions.MODEL_OF[kind](uid=one.uid)
        try:
            _render(one, kind, thing)
            _put_back(one, kind, author, may_publish)
            outcome.done.append(one)
        except (ValidationError, RenderingFailed) as error:
            outcome.refused.append((shown, in_words(error)))
    return outcome


def _render(one: Trace, kind: Kind, thing: Thing | None) -> None:
    """Render what comes back, while no lock is held."""
    source = "notes" if kind == Kind.PAPER else "text"
    row = revisions.numbered(kind, one.uid, one.row)
    if row and getattr(thing, source, None) != row.data.get(source):
        revisions.prepare(row.data)


@transaction.atomic
def _put_back(one: Trace, kind: Kind, author: Any, may_publish: bool) -> None:
    addresses.lock_tree()
    thing: Any = revisions.MODEL_OF[kind]._default_manager.filter(uid=one.uid).first()
    if thing is not None:
        thing = revisions.locked_row(thing)
    newest = revisions.head(kind, one.uid)
    if newest is None or newest.number != one.after:
        raise ValidationError(_("此后又有修改，没有撤销"))
    if thing is None:
        trash.bring_back(newest, author=author, may_publish=may_publish)
        return
    row, head = (revisions.numbered(kind, one.uid, number) for number in (one.row, one.head))
    if row is None or head is None:
        raise ValidationError(_("历史里没有之前的内容"))
    if not may_publish and Paper.Status.PUBLISHED in (getattr(thing, "status", ""), row.data.get("status")):
        raise ValidationError(_("已公开的论文须由有发布权限的人处理"))
    trash.refuse_lost_section(thing, row.data)
    revisions.write(thing, row.data)
    revisions.record(thing, author=author, why=gettext_noop("撤销"))
    if head.number != row.number:
        revisions.propose(thing, head.data, author=author, why=gettext_noop("撤销"))


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
    section = revisions.locked_row(section)
    revisions.record(section, why=gettext_noop("此前未记入历史的内容"))
    before = position(section)
    revisions.change(section, lambda data: {**data, **changes}, author=author, why=gettext_noop("移动栏目"))
    return [trace(section, *before)]


# --- Tags -------------------------------------------------------------------------------------------------


@transaction.atomic
def merge_tags(tag: Tag, survivor: Tag, *, author: Any = None) -> int:
    """Papers of one tag get the other, addresses of the one lead to the other; returns how many papers."""
    if tag.pk == survivor.pk:
        raise ValidationError(_("不能把标签合并到它自己。"), code="merged_with_itself")
    tag, survivor = (revisions.locked_row(one) for one in (tag, survivor))
    why = gettext_noop("标签“%s”并入“%s”") % (tag, survivor)
    addresses.hand_over(tag, survivor)
    papers = {paper.pk: paper for paper in [*Paper.objects.tagged(tag), *_to_be_tagged(tag)]}.values()
    revisions.retag(papers, add=survivor, remove=tag, author=author, why=why)
    tag._merged_into = survivor.uid
    trash.delete(tag, author=author, why=why)
    return len(papers)


def _to_be_tagged(tag: Tag) -> list[Paper]:
    """Papers whose unpublished changes name a tag."""
    papers = Paper.objects.with_changes()
    return [paper for paper in papers if tag.uid in revisions.data_of(paper).get("tags", [])]
