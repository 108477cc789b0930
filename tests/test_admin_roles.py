"""Who may do what: the four groups, and a contributor's own drafts."""

import json
from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from papers import operations, revisions, roles, trash
from papers.models import Paper, Section, Tag
from papers.roles import ADMINISTRATOR, CONTRIBUTOR, EDITOR, PUBLISHER
from tests.conftest import make_paper, make_section
from tests.people import begun, member, publish, signed_in, with_rights
from tests.test_admin import ADD_PAPER, PAPERS, change_url, errors_of, listed, opened, paper_form
from tests.test_admin_bulk import bulk_url, messages_of, start
from tests.test_admin_saving import form_of, saved

USERS = "/admin/auth/user/"


@pytest.fixture
def contributor(db: None) -> User:
    return member(CONTRIBUTOR)


@pytest.fixture
def theirs(editor: User, section: Section) -> Paper:
    """A draft of somebody else, with words that are nowhere else."""
    fields = {"title": "Verborgen Words", "notes": "verborgen notes", "venue": "Verborgen 2024"}
    return begun(editor, section, "2024-03-unnamed", published_on=date(2024, 3, 1), **fields)


@pytest.fixture
def mine(contributor: User, section: Section) -> Paper:
    return begun(contributor, section, "2025-07-Mine", title="Mine", venue="Open 2025")


@pytest.fixture
def as_contributor(contributor: User) -> Client:
    return signed_in(contributor)


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


# --- Contributors: their own drafts -----------------------------------------------------------------------


def test_a_contributor_lists_their_own_drafts(as_contributor: Client, mine: Paper, theirs: Paper) -> None:
    assert listed(as_contributor.get(PAPERS)) == {"2025-07-Mine"}


@pytest.mark.parametrize("path", ["{form}", "{form}history/", "{form}delete/", "{paper.path}"])
def test_a_contributor_opens_their_own_draft(as_contributor: Client, mine: Paper, path: str) -> None:
    response = as_contributor.get(path.format(form=change_url(mine).removesuffix("change/"), paper=mine))
    response = as_contributor.get(response["Location"]) if response.status_code == 302 else response
    assert response.status_code == 200
    assert "Mine" in response.content.decode()


def test_a_contributor_previews_by_the_permanent_address(as_contributor: Client, mine: Paper) -> None:
    assert as_contributor.get(f"/p/{mine.uid}/")["Location"] == mine.path


def test_a_contributor_previews_a_draft_that_has_no_address_yet(
    as_contributor: Client, contributor: User
) -> None:
    paper = begun(contributor, None, "", title="Nowhere Yet")
    assert "Nowhere Yet" in as_contributor.get(f"/p/{paper.uid}/").content.decode()


def test_a_contributor_begins_a_draft(as_contributor: Client, contributor: User, section: Section) -> None:
    response = as_contributor.post(ADD_PAPER, saved(paper_form(section, tags=["new tag"])))
    assert response.status_code == 302
    assert roles.own_drafts(contributor).get().title == "A Title"


def test_a_contributor_changes_their_own_draft(as_contributor: Client, mine: Paper) -> None:
    as_contributor.post(change_url(mine), saved(form_of(mine, notes="mehr")))
    assert fresh(mine).notes == "mehr"


def test_a_contributor_deletes_their_own_draft(as_contributor: Client, mine: Paper) -> None:
    as_contributor.post(f"{PAPERS}{mine.pk}/delete/", {"post": "yes"})
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "{form}change/",
        "{form}history/",
        "{form}history/1/1/",
        "{form}delete/",
        "{form}unpublish/",
        "{form}change/?revision=1",
        "/p/{paper.uid}/",
        "{paper.path}",
    ],
)
def test_a_contributor_sees_nothing_of_anothers_draft(
    as_contributor: Client, theirs: Paper, path: str
) -> None:
    url = path.format(form=f"{PAPERS}{theirs.pk}/", paper=theirs)
    response = as_contributor.get(url, follow=True)
    assert "verborgen" not in response.content.decode().lower()
    assert response.status_code == 404 or url.startswith(PAPERS)


