"""Who may do what: the four groups."""

import json

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from papers import operations, revisions, roles, trash
from papers.models import Paper, Section, Tag
from papers.roles import ADMINISTRATOR, CONTRIBUTOR, EDITOR, PUBLISHER
from tests.conftest import make_paper, make_section
from tests.people import begun, hidden_draft, member, publish, signed_in, with_rights
from tests.reading import links_in, texts_of
from tests.test_admin import ADD_PAPER, PAPERS, change_url, errors_of, paper_form
from tests.test_admin_bulk import bulk_url, messages_of, start
from tests.test_admin_saving import form_of, saved

USERS = "/admin/auth/user/"


@pytest.fixture
def theirs(editor: User, section: Section) -> Paper:
    return hidden_draft(editor, section)


def as_member(group: str) -> Client:
    return signed_in(member(group))


def fresh(paper: Paper) -> Paper:
    return Paper.objects.get(uid=paper.uid)


def selection(*papers: Paper) -> str:
    return json.dumps({paper.uid: operations.position(paper)[1] for paper in papers})


# --- The groups -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", roles.PERMISSIONS)
def test_each_group_is_there_with_its_permissions(db: None, name: str) -> None:
    group = Group.objects.get(name=name)
    assert set(group.permissions.values_list("codename", flat=True)) == roles.PERMISSIONS[name]


def test_a_second_migrate_keeps_what_an_administrator_changed(db: None) -> None:
    group = Group.objects.get(name=EDITOR)
    kept = Permission.objects.filter(codename__in=["view_paper", "publish_paper"])
    group.permissions.set(kept)
    call_command("migrate", verbosity=0)
    assert set(group.permissions.all()) == set(kept)


def test_a_second_migrate_makes_a_missing_group_again(db: None) -> None:
    Group.objects.get(name=PUBLISHER).delete()
    call_command("migrate", verbosity=0)
    assert Group.objects.get(name=PUBLISHER).permissions.filter(codename="publish_paper").exists()


# --- Nobody -----------------------------------------------------------------------------------------------


def test_what_is_not_allowed_is_said_in_words_with_a_way_back(root: Section) -> None:
    response = as_member("").get("/admin/papers/paper/")
    assert texts_of(response, "h1") == ["没有权限"]
    assert "/admin/" in links_in(response.content.decode())


@pytest.mark.parametrize("model", ["paper", "section", "tag"])
def test_staff_without_a_group_sees_nothing(theirs: Paper, model: str) -> None:
    client = as_member("")
    assert client.get(f"/admin/papers/{model}/").status_code == 403
    assert f"/admin/papers/{model}/" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("path", ["/p/{paper.uid}/", "{paper.path}", "/admin/r/{content_type}/{paper.pk}/"])
def test_staff_without_a_group_is_told_no_address_of_a_draft(theirs: Paper, path: str) -> None:
    from django.contrib.contenttypes.models import ContentType

    content_type = ContentType.objects.get_for_model(Paper).pk
    response = as_member("").get(path.format(paper=theirs, content_type=content_type))
    assert response.status_code == 404
    assert "Verborgen" not in response.content.decode()


@pytest.mark.parametrize(
    "path", [PAPERS, ADD_PAPER, "{form}", "{form}history/", "/admin/papers/paper/trash/"]
)
def test_those_who_are_not_staff_get_nowhere_whatever_their_rights(theirs: Paper, path: str) -> None:
    client = signed_in(member(ADMINISTRATOR, is_staff=False))
    response = client.get(path.format(form=change_url(theirs)))
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("path", ["/p/{paper.uid}/", "{paper.path}"])
def test_those_who_are_not_staff_preview_nothing(theirs: Paper, path: str) -> None:
    client = signed_in(member(ADMINISTRATOR, is_staff=False))
    assert client.get(path.format(paper=theirs)).status_code == 404


@pytest.mark.parametrize(
    "url", [PAPERS, ADD_PAPER, "/admin/papers/section/add/", "/admin/papers/tag/", USERS]
)
def test_a_superuser_may_do_everything(editor_client: Client, root: Section, url: str) -> None:
    assert editor_client.get(url).status_code == 200


# --- Publishing without the right -------------------------------------------------------------------------


