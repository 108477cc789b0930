"""The trash in the admin: what was deleted is listed, read, and comes back, somewhere else if it must."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from papers import operations, revisions, trash, working
from papers.models import Kind, Paper, Revision, Section, Tag
from papers.rendering import RenderingFailed
from tests.conftest import make_paper, make_section
from tests.editing import deletion_of
from tests.reading import text_of, texts_of
from tests.test_admin import ADD_PAPER, ADD_SECTION, PAPERS, paper_form, section_form
from tests.test_admin_bulk import messages_of
from tests.test_admin_saving import saved

URL = "/RL/2025-07-Public.html"
ADD_TAG = "/admin/papers/tag/add/"


@pytest.fixture
def paper(section: Section) -> Paper:
    """Public, with a tag, a former address, and a change that readers do not see yet."""
    paper = make_paper(section, "2025-07-Old", title="Public Paper", notes="第一版", tags=("MoE",))
    revisions.publish(paper, {**revisions.data_of(paper), "slug": "2025-07-Public"})
    paper = Paper.objects.get()
    revisions.save(paper, {**revisions.data_of(paper), "notes": "未发布的笔记"})
    return paper


def trash_url(kind: str, path: str = "") -> str:
    return f"/admin/papers/{kind}/trash/{path}"


def delete(thing: Any, **fields: Any) -> None:
    trash.delete(type(thing).objects.get(uid=thing.uid), **fields)


def restore(client: Client, thing: Any) -> Any:
    return client.post(trash_url(thing._meta.model_name, f"{thing.uid}/restore/"), follow=True)


def lies_in_trash(thing: Any) -> bool:
    return deletion_of(revisions.KIND_OF[type(thing)], thing.uid) is not None


# --- The list ---------------------------------------------------------------------------------------------


def test_an_empty_trash_says_so(editor_client: Client, paper: Paper) -> None:
    assert "回收站是空的" in text_of(editor_client.get(trash_url("paper")))


def test_the_list_leads_to_the_trash(editor_client: Client, paper: Paper) -> None:
    assert f'href="{trash_url("paper")}"' in editor_client.get(PAPERS).content.decode()


def test_the_trash_says_what_who_and_why(editor_client: Client, editor: User, paper: Paper) -> None:
    delete(paper, author=editor, why="重复")
    row = next(row for row in texts_of(editor_client.get(trash_url("paper")), "tr") if "Public Paper" in row)
    assert "editor" in row
    assert "重复" in row


@pytest.mark.parametrize("kind", ["section", "tag"])
def test_each_kind_has_its_own_trash(editor_client: Client, paper: Paper, kind: str) -> None:
    delete(paper)
    assert "Public Paper" not in editor_client.get(trash_url(kind)).content.decode()


def test_a_large_trash_comes_in_pages(editor_client: Client, root: Section) -> None:
    for number in range(51):
        data = {"name": f"tag {number}", "slug": f"tag-{number}"}
        Revision.objects.create(kind=Kind.TAG, uid=f"t{number}", number=1, data=data, is_deletion=True)
    assert len(editor_client.get(trash_url("tag"), {"p": "2"}).context["page"]) == 1


def test_what_was_deleted_can_be_read(editor_client: Client, paper: Paper) -> None:
    delete(paper)
    shown = text_of(editor_client.get(trash_url("paper", f"{paper.uid}/")))
    for text in ("未发布的笔记", "MoE", "强化学习", "2025-07-Public"):
        assert text in shown


def test_a_merged_tag_is_not_in_the_trash(editor_client: Client, paper: Paper) -> None:
    survivor = Tag(name="Experts")
    survivor.save()
    tag = Tag.objects.get(name="MoE")
    operations.merge_tags(tag, survivor)
    assert "MoE" not in text_of(editor_client.get(trash_url("tag")))
    assert restore(editor_client, tag).status_code == 404


@pytest.mark.parametrize("uid", ["nothing", "a" * 64, "-", "0", "9" * 5000])
@pytest.mark.parametrize("kind", ["paper", "section", "tag"])
def test_what_is_not_in_the_trash_is_not_found(
    editor_client: Client, root: Section, kind: str, uid: str
) -> None:
    assert editor_client.get(trash_url(kind, f"{uid}/")).status_code == 404
    assert editor_client.post(trash_url(kind, f"{uid}/restore/")).status_code == 404


def test_what_lives_is_not_found_in_the_trash(editor_client: Client, paper: Paper) -> None:
    assert editor_client.get(trash_url("paper", f"{paper.uid}/")).status_code == 404
    assert restore(editor_client, paper).status_code == 404


def test_a_second_restore_is_not_found(editor_client: Client, paper: Paper) -> None:
    delete(paper)
    restore(editor_client, paper)
    assert restore(editor_client, paper).status_code == 404
    assert Paper.objects.count() == 1


# --- Back as it was ---------------------------------------------------------------------------------------


def test_a_paper_comes_back_with_all_its_addresses(
    editor_client: Client, client: Client, paper: Paper
) -> None:
    delete(paper)
    assert client.get(URL).status_code == 410
    response = restore(editor_client, paper)
    assert "已从回收站恢复" in messages_of(response)
    assert "第一版" in client.get(URL).content.decode()
    assert client.get("/RL/2025-07-Old.html")["Location"] == URL


def test_its_tags_and_unpublished_changes_come_back_too(editor_client: Client, paper: Paper) -> None:
    delete(paper)
    form = restore(editor_client, paper).context["adminform"].form
    assert form["notes"].value() == "未发布的笔记"
    assert form["tags"].value() == [f"uid:{Tag.objects.get().uid}"]
    assert [tag.name for tag in Paper.objects.get().tag_list] == ["MoE"]


def test_a_section_comes_back_with_its_address(editor_client: Client, client: Client, root: Section) -> None:
    lost = make_section("lost", root, title="失而复得")
    delete(lost)
    assert restore(editor_client, lost).status_code == 200
    assert "失而复得" in client.get("/lost/").content.decode()


def test_a_tag_comes_back_to_its_papers(editor_client: Client, client: Client, paper: Paper) -> None:
    tag = Tag.objects.get()
    delete(tag)
    assert client.get("/tags/moe/").status_code == 410
    restore(editor_client, tag)
    assert client.get("/tags/moe/").status_code == 200


def test_who_brought_it_back_is_in_the_history(editor_client: Client, editor: User, paper: Paper) -> None:
    delete(paper)
    restore(editor_client, paper)
    last = Revision.objects.filter(uid=paper.uid, why="从回收站恢复").get()
    assert last.author == editor


# --- Back somewhere else ----------------------------------------------------------------------------------


@pytest.fixture
def robbed(paper: Paper) -> Paper:
    """In the trash, while another paper has taken its address."""
    delete(paper)
    make_paper(paper.section, "2025-07-Public", title="The Other")
    return paper


def test_a_taken_address_is_said_and_the_form_filled_with_everything(
    editor_client: Client, robbed: Paper
) -> None:
    response = restore(editor_client, robbed)
    form = response.context["adminform"].form
    assert response.redirect_chain[-1][0] == f"{ADD_PAPER}?restore={robbed.uid}"
    assert "“The Other”" in messages_of(response)
    assert form["notes"].value() == "未发布的笔记"
    assert form["tags"].value() == [f"uid:{Tag.objects.get().uid}"]
    assert form["section"].value() == robbed.section_id
    assert lies_in_trash(robbed)


def filled(client: Client, thing: Any, form: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the form holds that the trash opens, with some fields typed over."""
    response = client.get(f"{reverse_add(thing)}?restore={thing.uid}")
    opened_form = response.context["adminform"].form
    known = {name: opened_form[name].value() for name in opened_form.fields if name in {*form, "tags"}}
    hidden = {name: opened_form[name].value() for name in ("thing_uid", "based_on")}
    return {**form, **{name: value for name, value in known.items() if value}, **hidden, **fields}