def test_a_contributor_does_not_change_anothers_draft(as_contributor: Client, theirs: Paper) -> None:
    response = as_contributor.post(change_url(theirs), saved(paper_form(theirs.section, notes="mine now")))
    assert fresh(theirs).notes == "verborgen notes"
    assert "mine now" in response.content.decode()
    assert "verborgen" not in response.content.decode()


def test_a_contributor_does_not_delete_anothers_draft(as_contributor: Client, theirs: Paper) -> None:
    as_contributor.post(f"{PAPERS}{theirs.pk}/delete/", {"post": "yes"})
    assert fresh(theirs)


@pytest.mark.parametrize("name", ["delete", "move", "retag"])
def test_a_contributor_does_nothing_to_anothers_draft_in_bulk(
    as_contributor: Client, theirs: Paper, root: Section, name: str
) -> None:
    other = make_section("other", parent=root)
    data = {"selection": selection(theirs), "section": other.pk, "add": ["x"], "confirm": "1"}
    as_contributor.post(bulk_url(name), data)
    assert fresh(theirs).head_revision == 1


@pytest.mark.parametrize(
    "query", ["q=verborgen", "venue=Verborgen 2024", "month=2024-03", "state=draft&q=words"]
)
def test_a_contributor_finds_no_draft_of_another(as_contributor: Client, theirs: Paper, query: str) -> None:
    assert listed(as_contributor.get(f"{PAPERS}?{query}")) == set()


def test_filters_tell_a_contributor_nothing_of_other_drafts(
    as_contributor: Client, mine: Paper, theirs: Paper
) -> None:
    page = as_contributor.get(f"{PAPERS}?_facets=True").content.decode()
    assert "Open 2025" in page
    assert "2025-07" in page
    assert "Verborgen" not in page
    assert "2024-03" not in page


def test_filters_count_own_drafts_alone(as_contributor: Client, mine: Paper, theirs: Paper) -> None:
    page = as_contributor.get(f"{PAPERS}?_facets=True").content.decode()
    assert "草稿 (1)" in page
    assert "(2)" not in page


def test_a_section_counts_no_draft_for_a_contributor(as_contributor: Client, theirs: Paper) -> None:
    rows = as_contributor.get("/admin/papers/section/").context["cl"].result_list
    assert [row.papers_here for row in rows] == [0, 0]


def test_a_tag_counts_no_draft_for_a_contributor(as_contributor: Client, section: Section) -> None:
    make_paper(section, "a", tags=("MoE",), status="draft")
    make_paper(section, "b", tags=("MoE",))
    rows = as_contributor.get("/admin/papers/tag/").context["cl"].result_list
    assert [row.papers_here for row in rows] == [1]


def test_a_contributor_sees_their_own_deletions_alone(
    as_contributor: Client, mine: Paper, theirs: Paper
) -> None:
    trash.delete(mine)
    trash.delete(theirs)
    page = as_contributor.get(f"{PAPERS}trash/").content.decode()
    assert "Mine" in page
    assert "Verborgen" not in page


@pytest.mark.parametrize("path", ["trash/{uid}/", "add/?restore={uid}"])
def test_a_contributor_reads_no_deletion_of_another(as_contributor: Client, theirs: Paper, path: str) -> None:
    trash.delete(theirs)
    response = as_contributor.get(PAPERS + path.format(uid=theirs.uid))
    assert "verborgen" not in response.content.decode().lower()


def test_a_form_that_names_anothers_deletion_neither_shows_nor_takes_it(
    as_contributor: Client, theirs: Paper
) -> None:
    trash.delete(theirs)
    form = saved(paper_form(theirs.section, thing_uid=theirs.uid, based_on="1"))
    response = as_contributor.post(ADD_PAPER, form)
    assert "verborgen" not in response.content.decode().lower()
    assert not Paper.objects.filter(uid=theirs.uid).exists()


