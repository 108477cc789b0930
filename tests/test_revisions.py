"""History: what was typed is kept, once, with who and why, for longer than its thing."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from django.contrib.auth.models import User

from papers import revisions
from papers.models import Paper, Revision, Section, Tag

from .conftest import make_paper, make_section


def head_of(paper: Paper) -> Revision:
    head = revisions.head("paper", paper.uid)
    assert head is not None
    return head


def test_a_revision_says_number_base_author_and_why(published_paper: Paper, editor: User) -> None:
    published_paper.title = "New"
    revision = revisions.record(published_paper, author=editor, why="改标题")
    assert revision == head_of(published_paper)
    assert (revision.number, revision.based_on, revision.why) == (2, 1, "改标题")
    assert (revision.author, revision.author_name, revision.data["title"]) == (editor, "editor", "New")


def test_the_first_revision_is_based_on_nothing(published_paper: Paper) -> None:
    assert (head_of(published_paper).number, head_of(published_paper).based_on) == (1, None)


def test_nothing_new_is_no_revision(published_paper: Paper) -> None:
    assert revisions.record(published_paper) is None
    assert revisions.record(Paper.objects.get(), why="again") is None
    assert Revision.objects.filter(uid=published_paper.uid).count() == 1


def test_derived_fields_are_no_change(published_paper: Paper) -> None:
    published_paper.section.slug = "new"
    published_paper.section.save()
    assert revisions.record(Paper.objects.get()) is None


def test_tags_and_section_are_named_by_uid(published_paper: Paper) -> None:
    published_paper.tags.add("b", "a")
    revision = revisions.record(published_paper)
    assert revision.data["tags"] == sorted(Tag.objects.values_list("uid", flat=True))
    assert revision.data["section"] == published_paper.section.uid


def test_a_renamed_tag_is_no_change_of_its_papers(published_paper: Paper) -> None:
    published_paper.tags.add("a")
    revisions.record(published_paper)
    Tag.objects.update(name="b")
    assert revisions.record(Paper.objects.get()) is None


def test_what_was_typed_is_all_there_and_nothing_derived(published_paper: Paper) -> None:
    data = head_of(published_paper).data
    assert {"slug", "title", "notes", "status", "publish_at", "published_on", "tags", "section"} < data.keys()
    assert not {"id", "path", "path_folded", "notes_html", "first_public_at", "changed_at"} & data.keys()


SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "same",
    [
        {"publish_at": datetime(2025, 7, 1, 8, tzinfo=SHANGHAI)},
        {"publish_at": datetime(2025, 7, 1, 0, tzinfo=UTC)},
        {"publish_at": "2025-07-01T00:00:00Z"},
        {"publish_at": "2025-07-01 08:00+08:00"},
        {"published_on": "2025-07-01"},
        {"published_on": date(2025, 7, 1)},
        {"year": "2025"},
    ],
)
def test_one_moment_is_the_same_however_it_is_written(section: Section, same: dict[str, Any]) -> None:
    paper = make_paper(section, "x", publish_at=datetime(2025, 7, 1, 8, tzinfo=SHANGHAI), year=2025)
    for name, value in same.items():
        setattr(paper, name, value)
    assert revisions.record(paper) is None


@pytest.mark.parametrize("kind", ["paper", "section", "tag"])
def test_what_is_deleted_stays_in_the_history(root: Section, kind: str) -> None:
    typed = {"paper": "notes", "section": "text", "tag": "name"}[kind]
    things: dict[str, Any] = {
        "paper": Paper(),
        "section": Section(parent=root, slug="x", title="x"),
        "tag": Tag(),
    }
    thing = things[kind]
    setattr(thing, typed, "内容")
    thing.save()
    thing.delete()
    assert revisions.head(kind, thing.uid).data[typed] == "内容"


def test_a_delete_keeps_the_row_and_not_what_is_in_memory(published_paper: Paper) -> None:
    Paper.objects.update(notes="在库里")
    published_paper.notes = "没有保存"
    published_paper.delete()
    assert head_of(published_paper).data["notes"] == "在库里"


def test_a_delete_keeps_the_tags(published_paper: Paper) -> None:
    published_paper.tags.add("a")
    Paper.objects.all().delete()
    assert head_of(published_paper).data["tags"] == [Tag.objects.get().uid]


def test_the_name_of_an_author_outlives_the_account(published_paper: Paper, editor: User) -> None:
    published_paper.title = "New"
    revisions.record(published_paper, author=editor)
    editor.delete()
    assert (head_of(published_paper).author, head_of(published_paper).author_name) == (None, "editor")


def test_a_revision_says_when_the_thing_changed(published_paper: Paper) -> None:
    before = Paper.objects.get().changed_at
    published_paper.title = "New"
    published_paper.save()
    revisions.record(published_paper)
    assert Paper.objects.get().changed_at > before


def test_kinds_do_not_mix(root: Section) -> None:
    make_section("x", root, uid="same")
    make_paper(root, "x", uid="same")
    assert [revision.number for revision in Revision.objects.filter(uid="same")] == [1, 1]