def reverse_add(thing: Any) -> str:
    return reverse(f"admin:papers_{thing._meta.model_name}_add")


def test_with_another_slug_it_keeps_uid_history_tags_and_addresses(
    editor_client: Client, client: Client, robbed: Paper
) -> None:
    form = filled(editor_client, robbed, paper_form(robbed.section), slug="2025-07-Elsewhere")
    assert editor_client.post(ADD_PAPER, form).status_code == 302
    back = Paper.objects.get(uid=robbed.uid)
    assert [tag.name for tag in back.tag_list] == ["MoE"]
    assert Revision.objects.filter(uid=back.uid).count() == 5
    assert client.get("/RL/2025-07-Old.html")["Location"] == "/RL/2025-07-Elsewhere.html"
    assert client.get(f"/p/{back.uid}/")["Location"] == "/RL/2025-07-Elsewhere.html"


def test_when_it_was_first_public_is_not_forgotten(editor_client: Client, robbed: Paper) -> None:
    form = filled(editor_client, robbed, paper_form(robbed.section), slug="2025-07-Elsewhere")
    editor_client.post(ADD_PAPER, form)
    assert Paper.objects.get(uid=robbed.uid).first_public_at == robbed.first_public_at


def test_the_other_keeps_its_address(editor_client: Client, client: Client, robbed: Paper) -> None:
    form = filled(editor_client, robbed, paper_form(robbed.section), slug="2025-07-Elsewhere")
    editor_client.post(ADD_PAPER, form)
    assert "The Other" in client.get(URL).content.decode()


def test_saved_with_the_taken_slug_it_is_refused_and_stays_in_the_form(
    editor_client: Client, robbed: Paper
) -> None:
    form = filled(editor_client, robbed, paper_form(robbed.section), notes="weiter")
    response = editor_client.post(ADD_PAPER, form)
    assert "已属于" in response.context["adminform"].form.errors["slug"][0]
    assert response.context["adminform"].form["thing_uid"].value() == robbed.uid
    assert "weiter" in response.content.decode()


