"""Revisions that others left: of fixtures under unpublished changes, of older fields, of sections and tags that are gone."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from papers import operations, revisions, trash
from papers.models import Kind, Paper, Revision, Section, Tag

from .conftest import make_paper, make_section
from .editing import data_of, fresh, make_tag, overwrite, publish, save, tags_of
from .reading import text_of

PAPER = "/RL/2025-07-Public.html"


def history(paper: Paper, field: str = "title") -> list[Any]:
    """Values of a field, oldest first."""
    return [each.data[field] for each in revisions.history(paper).order_by("number")]


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(
        section, "2025-07-Public", title="Public", notes="公开的笔记", tags=("公开",), aliases="known"
    )


# --- Fixtures ---------------------------------------------------------------------------------------------


def load(paper: Paper, folder: Path, **fields: Any) -> None:
    data = {"uid": paper.uid, **fields}
    fixture = folder / "one.yaml"
    fixture.write_text(json.dumps([{"model": "papers.paper", "fields": data}]))
    call_command("loaddata", fixture, verbosity=0)


def test_a_loaded_row_is_head_and_public_and_what_waited_stays_below(paper: Paper, tmp_path: Path) -> None:
    save(paper, title="Waiting")
    load(paper, tmp_path, title="Loaded")
    assert (fresh(paper).title, fresh(paper).has_changes) == ("Loaded", False)
    assert history(paper) == ["Public", "Waiting", "Loaded"]


def test_loading_the_same_again_leaves_what_waits(paper: Paper, tmp_path: Path) -> None:
    save(paper, title="Waiting")
    load(paper, tmp_path, title="Public")
    assert (data_of(paper)["title"], history(paper)) == ("Waiting", ["Public", "Waiting"])


def test_loading_what_waits_publishes_it(paper: Paper, tmp_path: Path) -> None:
    save(paper, title="Waiting")
    load(paper, tmp_path, title="Waiting")
    assert (fresh(paper).title, fresh(paper).has_changes) == ("Waiting", False)
    assert history(paper) == ["Public", "Waiting"]


def test_a_row_that_the_history_does_not_know_is_recorded_before_it_is_loaded_over(
    paper: Paper, tmp_path: Path
) -> None:
    save(paper, title="Waiting")
    overwrite(paper, title="Shell")
    load(paper, tmp_path, title="Loaded")
    assert history(paper) == ["Public", "Waiting", "Shell", "Loaded"]


# --- Old revisions ----------------------------------------------------------------------------------------


def test_a_revision_older_than_a_field_leaves_the_field_alone(paper: Paper) -> None:
    first = revisions.numbered(Kind.PAPER, paper.uid, 1)
    assert first is not None
    del first.data["summary"], first.data["tags"]
    publish(paper, summary="新字段", title="New")
    revisions.publish(paper, first.data)
    assert (fresh(paper).summary, fresh(paper).title, tags_of(paper)) == ("新字段", "Public", {"公开"})


def test_a_head_older_than_a_field_can_be_changed_and_published(paper: Paper) -> None:
    save(paper, title="Waiting")
    head = revisions.head(Kind.PAPER, paper.uid)
    assert head is not None
    for name in ("summary", "tags"):
        del head.data[name]
    head.save()
    tag = make_tag("b")
    revisions.change(paper, lambda data: trash.with_tag(data, tag))
    publish(paper)
    assert (fresh(paper).title, tags_of(paper)) == ("Waiting", {"公开", "b"})


def test_a_head_of_a_field_that_is_gone_can_be_published(paper: Paper) -> None:
    revisions.publish(paper, {**data_of(paper), "rating": 5, "title": "New"})
    assert (fresh(paper).title, "rating" in data_of(paper)) == ("New", False)


def test_a_drafts_lost_section_is_none(draft_paper: Paper, root: Section) -> None:
    lost = make_section("Lost", root)
    save(draft_paper, section=lost.uid)
    there = data_of(draft_paper)
    save(draft_paper, section=root.uid)
    lost.delete()
    revisions.save(draft_paper, there)
    assert (fresh(draft_paper).section, fresh(draft_paper).path) == (None, None)


def test_publishing_into_a_lost_section_is_refused(paper: Paper, root: Section) -> None:
    lost = make_section("Lost", root)
    save(paper, section=lost.uid, title="New")
    lost.delete()
    with pytest.raises(ValidationError) as refused:
        publish(paper)
    assert list(refused.value.message_dict) == ["section"]
    assert data_of(paper)["title"] == "New"


def test_merged_tags_are_their_last_survivor(paper: Paper) -> None:
    first, second, last = (make_tag(name) for name in "abc")
    save(paper, tags=[first.uid, second.uid])
    old = data_of(paper)
    operations.merge_tags(first, second)
    operations.merge_tags(second, last)
    assert revisions.tags_of(old) == [last]
    revisions.publish(paper, old)
    assert tags_of(paper) == {"c"}


def test_tags_that_were_deleted_are_left_out(paper: Paper) -> None:
    gone, kept = make_tag("a"), make_tag("b")
    save(paper, tags=[gone.uid, kept.uid])
    trash.delete(gone)
    publish(paper)
    assert tags_of(paper) == {"b"}


def test_tags_merged_in_a_ring_are_none(db: None) -> None:
    for uid, into in (("a", "b"), ("b", "a")):
        data = {"merged_into": into}
        Revision.objects.create(kind=Kind.TAG, uid=uid, number=1, data=data, is_deletion=True)
    assert revisions.tags_of({"tags": ["a", "b"]}) == []


# --- Sections and tags ------------------------------------------------------------------------------------


def test_a_section_is_saved_at_once(client: Client, section: Section, editor: User) -> None:
    data = {**revisions.typed_fields(section), "text": "新的正文", "slug": "New"}
    revision = revisions.save(section, data, author=editor)
    assert revision is not None
    assert (revision.number, revision.author) == (2, editor)
    assert client.get("/RL/").headers["Location"] == "/New/"
    assert "新的正文" in text_of(client.get("/New/"))


def test_a_section_whose_parent_is_lost_is_refused(root: Section) -> None:
    parent = make_section("Parent", root)
    child = make_section("Child", parent)
    there = revisions.typed_fields(child)
    revisions.save(child, {**there, "parent": root.uid})
    parent.delete()
    with pytest.raises(ValidationError):
        revisions.save(child, there)
    assert Section.objects.get(uid=child.uid).path == "/Child/"


def test_a_tag_is_saved_at_once(db: None) -> None:
    tag = make_tag("a")
    revisions.save(tag, {**revisions.typed_fields(tag), "name": "b"})
    assert Tag.objects.get().name == "b"


def test_moving_a_section_is_no_change_of_its_papers(paper: Paper, section: Section) -> None:
    save(paper, title="Waiting")
    revisions.save(section, {**revisions.typed_fields(section), "slug": "New"})
    assert (fresh(paper).path, data_of(paper)["title"]) == ("/New/2025-07-Public.html", "Waiting")
    assert history(paper) == ["Public", "Waiting"]
