"""Working copies: text that is not saved, outside the history, one per editor and thing."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from papers import derived, revisions, working
from papers.fields import make_uid
from papers.models import Kind, Paper, Revision, WorkingCopy

from .people import member


def store(account: User, uid: str, writer: str = "window", **options: Any) -> WorkingCopy:
    values = {"fields": {"notes": ["新写的"]}, "based_on": 1, **options}
    return working.store(account, Kind.PAPER, uid, writer=writer, **values)


def rows() -> list[str]:
    return list(WorkingCopy.objects.values_list("uid", flat=True))


def age(copy: WorkingCopy, **since: float) -> None:
    WorkingCopy.objects.filter(pk=copy.pk).update(seen_at=timezone.now() - timedelta(**since))


def test_text_is_kept_outside_the_history(editor: User, published_paper: Paper) -> None:
    before = derived.generation(), Revision.objects.count(), revisions.typed_fields(published_paper)
    store(editor, published_paper.uid)
    paper = Paper.objects.get()
    assert (derived.generation(), Revision.objects.count(), revisions.typed_fields(paper)) == before
    assert working.held(editor, Kind.PAPER, paper.uid).fields == {"notes": ["新写的"]}  # type: ignore[union-attr]


def test_an_editor_has_one_of_a_thing(editor: User) -> None:
    store(editor, "a", fields={"notes": ["erst"]})
    store(editor, "a", fields={"notes": ["dann"]})
    assert [copy.fields for copy in WorkingCopy.objects.all()] == [{"notes": ["dann"]}]


def test_each_editor_has_their_own(editor: User) -> None:
    store(editor, "a")
    assert working.held(member("编辑"), Kind.PAPER, "a") is None


def test_another_window_does_not_write_over_it(editor: User) -> None:
    store(editor, "a", "one")
    with pytest.raises(working.HeldElsewhere):
        store(editor, "a", "two")


def test_the_window_that_took_it_writes_on(editor: User) -> None:
    store(editor, "a", "one")
    store(editor, "a", "two", replaces="one")
    with pytest.raises(working.HeldElsewhere):
        store(editor, "a", "one")


def test_an_open_form_without_text_stands_in_nobodys_way(editor: User) -> None:
    working.touch(editor, Kind.PAPER, "a")
    assert working.held(editor, Kind.PAPER, "a") is None
    assert store(editor, "a").written_at


def test_touching_keeps_the_text(editor: User) -> None:
    store(editor, "a")
    working.touch(editor, Kind.PAPER, "a")
    assert working.held(editor, Kind.PAPER, "a")


def test_a_note_of_the_greatest_length_fits(editor: User) -> None:
    longest = "x" * (512 * 1024)
    assert store(editor, "a", fields={"notes": [longest], "title": ["标题"]})
    with pytest.raises(working.TooLong):
        store(editor, "a", fields={"notes": [longest], "summary": ["长" * 30_000]})


def test_discarding_leaves_the_text_of_another_window(editor: User) -> None:
    store(editor, "a", "one")
    working.discard(editor, Kind.PAPER, ["two", ""], ["a"])
    assert rows() == ["a"]
    working.discard(editor, Kind.PAPER, ["one"])
    assert rows() == []


def test_discarding_says_that_the_form_is_closed(editor: User) -> None:
    for uid in ("a", "b"):
        working.touch(editor, Kind.PAPER, uid)
    working.discard(editor, Kind.PAPER, ["one"], ["a"])
    assert rows() == ["b"]


def test_nobody_discards_anothers_text(editor: User) -> None:
    store(editor, "a", "one")
    working.discard(member("编辑"), Kind.PAPER, ["one"], ["a"])
    assert rows() == ["a"]


def test_an_account_takes_its_text_along(editor: User) -> None:
    store(editor, "a")
    editor.delete()
    assert rows() == []


def test_forms_that_were_only_open_are_forgotten_after_a_day(editor: User) -> None:
    working.touch(editor, Kind.PAPER, "open")
    store(editor, "typed")
    for copy in WorkingCopy.objects.all():
        age(copy, days=2)
    working.touch(editor, Kind.PAPER, "new")
    assert set(rows()) == {"typed", "new"}


def test_who_was_there_in_the_last_hour_is_known_to_others(editor: User) -> None:
    working.touch(editor, Kind.PAPER, "a")
    other = member("编辑")
    assert [copy.account for copy in working.others(other, Kind.PAPER, "a")] == [editor]
    assert working.others(editor, Kind.PAPER, "a") == working.others(other, Kind.PAPER, "b") == []
    age(WorkingCopy.objects.get(), minutes=61)
    assert working.others(other, Kind.PAPER, "a") == []


def test_what_is_not_there_was_never_saved_or_is_deleted(
    editor: User, published_paper: Paper, draft_paper: Paper
) -> None:
    for uid in (published_paper.uid, draft_paper.uid, "begun"):
        store(editor, uid)
    draft_paper.delete()
    found = working.of_what_is_not_there(editor, Kind.PAPER)
    assert [copy.uid for copy in found] == ["begun", draft_paper.uid]


def test_a_new_name_is_one_that_we_would_make_and_nobody_ever_had(published_paper: Paper) -> None:
    deleted = published_paper.uid
    published_paper.delete()
    assert working.is_fresh_uid(Kind.PAPER, make_uid())
    assert not any(
        working.is_fresh_uid(Kind.PAPER, uid) for uid in (deleted, "", "root", "x" * 9, "0OIl1i!?")
    )