def test_by_save_it_comes_back_as_a_draft(editor_client: Client, robbed: Paper) -> None:
    form = saved(filled(editor_client, robbed, paper_form(robbed.section), slug="2025-07-Elsewhere"))
    editor_client.post(ADD_PAPER, form)
    assert Paper.objects.get(uid=robbed.uid).status == "draft"


def test_a_section_comes_back_under_another_slug(
    editor_client: Client, client: Client, root: Section
) -> None:
    lost = make_section("lost", root, title="失而复得", text="正文")
    delete(lost)
    make_section("lost", root)
    assert "已属于" in messages_of(restore(editor_client, lost))
    form = filled(editor_client, lost, {**section_form(root), "text": ""}, slug="found", title="失而复得")
    assert editor_client.post(ADD_SECTION, form).status_code == 302
    assert Section.objects.get(uid=lost.uid).path == "/found/"
    assert "正文" in client.get("/found/").content.decode()


def test_a_tag_comes_back_under_another_slug_to_its_papers(
    editor_client: Client, client: Client, paper: Paper
) -> None:
    tag = Tag.objects.get()
    delete(tag)
    Tag(name="Other", slug="moe").save()
    restore(editor_client, tag)
    form = filled(editor_client, tag, {"name": "", "slug": ""}, slug="moe-2")
    assert editor_client.post(ADD_TAG, form).status_code == 302
    assert Tag.objects.get(slug="moe-2").uid == tag.uid
    assert client.get("/tags/moe-2/").status_code == 200


def test_a_paper_whose_section_is_gone_asks_for_one(
    editor_client: Client, client: Client, root: Section, paper: Paper
) -> None:
    delete(paper)
    delete(paper.section)
    response = restore(editor_client, paper)
    assert "“强化学习”已被删除" in messages_of(response)
    assert response.context["adminform"].form["section"].value() is None
    other = make_section("other", root)
    form = filled(editor_client, paper, paper_form(None), section=other.pk)
    assert editor_client.post(ADD_PAPER, form).status_code == 302
    assert client.get(URL)["Location"] == "/other/2025-07-Public.html"


def test_a_section_whose_parent_is_gone_asks_for_one(
    editor_client: Client, root: Section, section: Section
) -> None:
    child = make_section("child", section)
    delete(child)
    delete(section)
    assert "“强化学习”已被删除" in messages_of(restore(editor_client, child))
    assert lies_in_trash(child)


def test_a_note_that_cannot_be_rendered_any_more_is_opened_in_the_form(
    editor_client: Client, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RenderingFailed("太复杂")

    delete(paper)
    monkeypatch.setattr(revisions, "prepare", fail)
    response = restore(editor_client, paper)
    assert "太复杂" in messages_of(response)
    assert response.context["adminform"].form["notes"].value() == "未发布的笔记"


# --- ?restore= --------------------------------------------------------------------------------------------


def is_new(uid: str) -> bool:
    """A name of an empty form's own."""
    return all(working.is_fresh_uid(kind, uid) for kind in Kind)


@pytest.mark.parametrize(
    "uid", ["", "nothing", "9" * 5000, "长", "\ud800", "\x01", "' OR 1=1", "<script>", "root"]
)
@pytest.mark.parametrize("url", [ADD_PAPER, ADD_SECTION, ADD_TAG])
def test_nonsense_opens_an_empty_form(editor_client: Client, root: Section, url: str, uid: str) -> None:
    response = editor_client.get(url, {"restore": uid.encode(errors="surrogatepass")})
    assert response.status_code == 200
    assert is_new(response.context["adminform"].form["thing_uid"].value())


def test_what_lives_is_not_opened_as_deleted(editor_client: Client, paper: Paper) -> None:
    response = editor_client.get(ADD_PAPER, {"restore": paper.uid})
    assert not response.context["adminform"].form["title"].value()


def test_something_of_another_kind_is_not_opened(editor_client: Client, root: Section) -> None:
    lost = make_section("lost", root, title="失而复得")
    delete(lost)
    assert "失而复得" not in editor_client.get(ADD_PAPER, {"restore": lost.uid}).content.decode()


@pytest.mark.parametrize("query", ["publish_at=x", "tags=x", "section=x", "reviewed_on=x", "thing_uid=root"])
def test_an_address_that_fills_in_nonsense_is_no_error(
    editor_client: Client, root: Section, query: str
) -> None:
    response = editor_client.get(f"{ADD_PAPER}?{query}")
    assert response.status_code == 200
    assert is_new(response.context["adminform"].form["thing_uid"].value())


@pytest.mark.parametrize("uid", ["nothing", "a\0b", "长" * 64, "root"])
def test_a_posted_uid_that_was_never_deleted_makes_a_new_paper(
    editor_client: Client, section: Section, uid: str
) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, thing_uid=uid))
    assert response.status_code in (200, 302)
    assert not Paper.objects.filter(uid="root").exists()


def test_a_stale_form_with_a_nul_in_its_uid_is_no_error(editor_client: Client, section: Section) -> None:
    response = editor_client.post(
        f"{PAPERS}999/change/", paper_form(section, thing_uid="a\0b", notes="wörter")
    )
    assert "wörter" in response.content.decode()
