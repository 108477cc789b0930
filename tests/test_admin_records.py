"""The box that a paper's form is filled from: who may, what comes back, and that nothing typed is overwritten."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from papers import lookup
from papers.admin import records
from papers.models import Paper, Section
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper
from tests.people import begun, member, signed_in, with_rights
from tests.reading import text_of
from tests.servers import Elsewhere, says
from tests.test_interface_language import CJK_OR_SIGN

ADD, RECORD = "/admin/papers/paper/add/", "/admin/papers/paper/record/"
BIBTEX = "@inproceedings{a, title={Found Title}, author={Kwon, Woosuk}, year={2023}, pages={1--2}}"


def change_url(paper: Paper) -> str:
    return f"/admin/papers/paper/{paper.pk}/change/"


def form_of(paper: Paper | None = None, **typed: Any) -> dict[str, Any]:
    """What a browser sends; with the button of the box unless there is another."""
    values = {"notes_format": "markdown", "bibtex_type": "misc", "origin": "written", "_record": "1"}
    known = {"title": paper.title, "thing_uid": paper.uid} if paper else {}
    return {**values, "review_state": "unreviewed", **known, **typed}


# --- For the script ---------------------------------------------------------------------------------------


def test_fields_come_back_as_they_are_typed(editor_client: Client, arxiv: Elsewhere) -> None:
    answer = editor_client.post(RECORD, {"record": "arXiv:2309.06180v1"}).json()
    assert answer["source"] == "arXiv"
    assert answer["fields"]["authors"].startswith("Woosuk Kwon\n")
    assert answer["suggested"] == ["title", "published_on"]
    assert answer["remarks"] == ["arXiv 上的备注：SOSP 2023"]


def test_fields_are_those_of_the_form(editor_client: Client) -> None:
    fields = editor_client.post(RECORD, {"record": BIBTEX}).json()["fields"]
    form = editor_client.get(ADD).context["adminform"].form
    assert fields.keys() <= form.fields.keys()


def test_why_nothing_was_found_is_said(editor_client: Client, arxiv: Elsewhere) -> None:
    arxiv.behaviours["*"] = says(b"", 500)
    assert "arXiv" in editor_client.post(RECORD, {"record": "2309.06180"}).json()["problem"]


def test_a_paper_of_ones_own_may_be_filled(section: Section) -> None:
    author = member(CONTRIBUTOR)
    own = begun(author, section, "own")
    url = f"/admin/papers/paper/{own.pk}/record/"
    assert signed_in(author).post(url, {"record": BIBTEX}).json()["source"] == "BibTeX"


def test_a_contributor_gets_nothing_for_what_readers_see(section: Section) -> None:
    author = member(CONTRIBUTOR)
    url = f"/admin/papers/paper/{make_paper(section, 'public').pk}/record/"
    assert signed_in(author).post(url, {"record": BIBTEX}).status_code == 404


def test_it_is_protected_against_other_sites(editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert client.post(RECORD, {"record": BIBTEX}).status_code == 403


def test_nobody_asks_without_end(editor_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LIMIT", 2)
    answers = [editor_client.post(RECORD, {"record": BIBTEX}).status_code for _time in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [RECORD, ADD])
def test_no_transaction_waits_for_other_hosts(
    editor_client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    inside: list[bool] = []

    def look_up(text: str) -> Any:
        inside.append(connection.in_atomic_block)
        raise lookup.LookupFailed("unknown", "nothing")

    monkeypatch.setattr(lookup, "look_up", look_up)
    editor_client.post(path, form_of(record="2309.06180"))
    assert inside == [False]


# --- In the form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_new", "is_open"), [(True, True), (False, False)])
def test_the_box_is_in_the_form(
    editor_client: Client, draft_paper: Paper, is_new: bool, is_open: bool
) -> None:
    html = editor_client.get(ADD if is_new else change_url(draft_paper)).content.decode()
    url = RECORD if is_new else f"/admin/papers/paper/{draft_paper.pk}/record/"
    assert ('class="module record-box" open' in html) is is_open
    assert f'data-url="{url}"' in html


def test_who_may_only_look_has_no_box(section: Section, published_paper: Paper) -> None:
    client = signed_in(with_rights("view_paper"))
    assert "record-box" not in client.get(change_url(published_paper)).content.decode()


def test_enter_in_a_field_saves_and_does_not_look_up(editor_client: Client) -> None:
    """Browsers press the first button of a form."""
    html = editor_client.get(ADD).content.decode()
    assert 0 < html.index('name="_save"') < html.index('name="_record"')


# --- Without JavaScript -----------------------------------------------------------------------------------


def test_the_form_comes_back_filled_and_unsaved(editor_client: Client, section: Section) -> None:
    response = editor_client.post(
        ADD, form_of(record=BIBTEX, title="Mine", notes="typed", section=section.pk)
    )
    form = response.context["adminform"].form
    assert (form["title"].value(), form["notes"].value()) == ("Mine", "typed")
    assert (form["title_official"].value(), form["authors"].value()) == ("Found Title", "Woosuk Kwon")
    assert "还没有保存。已按 BibTeX 填入：正式标题、作者" in text_of(response)
    assert not Paper.objects.exists()


def test_what_differs_stays_and_is_told(editor_client: Client, draft_paper: Paper) -> None:
    typed = form_of(draft_paper, record=BIBTEX, authors="Somebody", pages="1-2")
    response = editor_client.post(change_url(draft_paper), typed)
    assert response.context["adminform"].form["authors"].value() == "Somebody"
    assert "作者没有改，BibTeX 上是“Woosuk Kwon”" in text_of(response)
    assert "页码没有改" not in text_of(response)


def test_what_was_typed_survives_a_failure(editor_client: Client, section: Section) -> None:
    response = editor_client.post(ADD, form_of(record="what?", notes="typed"))
    assert response.context["adminform"].form["notes"].value() == "typed"
    assert "没有认出" in text_of(response)


def test_strangers_are_refused_before_anybody_is_asked(arxiv: Elsewhere, draft_paper: Paper) -> None:
    client = signed_in(member(""))
    assert client.post(ADD, form_of(record="2309.06180")).status_code == 403
    assert arxiv.asked == []


def test_another_ones_draft_is_as_if_it_were_not_there(arxiv: Elsewhere, draft_paper: Paper) -> None:
    client = signed_in(member(CONTRIBUTOR))
    response = client.post(change_url(draft_paper), form_of(draft_paper, record="2309.06180"))
    assert draft_paper.title not in response.content.decode().replace(f'value="{draft_paper.title}"', "")
    assert arxiv.asked == []


def test_nothing_is_left_in_chinese(editor_client: Client, draft_paper: Paper) -> None:
    editor_client.cookies["django_language"] = "en"
    typed = form_of(draft_paper, record=BIBTEX, authors="Somebody")
    response = editor_client.post(change_url(draft_paper), typed)
    errors = str(response.context["adminform"].form.non_field_errors())
    assert "Authors" in errors
    assert not CJK_OR_SIGN.search(errors)
