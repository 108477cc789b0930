"""Many papers at once: said before, done as said, nothing overwritten, undone in one step."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from papers import revisions
from papers.models import Kind, Paper, Section, Tag
from tests.conftest import make_paper, make_section

LIST = "/admin/papers/paper/"


def bulk_url(name: str) -> str:
    return f"{LIST}bulk/{name}/"


def start(client: Client, name: str, *papers: Paper) -> Any:
    """From the list, as its action does."""
    data = {"action": f"{name}_selected", "_selected_action": [paper.pk for paper in papers]}
    return client.post(LIST, data)


def selection_of(response: Any) -> str:
    selection: str = response.context["selection"]
    return selection


def messages_of(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def target(root: Section) -> Section:
    return make_section("target", parent=root, title="去处")


def test_a_bulk_move_shows_each_address_before(
    editor_client: Client, published_paper: Paper, draft_paper: Paper, target: Section
) -> None:
    first = start(editor_client, "move", published_paper, draft_paper)
    shown = editor_client.post(
        bulk_url("move"), {"selection": selection_of(first), "section": target.pk}
    ).content.decode()
    assert "<code>/RL/2025-07-Public.html</code> → <code>/target/2025-07-Public.html</code>" in shown
    assert Paper.objects.in_section(target).count() == 0


def test_a_bulk_move_moves_redirects_and_is_undone(
    editor_client: Client, client: Client, published_paper: Paper, target: Section
) -> None:
    selection = selection_of(start(editor_client, "move", published_paper))
    data = {"selection": selection, "section": target.pk, "confirm": "1"}
    done = editor_client.post(bulk_url("move"), data, follow=True)
    assert client.get("/RL/2025-07-Public.html")["Location"] == "/target/2025-07-Public.html"
    undo = re.search(r'href="([^"]*/undo/\w+/)"', messages_of(done))
    assert undo
    editor_client.post(undo[1])
    assert client.get("/RL/2025-07-Public.html").status_code == 200
    assert client.get("/target/2025-07-Public.html")["Location"] == "/RL/2025-07-Public.html"


def test_papers_dropped_on_a_section_are_shown_there(
    editor_client: Client, published_paper: Paper, target: Section
) -> None:
    data = {"action": "move_selected", "_selected_action": [published_paper.pk], "dropped_on": target.uid}
    assert [step.path for step in editor_client.post(LIST, data).context["steps"]] == [
        "/target/2025-07-Public.html"
    ]


@pytest.mark.parametrize("uid", ["", "nothing", "a\0b"])
def test_papers_dropped_on_nothing_are_asked_where_to(
    editor_client: Client, published_paper: Paper, uid: str
) -> None:
    data = {"action": "move_selected", "_selected_action": [published_paper.pk], "dropped_on": uid}
    assert not editor_client.post(LIST, data).context["form"].is_bound


def test_two_papers_that_would_get_one_address(
    editor_client: Client, section: Section, root: Section, target: Section
) -> None:
    other = make_section("other", parent=root)
    papers = [make_paper(section, "same"), make_paper(other, "same")]
    first = start(editor_client, "move", *papers)
    data = {"selection": selection_of(first), "section": target.pk}
    steps = editor_client.post(bulk_url("move"), data).context["steps"]
    assert [bool(step.problem) for step in steps] == [False, True]
    editor_client.post(bulk_url("move"), {**data, "confirm": "1"})
    assert Paper.objects.in_section(target).count() == 1


def test_what_changed_since_it_was_shown_is_left_alone(
    editor_client: Client, published_paper: Paper, target: Section
) -> None:
    selection = selection_of(start(editor_client, "move", published_paper))
    revisions.save(published_paper, {**revisions.data_of(published_paper), "title": "另一位改的"})
    data = {"selection": selection, "section": target.pk, "confirm": "1"}
    answer = editor_client.post(bulk_url("move"), data, follow=True)
    assert "在您查看之后有了新的修订" in messages_of(answer)
    assert Paper.objects.in_section(target).count() == 0


def test_publishing_says_what_is_missing(editor_client: Client, section: Section, draft_paper: Paper) -> None:
    untitled = make_paper(None, "", title="", published_on=None, status="draft")
    steps = start(editor_client, "publish", draft_paper, untitled).context["steps"]
    problems = {step.paper.pk: step.problem for step in steps}
    assert problems[draft_paper.pk] == ""
    assert "标题" in problems[untitled.pk]
    assert "栏目" in problems[untitled.pk]


def test_papers_are_published_together(
    editor_client: Client, client: Client, draft_paper: Paper, published_paper: Paper
) -> None:
    revisions.save(published_paper, {**revisions.data_of(published_paper), "title": "新标题"})
    first = start(editor_client, "publish", draft_paper, published_paper)
    editor_client.post(bulk_url("publish"), {"selection": selection_of(first), "confirm": "1"})
    assert client.get("/RL/2025-08-Secret.html").status_code == 200
    assert "新标题" in client.get("/RL/2025-07-Public.html").content.decode()


def test_papers_are_unpublished_together(
    editor_client: Client, client: Client, published_paper: Paper
) -> None:
    first = start(editor_client, "unpublish", published_paper)
    editor_client.post(bulk_url("unpublish"), {"selection": selection_of(first), "confirm": "1"})
    assert client.get("/RL/2025-07-Public.html").status_code == 404


def test_tags_are_added_and_removed_together(editor_client: Client, section: Section) -> None:
    papers = [make_paper(section, "a", tags=("旧",)), make_paper(section, "b")]
    old = Tag.objects.get()
    first = start(editor_client, "retag", *papers)
    data = {"selection": selection_of(first), "add": ["新"], "remove": [f"uid:{old.uid}"]}
    shown = editor_client.post(bulk_url("retag"), data)
    assert "加上“新”" in shown.content.decode()
    assert not Tag.objects.filter(name="新").exists()
    editor_client.post(bulk_url("retag"), {**data, "confirm": "1"})
    assert [tag.name for paper in papers for tag in Paper.objects.get(pk=paper.pk).tag_list] == ["新", "新"]


def test_retagging_reaches_unpublished_changes_too(editor_client: Client, published_paper: Paper) -> None:
    revisions.save(published_paper, {**revisions.data_of(published_paper), "title": "新标题"})
    first = start(editor_client, "retag", published_paper)
    data = {"selection": selection_of(first), "add": ["新"], "confirm": "1"}
    editor_client.post(bulk_url("retag"), data)
    paper = Paper.objects.get()
    assert (paper.title, [tag.name for tag in paper.tag_list]) == ("Public Paper", ["新"])
    head = revisions.head(Kind.PAPER, paper.uid)
    assert head
    assert (head.data["title"], head.data["tags"]) == ("新标题", [Tag.objects.get().uid])


def test_deletion_says_which_addresses_go(
    editor_client: Client, client: Client, published_paper: Paper, draft_paper: Paper
) -> None:
    first = start(editor_client, "delete", published_paper, draft_paper)
    assert "网址 /RL/2025-07-Public.html 显示 410" in first.content.decode()
    assert "2025-08-Secret.html 显示 410" not in first.content.decode()
    editor_client.post(bulk_url("delete"), {"selection": selection_of(first), "confirm": "1"})
    assert client.get("/RL/2025-07-Public.html").status_code == 410


def test_a_paper_deleted_meanwhile_is_counted(
    editor_client: Client, published_paper: Paper, draft_paper: Paper
) -> None:
    selection = selection_of(start(editor_client, "unpublish", published_paper, draft_paper))
    draft_paper.delete()
    data = {"selection": selection, "confirm": "1"}
    assert "1 篇论文此前已被删除" in messages_of(editor_client.post(bulk_url("unpublish"), data, follow=True))


def test_nothing_chosen_is_said_at_the_field(editor_client: Client, published_paper: Paper) -> None:
    selection = selection_of(start(editor_client, "retag", published_paper))
    form = editor_client.post(bulk_url("retag"), {"selection": selection, "confirm": "1"}).context["form"]
    assert form.non_field_errors()


def test_a_number_of_papers_that_is_too_large(
    editor_client: Client, published_paper: Paper, draft_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papers.admin.bulk.LIMIT", 1)
    data = {"action": "move_selected", "_selected_action": [published_paper.pk, draft_paper.pk]}
    assert "一次最多处理 1 篇" in messages_of(editor_client.post(LIST, data, follow=True))


@pytest.mark.parametrize(
    "selection",
    [
        "",
        "[]",
        '{"a": "b"}',
        "{",
        '{"a": true}',
        '{"a\\u0000": 1}',
        '{"\\ud800": 1}',
        "9" * 5000,
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_selection_that_is_none(editor_client: Client, root: Section, selection: str) -> None:
    response = editor_client.post(bulk_url("move"), {"selection": selection, "confirm": "1"})
    assert response.status_code == 400


def test_an_operation_that_is_none(editor_client: Client, root: Section) -> None:
    assert editor_client.post(bulk_url("burn"), {"selection": json.dumps({})}).status_code == 404


def test_a_bulk_move_keeps_what_others_wrote(
    editor_client: Client, section: Section, target: Section
) -> None:
    paper = make_paper(section, "a", notes="正文", tags=("标签",))
    first = start(editor_client, "move", paper)
    editor_client.post(
        bulk_url("move"), {"selection": selection_of(first), "section": target.pk, "confirm": "1"}
    )
    moved = Paper.objects.get()
    assert (moved.notes, [tag.name for tag in moved.tag_list]) == ("正文", ["标签"])
