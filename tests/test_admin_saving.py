"""Save, publish, merge: what each button of the form does, to readers and to what others wrote."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers import revisions, trash
from papers.models import Address, Kind, Paper, Revision, Section, Tag
from papers.rendering import Rendered
from tests.conftest import make_paper, make_section
from tests.people import signed_in
from tests.reading import text_of
from tests.test_admin import ADD_PAPER, ADD_SECTION, change_url, errors_of, opened, paper_form, section_form

URL = "/RL/2025-07-Public.html"


def saved(form: dict[str, Any]) -> dict[str, Any]:
    """The same form by the other button."""
    return {**{name: value for name, value in form.items() if name != "_publish"}, "_save": "保存"}


def form_of(paper: Paper, **fields: Any) -> dict[str, Any]:
    """The form of a paper as it is, with some fields typed over."""
    data = revisions.data_of(paper)
    names = ("title", "slug", "notes", "summary", "authors", "arxiv_id", "doi")
    values = {name: data[name] for name in names} | {"published_on": data["published_on"] or ""}
    values["tags"] = [f"uid:{uid}" for uid in data["tags"]]
    return {**paper_form(paper.section, **values), **opened(paper), **fields}


def page(client: Client, url: str = URL) -> str:
    return client.get(url).content.decode()


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public Paper", notes="第一句。第二句。\n\n第三句。\n")


# --- Save and publish -------------------------------------------------------------------------------------


def test_save_leaves_what_readers_see_alone(editor_client: Client, client: Client, paper: Paper) -> None:
    before = page(client)
    response = editor_client.post(
        change_url(paper), saved(form_of(paper, title="未发布的标题", tags=["新标签"]))
    )
    assert response.status_code == 302
    assert page(client) == before
    assert not Tag.objects.public().exists()


@pytest.mark.parametrize(("form", "statements"), [(saved, 43), (dict, 61)], ids=["save", "publish"])
def test_a_save_keeps_others_waiting_for_few_statements(
    editor_client: Client, paper: Paper, form: Any, statements: int
) -> None:
    ContentType.objects.get_for_model(Paper)  # which is kept
    with CaptureQueriesContext(connection) as queries:
        editor_client.post(change_url(paper), form(form_of(paper, notes="改过")))
    assert len(queries) == statements, "\n".join(query["sql"][:150] for query in queries)


def test_publish_shows_what_was_saved(editor_client: Client, client: Client, paper: Paper) -> None:
    editor_client.post(change_url(paper), saved(form_of(paper, notes="改过的笔记")))
    paper.refresh_from_db()
    editor_client.post(change_url(paper), form_of(paper))
    assert "改过的笔记" in page(client)
    paper.refresh_from_db()
    assert not paper.has_changes


def test_the_history_says_why(editor_client: Client, paper: Paper) -> None:
    editor_client.post(change_url(paper), saved(form_of(paper, notes="改过", why="补上一节实验")))
    assert "补上一节实验" in editor_client.get(f"{change_url(paper)[:-7]}history/").content.decode()


def test_the_form_opens_on_the_unpublished_changes(editor_client: Client, paper: Paper) -> None:
    editor_client.post(change_url(paper), saved(form_of(paper, notes="改过的笔记", tags=["新标签"])))
    answer = editor_client.get(change_url(paper))
    assert answer.context["adminform"].form["notes"].value() == "改过的笔记"
    assert [tag.name for tag in answer.context["adminform"].form["tags"].initial] == ["新标签"]
    assert f"/admin/papers/paper/{paper.pk}/history/1/2/" in answer.content.decode()


def test_the_list_says_that_there_are_changes(
    editor_client: Client, paper: Paper, draft_paper: Paper
) -> None:
    editor_client.post(change_url(paper), saved(form_of(paper, notes="改过")))
    listed = editor_client.get("/admin/papers/paper/?state=changed")
    assert [row.uid for row in listed.context["cl"].result_list] == [paper.uid]
    assert "有未发布的修改" in listed.content.decode()


def test_saving_asks_for_nothing_that_publishing_needs(editor_client: Client, paper: Paper) -> None:
    blank = {"title": "", "slug": "", "published_on": "", "section": ""}
    assert editor_client.post(change_url(paper), saved(form_of(paper, **blank))).status_code == 302
    paper.refresh_from_db()
    errors = errors_of(editor_client.post(change_url(paper), {**form_of(paper), **blank}))
    assert set(errors) == set(blank)


def test_a_new_paper_is_a_draft_until_it_is_published(
    editor_client: Client, client: Client, section: Section
) -> None:
    editor_client.post(ADD_PAPER, saved(paper_form(section)))
    paper = Paper.objects.get()
    assert (paper.status, client.get(paper.path).status_code) == ("draft", 404)
    editor_client.post(change_url(paper), form_of(paper))
    assert client.get(paper.path).status_code == 200


def test_each_button_says_what_it_does(editor_client: Client, paper: Paper, draft_paper: Paper) -> None:
    assert "读者看到的不变" in editor_client.get(change_url(paper)).content.decode()
    assert "可以不完整" in editor_client.get(change_url(draft_paper)).content.decode()


def test_a_published_paper_cannot_be_scheduled(editor_client: Client, client: Client, paper: Paper) -> None:
    assert "publish_at" not in editor_client.get(change_url(paper)).context["adminform"].form.fields
    later = timezone.localtime() + timedelta(days=3)
    editor_client.post(
        change_url(paper), form_of(paper, publish_at_0=f"{later:%Y-%m-%d}", publish_at_1="00:00")
    )
    assert client.get(URL).status_code == 200


def test_a_scheduled_paper_waits_for_another_publish(
    editor_client: Client, client: Client, scheduled_paper: Paper
) -> None:
    editor_client.post(change_url(scheduled_paper), saved(form_of(scheduled_paper, notes="后来的修改")))
    Paper.objects.filter().update(publish_at=timezone.now())  # the clock, a day later
    assert "后来的修改" not in page(client, scheduled_paper.path or "")


def test_unpublish_and_back(editor_client: Client, client: Client, paper: Paper) -> None:
    url = f"/admin/papers/paper/{paper.pk}/unpublish/"
    assert URL in editor_client.get(url).content.decode()
    editor_client.post(url)
    assert client.get(URL).status_code == 404
    paper.refresh_from_db()
    editor_client.post(change_url(paper), form_of(paper))
    assert client.get(URL).status_code == 200


def test_unpublishing_keeps_the_unpublished_changes(editor_client: Client, paper: Paper) -> None:
    editor_client.post(change_url(paper), saved(form_of(paper, notes="改过")))
    editor_client.post(f"/admin/papers/paper/{paper.pk}/unpublish/")
    paper.refresh_from_db()
    assert (paper.notes, paper.has_changes) == ("改过", False)


def test_a_note_is_not_rendered_under_the_lock(
    editor_client: Client, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def rendered(*_args: str) -> Rendered:
        order.append("render")
        return Rendered(html="")

    monkeypatch.setattr("papers.addresses.lock_tree", lambda *_sections: order.append("lock"))
    monkeypatch.setattr("papers.admin.base.derived.rendered", rendered)
    editor_client.post(change_url(paper), saved(form_of(paper, notes="# 新")))
    assert order[0] == "render"


@contextmanager
def held_by_another(section: Section) -> Iterator[None]:
    """Another process saves in a section and does not come to an end; who waits for it gives up soon."""
    other = connections.create_connection("default")
    with closing(other), other.cursor() as theirs, connection.cursor() as ours:
        theirs.execute("BEGIN")
        theirs.execute("SELECT 1 FROM papers_section WHERE id = %s FOR NO KEY UPDATE", [section.pk])
        ours.execute("SET lock_timeout = '100ms'")
        yield
        ours.execute("RESET lock_timeout")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize(
    ("change", "waits"),
    [
        ({}, False),
        ({"section": "other"}, True),
        ({"tags": ["新标签"]}, True),
        ({"doi": "10.1/x"}, True),
        ({"merge_head": 1}, True),
    ],
    ids=["a note", "a move", "a new tag", "perhaps another's paper", "another's changes"],
)
def test_a_save_waits_for_those_alone_whose_addresses_it_may_take(
    section: Section, paper: Paper, change: dict[str, Any], waits: bool
) -> None:
    """Tags have addresses too."""
    other = make_section("other", section.parent, uid="other")
    editor = signed_in(User.objects.create_superuser("editor"))
    editor.raise_request_exception = False
    form = form_of(paper, notes="改过", **change) | ({"section": other.pk} if "section" in change else {})
    with held_by_another(other):
        assert (editor.post(change_url(paper), form).status_code != 302) == waits


def test_who_waited_while_the_paper_was_deleted_keeps_the_text(
    editor_client: Client, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = form_of(paper, notes="为它写了很久")

    def meanwhile(*_sections: Any) -> None:
        monkeypatch.undo()
        Paper.objects.all().delete()

    monkeypatch.setattr("papers.addresses.lock_tree", meanwhile)
    answer = editor_client.post(change_url(paper), form)
    assert answer.status_code == 200
    assert "为它写了很久" in answer.content.decode()


def test_its_own_address_is_no_former_one(editor_client: Client, unpublished_paper: Paper) -> None:
    form = editor_client.get(change_url(unpublished_paper)).context["adminform"]
    shown = [field.contents() for line in form for row in line for field in row if field.is_readonly]
    assert "2025-06-withdrawn" not in " ".join(map(str, shown))


# --- Asked before it is done ------------------------------------------------------------------------------


def test_a_move_shows_its_redirects_and_asks(editor_client: Client, client: Client, paper: Paper) -> None:
    answer = editor_client.post(change_url(paper), form_of(paper, slug="new"))
    assert answer.status_code == 200
    assert "<code>/RL/2025-07-Public.html</code> → <code>/RL/new.html</code>" in answer.content.decode()
    assert client.get(URL).status_code == 200


def test_a_confirmed_move_says_how_many_and_offers_undo(
    editor_client: Client, client: Client, paper: Paper
) -> None:
    form = form_of(paper, slug="new", confirmed=["move:/RL/new.html"])
    answer = editor_client.post(change_url(paper), form, follow=True).content.decode()
    assert "1 个旧网址会转到新网址" in answer
    assert "/undo/" in answer
    assert client.get(URL)["Location"] == "/RL/new.html"


def test_another_question_is_asked_anew(editor_client: Client, paper: Paper) -> None:
    form = form_of(paper, slug="newer", confirmed=["move:/RL/new.html"])
    assert "__all__" in errors_of(editor_client.post(change_url(paper), form))


def test_a_section_move_lists_every_address_below(
    editor_client: Client, section: Section, paper: Paper
) -> None:
    form = {**section_form(section.parent, slug="rl-new"), **opened(section)}
    answer = editor_client.post(change_url(section), form).content.decode()
    assert "/rl-new/2025-07-Public.html" in answer
    assert Section.objects.get(pk=section.pk).path == "/RL/"


def test_a_former_address_of_another_is_asked_for(
    editor_client: Client, client: Client, section: Section, paper: Paper
) -> None:
    paper.slug = "moved"
    paper.save()
    form = paper_form(section, slug="2025-07-Public")
    answer = editor_client.post(ADD_PAPER, form)
    assert "曾属于“Public Paper”" in answer.content.decode()
    editor_client.post(ADD_PAPER, {**form, "confirmed": [f"former:{URL}"]})
    assert "A Title" in page(client)


def test_a_new_section_asks_for_a_former_address_too(editor_client: Client, section: Section) -> None:
    section.slug = "other"
    section.save()
    assert "__all__" in errors_of(editor_client.post(ADD_SECTION, section_form(section.parent, slug="rl")))


@pytest.mark.parametrize(
    "same",
    [{"title": "public  paper"}, {"arxiv_id": "https://arxiv.org/abs/2309.06180v3"}, {"doi": "10.1145/X.1"}],
    ids=str,
)
def test_a_duplicate_is_shown_before_it_is_saved(
    editor_client: Client, section: Section, same: dict[str, str]
) -> None:
    make_paper(section, "b", title="Public Paper", arxiv_id="2309.06180", doi="10.1145/x.1")
    answer = editor_client.post(ADD_PAPER, saved(paper_form(section, slug="other", **same)))
    assert answer.status_code == 200
    assert "可能是同一篇论文" in answer.content.decode()
    assert Paper.objects.count() == 1


def test_a_confirmed_duplicate_is_saved_and_not_asked_for_again(
    editor_client: Client, section: Section, paper: Paper
) -> None:
    confirmed = [f"duplicate:{paper.uid}"]
    form = saved(paper_form(section, slug="other", title="Public Paper", confirmed=confirmed))
    assert editor_client.post(ADD_PAPER, form).status_code == 302
    twin = Paper.objects.get(slug="other")
    assert editor_client.post(change_url(twin), saved(form_of(twin, notes="改"))).status_code == 302


def test_an_impossible_month_is_a_warning(editor_client: Client, section: Section) -> None:
    form = paper_form(section, published_on="2013-12", arxiv_id="2312.00001")
    answer = editor_client.post(ADD_PAPER, form, follow=True)
    assert [str(message.tags) for message in answer.context["messages"]].count("warning") >= 1
    assert Paper.objects.exists()


def test_identifiers_are_stored_without_their_trimmings(editor_client: Client, section: Section) -> None:
    pasted = {
        "arxiv_id": "https://arxiv.org/abs/2309.06180v3",
        "doi": "https://doi.org/10.1145/3600006.3613165",
    }
    editor_client.post(ADD_PAPER, paper_form(section, **pasted))
    paper = Paper.objects.get()
    assert (paper.arxiv_id, paper.doi) == ("2309.06180", "10.1145/3600006.3613165")


# --- Two editors ------------------------------------------------------------------------------------------


@pytest.fixture
def other_client(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("other", password="other"))
    return client


def test_a_stale_save_is_not_saved_and_shows_both(
    editor_client: Client, other_client: Client, paper: Paper
) -> None:
    mine = form_of(paper, notes="第一句，我改。第二句。\n\n第三句。\n")
    other_client.post(change_url(paper), form_of(paper, notes="第一句。第二句。\n\n第三句，对方改。\n"))
    answer = editor_client.post(change_url(paper), mine)
    assert answer.status_code == 409
    assert "other" in answer.content.decode()
    assert "我改" not in Paper.objects.get().notes


def test_a_clean_merge_is_proposed_and_saved(
    editor_client: Client, other_client: Client, client: Client, paper: Paper
) -> None:
    mine = form_of(paper, notes="第一句，我改。第二句。\n\n第三句。\n")
    other_client.post(change_url(paper), form_of(paper, notes="第一句。第二句。\n\n第三句，对方改。\n"))
    answer = editor_client.post(change_url(paper), mine)
    assert not answer.context["conflicts"]
    editor_client.post(change_url(paper), {**mine, "merge_head": 2})
    assert Paper.objects.get().notes == "第一句，我改。第二句。\n\n第三句，对方改。\n"


@pytest.mark.parametrize(("choice", "expected"), [("mine", "我的标题"), ("theirs", "对方的标题")])
def test_a_conflict_has_to_be_decided(
    editor_client: Client, other_client: Client, paper: Paper, choice: str, expected: str
) -> None:
    mine = form_of(paper, title="我的标题")
    other_client.post(change_url(paper), form_of(paper, title="对方的标题"))
    assert editor_client.post(change_url(paper), {**mine, "merge_head": 2}).status_code == 409
    chosen = {**mine, "merge_head": 2, "choice-title-0": choice}
    assert editor_client.post(change_url(paper), chosen).status_code == 302
    assert Paper.objects.get().title == expected


def test_a_choice_made_before_a_third_save_does_not_count(
    editor_client: Client, other_client: Client, paper: Paper
) -> None:
    mine = form_of(paper, title="我的标题")
    other_client.post(change_url(paper), form_of(paper, title="对方的标题"))
    paper.refresh_from_db()
    other_client.post(change_url(paper), form_of(paper, title="对方又改"))
    chosen = {**mine, "merge_head": 2, "choice-title-0": "mine"}
    assert editor_client.post(change_url(paper), chosen).status_code == 409
    assert Paper.objects.get().title == "对方又改"


def test_who_saved_in_another_window_is_told_so(
    editor_client: Client, other_client: Client, paper: Paper
) -> None:
    mine = form_of(paper, title="我的标题")
    editor_client.post(change_url(paper), form_of(paper, title="我在另一个窗口里的标题"))
    assert "在别处也保存了修改" in text_of(editor_client.post(change_url(paper), mine))
    paper.refresh_from_db()
    other_client.post(change_url(paper), form_of(paper, title="对方的标题"))
    assert "别人也保存了修改" in text_of(editor_client.post(change_url(paper), mine))


def test_what_was_typed_is_in_the_merge_page(
    editor_client: Client, other_client: Client, paper: Paper
) -> None:
    mine = form_of(paper, title="我的标题", summary='a "quoted" <b> & 摘要', notes="    代码\n\n正文")
    other_client.post(change_url(paper), form_of(paper, title="对方的标题"))
    hidden = dict(editor_client.post(change_url(paper), mine).context["hidden"])
    assert (hidden["summary"], hidden["notes"]) == (mine["summary"], mine["notes"])
    assert not hidden.keys() & {"csrfmiddlewaretoken", "merge_head", "_publish"}


def test_the_same_text_by_two_editors_is_no_conflict(
    editor_client: Client, other_client: Client, paper: Paper
) -> None:
    mine = form_of(paper, notes="一样的修改")
    other_client.post(change_url(paper), mine)
    assert editor_client.post(change_url(paper), mine).status_code == 302


def test_unpublished_changes_of_another_are_merged_too(
    editor_client: Client, other_client: Client, client: Client, paper: Paper
) -> None:
    mine = form_of(paper, summary="我的摘要")
    other_client.post(change_url(paper), saved(form_of(paper, title="对方的草稿标题")))
    assert editor_client.post(change_url(paper), mine).status_code == 409
    editor_client.post(change_url(paper), {**mine, "merge_head": 2})
    assert "对方的草稿标题" in page(client)


def test_sections_and_tags_are_merged_as_well(
    editor_client: Client, other_client: Client, section: Section
) -> None:
    form = {**section_form(section.parent, slug="RL", title="强化学习"), **opened(section)}
    other_client.post(change_url(section), {**form, "description": "对方的简介"})
    mine = {**form, "icon": "🤖"}
    assert editor_client.post(change_url(section), mine).status_code == 409
    editor_client.post(change_url(section), {**mine, "merge_head": 2})
    section.refresh_from_db()
    assert (section.description, section.icon) == ("对方的简介", "🤖")


def test_a_form_without_its_base_overwrites_nothing(editor_client: Client, paper: Paper) -> None:
    form = {**form_of(paper, title="不知道基于什么"), "based_on": ""}
    assert editor_client.post(change_url(paper), form).status_code == 409
    assert Paper.objects.get().title == "Public Paper"


def test_a_row_changed_by_a_script_is_merged_with(editor_client: Client, paper: Paper) -> None:
    mine = form_of(paper, summary="我的摘要")
    paper.title = "脚本改的标题"
    paper.save()
    assert editor_client.post(change_url(paper), mine).status_code == 409
    editor_client.post(change_url(paper), {**mine, "merge_head": 2})
    paper.refresh_from_db()
    assert (paper.title, paper.summary) == ("脚本改的标题", "我的摘要")
    assert Revision.objects.filter(kind=Kind.PAPER, uid=paper.uid, data__title="脚本改的标题").exists()


# --- What was deleted meanwhile ---------------------------------------------------------------------------


def test_a_form_of_a_deleted_paper_keeps_its_text(editor_client: Client, editor: User, paper: Paper) -> None:
    form = form_of(paper, notes="还没保存的笔记")
    url = change_url(paper)
    trash.delete(paper, author=editor)
    answer = editor_client.post(url, form)
    assert "已由 editor 删除" in answer.content.decode()
    assert answer.context["adminform"].form["notes"].value() == "还没保存的笔记"
    assert not Paper.objects.exists()


def test_saving_that_form_brings_the_paper_back(
    editor_client: Client, client: Client, editor: User, paper: Paper
) -> None:
    form = form_of(paper, notes="还没保存的笔记")
    trash.delete(paper, author=editor)
    assert editor_client.post(ADD_PAPER, form).status_code == 302
    assert Paper.objects.get().uid == paper.uid
    assert "还没保存的笔记" in page(client)


def test_a_form_whose_section_was_deleted_keeps_its_text(editor_client: Client, root: Section) -> None:
    lost = make_section("lost", parent=root)
    form = paper_form(lost, notes="还没保存的笔记")
    lost.delete()
    answer = editor_client.post(ADD_PAPER, form)
    assert "section" in errors_of(answer)
    assert answer.context["adminform"].form["notes"].value() == "还没保存的笔记"


def test_a_row_that_never_was_is_asked_for(editor_client: Client, section: Section) -> None:
    answer = editor_client.post("/admin/papers/paper/999999/change/", paper_form(section, notes="文"))
    assert "__all__" in errors_of(answer)
    assert not Address.objects.exists()
