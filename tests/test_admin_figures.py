"""Pictures in the admin: uploaded, described, pasted into notes; by whom, and what is said of those refused."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from papers import figures, roles
from papers.figures import store
from papers.models import Figure, Paper, Section
from papers.roles import ADMINISTRATOR, CONTRIBUTOR, EDITOR, PUBLISHER
from tests.drawing import SVG, data_uri, picture
from tests.people import member, signed_in
from tests.reading import attributes_of, text_of
from tests.test_admin import ADD_PAPER, change_url, opened, paper_form, section_form

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/papers/figure/", "/admin/papers/figure/add/"
PNG = picture()


def upload(client: Client, content: bytes = PNG, name: str = "x.png", **fields: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(ADD, {"file": file, "alt": "", "caption": "", **fields}, follow=True)


def form_of(figure: Figure) -> str:
    return f"/admin/papers/figure/{figure.name}/change/"


# --- The pages of pictures --------------------------------------------------------------------------------


def test_an_upload_is_stored_with_its_words(editor_client: Client) -> None:
    upload(editor_client, alt="模型结构", caption="图 1")
    figure = Figure.objects.get()
    assert (figure.alt, figure.caption, figure.width) == ("模型结构", "图 1", 40)


def test_after_an_upload_the_editor_is_told_what_to_write(editor_client: Client) -> None:
    response = upload(editor_client, alt="a [b]")
    assert rf"![a \[b\]](/-/figures/{store(PNG).name})" in text_of(response, "body")


def test_a_picture_uploaded_again_keeps_its_words(editor_client: Client) -> None:
    upload(editor_client, alt="第一次")
    assert upload(editor_client, alt="第二次").status_code == 200
    assert Figure.objects.get().alt == "第一次"


def test_a_refused_upload_says_why_and_keeps_what_was_typed(editor_client: Client) -> None:
    response = upload(editor_client, SVG, "x.png", alt="写好的替代文字")
    assert "SVG 里可以带脚本" in text_of(response, "body")
    assert response.context["adminform"].form["alt"].value() == "写好的替代文字"
    assert not Figure.objects.exists()


def test_an_upload_without_a_file_asks_for_one(editor_client: Client) -> None:
    response = editor_client.post(ADD, {"alt": "", "caption": ""})
    assert (response.status_code, Figure.objects.exists()) == (200, False)
    assert "file" in response.context["adminform"].errors


def test_the_list_shows_each_picture_small(editor_client: Client) -> None:
    figure = store(PNG, alt="结构图")
    response = editor_client.get(LIST)
    images = [image for image in attributes_of(response, "img") if image.get("class") == "figure-thumbnail"]
    assert [(image["src"], image["alt"]) for image in images] == [(figure.get_absolute_url(), "结构图")]
    assert "style" not in images[0]
    assert "40 × 20" in text_of(response, "body")


def test_pictures_are_found_by_their_words(editor_client: Client) -> None:
    store(PNG, caption="吞吐量")
    other = store(picture(colour=7))
    assert other.name not in editor_client.get(f"{LIST}?q=吞吐").content.decode()


def test_the_words_of_a_picture_can_be_changed(editor_client: Client) -> None:
    figure = store(PNG, alt="旧")
    editor_client.post(form_of(figure), {"alt": "新", "caption": "图注"})
    assert Figure.objects.values_list("alt", "caption", "width").get() == ("新", "图注", 40)


def test_nothing_else_of_a_picture_can_be_changed(editor_client: Client) -> None:
    figure = store(PNG)
    editor_client.post(form_of(figure), {"alt": "", "caption": "", "width": "9", "name": "x.png"})
    assert Figure.objects.get() == figure
    assert Figure.objects.get().width == 40


def test_nobody_deletes_a_picture(editor_client: Client) -> None:
    figure = store(PNG)
    assert (
        editor_client.post(f"/admin/papers/figure/{figure.name}/delete/", {"post": "yes"}).status_code == 403
    )
    editor_client.post(LIST, {"action": "delete_selected", "_selected_action": figure.name, "post": "yes"})
    assert Figure.objects.exists()
    assert "deletelink" not in editor_client.get(form_of(figure)).content.decode()


# --- Who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", [EDITOR, PUBLISHER, ADMINISTRATOR])
def test_editors_see_and_describe_pictures(group: str) -> None:
    figure, client = store(PNG), signed_in(member(group))
    assert client.get(LIST).status_code == 200
    client.post(form_of(figure), {"alt": "新", "caption": ""})
    assert Figure.objects.get().alt == "新"


def test_a_contributor_uploads_but_sees_no_picture_of_others_drafts() -> None:
    figure, client = store(picture(colour=7)), signed_in(member(CONTRIBUTOR))
    assert "/-/figures/" in text_of(upload(client), "body")
    assert Figure.objects.count() == 2
    assert client.get(LIST).status_code == client.get(form_of(figure)).status_code == 403


def test_staff_without_rights_cannot_upload() -> None:
    assert upload(signed_in(member())).status_code == 403
    assert not Figure.objects.exists()


def test_the_anonymous_are_asked_to_sign_in(client: Client) -> None:
    for url in (LIST, ADD):
        assert client.get(url)["Location"].startswith("/admin/login/")


def test_groups_made_by_an_older_version_get_the_new_rights() -> None:
    Permission.objects.filter(content_type__model="figure").delete()
    roles.make_groups()
    editors = Group.objects.get(name=EDITOR)
    assert set(editors.permissions.values_list("codename", flat=True)) >= roles.FIGURES


def test_a_right_that_an_administrator_took_away_stays_away() -> None:
    editors = Group.objects.get(name=EDITOR)
    editors.permissions.remove(Permission.objects.get(codename="change_figure"))
    roles.make_groups()
    assert not editors.permissions.filter(codename="change_figure").exists()


# --- Pasted into notes ------------------------------------------------------------------------------------


def note(source: str, **fields: str) -> dict[str, Any]:
    form = paper_form(None, notes=source, **fields)
    del form["_publish"]
    return form


@pytest.fixture
def big_picture() -> str:
    """Of more than a megabyte as base64, more than a note may hold."""
    file = BytesIO()
    Image.effect_noise((1000, 900), 80).save(file, "PNG")
    uri = data_uri(file.getvalue())
    assert len(uri) > 1_000_000
    return uri


def test_a_note_with_a_big_pasted_picture_is_saved_small(editor_client: Client, big_picture: str) -> None:
    response = editor_client.post(ADD_PAPER, note(f"前文 ![图]({big_picture}) 后文"))
    assert response.status_code == 302
    assert Paper.objects.get().notes == f"前文 ![图]({Figure.objects.get().get_absolute_url()}) 后文"


def test_a_picture_pasted_as_html_is_taken_in_too(editor_client: Client, big_picture: str) -> None:
    editor_client.post(ADD_PAPER, note(f"<p>```<img src='{big_picture}'></p>", notes_format="html"))
    assert Paper.objects.get().notes == f"<p>```<img src='{Figure.objects.get().get_absolute_url()}'></p>"


def test_a_section_takes_pictures_in_too(editor_client: Client, section: Section, big_picture: str) -> None:
    form = section_form(section.parent, slug="RL", text=f"![图]({big_picture})")
    editor_client.post(change_url(section), {**form, **opened(section)})
    section.refresh_from_db()
    assert section.text == f"![图]({Figure.objects.get().get_absolute_url()})"


def test_a_refused_picture_keeps_the_text_in_the_form(editor_client: Client) -> None:
    bad = data_uri(SVG, "image/svg+xml")
    response = editor_client.post(ADD_PAPER, note(f"写了很久的字\n\n![图]({bad})\n\n![好]({data_uri(PNG)})"))
    shown = response.context["adminform"].form["notes"].value()
    assert "第 1 张图片（第 3 行）：SVG" in text_of(response, "body")
    assert shown == f"写了很久的字\n\n![图]({bad})\n\n![好](/-/figures/{store(PNG).name})"
    assert not Paper.objects.exists()


def test_who_may_not_write_a_note_stores_no_picture(draft_paper: Paper) -> None:
    client = signed_in(member())
    client.post(change_url(draft_paper), note(f"![图]({data_uri(PNG)})"))
    assert not Figure.objects.exists()


def test_a_contributor_pastes_pictures() -> None:
    signed_in(member(CONTRIBUTOR)).post(ADD_PAPER, note(f"![图]({data_uri(PNG)})"))
    assert Paper.objects.get().notes == f"![图]({Figure.objects.get().get_absolute_url()})"


def test_pictures_are_stored_before_the_lock_is_taken(editor_client: Client, monkeypatch: Any) -> None:
    def look(*args: Any, **options: Any) -> Any:
        assert len(connection.savepoint_ids) == depth
        return take_in(*args, **options)

    take_in, depth = figures.take_in, len(connection.savepoint_ids)
    monkeypatch.setattr(figures, "take_in", look)
    assert editor_client.post(ADD_PAPER, note(f"![图]({data_uri(PNG)})")).status_code == 302


def test_a_form_that_is_too_big_is_answered_in_words(editor_client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
    response = editor_client.post(ADD_PAPER, note("字" * 600_000))
    assert response.status_code == 413
    assert "超过 1 MB" in text_of(response, "body")
