"""Undo, and merged tags: everything comes back, unless somebody has been there since."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from papers import addresses, operations, revisions, trash
from papers.models import Address, Kind, Paper, Section, Tag
from papers.operations import Delete, Move, Operation, Publish, Retag, Unpublish

from .conftest import make_paper, make_section
from .editing import (
    data_of,
    deletion_of,
    fresh,
    make_tag,
    overwrite,
    problems,
    run,
    save,
    state,
    tag_named,
    tags_of,
    undo,
    waiting_tags,
)

PAPER = "/RL/2025-07-Public.html"


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public", notes="公开的笔记", tags=("a",))


@pytest.fixture
def other(root: Section) -> Section:
    return make_section("Other", root, title="别处")


# --- Undo -------------------------------------------------------------------------------------------------


def operation_named(name: str, other: Section) -> Operation:
    made: dict[str, Any] = {
        "publish": Publish,
        "unpublish": Unpublish,
        "retag": lambda: Retag((make_tag("b"),), (tag_named("a"),)),
        "move": lambda: Move(other),
        "delete": Delete,
    }
    operation: Operation = made[name]()
    return operation


OPERATIONS = ["publish", "unpublish", "retag", "move", "delete"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_undo_puts_rows_and_what_waits_back(paper: Paper, other: Section, name: str) -> None:
    save(paper, title="Waiting", slug="waiting", notes="等着的")
    before = state(paper)
    outcome = run(operation_named(name, other), paper)
    assert state(paper) != before if name != "delete" else not Paper.objects.exists()
    assert not undo(outcome).refused
    assert state(paper) == before


@pytest.mark.parametrize("name", OPERATIONS)
def test_undo_of_papers_without_changes(
    client: Client, paper: Paper, draft_paper: Paper, scheduled_paper: Paper, other: Section, name: str
) -> None:
    papers = (paper, draft_paper, scheduled_paper)
    before = state(*papers)
    assert not undo(run(operation_named(name, other), *papers)).refused
    assert state(*papers) == before
    assert client.get(PAPER).status_code == 200


@pytest.mark.parametrize("name", OPERATIONS)
def test_undo_twice_is_refused(paper: Paper, other: Section, name: str) -> None:
    save(paper, title="Waiting")
    outcome = run(operation_named(name, other), paper)
    undo(outcome)
    before = state(paper)
    assert problems(undo(outcome)) == ["此后又有修改，没有撤销"]
    assert state(paper) == before


@pytest.mark.parametrize("with_revision", [True, False])
@pytest.mark.parametrize("name", ["publish", "unpublish", "retag", "move"])
def test_undo_after_somebody_changed_something_is_refused(
    paper: Paper, other: Section, name: str, with_revision: bool
) -> None:
    save(paper, title="Waiting")
    outcome = run(operation_named(name, other), paper)
    if with_revision:
        save(paper, summary="后来的")
    else:
        overwrite(paper, summary="后来的")
    before = state(paper)
    assert problems(undo(outcome)) == ["此后又有修改，没有撤销"]
    assert state(paper) == before


def test_undo_after_a_delete_is_refused(paper: Paper, other: Section) -> None:
    outcome = run(Move(other), paper)
    trash.delete(fresh(paper))
    assert problems(undo(outcome)) == ["此后又有修改，没有撤销"]
    assert not Paper.objects.exists()


def test_undo_gives_back_what_a_shell_had_written(paper: Paper, other: Section) -> None:
    overwrite(paper, notes="没有记下的")
    before = state(paper)
    assert not undo(run(Move(other), paper)).refused
    assert state(paper) == before
    assert fresh(paper).notes == "没有记下的"


def test_undo_of_a_delete_whose_address_was_taken_is_refused(paper: Paper, section: Section) -> None:
    outcome = run(Delete(), paper)
    make_paper(section, "2025-07-Public", title="Successor")
    assert "Successor" in problems(undo(outcome))[0]
    assert deletion_of(Kind.PAPER, paper.uid) is not None


def test_undo_of_a_move_whose_address_was_taken_is_refused(
    paper: Paper, section: Section, other: Section
) -> None:
    outcome = run(Move(other), paper)
    make_paper(section, "2025-07-Public", title="Successor")
    assert "Successor" in problems(undo(outcome))[0]
    assert fresh(paper).section == other


@pytest.mark.parametrize("status", ["draft", "published"])
def test_undo_of_a_move_whose_section_was_deleted_is_refused(
    root: Section, other: Section, status: str
) -> None:
    section = make_section("Old", root, title="旧栏目")
    paper = make_paper(section, "x", status=status)
    outcome = run(Move(other), paper)
    trash.delete(section)
    assert "旧栏目" in problems(undo(outcome))[0]
    assert fresh(paper).section == other


def test_undo_of_a_move_makes_no_loop(client: Client, paper: Paper, other: Section) -> None:
    undo(run(Move(other), paper))
    assert client.get(PAPER).status_code == 200
    assert client.get("/Other/2025-07-Public.html").headers["Location"] == PAPER


def test_undo_of_what_makes_something_public_takes_the_right_to_publish(
    paper: Paper, draft_paper: Paper
) -> None:
    for outcome in (run(Unpublish(), paper), run(Publish(), draft_paper)):
        assert len(undo(outcome, may_publish=False).refused) == 1
    assert (fresh(paper).state, fresh(draft_paper).state) == ("draft", "published")


def test_undo_of_a_draft_takes_no_right(draft_paper: Paper, other: Section) -> None:
    before = state(draft_paper)
    assert not undo(run(Move(other), draft_paper), may_publish=False).refused
    assert not undo(run(Delete(), draft_paper), may_publish=False).refused
    assert state(draft_paper) == before


def test_undo_of_what_the_history_does_not_know_is_refused(paper: Paper) -> None:
    trace = operations.Trace(Kind.PAPER, paper.uid, None, None, 1)
    assert problems(operations.undo([trace], None, may_publish=True)) == ["历史里没有之前的内容"]
    nobody = operations.Trace(Kind.PAPER, "nobody", 1, 1, 2)
    assert problems(operations.undo([nobody], None, may_publish=True)) == ["此后又有修改，没有撤销"]


def test_undo_of_a_section(client: Client, paper: Paper, section: Section) -> None:
    before = operations.position(section)
    revisions.save(section, {**revisions.typed_fields(section), "slug": "New", "text": "新的"})
    outcome = operations.undo([operations.trace(section, *before)], None, may_publish=True)
    assert not outcome.refused
    assert (fresh(section).path, fresh(section).text) == ("/RL/", "")
    assert client.get("/New/2025-07-Public.html").headers["Location"] == PAPER


# --- Merging tags -----------------------------------------------------------------------------------------


def test_a_merge_gives_papers_the_survivor_and_says_so(paper: Paper, editor: User) -> None:
    survivor = make_tag("b")
    assert operations.merge_tags(tag_named("a"), survivor, author=editor) == 1
    newest = revisions.history(paper)[0]
    assert (tags_of(paper), newest.data["tags"], newest.author) == ({"b"}, [survivor.uid], editor)
    assert "a" in newest.why


def test_a_paper_with_both_keeps_one(section: Section) -> None:
    paper = make_paper(section, "x", tags=("a", "b"))
    operations.merge_tags(tag_named("a"), tag_named("b"))
    assert tags_of(paper) == {"b"}


def test_merged_addresses_lead_to_the_survivor_in_one_hop(client: Client, paper: Paper) -> None:
    first = tag_named("a")
    revisions.save(first, {**revisions.typed_fields(first), "slug": "former"})
    second, last = make_tag("b"), make_tag("c")
    operations.merge_tags(fresh(first), second)
    assert client.get("/tags/a/").headers["Location"] == "/tags/b/"
    operations.merge_tags(second, last)
    revisions.save(last, {**revisions.typed_fields(last), "slug": "now"})
    for slug in ("a", "former", "b", "c"):
        assert client.get(f"/tags/{slug}/").headers["Location"] == "/tags/now/"
    assert client.get("/tags/a/feed.xml").headers["Location"] == "/tags/now/feed.xml"


def test_a_tag_that_only_drafts_have_leaves_no_address(
    client: Client, paper: Paper, draft_paper: Paper
) -> None:
    draft_paper.tags.add("secret")
    operations.merge_tags(tag_named("secret"), tag_named("a"))
    assert client.get("/tags/secret/").status_code == 404
    assert tags_of(draft_paper) == {"a"}


def test_a_tag_is_not_merged_with_itself(paper: Paper) -> None:
    with pytest.raises(ValidationError):
        operations.merge_tags(tag_named("a"), tag_named("a"))
    assert tags_of(paper) == {"a"}


@pytest.mark.parametrize("gone", ["tag", "survivor"])
def test_a_tag_deleted_meanwhile_is_not_merged(paper: Paper, gone: str) -> None:
    tags = {"tag": tag_named("a"), "survivor": make_tag("b")}
    trash.delete(fresh(tags[gone]))
    before = tags_of(paper)
    with pytest.raises(ValidationError, match="已被删除"):
        operations.merge_tags(tags["tag"], tags["survivor"])
    assert tags_of(paper) == before
    assert deletion_of(Kind.TAG, tags[gone].uid) is not None


def test_long_names_fit_the_history(paper: Paper) -> None:
    first, second = (make_tag(letter * 100) for letter in "长名")
    operations.merge_tags(first, second)
    assert not Tag.objects.filter(pk=first.pk).exists()


def test_a_merge_reaches_what_waits(paper: Paper) -> None:
    survivor = make_tag("b")
    save(paper, title="Waiting")
    operations.merge_tags(tag_named("a"), survivor)
    assert (data_of(paper)["tags"], data_of(paper)["title"]) == ([survivor.uid], "Waiting")
    assert (tags_of(paper), fresh(paper).title) == ({"b"}, "Public")
    run(Publish(), paper)
    assert (tags_of(paper), fresh(paper).title) == ({"b"}, "Waiting")


def test_a_merge_reaches_a_tag_that_only_waits(paper: Paper) -> None:
    tag, survivor = make_tag("b"), make_tag("c")
    save(paper, tags=[tag.uid])
    assert operations.merge_tags(tag, survivor) == 1
    assert (tags_of(paper), waiting_tags(paper)) == ({"a"}, {"c"})
    run(Retag(remove=(survivor,)), paper)
    run(Publish(), paper)
    assert tags_of(paper) == set()


def test_a_merge_changes_no_other_paper(paper: Paper, section: Section) -> None:
    bystander = make_paper(section, "x", tags=("z",))
    save(bystander, title="Waiting")
    before = state(bystander)
    operations.merge_tags(tag_named("a"), make_tag("b"))
    assert state(bystander) == before


def test_a_merge_leaves_the_survivors_address_alone(paper: Paper, client: Client) -> None:
    survivor = make_tag("b")
    operations.merge_tags(tag_named("a"), survivor)
    assert client.get("/tags/b/").status_code == 200
    assert list(Address.objects.values_list("path_folded", "uid")) == [("/tags/a/", survivor.uid)]
    assert addresses.find_former_tag("/tags/a/") == survivor
