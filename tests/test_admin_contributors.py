"""What a contributor may do: everything with drafts of their own, and nothing with what is another's or public."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers import revisions, roles, trash
from papers.models import Paper, Section, Tag
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper, make_section
from tests.people import begun, hidden_draft, member, publish, signed_in
from tests.test_admin import ADD_PAPER, PAPERS, change_url, errors_of, listed, opened, paper_form
from tests.test_admin_bulk import bulk_url
from tests.test_admin_roles import fresh, selection
from tests.test_admin_saving import form_of, saved


@pytest.fixture
def contributor(db: None) -> User:
    return member(CONTRIBUTOR)


@pytest.fixture
def theirs(editor: User, section: Section) -> Paper:
    return hidden_draft(editor, section)


@pytest.fixture
def mine(contributor: User, section: Section) -> Paper:
    return begun(contributor, section, "2025-07-Mine", title="Mine", venue="Open 2025")


@pytest.fixture
def as_contributor(contributor: User) -> Client:
    return signed_in(contributor)


# --- Their own drafts -------------------------------------------------------------------------------------


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


def test_a_section_counts_own_drafts_for_a_contributor(
    as_contributor: Client, mine: Paper, theirs: Paper
) -> None:
    rows = as_contributor.get("/admin/papers/section/").context["cl"].result_list
    assert [row.papers_here for row in rows] == [0, 1]


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


def test_a_restored_draft_is_a_draft(as_contributor: Client, mine: Paper) -> None:
    trash.delete(mine)
    as_contributor.post(f"{PAPERS}trash/{mine.uid}/restore/")
    assert fresh(mine).status == "draft"


# --- What is public ---------------------------------------------------------------------------------------


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
