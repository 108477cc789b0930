"""Never lose a word: the form keeps what is typed, offers it back, and gives it back when it cannot be taken."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers import derived, revisions, trash, working
from papers.fields import make_uid
from papers.models import Kind, Paper, Revision, Section, WorkingCopy
from papers.roles import CONTRIBUTOR, EDITOR
from tests.conftest import make_paper
from tests.people import begun, member, publish, signed_in, with_rights
from tests.test_admin import ADD_PAPER, PAPERS, change_url, paper_form, section_form
from tests.test_admin_saving import form_of, saved

STORE, DISCARD = f"{PAPERS}working/", f"{PAPERS}working/discard/"


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public Paper", notes="第一句。第二句。\n")


def typed(paper: Paper, writer: str = "window", **fields: Any) -> dict[str, Any]:
    """What the module sends: the form as it stands."""
    return {**saved(form_of(paper)), "working_writer": writer, **fields}


def keep(client: Client, paper: Paper, **fields: Any) -> Any:
    return client.post(STORE, typed(paper, **fields))


def new(**fields: Any) -> dict[str, Any]:
    return {"title": "Neu", "thing_uid": make_uid(), "working_writer": "window", **fields}


def form(response: Any) -> Any:
    return response.context["adminform"].form


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


# --- Keeping ----------------------------------------------------------------------------------------------


def test_typing_is_kept_and_the_time_said(editor_client: Client, paper: Paper) -> None:
    assert ":" in keep(editor_client, paper, notes="新写的").json()["time"]
    assert WorkingCopy.objects.get().fields["notes"] == ["新写的"]


def test_keeping_changes_nothing_of_the_site(editor_client: Client, paper: Paper) -> None:
    before = derived.generation(), Revision.objects.count()
    keep(editor_client, paper, notes="新写的", title="新标题")
    paper.refresh_from_db()
    assert (derived.generation(), Revision.objects.count()) == before
    assert (paper.notes, paper.title) == ("第一句。第二句。\n", "Public Paper")


def test_only_what_was_typed_is_kept(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, csrfmiddlewaretoken="x", confirmed="move:/x")
    kept = WorkingCopy.objects.get().fields
    assert {"notes", "title", "tags"} & kept.keys() == {"notes", "title"}
    assert not {name for name in kept if name.startswith(("_", "working", "csrf", "confirmed", "thing"))}


def test_line_ends_and_nul_are_no_change(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="a\r\nb\0")
    assert WorkingCopy.objects.get().fields["notes"] == ["a\nb"]


def test_too_much_is_refused(editor_client: Client, paper: Paper) -> None:
    assert keep(editor_client, paper, notes="x" * 600_000).status_code == 413
    assert not WorkingCopy.objects.exists()


@pytest.mark.parametrize("writer", ["", "\0", "长", "x" * 33])
def test_a_window_without_a_name_of_ours_is_refused(editor_client: Client, paper: Paper, writer: str) -> None:
    assert keep(editor_client, paper, writer=writer).status_code == 400
    assert keep(editor_client, paper, working_replaces=writer or "长").status_code == 400


def test_an_input_with_a_strange_name_is_left_out(editor_client: Client, paper: Paper) -> None:
    assert keep(editor_client, paper, **{"a\0b": "x"}).status_code == 200
    assert "a\0b" not in WorkingCopy.objects.get().fields


def test_another_window_is_told(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, writer="one")
    assert keep(editor_client, paper, writer="two").status_code == 409


def test_text_of_one_account_does_not_go_into_anothers_desk(editor_client: Client, paper: Paper) -> None:
    assert keep(editor_client, paper, working_account="999999").status_code == 403


def test_it_takes_a_csrf_token(editor: User, paper: Paper) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert keep(client, paper).status_code == 403
    token = client.get(f"{PAPERS}token/").json()["token"]
    assert keep(client, paper, csrfmiddlewaretoken=token).status_code == 200


# --- Who may ----------------------------------------------------------------------------------------------


def test_a_contributor_keeps_only_own_drafts(section: Section, paper: Paper) -> None:
    contributor = member(CONTRIBUTOR)
    client, own = signed_in(contributor), begun(contributor, section, "own")
    anothers = begun(member(EDITOR), section, "anothers")
    answers = [keep(client, one).status_code for one in (own, anothers, paper)]
    assert answers == [200, 404, 404]


def test_a_contributor_keeps_what_is_new(db: None) -> None:
    client = signed_in(member(CONTRIBUTOR))
    assert client.post(STORE, new()).status_code == 200
    assert client.post("/admin/papers/section/working/", new()).status_code == 403


@pytest.mark.parametrize("uid", ["", "root", "never-there", "长", "\x01"])
def test_a_name_that_no_form_was_given_is_refused(editor_client: Client, uid: str) -> None:
    assert editor_client.post(STORE, new(thing_uid=uid)).status_code == 404


def test_a_deleted_thing_is_kept_for_whoever_may_bring_it_back(editor_client: Client, paper: Paper) -> None:
    form = typed(paper)
    trash.delete(paper)
    assert editor_client.post(STORE, form).status_code == 200
    assert signed_in(member(CONTRIBUTOR)).post(STORE, form).status_code in (403, 404)


# --- Offering it back -------------------------------------------------------------------------------------


def test_the_form_offers_it_with_what_it_would_change(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="第一句。新的第二句。\n")
    page = text(editor_client, change_url(paper))
    assert "<ins>新的</ins>" in page
    assert f"?working={paper.uid}" in page
    assert form(editor_client.get(change_url(paper)))["notes"].value() == "第一句。第二句。\n"


def test_text_that_changes_nothing_is_not_offered(editor_client: Client, paper: Paper) -> None:
    response = editor_client.get(change_url(paper))
    page_form = form(response)
    as_shown = {
        name: page_form[name].value() or "" for name in ("notes", "summary", "authors", "published_on")
    }
    keep(editor_client, paper, **as_shown)
    assert not editor_client.get(change_url(paper)).context["working"]["offered"]


def test_nobody_else_is_offered_it(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="verborgen")
    assert "verborgen" not in text(signed_in(member(EDITOR)), change_url(paper))


def test_taken_it_stands_in_the_form(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="anders", tags=["新标签"], published_on="2025-09", day_known="on")
    taken = form(editor_client.get(f"{change_url(paper)}?working={paper.uid}"))
    shown = [taken[name].value() for name in ("notes", "tags", "published_on", "day_known")]
    assert shown == ["anders", ["新标签"], "2025-09", True]


def test_what_is_not_valid_is_given_back_as_it_was_typed(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, published_on="2025-99", year="zwei", section="999")
    page = text(editor_client, f"{change_url(paper)}?working={paper.uid}")
    assert "2025-99" in page
    assert 'value="zwei"' in page


def test_taken_and_saved_it_is_gone(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="anders")
    taken = form(editor_client.get(f"{change_url(paper)}?working={paper.uid}"))
    own = {name: taken[name].value() for name in ("working_writer", "working_replaces", "based_on")}
    editor_client.post(change_url(paper), saved(form_of(paper, notes="anders", **own)))
    assert not WorkingCopy.objects.exists()


def test_a_save_removes_the_text_of_its_own_window(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="anders")
    editor_client.post(change_url(paper), typed(paper, notes="anders", _save="1"))
    assert not WorkingCopy.objects.exists()


def test_a_save_leaves_what_was_offered_and_not_decided(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, writer="crashed", notes="anders")
    editor_client.post(change_url(paper), typed(paper, writer="window", notes="etwas", _save="1"))
    assert "anders" in text(editor_client, change_url(paper))


def test_a_save_that_is_refused_leaves_it(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, published_on="2025-99")
    editor_client.post(change_url(paper), typed(paper, published_on="2025-99", _save="1"))
    assert WorkingCopy.objects.exists()


def test_a_change_of_another_editor_meanwhile_is_merged(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="第一句。第二句改。\n")
    revisions.save(paper, {**revisions.data_of(paper), "summary": "别人的摘要"})
    page = text(editor_client, change_url(paper))
    assert "<ins>改</ins>" in page
    assert "<del>别人的摘要</del>" not in page
    taken = form(editor_client.get(f"{change_url(paper)}?working={paper.uid}"))
    assert taken["based_on"].value() == 1


def test_discarded_it_is_not_offered_again(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="anders")
    answer = editor_client.post(DISCARD, {"thing_uid": paper.uid, "working_writer": "window"})
    assert answer["Location"] == change_url(paper)
    assert not WorkingCopy.objects.exists()


def test_a_browsers_text_is_compared(editor_client: Client, paper: Paper) -> None:
    url = f"{PAPERS}working/comparison/"
    changed = editor_client.post(url, typed(paper, notes="第一句。新的第二句。\n")).json()
    assert "<ins>新的</ins>" in changed["html"]
    assert changed["url"] == f"{change_url(paper)}?working={paper.uid}"
    shown = form(editor_client.get(change_url(paper)))
    same = {name: shown[name].value() or "" for name in ("notes", "published_on")}
    assert editor_client.post(url, typed(paper, **same)).json()["html"] == ""


def test_a_browsers_text_that_was_saved_meanwhile_is_known(editor_client: Client, paper: Paper) -> None:
    shown = form(editor_client.get(change_url(paper)))
    local = typed(paper, notes="anders", published_on=shown["published_on"].value())
    editor_client.post(change_url(paper), {**local, "_save": "1"})
    assert editor_client.post(f"{PAPERS}working/comparison/", local).json()["html"] == ""


# --- New things -------------------------------------------------------------------------------------------


def test_an_empty_form_has_a_name_from_the_start(editor_client: Client, section: Section) -> None:
    uid = form(editor_client.get(ADD_PAPER))["thing_uid"].value()
    editor_client.post(ADD_PAPER, saved(paper_form(section, thing_uid=uid)))
    assert Paper.objects.get().uid == uid


def test_what_was_begun_is_offered_in_the_next_empty_form(editor_client: Client, root: Section) -> None:
    begun = new(title="Begonnen", notes="ein Anfang")
    editor_client.post(STORE, begun)
    assert "Begonnen" in text(editor_client, ADD_PAPER)
    taken = form(editor_client.get(f"{ADD_PAPER}?working={begun['thing_uid']}"))
    assert (taken["thing_uid"].value(), taken["notes"].value()) == (begun["thing_uid"], "ein Anfang")


def test_saved_it_is_not_offered_any_more(editor_client: Client, section: Section) -> None:
    begun = new(title="Begonnen")
    editor_client.post(STORE, begun)
    editor_client.post(ADD_PAPER, saved(paper_form(section, **begun)))
    assert Paper.objects.exists()
    assert not WorkingCopy.objects.exists()


def test_what_was_begun_is_discarded_from_an_empty_form(editor_client: Client) -> None:
    begun = new()
    editor_client.post(STORE, begun)
    answer = editor_client.post(DISCARD, {"thing_uid": begun["thing_uid"], "working_writer": "window"})
    assert answer["Location"] == ADD_PAPER
    assert not WorkingCopy.objects.exists()


def test_text_of_what_was_deleted_meanwhile_brings_it_back(editor_client: Client, paper: Paper) -> None:
    keep(editor_client, paper, notes="doch noch")
    trash.delete(paper)
    assert "Public Paper" in text(editor_client, ADD_PAPER)
    taken = form(editor_client.get(f"{ADD_PAPER}?working={paper.uid}"))
    own = {name: taken[name].value() for name in ("thing_uid", "based_on", "working_replaces", "notes")}
    editor_client.post(ADD_PAPER, saved(paper_form(paper.section, slug=paper.slug, **own)))
    assert Paper.objects.get(uid=paper.uid).notes == "doch noch"
    assert not WorkingCopy.objects.exists()


def test_text_of_what_one_may_not_bring_back_becomes_something_new(section: Section) -> None:
    contributor = member(CONTRIBUTOR)
    client, own = signed_in(contributor), begun(contributor, section, "own")
    keep(client, own, notes="doch noch")
    publish(own)
    trash.delete(Paper.objects.get())
    taken = form(client.get(f"{ADD_PAPER}?working={own.uid}"))
    assert taken["notes"].value() == "doch noch"
    assert taken["thing_uid"].value() != own.uid


@pytest.mark.parametrize("asked", ["", "root", "nothing", "长", "\x01", "' OR 1=1"])
def test_nonsense_takes_nothing(editor_client: Client, root: Section, asked: str) -> None:
    assert editor_client.get(ADD_PAPER, {"working": asked}).context["working"]["taken"] is None


def test_sections_are_kept_too(editor_client: Client, section: Section) -> None:
    kept = {**section_form(section.parent, title="强化"), "thing_uid": section.uid, "working_writer": "w"}
    editor_client.post("/admin/papers/section/working/", {**kept, "slug": "RL", "based_on": 1})
    page = text(editor_client, change_url(section))
    assert "<del>学习</del>" in page


# --- Who else is there ------------------------------------------------------------------------------------


def test_the_form_says_who_else_has_it_open(editor_client: Client, paper: Paper) -> None:
    working.touch(member(EDITOR), Kind.PAPER, paper.uid)
    assert "另一位编辑（编辑）正在编辑此文" in text(editor_client, change_url(paper))


def test_nobody_is_told_of_themselves(editor_client: Client, editor: User, paper: Paper) -> None:
    working.touch(editor, Kind.PAPER, paper.uid)
    assert "另一位编辑" not in text(editor_client, change_url(paper))


def test_an_open_form_is_told_of_others_and_of_what_they_saved(editor_client: Client, paper: Paper) -> None:
    url, own = f"{PAPERS}presence/", {"thing_uid": paper.uid, "based_on": "1"}
    assert editor_client.post(url, own).json() == {"others": [], "newer": ""}
    other = member(EDITOR)
    signed_in(other).post(url, own)
    revisions.save(paper, {**revisions.data_of(paper), "summary": "别人的摘要"}, author=other)
    told = editor_client.post(url, own).json()
    assert "编辑" in told["others"][0]
    assert "第 2 版" in told["newer"]


# --- A session that is over -------------------------------------------------------------------------------


def assert_given_back(response: Any, *texts: str) -> None:
    page = response.content.decode()
    assert (response.status_code, response["Cache-Control"]) == (403, "private, no-store")
    assert all(text in page for text in texts)
    assert "csrfmiddlewaretoken" not in page


def test_a_form_sent_without_a_session_gets_its_text_back(client: Client, paper: Paper) -> None:
    response = client.post(change_url(paper), saved(form_of(paper, notes="<b>schön</b> & gut")))
    assert_given_back(response, "登录已过期", "&lt;b&gt;schön&lt;/b&gt; &amp; gut", change_url(paper))


def test_a_form_with_an_old_token_gets_its_text_back(editor: User, paper: Paper) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    sent = saved(form_of(paper, notes="schön", csrfmiddlewaretoken="x" * 64))
    assert_given_back(client.post(change_url(paper), sent), "登录状态变了", "schön")
    assert Paper.objects.get().notes == "第一句。第二句。\n"


def test_a_form_that_was_never_typed_into_still_leads_to_the_login(client: Client, paper: Paper) -> None:
    assert client.get(change_url(paper))["Location"].startswith("/admin/login/")


def test_a_password_is_given_back_to_nobody(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/admin/login/", {"username": "editor", "password": "geheim"}).content.decode()
    assert "geheim" not in page
    assert "刷新" in page


def test_a_fresh_token_comes_with_the_account(editor_client: Client, editor: User) -> None:
    answer = editor_client.get(f"{PAPERS}token/")
    assert answer.json()["account"] == editor.pk
    assert "no-store" in answer["Cache-Control"]


def test_who_only_looks_has_no_working_copy(paper: Paper) -> None:
    page = signed_in(with_rights("view_paper")).get(change_url(paper))
    assert "working-copy" not in page.content.decode()