@pytest.mark.parametrize("group", [CONTRIBUTOR, EDITOR])
def test_the_form_has_no_button_to_publish(section: Section, group: str) -> None:
    page = as_member(group).get(ADD_PAPER).content.decode()
    assert 'name="_save"' in page
    assert 'name="_publish"' not in page


@pytest.mark.parametrize("group", [CONTRIBUTOR, EDITOR])
def test_posting_publish_is_refused_and_what_was_typed_stays(section: Section, group: str) -> None:
    user = member(group)
    paper = begun(user, section, "2025-07-Draft")
    response = signed_in(user).post(change_url(paper), form_of(paper, notes="typed words"))
    assert "没有发布的权限" in errors_of(response)["__all__"][0]
    assert response.context["adminform"].form["notes"].value() == "typed words"
    assert fresh(paper).status == "draft"


def test_posting_publish_for_a_new_paper_makes_none(section: Section) -> None:
    response = as_member(CONTRIBUTOR).post(ADD_PAPER, paper_form(section, notes="typed words"))
    assert "typed words" in response.content.decode()
    assert not Paper.objects.exists()


@pytest.mark.parametrize("group", [CONTRIBUTOR, EDITOR])
@pytest.mark.parametrize("name", ["publish", "unpublish"])
def test_nobody_publishes_in_bulk_without_the_right(section: Section, group: str, name: str) -> None:
    user = member(group)
    paper, client = begun(user, section, "2025-07-Draft"), signed_in(user)
    start(client, name, paper)
    data = {"selection": selection(paper), "confirm": "1"}
    assert client.post(bulk_url(name), data).status_code == 403
    assert f"{name}_selected" not in client.get(PAPERS).content.decode()
    assert fresh(paper).status == "draft"


def test_an_editor_restores_a_public_paper_as_a_draft(client: Client, published_paper: Paper) -> None:
    trash.delete(published_paper)
    as_member(EDITOR).post(f"{PAPERS}trash/{published_paper.uid}/restore/")
    assert fresh(published_paper).status == "draft"
    assert client.get("/RL/2025-07-Public.html").status_code == 404


@pytest.mark.parametrize("group", [CONTRIBUTOR, EDITOR])
def test_undo_publishes_nothing_for_those_who_lost_the_right(section: Section, group: str) -> None:
    user = member(PUBLISHER)
    paper, client = publish(begun(user, section, "2025-07-Public")), signed_in(user)
    client.post(f"{PAPERS}{paper.pk}/unpublish/")
    user.groups.set(Group.objects.filter(name=group))
    response = client.post(f"{PAPERS}undo/{next(iter(client.session['undo']))}/", follow=True)
    assert "须由有发布权限的人处理" in messages_of(response)
    assert fresh(paper).status == "draft"


# --- Editors, publishers, administrators ------------------------------------------------------------------


def test_an_editor_changes_drafts_of_others(theirs: Paper) -> None:
    as_member(EDITOR).post(change_url(theirs), saved(form_of(theirs, notes="better")))
    assert fresh(theirs).notes == "better"


def test_an_editor_saves_a_change_of_a_public_paper_that_readers_do_not_see(published_paper: Paper) -> None:
    form = saved(form_of(published_paper, notes="better"))
    as_member(EDITOR).post(change_url(published_paper), form)
    assert fresh(published_paper).notes == ""
    assert revisions.data_of(fresh(published_paper))["notes"] == "better"


@pytest.mark.parametrize("model", ["section", "tag"])
def test_an_editor_makes_sections_and_tags(root: Section, model: str) -> None:
    assert as_member(EDITOR).get(f"/admin/papers/{model}/add/").status_code == 200


