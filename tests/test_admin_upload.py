"""Pictures that are pasted while a note is written: who may store them, and what is answered."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from papers import figures
from papers.models import Figure, Paper, Section
from papers.roles import CONTRIBUTOR, EDITOR
from tests.conftest import make_paper
from tests.drawing import SVG, exif, picture
from tests.people import begun, member, signed_in, with_rights
from tests.reading import attributes_of

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/papers/paper/upload/"


def upload(client: Client, content: bytes | None = None, url: str = UPLOAD) -> Any:
    return client.post(url, {"file": SimpleUploadedFile("图 1.png", content or picture())})


def of(paper: Paper | Section) -> str:
    return f"/admin/papers/{paper._meta.model_name}/{paper.pk}/upload/"


# --- What is answered -------------------------------------------------------------------------------------


def test_a_picture_is_stored_and_its_address_told(editor_client: Client, media: Path) -> None:
    answer = upload(editor_client).json()
    figure = Figure.objects.get()
    assert answer == {"url": f"/-/figures/{figure.name}", "alt": ""}
    assert (media / figures.place_of(figure.name)).is_file()


def test_what_is_known_of_a_picture_is_told(editor_client: Client) -> None:
    figures.store(picture(), alt="模型结构")
    assert upload(editor_client).json()["alt"] == "模型结构"


def test_what_a_camera_adds_is_not_kept(editor_client: Client, media: Path) -> None:
    upload(editor_client, picture("jpg", exif=exif(with_place=True)))
    assert b"CameraMaker" not in (media / figures.place_of(Figure.objects.get().name)).read_bytes()


@pytest.mark.parametrize("content", [b"text", SVG, picture()[:-20], b"%PDF-1.7"])
def test_what_is_no_picture_is_refused_in_words(editor_client: Client, content: bytes) -> None:
    assert upload(editor_client, content).json().keys() == {"problem"}
    assert not Figure.objects.exists()


def test_no_file_is_told(editor_client: Client) -> None:
    assert "没有收到图片" in editor_client.post(UPLOAD).json()["problem"]


def test_a_text_in_place_of_a_file_is_no_file(editor_client: Client) -> None:
    assert "problem" in editor_client.post(UPLOAD, {"file": "x"}).json()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_for_the_picture(editor_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    measure = figures.pictures.measure
    monkeypatch.setattr(
        figures.pictures, "measure", lambda one: inside.append(connection.in_atomic_block) or measure(one)
    )
    upload(editor_client)
    assert inside == [False]


# --- Who may ----------------------------------------------------------------------------------------------


def test_who_begins_papers_may_store_their_pictures(section: Section) -> None:
    author = member(CONTRIBUTOR)
    for url in (UPLOAD, of(begun(author, section, "own"))):
        assert "url" in upload(signed_in(author), url=url).json()


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_contributor_stores_nothing_for_what_is_not_theirs(section: Section, status: str) -> None:
    paper = make_paper(section, "other", status=status)
    assert upload(signed_in(member(CONTRIBUTOR)), url=of(paper)).status_code == 404
    assert not Figure.objects.exists()


def test_who_may_only_look_stores_nothing(published_paper: Paper) -> None:
    client = signed_in(with_rights("view_paper", "view_section"))
    for url in (UPLOAD, of(published_paper), of(published_paper.section)):  # type: ignore[arg-type]
        assert upload(client, url=url).status_code == 403
    assert not Figure.objects.exists()


def test_sections_have_pictures_too(section: Section) -> None:
    assert "url" in upload(signed_in(member(EDITOR)), url=of(section)).json()


def test_a_paper_that_is_gone(editor_client: Client) -> None:
    assert upload(editor_client, url="/admin/papers/paper/999/upload/").status_code == 404


def test_it_is_protected_against_other_sites(editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert upload(client).status_code == 403
    assert not Figure.objects.exists()


# --- In the form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "url", "field"),
    [
        ("paper/add/", "paper/upload/", "id_notes"),
        ("section/add/", "section/upload/", "id_text"),
    ],
)
def test_a_form_knows_where_its_pictures_go(
    editor_client: Client, root: Section, path: str, url: str, field: str
) -> None:
    response = editor_client.get(f"/admin/papers/{path}")
    (strip,) = [one for one in attributes_of(response, "div") if one.get("id") == "pictures"]
    assert (strip["data-url"], strip["data-field"]) == (f"/admin/papers/{url}", field)


def test_a_paper_s_pictures_are_stored_by_its_own_address(editor_client: Client, draft_paper: Paper) -> None:
    html = editor_client.get(f"/admin/papers/paper/{draft_paper.pk}/change/").content.decode()
    assert f'data-url="{of(draft_paper)}"' in html


@pytest.mark.parametrize("path", ["tag/add/", "figure/add/"])
def test_where_no_note_is_written_there_is_no_place_for_pictures(editor_client: Client, path: str) -> None:
    assert 'id="pictures"' not in editor_client.get(f"/admin/papers/{path}").content.decode()
