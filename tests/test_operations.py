"""Many papers at once: the plan says what happens, what happens is undone, and nobody's work is overwritten."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from papers import operations, revisions, trash
from papers.models import Kind, Paper, Section, Tag
from papers.operations import Delete, Move, Operation, Publish, Retag, Unpublish

from .conftest import make_paper, make_section
from .editing import (
    data_of,
    fresh,
    make_tag,
    plan,
    problems,
    run,
    save,
    state,
    tag_named,
    tags_of,
    waiting_tags,
)
from .reading import text_of

PAPER = "/RL/2025-07-Public.html"


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public", notes="公开的笔记", tags=("a",))


@pytest.fixture
def other(root: Section) -> Section:
    return make_section("Other", root, title="别处")


# --- What the plan says is what happens -------------------------------------------------------------------


def test_publishing_a_draft(draft_paper: Paper) -> None:
    (step,) = plan(Publish(), draft_paper)
    assert (step.effects, step.problem, step.path) == (["对读者公开"], "", "/RL/2025-08-Secret.html")
    assert not run(Publish(), draft_paper).refused
    assert (fresh(draft_paper).state, fresh(draft_paper).path) == ("published", step.path)


def test_publishing_what_waits(paper: Paper) -> None:
    save(paper, title="New")
    (step,) = plan(Publish(), paper)
    assert (step.effects, step.path) == (["公开未发布的修改"], "")
    run(Publish(), paper)
    assert (fresh(paper).title, fresh(paper).has_changes, fresh(paper).path) == ("New", False, PAPER)


def test_publishing_what_waits_at_another_address(client: Client, paper: Paper) -> None:
    save(paper, slug="New")
    (step,) = plan(Publish(), paper)
    assert (step.effects, step.path) == (["公开未发布的修改", "旧网址转到新网址"], "/RL/New.html")
    run(Publish(), paper)
    assert client.get(PAPER).headers["Location"] == step.path


def test_publishing_at_an_address_that_led_elsewhere(client: Client, paper: Paper, section: Section) -> None:
    draft = make_paper(section, "Then", title="Draft", status="draft")
    save(paper, slug="Then-moved")
    run(Publish(), paper)
    save(draft, slug="2025-07-Public")
    (step,) = plan(Publish(), draft)
    assert step.effects == ["对读者公开", "新网址曾属于另一篇内容，旧的转址将不再有效"]
    run(Publish(), draft)
    assert "Draft" in text_of(client.get(PAPER))


def test_publishing_what_is_published(paper: Paper, scheduled_paper: Paper) -> None:
    expected = ["已发布，没有未发布的修改", "已定时，没有未发布的修改"]
    assert [step.problem for step in plan(Publish(), paper, scheduled_paper)] == expected
    assert problems(run(Publish(), paper, scheduled_paper)) == expected


@pytest.mark.parametrize("is_scheduled", [True, False])
def test_publishing_for_later(draft_paper: Paper, scheduled_paper: Paper, is_scheduled: bool) -> None:
    paper = scheduled_paper if is_scheduled else draft_paper
    save(paper, title="New", publish_at=(timezone.now() + timedelta(days=2)).isoformat())
    (step,) = plan(Publish(), paper)
    assert step.effects[0].startswith("定于 ")
    run(Publish(), paper)
    assert (fresh(paper).state, fresh(paper).title) == ("scheduled", "New")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "标题"),
        ({"section": None}, "栏目"),
        ({"arxiv_id": "x"}, "arXiv"),
        ({"slug": "taken"}, "taken"),
    ],
)
def test_publishing_what_is_not_right(paper: Paper, section: Section, fields: Any, said: str) -> None:
    make_paper(section, "taken")
    save(paper, **fields)
    (step,) = plan(Publish(), paper)
    assert said in step.problem
    assert problems(run(Publish(), paper)) == [step.problem]
    assert (fresh(paper).path, fresh(paper).has_changes) == (PAPER, True)


def test_unpublishing(client: Client, paper: Paper, scheduled_paper: Paper) -> None:
    steps = plan(Unpublish(), paper, scheduled_paper)
    assert [(step.problem, step.path) for step in steps] == [("", ""), ("", "")]
    assert PAPER in steps[0].effects[0]
    run(Unpublish(), paper, scheduled_paper)
    assert [fresh(each).state for each in (paper, scheduled_paper)] == ["draft", "draft"]
    assert client.get(PAPER).status_code == 404


def test_unpublishing_a_paper_that_waits_to_move(paper: Paper) -> None:
    save(paper, slug="New")
    assert plan(Unpublish(), paper)[0].path == "/RL/New.html"
    run(Unpublish(), paper)
    assert fresh(paper).path == "/RL/New.html"


def test_unpublishing_a_paper_that_waits_for_a_taken_address(paper: Paper, section: Section) -> None:
    save(paper, slug="taken")
    make_paper(section, "taken")
    (step,) = plan(Unpublish(), paper)
    assert "taken" in step.problem
    assert problems(run(Unpublish(), paper)) == [step.problem]


def test_unpublishing_a_draft(draft_paper: Paper) -> None:
    assert [step.problem for step in plan(Unpublish(), draft_paper)] == problems(
        run(Unpublish(), draft_paper)
    )


def test_tagging(paper: Paper, draft_paper: Paper) -> None:
    retag = Retag(add=(make_tag("b"),), remove=(tag_named("a"),))
    assert [step.effects for step in plan(retag, paper, draft_paper)] == [["加上“b”", "去掉“a”"], ["加上“b”"]]
    run(retag, paper, draft_paper)
    assert (tags_of(paper), tags_of(draft_paper)) == ({"b"}, {"b"})


def test_tagging_what_has_the_tag(paper: Paper) -> None:
    retag = Retag(add=(tag_named("a"),))
    assert plan(retag, paper)[0].problem == "标签已是这样"
    assert problems(run(retag, paper)) == ["标签已是这样"]


@pytest.mark.parametrize("row_has_it", [True, False])
@pytest.mark.parametrize("adds", [True, False])
def test_tagging_where_row_and_changes_differ(paper: Paper, row_has_it: bool, adds: bool) -> None:
    tag = tag_named("a") if row_has_it else make_tag("b")
    save(paper, title="Waiting", tags=[] if row_has_it else [tag.uid])
    retag = Retag(add=(tag,)) if adds else Retag(remove=(tag,))
    assert plan(retag, paper)[0].effects == [f"{'加上' if adds else '去掉'}“{tag}”"]
    run(retag, paper)
    assert (tag.name in tags_of(paper), tag.name in waiting_tags(paper)) == (adds, adds)
    run(Publish(), paper)
    assert (tag.name in tags_of(paper), fresh(paper).title) == (adds, "Waiting")


def test_tagging_with_a_tag_that_is_not_saved_yet_is_planned(paper: Paper) -> None:
    assert plan(Retag(add=(Tag(name="new"),)), paper)[0].effects == ["加上“new”"]


def test_tagging_with_a_tag_deleted_meanwhile(paper: Paper) -> None:
    tag = make_tag("b")
    stale = fresh(tag)
    trash.delete(tag)
    assert "已被删除" in plan(Retag(add=(stale,)), paper)[0].problem
    assert "已被删除" in problems(run(Retag(add=(stale,)), paper))[0]


def test_moving(client: Client, paper: Paper, draft_paper: Paper, other: Section) -> None:
    first, second = plan(Move(other), paper, draft_paper)
    assert (first.effects, first.path) == (["移到“别处”", "旧网址转到新网址"], "/Other/2025-07-Public.html")
    assert (second.effects, second.path) == (["移到“别处”"], "/Other/2025-08-Secret.html")
    run(Move(other), paper, draft_paper)
    assert [fresh(paper).path, fresh(draft_paper).path] == [first.path, second.path]
    assert client.get(PAPER).headers["Location"] == first.path
    assert client.get("/RL/2025-08-Secret.html").status_code == 404


def test_moving_where_it_is(paper: Paper, section: Section) -> None:
    assert [step.problem for step in plan(Move(section), paper)] == problems(run(Move(section), paper))


def test_moving_reaches_what_waits(paper: Paper, other: Section, root: Section) -> None:
    save(paper, title="Waiting", section=root.uid)
    run(Move(other), paper)
    assert (fresh(paper).section, data_of(paper)["section"], fresh(paper).title) == (
        other,
        other.uid,
        "Public",
    )
    run(Publish(), paper)
    assert (fresh(paper).path, fresh(paper).title) == ("/Other/2025-07-Public.html", "Waiting")


def test_moving_back_what_waits_elsewhere(paper: Paper, other: Section, section: Section) -> None:
    save(paper, section=other.uid)
    (step,) = plan(Move(section), paper)
    assert (step.problem, step.path) == ("", "")
    run(Move(section), paper)
    assert (fresh(paper).path, fresh(paper).has_changes) == (PAPER, False)


def test_moving_to_a_taken_address(paper: Paper, other: Section) -> None:
    make_paper(other, "2025-07-public", title="Holder")
    (step,) = plan(Move(other), paper)
    assert "Holder" in step.problem
    assert problems(run(Move(other), paper)) == [step.problem]


def test_moving_to_an_address_that_leads_elsewhere(client: Client, paper: Paper, other: Section) -> None:
    former = make_paper(other, "2025-07-Public", title="Former")
    save(former, slug="elsewhere")
    run(Publish(), former)
    assert "新网址曾属于另一篇内容，旧的转址将不再有效" in plan(Move(other), paper)[0].effects
    run(Move(other), paper)
    assert "公开的笔记" in text_of(client.get("/Other/2025-07-Public.html"))


def test_moving_an_incomplete_draft(other: Section) -> None:
    paper = make_paper(None, "", title="Idea", status="draft")
    assert plan(Move(other), paper)[0].path == ""
    run(Move(other), paper)
    assert (fresh(paper).section, fresh(paper).path) == (other, None)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_moving_to_a_section_deleted_meanwhile(section: Section, other: Section, status: str) -> None:
    paper = make_paper(section, "x", status=status)
    stale = fresh(other)
    trash.delete(other)
    assert "已被删除" in plan(Move(stale), paper)[0].problem
    assert "已被删除" in problems(run(Move(stale), paper))[0]
    assert fresh(paper).section == section


def test_deleting(client: Client, paper: Paper, draft_paper: Paper) -> None:
    first, second = plan(Delete(), paper, draft_paper)
    assert (first.effects, second.effects) == (["移入回收站", f"网址 {PAPER} 显示 410"], ["移入回收站"])
    run(Delete(), paper, draft_paper)
    assert trash.deletions(Kind.PAPER).count() == 2
    assert [client.get(path).status_code for path in (PAPER, "/RL/2025-08-Secret.html")] == [410, 404]


def test_deleting_what_has_no_address_any_more(unpublished_paper: Paper) -> None:
    save(unpublished_paper, section=None)
    assert plan(Delete(), unpublished_paper)[0].effects == ["移入回收站"]


def test_who_did_it_is_said(paper: Paper, editor: User, other: Section) -> None:
    run(Move(other), paper, author=editor)
    newest = revisions.history(paper)[0]
    assert (newest.author, newest.why) == (editor, "批量移动")


# --- Collisions inside a selection ------------------------------------------------------------------------


@pytest.fixture
def namesakes(root: Section) -> list[Paper]:
    """Two papers of one slug, but for letter case."""
    return [
        make_paper(make_section(slug, root), name, title=slug)
        for slug, name in (("A", "Same"), ("B", "same"))
    ]


def test_of_two_papers_with_one_address_the_second_stays(namesakes: list[Paper], other: Section) -> None:
    steps = plan(Move(other), *namesakes)
    assert [bool(step.problem) for step in steps] == [False, True]
    outcome = run(Move(other), *namesakes)
    assert problems(outcome) == [steps[1].problem]
    assert [fresh(paper).path for paper in namesakes] == ["/Other/Same.html", "/B/same.html"]


def test_so_it_is_when_changes_wait_for_one_address(section: Section) -> None:
    papers = [make_paper(section, slug) for slug in "xy"]
    for each in papers:
        save(each, slug="one")
    assert [bool(step.problem) for step in plan(Publish(), *papers)] == [False, True]
    assert len(run(Publish(), *papers).refused) == 1


@pytest.mark.parametrize("first", [0, 1])
def test_an_address_that_becomes_free_on_the_way_is_not_taken(section: Section, first: int) -> None:
    """Two papers change places: whatever their order, what the plan refuses is not done."""
    papers = [make_paper(section, slug) for slug in "xy"]
    save(papers[0], slug="y")
    save(papers[1], slug="z")
    papers = [papers[first], papers[1 - first]]
    steps = plan(Publish(), *papers)
    run(Publish(), *papers)
    assert [not fresh(step.paper).has_changes for step in steps] == [not step.problem for step in steps]


# --- Refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [Publish(), Unpublish(), Delete()])
def test_a_paper_with_a_newer_revision_is_left_alone(
    paper: Paper, draft_paper: Paper, operation: Operation
) -> None:
    papers = [fresh(paper), fresh(draft_paper)]
    seen = {each.uid: operations.position(each)[1] for each in papers}
    for each in papers:
        save(each, title="Meanwhile")
    before = state(paper, draft_paper)
    outcome = operations.carry_out(operation, papers, seen, None, may_publish=True)
    assert (outcome.done, len(outcome.refused)) == ([], 2)
    assert state(paper, draft_paper) == before


def test_a_paper_that_nobody_was_shown_is_left_alone(paper: Paper) -> None:
    assert len(operations.carry_out(Delete(), [fresh(paper)], {}, None, may_publish=True).refused) == 1


def test_a_paper_deleted_meanwhile_is_reported_and_the_others_are_done(
    paper: Paper, draft_paper: Paper
) -> None:
    papers = [fresh(paper), fresh(draft_paper)]
    seen = {each.uid: operations.position(each)[1] for each in papers}
    trash.delete(paper)
    outcome = operations.carry_out(Publish(), papers, seen, None, may_publish=True)
    assert (problems(outcome), [trace.uid for trace in outcome.done]) == (["已被删除"], [draft_paper.uid])
    assert operations.plan(Publish(), papers, may_publish=True)[0].problem == "已被删除"


@pytest.mark.parametrize("operation", ["publish", "unpublish", "retag", "move", "delete"])
def test_public_papers_take_the_right_to_publish(paper: Paper, other: Section, operation: str) -> None:
    save(paper, title="Waiting")
    chosen = {
        "publish": Publish(),
        "unpublish": Unpublish(),
        "retag": Retag(remove=(tag_named("a"),)),
        "move": Move(other),
        "delete": Delete(),
    }[operation]
    before = state(paper)
    assert plan(chosen, paper, may_publish=False)[0].problem
    assert len(run(chosen, paper, may_publish=False).refused) == 1
    assert state(paper) == before


def test_so_does_publishing_a_draft(draft_paper: Paper) -> None:
    assert plan(Publish(), draft_paper, may_publish=False)[0].problem
    assert len(run(Publish(), draft_paper, may_publish=False).refused) == 1
    assert fresh(draft_paper).state == "draft"


def test_drafts_are_moved_tagged_and_deleted_without_it(draft_paper: Paper, other: Section) -> None:
    for operation in (Retag(add=(make_tag("b"),)), Move(other), Delete()):
        assert not run(operation, draft_paper, may_publish=False).refused


def test_one_refusal_leaves_the_others_done(paper: Paper, draft_paper: Paper) -> None:
    outcome = run(Unpublish(), draft_paper, paper)
    assert ([each.uid for each, _why in outcome.refused], len(outcome.done)) == ([draft_paper.uid], 1)
