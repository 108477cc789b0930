"""Publishing: a save waits in the history, a publish makes it what readers see, and nothing typed is overwritten."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from papers import derived, revisions, trash
from papers.models import Kind, Paper, PaperKey, Section, Tag

from .conftest import make_paper, make_section
from .editing import data_of, deletion_of, fresh, make_tag, overwrite, publish, save, tags_of, waiting_tags
from .reading import text_of

PAPER = "/RL/2025-07-Public.html"
EVERYTHING = {
    "title": "秘密的标题",
    "slug": "Elsewhere",
    "summary": "秘密的摘要",
    "notes": "秘密的笔记",
    "published_on": "2020-01-01",
    "venue": "OSDI 2020",
    "aliases": "secretname",
}


def history(paper: Paper, field: str = "title") -> list[Any]:
    """Values of a field, oldest first."""
    return [each.data[field] for each in revisions.history(paper).order_by("number")]


def in_a_day() -> Any:
    return timezone.now() + timedelta(days=1)


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(
        section, "2025-07-Public", title="Public", notes="公开的笔记", tags=("公开",), aliases="known"
    )


# --- Saving what is public --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *(
            PAPER,
            PAPER.replace(".html", ".bib"),
            PAPER.replace(".html", ".json"),
            PAPER.replace(".html", ".md"),
        ),
        *(
            "/",
            "/RL/",
            "/papers/",
            "/tags/",
            "/2025/07/",
            "/sitemap.xml",
            "/search/?q=秘密",
            "/search/?q=公开",
        ),
        *("/feed.xml", "/feed.json", "/RL/feed.xml"),
    ],
)
def test_readers_see_nothing_of_a_save(client: Client, paper: Paper, root: Section, path: str) -> None:
    tag, other = make_tag("秘密"), make_section("Other", root)
    before = client.get(path).content
    save(paper, **EVERYTHING, tags=[tag.uid], section=other.uid)
    assert client.get(path).content == before


@pytest.mark.parametrize(
    "path", ["/RL/Elsewhere.html", "/Other/Elsewhere.html", "/2020/01/", "/venues/osdi-2020/"]
)
def test_addresses_of_what_waits_do_not_exist(client: Client, paper: Paper, path: str) -> None:
    save(paper, **EVERYTHING)
    assert client.get(path).status_code == 404


def test_a_save_leaves_row_side_rows_and_generation_alone(paper: Paper) -> None:
    def state() -> list[Any]:
        columns = [field.name for field in Paper._meta.concrete_fields if field.name != "head_revision"]
        keys = set(PaperKey.objects.values_list("paper", "key"))
        return [Paper.objects.values(*columns).get(), keys, tags_of(paper), derived.generation()]

    tag = make_tag("秘密")
    before = state()
    save(paper, **EVERYTHING, tags=[tag.uid])
    assert state() == before


def test_a_save_waits_and_says_by_whom(paper: Paper, editor: User) -> None:
    revisions.save(paper, {**data_of(paper), "title": "New"}, author=editor, why="改名")
    waiting = revisions.waiting(fresh(paper))
    assert waiting is not None
    assert (waiting.data["title"], waiting.author, waiting.why, waiting.based_on) == (
        "New",
        editor,
        "改名",
        1,
    )


def test_editors_see_what_waits_and_then_what_is_there(paper: Paper) -> None:
    save(paper, title="New")
    assert (data_of(paper)["title"], fresh(paper).title) == ("New", "Public")
    publish(paper)
    assert (data_of(paper)["title"], revisions.waiting(fresh(paper))) == ("New", None)


def test_papers_with_changes_are_found(paper: Paper, draft_paper: Paper, scheduled_paper: Paper) -> None:
    for each in (paper, draft_paper, scheduled_paper):
        save(each, title="New")
    assert set(Paper.objects.with_changes()) == {paper, scheduled_paper}
    assert {each for each in Paper.objects.all() if each.has_changes} == {paper, scheduled_paper}


def test_saving_the_same_is_no_change(paper: Paper) -> None:
    assert save(paper) is None
    save(paper, title="New")
    assert save(paper) is None
    assert history(paper) == ["Public", "New"]


def test_the_order_in_which_tags_are_given_is_no_change(paper: Paper) -> None:
    uids = [make_tag(name).uid for name in "ab"]
    save(paper, tags=uids)
    assert save(paper, tags=[*reversed(uids), uids[0]]) is None


def test_a_change_taken_back_leaves_nothing_waiting(paper: Paper) -> None:
    save(paper, title="New", tags=[])
    save(paper, **revisions.typed_fields(fresh(paper)))
    assert not fresh(paper).has_changes
    assert history(paper) == ["Public", "New", "Public"]


def test_a_save_does_not_publish(draft_paper: Paper, paper: Paper) -> None:
    save(draft_paper, status="draft", title="New")
    save(paper, status="draft", publish_at=in_a_day().isoformat())
    assert (fresh(draft_paper).status, fresh(paper).state) == ("draft", "published")
    assert not fresh(paper).has_changes


def test_an_incomplete_change_of_a_public_paper_is_kept(paper: Paper) -> None:
    save(paper, title="", section=None, slug="", published_on=None)
    assert data_of(paper)["section"] is None
    with pytest.raises(ValidationError) as refused:
        publish(paper)
    assert set(refused.value.message_dict) == {"section", "slug", "title", "published_on"}
    assert fresh(paper).title == "Public"


def test_data_without_a_field_leaves_it_as_it_is(paper: Paper) -> None:
    revisions.save(paper, {"title": "New"})
    assert (data_of(paper)["notes"], data_of(paper)["tags"]) == ("公开的笔记", [Tag.objects.get().uid])


# --- Publishing -------------------------------------------------------------------------------------------


def test_publishing_makes_all_of_it_public_in_one_step(client: Client, paper: Paper, root: Section) -> None:
    tag, other = make_tag("秘密"), make_section("Other", root)
    save(paper, **EVERYTHING, tags=[tag.uid], section=other.uid)
    before = derived.generation()
    publish(paper)
    assert client.get(PAPER).headers["Location"] == "/Other/Elsewhere.html"
    assert "秘密的笔记" in text_of(client.get("/Other/Elsewhere.html"))
    assert "秘密的标题" in text_of(client.get("/search/?q=秘密的笔记"))
    assert [client.get(path).status_code for path in ("/2020/01/", "/2025/07/", "/tags/秘密/")] == [
        200,
        404,
        200,
    ]
    assert (tags_of(paper), paper.keys.filter(key="secretname").exists()) == ({"秘密"}, True)
    assert derived.generation() > before


def test_publishing_what_waits_makes_no_second_revision(paper: Paper) -> None:
    save(paper, title="New")
    assert publish(paper) is None
    assert (fresh(paper).title, fresh(paper).revision, history(paper)) == ("New", 2, ["Public", "New"])


def test_publishing_says_when_the_paper_changed(paper: Paper) -> None:
    before = fresh(paper).changed_at
    save(paper, title="New")
    publish(paper)
    after = fresh(paper).changed_at
    assert before is not None
    assert after is not None
    assert after > before


def test_publishing_something_else_than_what_waits_keeps_that_in_the_history(paper: Paper) -> None:
    save(paper, title="Waiting")
    publish(paper, title="Other")
    assert (fresh(paper).title, fresh(paper).has_changes) == ("Other", False)
    assert history(paper) == ["Public", "Waiting", "Other"]


def test_publishing_what_readers_see_takes_back_what_waits(paper: Paper) -> None:
    save(paper, title="Waiting")
    publish(paper, title="Public")
    assert (fresh(paper).title, fresh(paper).has_changes) == ("Public", False)
    assert history(paper) == ["Public", "Waiting", "Public"]


def test_a_draft_is_public_at_once(client: Client, draft_paper: Paper, editor: User) -> None:
    revisions.publish(draft_paper, {**data_of(draft_paper), "title": "Now"}, author=editor)
    assert "Now" in text_of(client.get("/RL/2025-08-Secret.html"))
    assert revisions.history(draft_paper)[0].author == editor
    assert fresh(draft_paper).first_public_at is not None


def test_a_new_paper_is_public_at_once(section: Section) -> None:
    paper = Paper()
    data = {**revisions.typed_fields(paper, tags=()), "title": "x", "slug": "x", "published_on": "2025-07-01"}
    revisions.publish(paper, {**data, "section": section.uid, "tags": [make_tag("a").uid]})
    assert (fresh(paper).state, fresh(paper).revision, tags_of(paper)) == ("published", 1, {"a"})


@pytest.mark.parametrize("field", ["title", "slug", "published_on", "section"])
def test_publishing_asks_for_what_is_missing(draft_paper: Paper, field: str) -> None:
    save(draft_paper, **{field: None if field in ("section", "published_on") else ""})
    with pytest.raises(ValidationError) as refused:
        publish(draft_paper)
    assert list(refused.value.message_dict) == [field]
    assert fresh(draft_paper).status == "draft"


def test_publishing_at_a_taken_address_is_refused_and_keeps_what_waits(
    paper: Paper, section: Section
) -> None:
    save(paper, slug="taken", title="New")
    make_paper(section, "taken")
    with pytest.raises(ValidationError, match="taken"):
        publish(paper)
    assert (fresh(paper).path, data_of(paper)["slug"]) == (PAPER, "taken")


# --- Scheduling -------------------------------------------------------------------------------------------


def test_a_scheduled_paper_is_nobodys_yet(client: Client, draft_paper: Paper) -> None:
    publish(draft_paper, publish_at=in_a_day().isoformat())
    assert fresh(draft_paper).state == "scheduled"
    assert client.get("/RL/2025-08-Secret.html").status_code == 404


def test_saves_of_a_scheduled_paper_wait_for_another_publish(scheduled_paper: Paper) -> None:
    save(scheduled_paper, title="New")
    assert (fresh(scheduled_paper).title, fresh(scheduled_paper).has_changes) == ("Tomorrow Paper", True)
    publish(scheduled_paper)
    assert (fresh(scheduled_paper).title, fresh(scheduled_paper).state) == ("New", "scheduled")


def test_a_scheduled_paper_can_be_public_sooner(scheduled_paper: Paper) -> None:
    publish(scheduled_paper, publish_at=None)
    now = fresh(scheduled_paper)
    assert now.state == "published"
    assert now.first_public_at is not None
    assert now.first_public_at <= timezone.now()


def test_a_published_paper_cannot_be_scheduled(paper: Paper) -> None:
    publish(paper, title="New", publish_at=in_a_day().isoformat())
    assert (fresh(paper).state, fresh(paper).title, fresh(paper).publish_at) == ("published", "New", None)


def test_a_scheduled_paper_taken_back_was_never_public(client: Client, scheduled_paper: Paper) -> None:
    revisions.unpublish(scheduled_paper)
    assert (fresh(scheduled_paper).first_public_at, fresh(scheduled_paper).publish_at) == (None, None)
    trash.delete(fresh(scheduled_paper))
    assert client.get("/RL/2025-09-Tomorrow.html").status_code == 404


def test_the_hour_of_publishing_changes_no_row(section: Section) -> None:
    paper = make_paper(section, "x", publish_at=timezone.now() - timedelta(hours=1))
    assert (fresh(paper).state, fresh(paper).has_changes) == ("published", False)
    save(paper, title="New")
    assert fresh(paper).title == "x"


# --- Drafts -----------------------------------------------------------------------------------------------


def test_a_drafts_row_equals_its_head(draft_paper: Paper) -> None:
    save(draft_paper, **EVERYTHING, tags=[make_tag("a").uid])
    row, head = fresh(draft_paper), revisions.head(Kind.PAPER, draft_paper.uid)
    assert head is not None
    assert (revisions.typed_fields(row), row.revision, row.has_changes) == (head.data, 2, False)


def test_a_draft_may_lack_everything(db: None) -> None:
    paper = Paper()
    revisions.save(paper, revisions.typed_fields(paper, tags=()))
    assert (fresh(paper).path, fresh(paper).revision) == (None, 1)


def test_unpublishing_makes_a_draft_of_what_waits(client: Client, paper: Paper, editor: User) -> None:
    save(paper, title="New", slug="new", tags=[])
    revisions.unpublish(paper, author=editor)
    row = fresh(paper)
    assert (row.state, row.title, row.path, tags_of(paper)) == ("draft", "New", "/RL/new.html", set())
    assert [client.get(path).status_code for path in (PAPER, "/RL/new.html")] == [404, 404]
    assert (row.has_changes, revisions.history(paper)[0].author) == (False, editor)


def test_an_unpublished_paper_comes_back_at_its_new_address(client: Client, paper: Paper) -> None:
    revisions.unpublish(paper)
    save(paper, slug="new")
    publish(paper)
    assert client.get(PAPER).headers["Location"] == "/RL/new.html"


def test_first_publication_is_remembered_through_an_unpublishing(paper: Paper) -> None:
    first = fresh(paper).first_public_at
    revisions.unpublish(paper)
    publish(paper)
    assert fresh(paper).first_public_at == first


# --- Rows that somebody else wrote ------------------------------------------------------------------------


def by_publishing(paper: Paper) -> None:
    revisions.publish(paper, {**data_of(paper), "notes": "新的"})


def by_saving(paper: Paper) -> None:
    revisions.save(paper, {**data_of(paper), "notes": "新的"})


def by_changing(paper: Paper) -> None:
    revisions.change(paper, lambda data: {**data, "notes": "新的"})


@pytest.mark.parametrize("write", [by_publishing, by_saving, by_changing, revisions.unpublish, trash.delete])
@pytest.mark.parametrize("waits", [False, True])
def test_a_row_that_the_history_does_not_know_is_recorded_first(
    paper: Paper, write: Any, waits: bool
) -> None:
    if waits:
        save(paper, notes="等着的")
    overwrite(paper, notes="没有记下的")
    write(paper)
    assert {"公开的笔记", "没有记下的"} <= set(history(paper, "notes"))
    assert ("等着的" in history(paper, "notes")) == waits


@pytest.mark.parametrize("thing", ["section", "tag"])
def test_so_is_a_section_or_a_tag(section: Section, thing: str) -> None:
    row: Any = section if thing == "section" else make_tag("a")
    name = "title" if thing == "section" else "name"
    type(row).objects.update(**{name: "没有记下的"})
    revisions.save(row, {**revisions.typed_fields(type(row).objects.get(pk=row.pk)), name: "新的"})
    assert [each.data[name] for each in revisions.history(row)][:2] == ["新的", "没有记下的"]


def test_an_instance_from_before_a_save_does_not_hide_what_waits(paper: Paper) -> None:
    save(paper, title="Waiting")
    paper.summary = "改了"
    paper.save()
    assert (fresh(paper).has_changes, data_of(paper)["title"]) == (True, "Waiting")


def test_an_instance_from_before_a_publication_does_not_forget_it(client: Client, draft_paper: Paper) -> None:
    publish(draft_paper)
    draft_paper.save()
    fresh(draft_paper).delete()
    assert client.get("/RL/2025-08-Secret.html").status_code == 410


@pytest.mark.parametrize("write", [by_publishing, by_saving, by_changing, revisions.unpublish])
def test_nothing_is_written_to_what_is_deleted(paper: Paper, write: Any) -> None:
    def with_old_data(change: Any) -> None:
        with pytest.raises(ValidationError, match="已被删除"):
            change()

    data, stale = data_of(paper), fresh(paper)
    trash.delete(fresh(paper))
    writers = {
        by_publishing: lambda: revisions.publish(stale, data),
        by_saving: lambda: revisions.save(stale, {**data, "title": "New"}),
        by_changing: lambda: revisions.change(stale, lambda data: {**data, "title": "New"}),
        revisions.unpublish: lambda: revisions.unpublish(stale),
    }
    with_old_data(writers[write])
    assert deletion_of(Kind.PAPER, paper.uid) is not None
    assert not Paper.objects.exists()


def test_a_long_reason_is_cut(paper: Paper) -> None:
    revisions.save(paper, {**data_of(paper), "title": "New"}, why="由" * 300)
    assert len(revisions.history(paper)[0].why) == 200


# --- One change of many papers ----------------------------------------------------------------------------


def test_a_change_reaches_the_row_and_what_waits(paper: Paper) -> None:
    tag = make_tag("b")
    save(paper, title="Waiting")
    revisions.change(paper, lambda data: trash.with_tag(data, tag), why="批量")
    assert (tags_of(paper), waiting_tags(paper)) == ({"公开", "b"}, {"公开", "b"})
    assert (fresh(paper).title, data_of(paper)["title"]) == ("Public", "Waiting")


def test_publishing_later_does_not_undo_a_change(paper: Paper, root: Section) -> None:
    other = make_section("Other", root)
    save(paper, title="Waiting")
    revisions.change(paper, lambda data: {**data, "section": other.uid})
    publish(paper)
    assert (fresh(paper).path, fresh(paper).title) == ("/Other/2025-07-Public.html", "Waiting")


def test_a_change_that_the_row_has_already_reaches_what_waits(paper: Paper) -> None:
    tag = Tag.objects.get(name="公开")
    save(paper, title="Waiting", tags=[])
    revisions.change(paper, lambda data: trash.with_tag(data, tag))
    assert (waiting_tags(paper), data_of(paper)["title"]) == ({"公开"}, "Waiting")


def test_a_change_that_waits_already_reaches_the_row(paper: Paper) -> None:
    tag = make_tag("b")
    save(paper, tags=[*data_of(paper)["tags"], tag.uid])
    revisions.change(paper, lambda data: trash.with_tag(data, tag))
    assert (tags_of(paper), fresh(paper).has_changes) == ({"公开", "b"}, False)


def test_a_change_of_nothing_is_no_revision(paper: Paper) -> None:
    save(paper, title="Waiting")
    revisions.change(paper, lambda data: data)
    assert history(paper) == ["Public", "Waiting"]


def test_a_change_of_a_draft_is_one_revision(draft_paper: Paper) -> None:
    revisions.change(draft_paper, lambda data: {**data, "title": "New"})
    assert history(draft_paper) == ["Secret Paper", "New"]
