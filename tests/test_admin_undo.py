"""Undo: one button after a move, for whoever made it, once, and never over what somebody else did since."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers import operations, revisions, trash
from papers.models import Address, Kind, Paper, Revision, Section
from papers.roles import CONTRIBUTOR, PUBLISHER
from tests.conftest import make_paper, make_section
from tests.people import begun, member, publish, signed_in
from tests.test_admin import PAPERS, change_url, opened, section_form
from tests.test_admin_bulk import bulk_url, messages_of
from tests.test_admin_saving import form_of

URL = "/RL/2025-07-Public.html"


@pytest.fixture
def target(root: Section) -> Section:
    return make_section("target", root, title="去处")


def undo_url(response: Any) -> str:
    """The link in what was said."""
    found = re.search(r'href="([^"]*/undo/\w+/)"', messages_of(response))
    assert found, messages_of(response)
    return found[1]


def bulk(client: Client, name: str, *papers: Paper, **fields: Any) -> Any:
    selection = json.dumps({paper.uid: operations.position(paper)[1] for paper in papers})
    return client.post(bulk_url(name), {"selection": selection, "confirm": "1", **fields}, follow=True)


def rename(client: Client, paper: Paper, slug: str = "new") -> Any:
    form = form_of(paper, slug=slug, confirmed=[f"move:/RL/{slug}.html"])
    return client.post(change_url(paper), form, follow=True)


def move_section(client: Client, section: Section, parent: Section) -> Any:
    data = {"parent": parent.pk, "before": "", "based_on": operations.position(section)[1]}
    return client.post(f"/admin/papers/section/{section.pk}/move/", data, follow=True)


def save(thing: Any, author: User | None = None, **fields: Any) -> None:
    thing = type(thing).objects.get(uid=thing.uid)
    revisions.save(thing, {**revisions.data_of(thing), **fields}, author=author)


# --- After what -------------------------------------------------------------------------------------------


def test_a_rename_by_form_is_undone(editor_client: Client, client: Client, published_paper: Paper) -> None:
    url = undo_url(rename(editor_client, published_paper))
    assert client.get(URL)["Location"] == "/RL/new.html"
    editor_client.post(url)
    assert client.get(URL).status_code == 200
    assert client.get("/RL/new.html")["Location"] == URL


def test_a_section_renamed_by_form_is_undone(
    editor_client: Client, client: Client, section: Section, published_paper: Paper
) -> None:
    form = section_form(section.parent, slug="new", title=section.title, confirmed=["move:/new/"])
    response = editor_client.post(change_url(section), {**form, **opened(section)}, follow=True)
    assert client.get(URL)["Location"] == "/new/2025-07-Public.html"
    editor_client.post(undo_url(response))
    assert client.get(URL).status_code == 200


def test_a_section_moved_on_its_page_is_undone(
    editor_client: Client, client: Client, section: Section, target: Section, published_paper: Paper
) -> None:
    response = move_section(editor_client, section, target)
    assert client.get(URL)["Location"] == "/target/RL/2025-07-Public.html"
    editor_client.post(undo_url(response))
    assert client.get(URL).status_code == 200
    assert client.get("/target/RL/")["Location"] == "/RL/"


def test_an_order_of_sections_is_undone(editor_client: Client, root: Section, target: Section) -> None:
    other = make_section("other", root, position=1)
    response = move_section(editor_client, target, root)
    assert list(root.children.order_by("position")) == [other, target]
    editor_client.post(undo_url(response))
    assert list(root.children.order_by("position")) == [target, other]


@pytest.mark.parametrize("name", ["move", "retag", "delete", "unpublish"])
def test_what_was_done_in_bulk_is_undone(
    editor_client: Client, client: Client, target: Section, section: Section, name: str
) -> None:
    papers = [make_paper(section, slug, tags=("MoE",)) for slug in ("a", "b")]
    before = {paper.uid: revisions.typed_fields(paper) for paper in papers}
    response = bulk(editor_client, name, *papers, section=target.pk, add=["Neu"])
    assert {paper.uid: revisions.typed_fields(paper) for paper in Paper.objects.all()} != before
    editor_client.post(undo_url(response))
    assert {paper.uid: revisions.typed_fields(paper) for paper in Paper.objects.all()} == before
    assert client.get("/RL/a.html").status_code == 200


def test_a_publication_in_bulk_is_undone(editor_client: Client, client: Client, draft_paper: Paper) -> None:
    editor_client.post(undo_url(bulk(editor_client, "publish", draft_paper)))
    assert client.get("/RL/2025-08-Secret.html").status_code == 404


def test_a_withdrawal_is_undone(editor_client: Client, client: Client, published_paper: Paper) -> None:
    response = editor_client.post(f"{PAPERS}{published_paper.pk}/unpublish/", follow=True)
    assert client.get(URL).status_code == 404
    editor_client.post(undo_url(response))
    assert client.get(URL).status_code == 200


def test_unpublished_changes_are_there_again(
    editor_client: Client, published_paper: Paper, target: Section
) -> None:
    save(published_paper, notes="未发布")
    paper = Paper.objects.get()
    editor_client.post(undo_url(bulk(editor_client, "move", paper, section=target.pk)))
    paper.refresh_from_db()
    assert (paper.path, paper.notes, revisions.data_of(paper)["notes"]) == (URL, "", "未发布")


def test_a_move_that_redirects_nothing_offers_nothing(editor_client: Client, draft_paper: Paper) -> None:
    assert "/undo/" not in messages_of(rename(editor_client, draft_paper))


# --- The page ---------------------------------------------------------------------------------------------


def test_the_page_asks_first_and_names_what_it_is_about(
    editor_client: Client, published_paper: Paper
) -> None:
    url = undo_url(rename(editor_client, published_paper))
    assert "Public Paper" in editor_client.get(url).content.decode()
    assert Paper.objects.get().slug == "new"


def test_it_says_what_was_undone(editor_client: Client, published_paper: Paper) -> None:
    response = editor_client.post(undo_url(rename(editor_client, published_paper)), follow=True)
    assert "已撤销 1 项" in messages_of(response)


def test_it_is_in_the_history(editor_client: Client, editor: User, published_paper: Paper) -> None:
    editor_client.post(undo_url(rename(editor_client, published_paper)))
    last = revisions.head(Kind.PAPER, published_paper.uid)
    assert last is not None
    assert (last.why, last.author) == ("撤销", editor)


def test_undo_works_once(editor_client: Client, published_paper: Paper) -> None:
    url = undo_url(rename(editor_client, published_paper))
    editor_client.post(url)
    assert editor_client.post(url).status_code == 404
    assert editor_client.get(url).status_code == 404


def test_several_moves_are_each_undone(editor_client: Client, published_paper: Paper, root: Section) -> None:
    other = make_paper(published_paper.section, "other")
    first = undo_url(rename(editor_client, published_paper))
    second = undo_url(rename(editor_client, other, "newer"))
    editor_client.post(first)
    editor_client.post(second)
    assert set(Paper.objects.values_list("slug", flat=True)) == {"2025-07-Public", "other"}


def test_the_last_ten_are_remembered(editor_client: Client, published_paper: Paper) -> None:
    urls = [undo_url(rename(editor_client, Paper.objects.get(), f"slug-{number}")) for number in range(11)]
    assert [editor_client.get(url).status_code for url in urls] == [404, *[200] * 10]


@pytest.mark.parametrize("token", ["nothing", "0" * 16, "-", "a" * 3000])
def test_a_token_that_is_none_is_not_found(editor_client: Client, root: Section, token: str) -> None:
    assert editor_client.post(f"{PAPERS}undo/{token}/").status_code == 404


# --- Whose, and over what ---------------------------------------------------------------------------------


def test_nobody_else_undoes_it(editor_client: Client, published_paper: Paper) -> None:
    url = undo_url(rename(editor_client, published_paper))
    other = signed_in(User.objects.create_superuser("other"))
    assert other.get(url).status_code == 404
    assert other.post(url).status_code == 404
    assert Paper.objects.get().slug == "new"


def test_whoever_signs_in_at_the_same_browser_does_not_undo_it(
    editor_client: Client, published_paper: Paper
) -> None:
    url = undo_url(rename(editor_client, published_paper))
    editor_client.force_login(User.objects.create_superuser("other"))
    assert editor_client.post(url).status_code == 404


@pytest.mark.parametrize("way", ["save", "delete", "move"])
def test_what_somebody_changed_since_is_left_alone_and_said(
    editor_client: Client, published_paper: Paper, target: Section, way: str
) -> None:
    url = undo_url(rename(editor_client, published_paper))
    paper = Paper.objects.get()
    if way == "delete":
        trash.delete(paper)
    else:
        save(paper, **({"notes": "später"} if way == "save" else {"section": target.uid}))
    before = Revision.objects.count()
    response = editor_client.post(url, follow=True)
    assert "此后又有修改，没有撤销" in messages_of(response)
    assert Revision.objects.count() == before


def test_of_several_papers_the_others_are_undone(
    editor_client: Client, published_paper: Paper, section: Section, target: Section
) -> None:
    other = make_paper(section, "other")
    url = undo_url(bulk(editor_client, "move", published_paper, other, section=target.pk))
    save(other, notes="später")
    text = messages_of(editor_client.post(url, follow=True))
    assert "已撤销 1 项" in text
    assert "other：此后又有修改" in text
    assert set(Paper.objects.values_list("path", flat=True)) == {URL, "/target/other.html"}


def test_an_address_taken_since_is_said(editor_client: Client, published_paper: Paper) -> None:
    url = undo_url(rename(editor_client, published_paper))
    make_paper(published_paper.section, "2025-07-Public", title="The Other")
    assert "“The Other”" in messages_of(editor_client.post(url, follow=True))
    assert Paper.objects.get(uid=published_paper.uid).slug == "new"


def test_a_section_gone_since_is_said(
    editor_client: Client, published_paper: Paper, section: Section, target: Section
) -> None:
    url = undo_url(bulk(editor_client, "move", published_paper, section=target.pk))
    trash.delete(section)
    assert "已被删除" in messages_of(editor_client.post(url, follow=True))
    assert Paper.objects.get().path == "/target/2025-07-Public.html"


def test_who_lost_the_right_to_change_undoes_nothing(published_paper: Paper) -> None:
    user = member(PUBLISHER)
    client = signed_in(user)
    url = undo_url(rename(client, published_paper))
    user.groups.clear()
    assert client.post(url).status_code == 403
    assert Paper.objects.get().slug == "new"


# --- Contributors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["delete", "move", "retag"])
def test_a_contributor_undoes_what_they_did_to_their_own_drafts(
    section: Section, target: Section, name: str
) -> None:
    user = member(CONTRIBUTOR)
    paper, client = begun(user, section, "mine", title="Mine"), signed_in(user)
    before = revisions.typed_fields(paper)
    url = undo_url(bulk(client, name, paper, section=target.pk, add=["Neu"]))
    assert "Mine" in client.get(url).content.decode()
    client.post(url)
    assert revisions.typed_fields(Paper.objects.get()) == before


def test_a_contributor_is_not_shown_what_others_wrote_since(section: Section, target: Section) -> None:
    user = member(CONTRIBUTOR)
    paper, client = begun(user, section, "mine", title="Mine"), signed_in(user)
    url = undo_url(bulk(client, "move", paper, section=target.pk))
    public = publish(Paper.objects.get())
    save(public, title="Verborgen")
    assert "Verborgen" not in client.get(url).content.decode()
    assert "此后又有修改" in messages_of(client.post(url, follow=True))
    assert Paper.objects.get().is_published


def test_undo_leaves_no_trace_in_the_addresses_of_drafts(
    editor_client: Client, draft_paper: Paper, target: Section
) -> None:
    editor_client.post(undo_url(bulk(editor_client, "move", draft_paper, section=target.pk)))
    assert not Address.objects.exists()
