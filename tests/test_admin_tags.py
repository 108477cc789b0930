"""Tags in the admin: typed into a paper's form, renamed, merged and deleted without an address lost."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from papers import addresses, operations, revisions, trash
from papers.models import Address, Kind, Paper, Revision, Section, Tag
from papers.roles import CONTRIBUTOR
from papers.templatetags.desk import reason
from tests.conftest import make_paper
from tests.people import member, signed_in, with_rights
from tests.test_admin import ADD_PAPER, PAPERS, change_url, errors_of, opened, paper_form
from tests.test_admin_bulk import messages_of
from tests.test_admin_saving import form_of, saved

TAGS = "/admin/papers/tag/"
AUTOCOMPLETE = f"{TAGS}autocomplete/"


def make_tag(name: str, **fields: Any) -> Tag:
    tag = Tag(name=name, **fields)
    tag.save()
    revisions.record(tag)
    return tag


def names_of(paper: Paper) -> list[str]:
    return [tag.name for tag in Paper.objects.get(uid=paper.uid).tag_list]


def typed(client: Client, section: Section, *tags: str) -> Paper:
    """A new paper with these in the field."""
    assert client.post(ADD_PAPER, paper_form(section, tags=tags)).status_code == 302
    return Paper.objects.get()


# --- In a paper's form ------------------------------------------------------------------------------------


def test_a_tag_that_is_there_is_chosen_by_its_uid(editor_client: Client, section: Section) -> None:
    tag = make_tag("MoE")
    assert names_of(typed(editor_client, section, f"uid:{tag.uid}")) == ["MoE"]
    assert Tag.objects.count() == 1


@pytest.mark.parametrize("name", ["MoE", "moe", " MOE ", "moe，MoE"])
def test_a_tag_that_is_there_is_known_by_its_name_in_any_case(
    editor_client: Client, section: Section, name: str
) -> None:
    make_tag("MoE")
    assert names_of(typed(editor_client, section, name)) == ["MoE"]


def test_the_same_tag_by_uid_and_by_name_is_one(editor_client: Client, section: Section) -> None:
    tag = make_tag("MoE")
    assert names_of(typed(editor_client, section, f"uid:{tag.uid}", "moe", "MoE")) == ["MoE"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C++", "cpp"),
        ("C#", "c-sharp"),
        ("C", "c"),
        ("多模态", "duo-mo-tai"),
        ("KV cache", "kv-cache"),
        ("F#", "f-sharp"),
    ],
)
def test_a_new_tag_gets_a_sensible_slug(
    editor_client: Client, section: Section, name: str, slug: str
) -> None:
    typed(editor_client, section, name)
    tag = Tag.objects.get()
    assert tag.name == name
    assert tag.slug == (name if slug == "duo-mo-tai" else slug)


def test_c_and_its_kin_are_three_tags(editor_client: Client, client: Client, section: Section) -> None:
    typed(editor_client, section, "C", "C++", "C#")
    assert [client.get(tag.get_absolute_url()).status_code for tag in Tag.objects.all()] == [200] * 3
    assert len(set(Tag.objects.values_list("slug", flat=True))) == 3


def test_a_list_of_names_is_split_at_commas_and_not_at_spaces(
    editor_client: Client, section: Section
) -> None:
    assert names_of(typed(editor_client, section, "KV cache，推理、MoE,x")) == [
        "KV cache",
        "MoE",
        "x",
        "推理",
    ]


@pytest.mark.parametrize("name", ["", " ", "、", ",,"])
def test_nothing_typed_is_no_tag(editor_client: Client, section: Section, name: str) -> None:
    typed(editor_client, section, name)
    assert not Tag.objects.exists()


def test_a_new_tag_is_nobodys_until_it_is_published(
    editor_client: Client, client: Client, published_paper: Paper
) -> None:
    form = form_of(published_paper, tags=["Brandneu"])
    editor_client.post(change_url(published_paper), saved(form))
    assert client.get("/tags/brandneu/").status_code == 404
    assert names_of(published_paper) == []
    editor_client.post(change_url(published_paper), form_of(Paper.objects.get()))
    assert client.get("/tags/brandneu/").status_code == 200


def test_no_tag_is_made_when_the_form_is_refused(editor_client: Client, section: Section) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, tags=["Neu"], slug=""))
    assert response.context["adminform"].form["tags"].value() == ["Neu"]
    assert '<option value="Neu" selected' in response.content.decode()
    assert not Tag.objects.exists()


def test_a_removed_tag_is_gone_when_it_is_published(
    editor_client: Client, client: Client, section: Section
) -> None:
    paper = make_paper(section, "a", tags=("MoE", "RL"))
    kept = Tag.objects.get(name="RL")
    editor_client.post(change_url(paper), form_of(paper, tags=[f"uid:{kept.uid}"]))
    assert names_of(paper) == ["RL"]
    assert client.get("/tags/moe/").status_code == 404


def test_a_removed_tag_stays_until_it_is_published(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "a", tags=("MoE",))
    editor_client.post(change_url(paper), saved(form_of(paper, tags=[])))
    assert names_of(paper) == ["MoE"]


def test_a_new_tag_takes_no_former_address_of_another(
    editor_client: Client, client: Client, section: Section
) -> None:
    paper = make_paper(section, "a", tags=("Old",))
    tag = Tag.objects.get()
    revisions.save(tag, {**revisions.typed_fields(tag), "name": "New", "slug": "new"})
    editor_client.post(change_url(paper), form_of(paper, tags=[f"uid:{tag.uid}", "Old"]))
    assert Tag.objects.get(name="Old").slug == "old_2"
    assert client.get("/tags/old/")["Location"] == "/tags/new/"


def test_a_merged_tag_in_an_old_form_is_its_survivor(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "a", tags=("MoE",))
    form = form_of(paper, notes="neu")
    operations.merge_tags(Tag.objects.get(), make_tag("Experts"))
    response = editor_client.post(change_url(paper), form)
    if response.status_code == 409:  # the merge changed the paper: both are shown first
        number = Paper.objects.get().head_revision
        editor_client.post(change_url(paper), {**form, "merge_head": number})
    assert names_of(paper) == ["Experts"]
    assert Paper.objects.get().notes == "neu"


@pytest.mark.parametrize("value", ["uid:nothing", "uid:", "uid:\x01", "uid:" + "9" * 5000, "uid:长"])
def test_a_uid_that_nothing_has_is_left_out(editor_client: Client, section: Section, value: str) -> None:
    assert names_of(typed(editor_client, section, value, "MoE")) == ["MoE"]


@pytest.mark.parametrize("value", ["a\0b", "uid:a\0b", "uid:\0", "长" * 101])
def test_a_name_that_cannot_be_is_refused_and_stays(
    editor_client: Client, section: Section, value: str
) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, tags=["MoE", value]))
    assert "tags" in errors_of(response)
    assert "MoE" in response.context["adminform"].form["tags"].value()


def test_those_who_may_not_make_tags_choose_from_those_that_are_there(section: Section) -> None:
    make_tag("MoE")
    client = signed_in(with_rights("add_paper", "change_paper", "publish_paper"))
    refused = client.post(ADD_PAPER, paper_form(section, tags=["Neu"]))
    assert "没有新建标签的权限" in errors_of(refused)["tags"][0]
    assert names_of(typed(client, section, "moe")) == ["MoE"]


def test_hostile_names_are_escaped(editor_client: Client, section: Section) -> None:
    paper = typed(editor_client, section, "<script>alert(1)</script>")
    for url in (change_url(paper), TAGS, change_url(Tag.objects.get())):
        assert "<script>alert" not in editor_client.get(url).content.decode()


# --- Autocomplete -----------------------------------------------------------------------------------------


def test_tags_are_suggested_as_the_form_names_them(editor_client: Client, root: Section) -> None:
    tag = make_tag("MoE")
    make_tag("RL")
    found = editor_client.get(AUTOCOMPLETE, {"term": "mo"}).json()["results"]
    assert found == [{"id": f"uid:{tag.uid}", "text": "MoE"}]


def test_suggestions_come_in_pages_by_name(editor_client: Client, root: Section) -> None:
    Tag.objects.bulk_create(Tag(name=f"t{number:02}", slug=f"t{number}") for number in range(25))
    first, second = (editor_client.get(AUTOCOMPLETE, {"page": page}).json() for page in (1, 2))
    assert first["pagination"]["more"]
    assert [row["text"] for row in second["results"]] == [f"t{number}" for number in range(20, 25)]


@pytest.mark.parametrize(
    "query",
    [
        {"term": "长" * 500},
        {"term": "\x01%_'\""},
        {"page": "x"},
        {"page": "9" * 30},
        {"page": "-1"},
        {"field_name": "x", "model_name": "user", "app_label": "auth"},
    ],
    ids=ascii,
)
def test_a_strange_question_is_no_error(editor_client: Client, root: Section, query: dict[str, str]) -> None:
    make_tag("MoE")
    assert editor_client.get(AUTOCOMPLETE, query).status_code in (200, 404)


# --- A tag's own form -------------------------------------------------------------------------------------


def test_a_rename_asks_and_then_redirects(editor_client: Client, client: Client, section: Section) -> None:
    make_paper(section, "a", tags=("Old",))
    tag = Tag.objects.get()
    form = {"name": "New", "slug": "new", **opened(tag)}
    asked = editor_client.post(change_url(tag), form)
    assert "<code>/tags/old/</code> → <code>/tags/new/</code>" in asked.content.decode()
    assert client.get("/tags/old/").status_code == 200
    editor_client.post(change_url(tag), {**form, "confirmed": ["move:/tags/new/"]})
    assert client.get("/tags/old/")["Location"] == "/tags/new/"


def test_a_tag_that_nobody_saw_is_renamed_without_a_question(editor_client: Client, root: Section) -> None:
    tag = make_tag("Old")
    editor_client.post(change_url(tag), {"name": "New", "slug": "new", **opened(tag)})
    assert Tag.objects.get().slug == "new"
    assert not Address.objects.exists()


def test_former_addresses_are_on_the_form(editor_client: Client, section: Section) -> None:
    make_paper(section, "a", tags=("Old",))
    tag = Tag.objects.get()
    revisions.save(tag, {**revisions.typed_fields(tag), "slug": "new"})
    assert "/tags/old/" in editor_client.get(change_url(tag)).content.decode()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "slug": "x"}, "name"),
        ({"name": "a, b", "slug": "x"}, "name"),
        ({"name": "x", "slug": "X"}, "slug"),
        ({"name": "x", "slug": "a/b"}, "slug"),
        ({"name": "x", "slug": "taken"}, "slug"),
        ({"name": "Taken", "slug": "x"}, "name"),
        ({"name": "TAKEN", "slug": "x"}, "name"),
        ({"name": "a\0b", "slug": "x"}, "name"),
        ({"name": "长" * 101, "slug": "x"}, "name"),
    ],
    ids=ascii,
)
def test_a_bad_field_of_a_tag_is_named(
    editor_client: Client, root: Section, form: dict[str, str], field: str
) -> None:
    make_tag("Taken", slug="taken")
    assert field in errors_of(editor_client.post(f"{TAGS}add/", form))
    assert Tag.objects.count() == 1


def test_a_slug_that_is_anothers_is_called_as_its_field_is(editor_client: Client, root: Section) -> None:
    make_tag("Taken", slug="taken")
    response = editor_client.post(f"{TAGS}add/", {"name": "x", "slug": "taken"})
    assert errors_of(response)["slug"] == ["这个网址片段已属于另一个标签，请换一个。"]


def test_a_slug_that_was_anothers_is_asked_for(
    editor_client: Client, client: Client, section: Section
) -> None:
    make_paper(section, "a", tags=("Old",))
    tag = Tag.objects.get()
    revisions.save(tag, {**revisions.typed_fields(tag), "name": "New", "slug": "new"})
    form = {"name": "Old", "slug": "old"}
    assert "曾属于“New”" in editor_client.post(f"{TAGS}add/", form).content.decode()
    editor_client.post(f"{TAGS}add/", {**form, "confirmed": ["former:/tags/old/"]})
    assert Tag.objects.get(slug="old").name == "Old"


def test_a_deleted_tag_is_gone_from_its_papers_and_addresses(
    editor_client: Client, client: Client, section: Section
) -> None:
    paper = make_paper(section, "a", tags=("MoE", "RL"))
    tag = Tag.objects.get(name="MoE")
    editor_client.post(f"{TAGS}{tag.pk}/delete/", {"post": "yes"})
    assert names_of(paper) == ["RL"]
    assert client.get("/tags/moe/").status_code == 410
    assert Revision.objects.get(uid=paper.uid, number=2).why == "删除标签“MoE”"


def test_tags_are_deleted_together(editor_client: Client, client: Client, section: Section) -> None:
    make_paper(section, "a", tags=("MoE", "RL"))
    chosen = list(Tag.objects.values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    editor_client.post(TAGS, data)
    assert [client.get(f"/tags/{slug}/").status_code for slug in ("moe", "rl")] == [410, 410]
    assert trash.deletions(Kind.TAG).count() == 2


# --- Merging ----------------------------------------------------------------------------------------------


@pytest.fixture
def pair(section: Section) -> tuple[Tag, Tag]:
    """One on a public paper, one on a draft."""
    make_paper(section, "a", tags=("MoE",), title="Erste")
    make_paper(section, "b", tags=("Experts",), status="draft")
    return Tag.objects.get(name="MoE"), Tag.objects.get(name="Experts")


def merge(client: Client, tag: Tag, survivor: Any, **more: Any) -> Any:
    pk = getattr(survivor, "pk", survivor)
    return client.post(f"{TAGS}{tag.pk}/merge/", {"survivor": pk, **more}, follow=True)


def test_the_form_leads_to_the_merge(editor_client: Client, pair: tuple[Tag, Tag]) -> None:
    assert f'href="{TAGS}{pair[0].pk}/merge/"' in editor_client.get(change_url(pair[0])).content.decode()


def test_a_merge_is_shown_first(editor_client: Client, pair: tuple[Tag, Tag]) -> None:
    page = merge(editor_client, *pair).content.decode()
    for text in ("1 篇论文", "Erste", "/tags/moe/", 'name="confirm"'):
        assert text in page
    assert Tag.objects.count() == 2


def test_a_confirmed_merge_hands_papers_and_address_over(
    editor_client: Client, client: Client, pair: tuple[Tag, Tag]
) -> None:
    response = merge(editor_client, *pair, confirm="1")
    assert "已并入" in messages_of(response)
    assert names_of(Paper.objects.get(slug="a")) == ["Experts"]
    assert client.get("/tags/moe/")["Location"] == "/tags/experts/"


def test_a_chain_of_merges_is_one_hop(editor_client: Client, client: Client, pair: tuple[Tag, Tag]) -> None:
    last = make_tag("Mixtures")
    merge(editor_client, *pair, confirm="1")
    merge(editor_client, pair[1], last, confirm="1")
    assert client.get("/tags/moe/")["Location"] == "/tags/mixtures/"
    assert names_of(Paper.objects.get(slug="a")) == ["Mixtures"]


def test_a_tag_renamed_a_moment_ago_is_merged_as_it_is_now(client: Client, pair: tuple[Tag, Tag]) -> None:
    renamed = Tag.objects.get(pk=pair[0].pk)
    renamed.slug = "mixtures"
    renamed.save()
    operations.merge_tags(*pair)
    addresses = [client.get(f"/tags/{slug}/").get("Location") for slug in ("moe", "mixtures")]
    assert addresses == ["/tags/experts/", "/tags/experts/"]


def test_the_history_names_the_tags_in_the_readers_language(
    editor_client: Client, pair: tuple[Tag, Tag]
) -> None:
    operations.merge_tags(*pair)
    editor_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    paper = Paper.objects.get(slug="a")
    page = editor_client.get(f"/admin/papers/paper/{paper.pk}/history/").content.decode()
    assert "Tag “MoE” merged into “Experts”" in page


@pytest.mark.parametrize("why", ["", "改了“一”处 100%", "删除标签“a”b”", "%s", "自己写的"])
def test_words_of_an_editor_stay_as_they_are(why: str) -> None:
    with translation.override("en"):
        assert reason(why) == why


def test_a_tag_is_not_merged_with_itself(editor_client: Client, pair: tuple[Tag, Tag]) -> None:
    response = merge(editor_client, pair[0], pair[0], confirm="1")
    assert "不能把标签合并到它自己" in response.content.decode()
    assert Tag.objects.count() == 2


@pytest.mark.parametrize("survivor", ["", "x", "-1", "999999", "9" * 30, "9" * 5000, "\0", "٣"])
def test_a_survivor_that_is_none_is_refused(
    editor_client: Client, pair: tuple[Tag, Tag], survivor: str
) -> None:
    response = merge(editor_client, pair[0], survivor, confirm="1")
    assert response.context["form"].errors["survivor"]
    assert Tag.objects.count() == 2


@pytest.mark.parametrize("pk", ["999999", "9" * 30])
def test_a_tag_that_is_none_is_not_merged(editor_client: Client, root: Section, pk: str) -> None:
    assert editor_client.get(f"{TAGS}{pk}/merge/").status_code == 404


def test_a_survivor_deleted_meanwhile_is_said(
    editor_client: Client, pair: tuple[Tag, Tag], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = addresses.tree_locked

    def too_late() -> Any:
        trash.delete(pair[1])
        return lock()

    monkeypatch.setattr(addresses, "tree_locked", too_late)
    response = merge(editor_client, *pair, confirm="1")
    assert response.status_code == 200
    assert "已被删除" in messages_of(response)
    assert Tag.objects.filter(pk=pair[0].pk).exists()


@pytest.mark.parametrize("rights", [("view_tag",), ("change_tag",), ("delete_tag",)])
def test_a_merge_takes_the_rights_to_change_and_to_delete(
    pair: tuple[Tag, Tag], rights: tuple[str, ...]
) -> None:
    response = merge(signed_in(with_rights(*rights)), *pair, confirm="1")
    assert response.status_code == 403
    assert Tag.objects.count() == 2


def test_a_merge_names_no_draft_to_those_who_may_not_see_it(pair: tuple[Tag, Tag]) -> None:
    Paper.objects.get(slug="b").tags.set([pair[0]])
    client = signed_in(with_rights("change_tag", "delete_tag", "view_tag"))
    page = merge(client, *pair).content.decode()
    assert "<li>Erste</li>" in page
    assert "<li>b</li>" not in page


def test_a_contributor_does_not_merge(pair: tuple[Tag, Tag]) -> None:
    assert merge(signed_in(member(CONTRIBUTOR)), *pair, confirm="1").status_code == 403
    assert Tag.objects.count() == 2


def test_the_list_is_filtered_by_a_merged_tags_survivor(editor_client: Client, pair: tuple[Tag, Tag]) -> None:
    merge(editor_client, *pair, confirm="1")
    found = editor_client.get(PAPERS, {"tag": "experts"}).context["cl"].result_list
    assert {paper.slug for paper in found} == {"a", "b"}