@pytest.mark.parametrize("path", ["delete/", "unpublish/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_editor_takes_no_public_paper_away(published_paper: Paper, path: str, method: str) -> None:
    url = f"{PAPERS}{published_paper.pk}/{path}"
    assert getattr(as_member(EDITOR), method)(url, {"post": "yes"}).status_code == 403
    assert fresh(published_paper).is_published


def test_an_editor_deletes_a_draft(draft_paper: Paper) -> None:
    as_member(EDITOR).post(f"{PAPERS}{draft_paper.pk}/delete/", {"post": "yes"})
    assert not Paper.objects.exists()


def test_an_editor_is_offered_no_deletion_of_a_public_paper(published_paper: Paper) -> None:
    for url in (change_url(published_paper), f"{change_url(published_paper)}?revision=1"):
        assert "deletelink" not in as_member_page(EDITOR, url)


def as_member_page(group: str, url: str) -> str:
    user = User.objects.filter(username=group).first() or member(group)
    return signed_in(user).get(url).content.decode()


@pytest.mark.parametrize("name", ["delete", "move", "retag"])
@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
def test_an_editor_changes_no_public_paper_in_bulk_and_is_told_so(
    root: Section, published_paper: Paper, name: str, confirm: dict[str, str]
) -> None:
    other = make_section("other", parent=root)
    data = {"selection": selection(published_paper), "section": other.pk, "add": ["x"], **confirm}
    page = as_member(EDITOR).post(bulk_url(name), data, follow=True).content.decode()
    assert "已公开的论文须由有发布权限的人处理" in page
    assert fresh(published_paper).head_revision == 1


@pytest.mark.parametrize("name", ["delete", "move", "retag"])
def test_an_editor_changes_drafts_in_bulk(root: Section, draft_paper: Paper, name: str) -> None:
    other = make_section("other", parent=root)
    data = {"selection": selection(draft_paper), "section": other.pk, "add": ["x"], "confirm": "1"}
    as_member(EDITOR).post(bulk_url(name), data)
    assert revisions.head(roles.Kind.PAPER, draft_paper.uid).number == 2  # type: ignore[union-attr]


def test_new_tags_in_bulk_take_the_right_to_make_them(draft_paper: Paper) -> None:
    data = {"selection": selection(draft_paper), "add": ["x"], "confirm": "1"}
    page = signed_in(with_rights("view_paper", "change_paper")).post(bulk_url("retag"), data)
    assert "没有新建标签的权限" in page.content.decode()
    assert not Tag.objects.exists()


def test_a_publisher_publishes_and_unpublishes(client: Client, theirs: Paper) -> None:
    publisher = as_member(PUBLISHER)
    publisher.post(change_url(theirs), form_of(theirs))
    assert client.get(str(theirs.path)).status_code == 200
    publisher.post(f"{PAPERS}{theirs.pk}/unpublish/")
    assert client.get(str(theirs.path)).status_code == 404


def test_a_publisher_deletes_a_public_paper(client: Client, published_paper: Paper) -> None:
    as_member(PUBLISHER).post(f"{PAPERS}{published_paper.pk}/delete/", {"post": "yes"})
    assert client.get("/RL/2025-07-Public.html").status_code == 410


@pytest.mark.parametrize("name", ["publish", "unpublish", "delete", "move", "retag"])
def test_a_publisher_changes_public_papers_in_bulk(
    root: Section, published_paper: Paper, draft_paper: Paper, name: str
) -> None:
    other = make_section("other", parent=root)
    papers = (published_paper, draft_paper)
    data = {"selection": selection(*papers), "section": other.pk, "add": ["x"], "confirm": "1"}
    page = as_member(PUBLISHER).post(bulk_url(name), data, follow=True).content.decode()
    assert "须由有发布权限的人处理" not in page
    assert "撤销" in page


@pytest.mark.parametrize(
    ("group", "status"), [(CONTRIBUTOR, 403), (EDITOR, 403), (PUBLISHER, 403), (ADMINISTRATOR, 200)]
)
def test_only_an_administrator_manages_users(db: None, group: str, status: int) -> None:
    assert as_member(group).get(USERS).status_code == status


def test_an_administrator_makes_a_user(db: None) -> None:
    form = {"username": "new", "usable_password": "false"}
    as_member(ADMINISTRATOR).post(f"{USERS}add/", form)
    assert User.objects.filter(username="new").exists()


def test_those_who_may_not_change_sections_are_offered_no_move(section: Section) -> None:
    client = as_member(CONTRIBUTOR)
    assert "/move/" not in client.get("/admin/papers/section/").content.decode()
    assert "/move/" not in client.get(change_url(section)).content.decode()


def test_those_who_may_not_change_tags_are_offered_no_merge(section: Section) -> None:
    make_paper(section, "a", tags=("MoE",))
    url = change_url(Tag.objects.get())
    assert "/merge/" not in as_member(CONTRIBUTOR).get(url).content.decode()