def test_a_form_of_a_deleted_draft_of_another_does_not_name_it(as_contributor: Client, theirs: Paper) -> None:
    form = saved(paper_form(theirs.section, **opened(theirs)))
    url = change_url(theirs)
    trash.delete(theirs)
    assert "verborgen" not in as_contributor.post(url, form).content.decode().lower()


def test_an_address_that_a_draft_of_another_holds_is_refused_without_its_title(
    as_contributor: Client, theirs: Paper
) -> None:
    form = saved(paper_form(theirs.section, slug=theirs.slug))
    said = errors_of(as_contributor.post(ADD_PAPER, form))["slug"][0]
    assert theirs.uid in said
    assert theirs.title not in said


def test_a_former_address_does_not_tell_the_title_of_a_draft(
    as_contributor: Client, contributor: User, section: Section
) -> None:
    other = publish(begun(contributor, section, "2025-07-Old", title="Old Title"))
    data = revisions.data_of(other)
    revisions.publish(other, {**data, "slug": "2025-07-New"})
    revisions.unpublish(other)
    revisions.save(fresh(other), {**revisions.data_of(fresh(other)), "title": "New Secret"})
    form = saved(paper_form(section, slug="2025-07-Old"))
    page = as_contributor.post(ADD_PAPER, form).content.decode()
    assert "former:/RL/2025-07-Old.html" in page
    assert "New Secret" not in page


def test_no_autocomplete_names_a_draft_of_another(as_contributor: Client, mine: Paper, theirs: Paper) -> None:
    query = {"app_label": "papers", "model_name": "taggedpaper", "field_name": "content_object"}
    found = as_contributor.get("/admin/autocomplete/", query).json()["results"]
    assert [row["text"] for row in found] == ["Mine"]


# --- Contributors: what is public -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["change/", "history/", "history/1/2/", "delete/", "unpublish/"])
def test_what_was_published_is_no_longer_a_contributors(
    as_contributor: Client, mine: Paper, path: str
) -> None:
    publish(mine)
    revisions.save(fresh(mine), {**revisions.data_of(fresh(mine)), "title": "Verborgen Change"})
    assert listed(as_contributor.get(PAPERS)) == set()
    response = as_contributor.get(f"{PAPERS}{mine.pk}/{path}", follow=True)
    assert "Verborgen Change" not in response.content.decode()


def test_a_contributor_does_not_save_over_what_was_published_meanwhile(
    as_contributor: Client, mine: Paper
) -> None:
    form = saved(form_of(mine, notes="typed too late"))
    publish(mine)
    page = as_contributor.post(change_url(mine), form).content.decode()
    assert fresh(mine).head_revision == fresh(mine).revision
    assert "typed too late" in page


def test_a_contributor_does_not_delete_what_was_published(as_contributor: Client, mine: Paper) -> None:
    publish(mine)
    as_contributor.post(f"{PAPERS}{mine.pk}/delete/", {"post": "yes"})
    as_contributor.post(bulk_url("delete"), {"selection": selection(fresh(mine)), "confirm": "1"})
    assert fresh(mine).is_published


def test_what_was_published_and_deleted_is_not_a_contributors_to_see_or_restore(
    as_contributor: Client, mine: Paper
) -> None:
    trash.delete(publish(mine))
    assert "Mine" not in as_contributor.get(f"{PAPERS}trash/").content.decode()
    assert as_contributor.post(f"{PAPERS}trash/{mine.uid}/restore/").status_code == 404


def test_a_contributor_restores_no_tag_to_public_papers(as_contributor: Client, section: Section) -> None:
    make_paper(section, "a", tags=("MoE",))
    tag = Tag.objects.get()
    trash.delete(tag)
    assert as_contributor.post(f"/admin/papers/tag/trash/{tag.uid}/restore/").status_code == 403
    assert not Tag.objects.exists()


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


def test_a_restored_draft_is_a_draft(as_contributor: Client, mine: Paper) -> None:
    trash.delete(mine)
    as_contributor.post(f"{PAPERS}trash/{mine.uid}/restore/")
    assert fresh(mine).status == "draft"


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
