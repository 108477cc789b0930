"""Promises 1 and 2, at random: no public path is forgotten and no text is lost, whatever editors do in what order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from papers import addresses, operations, paths, revisions, trash
from papers.models import Kind, Paper, Revision, Section
from papers.operations import Delete, Move, Operation, Publish, Trace, Unpublish

from .conftest import make_section

# Few names, so that things meet at one address; some differ in nothing but case, or only in bytes.
paper_slugs = st.sampled_from(["a", "A", "b", "é", "É", "ss", "ß"])
section_slugs = st.sampled_from(["S", "s", "T", "Straße", "STRASSE"])
which = st.integers(0, 11)
hours = st.sampled_from([None, -1, -1, 24])


class Editors(RuleBasedStateMachine):
    """The site, and beside it every path that was ever public with the thing that was public there last."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.public: dict[str, tuple[Kind, str]] = {}
        self.spellings: set[str] = set()
        self.texts: set[str] = set()
        self.traces: list[Trace] = []
        self.moment = 0
        make_section("", parent=None, uid="root", title="站名")

    def teardown(self) -> None:
        try:
            self.nothing_is_stale()
            self.every_text_is_there()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # --- What there is to choose from ---------------------------------------------------------------------

    def section(self, number: int) -> Section:
        sections = Section.objects.order_by("pk")
        return sections[number % sections.count()]

    def papers(self) -> list[Paper]:
        return list(Paper.objects.order_by("pk"))

    def paper(self, number: int) -> Paper:
        papers = self.papers()
        return papers[number % len(papers)]

    def has_papers(self) -> bool:
        return Paper.objects.exists()

    def typed(self, text: str) -> str:
        """Never the same twice, so that it can be looked for."""
        self.moment += 1
        return f"{text} {self.moment}"

    @contextmanager
    def keeping(self, text: str) -> Iterator[None]:
        """What a save accepts must never be lost; what it refuses is still in the editor's form."""
        with suppress(ValidationError):
            yield
            self.texts.add(text)

    # --- Sections -----------------------------------------------------------------------------------------

    @rule(parent=which, slug=section_slugs)
    def make_section(self, parent: int, slug: str) -> None:
        data = {"slug": slug, "title": slug, "parent": self.section(parent).uid}
        section = Section()
        with suppress(ValidationError):
            revisions.save(section, data)

    @rule(which=which, parent=which)
    def move_section(self, which: int, parent: int) -> None:
        self.change_section(which, parent=self.section(parent).uid)

    @rule(which=which, slug=section_slugs)
    def rename_section(self, which: int, slug: str) -> None:
        self.change_section(which, slug=slug)

    def change_section(self, which: int, **fields: Any) -> None:
        section = self.section(which)
        if section.is_root:
            return
        before = operations.position(section)
        with suppress(ValidationError):
            revisions.save(section, {**revisions.typed_fields(section), **fields})
            self.traces.append(operations.trace(section, *before))

    @rule(which=which)
    def delete_section(self, which: int) -> None:
        section = self.section(which)
        if not section.is_root:
            with suppress(ProtectedError):
                trash.delete(section)

    # --- Papers -------------------------------------------------------------------------------------------

    @rule(section=which, slug=paper_slugs, public=st.booleans())
    def make_paper(self, section: int, slug: str, public: bool) -> None:
        paper, text = Paper(), self.typed("新的")
        data = {"slug": slug, "title": slug, "published_on": "2025-07-01", "notes": text}
        with self.keeping(text):
            write = revisions.publish if public else revisions.save
            write(paper, {**data, "section": self.section(section).uid, "tags": []})

    @precondition(has_papers)
    @rule(which=which, slug=st.none() | paper_slugs, section=st.none() | which)
    def save(self, which: int, slug: str | None, section: int | None) -> None:
        self.write(revisions.save, which, slug, section)

    @precondition(has_papers)
    @rule(which=which, slug=st.none() | paper_slugs, section=st.none() | which, hour=hours)
    def publish(self, which: int, slug: str | None, section: int | None, hour: int | None) -> None:
        moment = (timezone.now() + timedelta(hours=hour)).isoformat() if hour else None
        self.write(revisions.publish, which, slug, section, publish_at=moment)

    def write(
        self, write: Callable[..., Any], which: int, slug: str | None, section: int | None, **fields: Any
    ) -> None:
        paper, text = self.paper(which), self.typed("改的")
        fields |= {"notes": text} | ({"slug": slug} if slug else {})
        if section is not None:
            fields["section"] = self.section(section).uid
        with self.keeping(text):
            write(paper, {**revisions.data_of(paper), **fields})

    @precondition(has_papers)
    @rule(which=which)
    def save_from_a_shell(self, which: int) -> None:
        """Which is kept from what editors do, and not from another shell."""
        paper = self.paper(which)
        if not revisions.history(paper).filter(data__notes=paper.notes).exists():
            self.texts.discard(paper.notes)
        paper.notes = self.typed("没有修订的")
        with self.keeping(paper.notes):
            paper.save()

    @precondition(has_papers)
    @rule(which=which)
    def unpublish(self, which: int) -> None:
        with suppress(ValidationError):
            revisions.unpublish(self.paper(which))

    @precondition(has_papers)
    @rule(which=which)
    def delete(self, which: int) -> None:
        trash.delete(self.paper(which))

    @rule(kind=st.sampled_from([Kind.PAPER, Kind.SECTION]), which=which, may_publish=st.booleans())
    def bring_back(self, kind: Kind, which: int, may_publish: bool) -> None:
        deletions = list(trash.deletions(kind))
        if deletions:
            with suppress(ValidationError):
                trash.bring_back(deletions[which % len(deletions)], may_publish=may_publish)

    # --- Many at once -------------------------------------------------------------------------------------

    @precondition(has_papers)
    @rule(some=st.sets(which, min_size=1, max_size=4), section=which)
    def move_some(self, some: set[int], section: int) -> None:
        self.carry_out(Move(self.section(section)), some)

    @precondition(has_papers)
    @rule(
        some=st.sets(which, min_size=1, max_size=4),
        operation=st.sampled_from([Publish(), Unpublish(), Delete()]),
    )
    def do_to_some(self, some: set[int], operation: Operation) -> None:
        self.carry_out(operation, some)

    def carry_out(self, operation: Operation, some: set[int]) -> None:
        """What the plan refuses is left alone, and what it announces is done."""
        papers = list({paper.pk: paper for paper in map(self.paper, some)}.values())
        for paper in papers:  # a shell's text above an editor's changes is no news when they are done
            revisions.record(paper)
        steps = operations.plan(operation, papers, may_publish=True)
        seen = {paper.uid: operations.position(paper)[1] for paper in papers}
        outcome = operations.carry_out(operation, papers, seen, None, may_publish=True)
        assert [trace.uid for trace in outcome.done] == [step.paper.uid for step in steps if not step.problem]
        for step in steps:
            if step.path and not step.problem:
                assert Paper.objects.get(pk=step.paper.pk).path == step.path
        self.traces += outcome.done

    @precondition(lambda self: self.traces)
    @rule(count=st.integers(1, 4))
    def undo(self, count: int) -> None:
        operations.undo(reversed(self.traces[-count:]), None, may_publish=True)
        del self.traces[-count:]

    # --- What must hold -----------------------------------------------------------------------------------

    @invariant()
    def every_path_answers(self) -> None:
        sections, papers = list(Section.objects.all()), self.papers()
        alive: dict[tuple[Kind, str], Any] = {(Kind.SECTION, section.uid): section for section in sections}
        alive |= {(Kind.PAPER, paper.uid): paper for paper in papers}
        for key, thing in alive.items():
            if self.is_public(thing):
                self.public[paths.fold(thing.path)] = key
                self.spellings.add(thing.path)
        for path in self.spellings:
            self.check_answer(path, alive.get(self.public[paths.fold(path)]))

    def is_public(self, thing: Any) -> bool:
        return isinstance(thing, Section) or (thing is not None and thing.is_published)

    def check_answer(self, path: str, thing: Any) -> None:
        """200, or 301 to the thing that was public here last; 410 without it; 404 while it is unpublished."""
        try:
            found = addresses.find(path)
        except addresses.Gone:
            assert thing is None, f"{path} is 410"
            return
        if found is None:
            assert thing, f"{path} is 404 and should be 410"
            assert not self.is_public(thing), f"{path} is 404"
            return
        assert self.is_public(thing), f"{path} leads to {found.path}, where it should not"
        assert found.thing == thing, f"{path} leads to another thing"
        if found.path != path:
            final = addresses.find(found.path)
            assert final, f"{path} leads to {found.path}, which is 404"
            assert final.path == found.path, f"{path} needs more than one hop"

    @invariant()
    def a_drafts_row_is_its_head(self) -> None:
        assert not Paper.objects.drafts().with_changes().exists()
        assert {paper for paper in self.papers() if paper.has_changes} == set(Paper.objects.with_changes())

    def nothing_is_stale(self) -> None:
        connection.check_constraints()
        call_command("rebuild", check=True, stdout=StringIO())

    def every_text_is_there(self) -> None:
        kept = {paper.notes for paper in self.papers()}
        kept |= {each.data["notes"] for each in Revision.objects.filter(kind=Kind.PAPER)}
        lost = self.texts - kept
        assert not lost
        for paper in self.papers():
            revisions.record(paper)
            row, head = Paper.objects.get(pk=paper.pk), revisions.head(Kind.PAPER, paper.uid)
            assert head
            assert row.has_changes or revisions.typed_fields(row) == head.data


@pytest.mark.django_db
def test_editors_at_random() -> None:
    run_state_machine_as_test(
        Editors,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
