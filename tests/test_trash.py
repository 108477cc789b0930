"""The trash: what is deleted comes back as it was, with its tags, addresses and unpublished changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from papers import addresses, operations, revisions, trash
from papers.models import Address, Kind, Paper, Revision, Section, Tag

from .conftest import make_paper, make_section
from .editing import deletion_of
from .reading import text_of

PAPER = "/RL/2025-07-Public.html"


def fresh(thing: Any) -> Any:
    return type(thing).objects.get(uid=thing.uid)


def kind_of(thing: Any) -> Kind:
    return revisions.KIND_OF[type(thing)]


def delete(thing: Any, **fields: Any) -> None:
    trash.delete(fresh(thing), **fields)


def back(thing: Any, **fields: Any) -> Any:
    deletion = deletion_of(kind_of(thing), thing.uid)
    assert deletion is not None
    trash.bring_back(deletion, **{"may_publish": True, **fields})
    return fresh(thing)


def save(paper: Paper, **fields: Any) -> None:
    revisions.save(paper, {**revisions.data_of(fresh(paper)), **fields})


def tags_of(paper: Paper) -> set[str]:
    return {tag.name for tag in fresh(paper).tag_list}


def make_tag(name: str) -> Tag:
    tag = Tag(name=name)
    tag.save()
    revisions.record(tag)
    return tag


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public", notes="公开的笔记", tags=("a", "b"))


# --- Going ------------------------------------------------------------------------------------------------


def test_the_trash_says_who_and_why(paper: Paper, editor: User) -> None:
    delete(paper, author=editor, why="重复")
    deletion = trash.deletions(Kind.PAPER).get()
    assert (deletion.author, deletion.why, deletion.is_deletion) == (editor, "重复", True)
    assert trash.title_of(deletion) == "Public"


@pytest.mark.parametrize("kind", [Kind.PAPER, Kind.SECTION, Kind.TAG])
def test_the_newest_deletion_is_first_and_what_lives_is_not_there(
    paper: Paper, root: Section, kind: Kind
) -> None:
    make: dict[Kind, Callable[[str], Any]] = {
        Kind.PAPER: lambda name: make_paper(root, name),
        Kind.SECTION: lambda name: make_section(name, root),
        Kind.TAG: make_tag,
    }
    things = [make[kind](name) for name in ("x", "y", "z")]
    for thing in things[:2]:
        delete(thing)
    assert [each.uid for each in trash.deletions(kind)] == [things[1].uid, things[0].uid]


@pytest.mark.parametrize("by_query", [False, True])
def test_djangos_own_deletes_land_there_too(paper: Paper, section: Section, by_query: bool) -> None:
    tag = Tag.objects.get(name="a")
    for thing in (paper, tag, section):
        if by_query:
            type(thing).objects.filter(pk=thing.pk).delete()
        else:
            thing.delete()
    assert all(deletion_of(kind_of(thing), thing.uid) for thing in (tag, section))
    deletion = deletion_of(Kind.PAPER, paper.uid)
    assert deletion is not None
    assert len(deletion.data["tags"]) == 2


def test_several_at_once(paper: Paper, section: Section) -> None:
    make_paper(section, "other", tags=("b", "c"))
    Tag.objects.all().delete()
    Paper.objects.all().delete()
    assert (trash.deletions(Kind.TAG).count(), trash.deletions(Kind.PAPER).count()) == (3, 2)


def test_deleting_twice_is_deleting_once(paper: Paper) -> None:
    first, second = fresh(paper), fresh(paper)
    for thing in (first, second, first):
        trash.delete(thing)
    second.pk = paper.pk
    second.delete()
    assert Revision.objects.filter(uid=paper.uid).count() == 2


def test_deleting_late_does_not_take_an_address_from_another(
    paper: Paper, section: Section, client: Client
) -> None:
    late = fresh(paper)
    delete(paper)
    other = make_paper(section, "2025-07-Public", title="Other")
    late.delete()
    save(other, slug="elsewhere")
    revisions.publish(other, revisions.data_of(fresh(other)))
    assert client.get(PAPER).headers["Location"] == "/RL/elsewhere.html"


@pytest.mark.parametrize("slug", ["RL", "child"])
def test_a_section_with_something_in_it_stays(paper: Paper, section: Section, slug: str) -> None:
    make_section("child", section)
    with pytest.raises(ProtectedError):
        trash.delete(section)
    assert (Section.objects.filter(uid=section.uid).exists(), trash.deletions(Kind.SECTION).count()) == (
        True,
        0,
    )
    assert not Address.objects.exists()


def test_a_row_is_deleted_as_it_is_and_not_as_it_was_read(client: Client, draft_paper: Paper) -> None:
    stale = fresh(draft_paper)
    revisions.publish(draft_paper, {**revisions.data_of(draft_paper), "title": "Now"})
    first = fresh(draft_paper).first_public_at
    trash.delete(stale)
    assert client.get("/RL/2025-08-Secret.html").status_code == 410
    assert (back(stale).title, fresh(stale).first_public_at) == ("Now", first)


# --- Papers -----------------------------------------------------------------------------------------------


def test_a_published_paper_comes_back_as_it_was(paper: Paper, editor: User) -> None:
    before = fresh(paper)
    typed = revisions.typed_fields(before)
    delete(paper)
    after = back(paper, author=editor)
    assert revisions.typed_fields(after) == typed
    assert (after.first_public_at, after.path, after.notes_html) == (
        before.first_public_at,
        before.path,
        before.notes_html,
    )
    assert (after.has_changes, revisions.history(after)[0].author) == (False, editor)
    assert not trash.deletions(Kind.PAPER).exists()


def test_all_its_addresses_are_gone_and_work_again(client: Client, paper: Paper) -> None:
    save(paper, slug="New")
    revisions.publish(paper, revisions.data_of(fresh(paper)))
    links = (PAPER, "/RL/New.html", "/rl/new.html", "/RL/New.bib", f"/p/{paper.uid}/")
    delete(paper)
    assert [client.get(path).status_code for path in links] == [410] * 5
    back(paper)
    assert [client.get(path).status_code for path in links] == [301, 200, 301, 200, 302]


def test_a_draft_comes_back_as_a_draft(client: Client, draft_paper: Paper) -> None:
    save(draft_paper, title="New", tags=[make_tag("a").uid])
    delete(draft_paper)
    assert client.get("/RL/2025-08-Secret.html").status_code == 404
    assert (back(draft_paper).state, fresh(draft_paper).title, tags_of(draft_paper)) == (
        "draft",
        "New",
        {"a"},
    )
    assert client.get("/RL/2025-08-Secret.html").status_code == 404


def test_an_incomplete_draft_comes_back(db: None) -> None:
    paper = make_paper(None, "", title="Idea", status="draft", published_on=None)
    delete(paper)
    assert (back(paper).title, fresh(paper).path) == ("Idea", None)


def test_a_scheduled_paper_comes_back_scheduled(client: Client, scheduled_paper: Paper) -> None:
    delete(scheduled_paper)
    assert (back(scheduled_paper).state, fresh(scheduled_paper).publish_at) == (
        "scheduled",
        scheduled_paper.publish_at,
    )
    assert client.get("/RL/2025-09-Tomorrow.html").status_code == 404


def test_an_unpublished_paper_comes_back_unpublished(client: Client, unpublished_paper: Paper) -> None:
    path = "/RL/2025-06-Withdrawn.html"
    delete(unpublished_paper)
    assert client.get(path).status_code == 410
    assert back(unpublished_paper).first_public_at == unpublished_paper.first_public_at
    assert client.get(path).status_code == 404


def test_unpublished_changes_come_back_unpublished(client: Client, paper: Paper) -> None:
    save(paper, title="Waiting", notes="等着的", tags=[make_tag("c").uid])
    waiting = revisions.data_of(fresh(paper))
    delete(paper)
    deletion = deletion_of(Kind.PAPER, paper.uid)
    assert deletion is not None
    assert trash.newest_data(deletion) == waiting
    row = back(paper)
    assert (row.title, row.has_changes, revisions.data_of(row)) == ("Public", True, waiting)
    assert tags_of(paper) == {"a", "b"}
    assert "公开的笔记" in text_of(client.get(PAPER))


def test_deleted_and_brought_back_again_and_again(paper: Paper) -> None:
    save(paper, title="Waiting")
    for _time in range(3):
        delete(paper)
        back(paper)
    assert (fresh(paper).title, revisions.data_of(fresh(paper))["title"]) == ("Public", "Waiting")


def test_unpublished_changes_that_a_shell_overtook_stay_in_the_history(paper: Paper) -> None:
    save(paper, title="Waiting")
    row = fresh(paper)
    row.title = "Shell"
    row.save()
    delete(paper)
    assert (back(paper).title, fresh(paper).has_changes) == ("Shell", False)
    assert revisions.history(paper).filter(data__title="Waiting").exists()


def test_without_the_right_to_publish_it_comes_back_as_a_draft(client: Client, paper: Paper) -> None:
    first = fresh(paper).first_public_at
    save(paper, title="Waiting")
    delete(paper)
    row = back(paper, may_publish=False)
    assert (row.state, row.title, row.has_changes, row.first_public_at) == ("draft", "Waiting", False, first)
    assert client.get(PAPER).status_code == 404
    assert {"Public", "Waiting"} <= {each.data["title"] for each in revisions.history(paper)}


def test_without_the_right_to_publish_a_schedule_is_forgotten(scheduled_paper: Paper) -> None:
    save(scheduled_paper, title="Waiting")
    delete(scheduled_paper)
    row = back(scheduled_paper, may_publish=False)
    assert (row.state, row.title, row.publish_at, row.first_public_at) == ("draft", "Waiting", None, None)


def test_an_hour_that_came_while_it_was_deleted_made_it_no_public_paper(
    client: Client, scheduled_paper: Paper
) -> None:
    delete(scheduled_paper)
    deletion = trash.deletions(Kind.PAPER).get()
    an_hour_ago = timezone.now() - timedelta(hours=1)
    deletion.data |= {"publish_at": an_hour_ago.isoformat(), "first_public_at": an_hour_ago.isoformat()}
    deletion.created_at = an_hour_ago - timedelta(hours=1)
    deletion.save()
    assert back(scheduled_paper, may_publish=False).first_public_at is None
    delete(scheduled_paper)
    assert client.get("/RL/2025-09-Tomorrow.html").status_code == 404


def test_an_address_taken_meanwhile_is_refused_and_nothing_is_lost(paper: Paper, section: Section) -> None:
    delete(paper)
    make_paper(section, "2025-07-public", title="Successor")
    with pytest.raises(ValidationError, match="Successor") as refused:
        back(paper)
    assert list(refused.value.message_dict) == ["slug"]
    assert deletion_of(Kind.PAPER, paper.uid) is not None
    assert Paper.objects.get().title == "Successor"


def test_it_comes_back_when_the_address_is_free_again(paper: Paper, section: Section, client: Client) -> None:
    delete(paper)
    other = make_paper(section, "2025-07-Public", title="Other")
    save(other, slug="elsewhere")
    revisions.publish(other, revisions.data_of(fresh(other)))
    back(paper)
    assert "公开的笔记" in text_of(client.get(PAPER))


def test_a_paper_whose_section_was_deleted_too_waits_for_it(
    paper: Paper, section: Section, root: Section
) -> None:
    delete(paper)
    delete(section)
    with pytest.raises(ValidationError, match="强化学习") as refused:
        back(paper)
    assert list(refused.value.message_dict) == ["section"]
    back(section)
    assert back(paper).path == PAPER


def test_a_section_that_was_deleted_and_moved_takes_its_papers_along(paper: Paper, section: Section) -> None:
    delete(paper)
    section.slug = "New"
    section.save()
    assert back(paper).path == "/New/2025-07-Public.html"


def test_what_lives_is_not_brought_back_twice(paper: Paper) -> None:
    delete(paper)
    deletion = trash.deletions(Kind.PAPER).get()
    trash.bring_back(deletion, may_publish=True)
    with pytest.raises(ValidationError):
        trash.bring_back(deletion, may_publish=True)
    assert Paper.objects.count() == 1
    assert deletion_of(Kind.PAPER, paper.uid) is None


def test_tags_that_are_gone_are_left_out_and_merged_ones_are_their_survivor(paper: Paper) -> None:
    delete(paper)
    survivor = make_tag("c")
    operations.merge_tags(Tag.objects.get(name="a"), survivor)
    Tag.objects.get(name="b").delete()
    back(paper)
    assert tags_of(paper) == {"c"}


# --- Sections ---------------------------------------------------------------------------------------------


def test_a_section_comes_back_with_its_addresses(client: Client, root: Section) -> None:
    section = make_section("Old", root, text="正文")
    revisions.save(section, {**revisions.typed_fields(section), "slug": "New"})
    delete(section)
    assert [client.get(path).status_code for path in ("/Old/", "/New/", "/new/feed.xml")] == [410, 410, 410]
    back(section)
    assert [client.get(path).status_code for path in ("/Old/", "/New/", "/new/feed.xml")] == [301, 200, 301]
    assert "正文" in text_of(client.get("/New/"))


def test_a_section_whose_parent_was_deleted_too_waits_for_it(root: Section) -> None:
    parent = make_section("Parent", root, title="上级")
    child = make_section("C", parent)
    delete(child)
    delete(parent)
    with pytest.raises(ValidationError, match="上级") as refused:
        back(child)
    assert list(refused.value.message_dict) == ["parent"]
    back(parent)
    assert back(child).path == "/Parent/C/"


def test_a_section_whose_address_was_taken_is_refused(root: Section) -> None:
    section = make_section("x", root)
    delete(section)
    make_section("X", root, title="Successor")
    with pytest.raises(ValidationError, match="Successor"):
        back(section)


def test_the_front_page_comes_back(client: Client, root: Section) -> None:
    delete(root)
    assert client.get("/").status_code == 410
    back(root)
    assert client.get("/").status_code == 200


# --- Tags -------------------------------------------------------------------------------------------------


def test_a_deleted_tag_leaves_its_papers_and_their_histories_say_so(paper: Paper, editor: User) -> None:
    delete(Tag.objects.get(name="a"), author=editor)
    newest = revisions.history(paper)[0]
    assert (tags_of(paper), len(newest.data["tags"]), newest.author) == ({"b"}, 1, editor)
    assert "a" in newest.why
    assert not fresh(paper).has_changes


def test_a_tag_comes_back_to_its_papers(client: Client, paper: Paper, section: Section, editor: User) -> None:
    tag, other = Tag.objects.get(name="a"), make_paper(section, "other")
    delete(tag)
    assert client.get("/tags/a/").status_code == 410
    back(tag, author=editor)
    assert client.get("/tags/a/").status_code == 200
    assert (tags_of(paper), tags_of(other)) == ({"a", "b"}, set())
    assert (revisions.history(paper)[0].author, fresh(paper).has_changes) == (editor, False)


def test_unpublished_changes_lose_a_tag_and_get_it_back(paper: Paper) -> None:
    tag = Tag.objects.get(name="a")
    save(paper, title="Waiting")
    delete(tag)
    assert tag.uid not in revisions.data_of(fresh(paper))["tags"]
    back(tag)
    waiting = revisions.data_of(fresh(paper))
    assert (tag.uid in waiting["tags"], waiting["title"], fresh(paper).title) == (True, "Waiting", "Public")


def test_a_tag_that_only_waits_is_there_again_when_it_comes_back(paper: Paper) -> None:
    tag = make_tag("c")
    save(paper, tags=[tag.uid])
    delete(tag)
    back(tag)
    assert (tags_of(paper), revisions.tags_of(revisions.data_of(fresh(paper)))) == ({"a", "b"}, [fresh(tag)])


def test_a_paper_deleted_meanwhile_does_not_keep_a_tag_from_coming_back(paper: Paper) -> None:
    tag = Tag.objects.get(name="a")
    delete(tag)
    delete(paper)
    assert back(tag).name == "a"


@pytest.mark.parametrize("field", ["name", "slug"])
def test_a_tag_whose_name_or_address_was_taken_is_refused(paper: Paper, field: str) -> None:
    tag = Tag.objects.get(name="a")
    delete(tag)
    Tag(**{"name": "other", "slug": "other", field: "a"}).save()
    with pytest.raises(ValidationError) as refused:
        back(tag)
    assert list(refused.value.message_dict) == [field]


def test_a_merged_tag_is_not_in_the_trash(paper: Paper) -> None:
    operations.merge_tags(Tag.objects.get(name="a"), Tag.objects.get(name="b"))
    assert not trash.deletions(Kind.TAG).exists()


def test_a_tag_nobody_ever_saw_leaves_no_address(client: Client, draft_paper: Paper) -> None:
    draft_paper.tags.add("secret")
    delete(Tag.objects.get())
    assert client.get("/tags/secret/").status_code == 404
    assert addresses.find_former_tag("/tags/secret/") is None
