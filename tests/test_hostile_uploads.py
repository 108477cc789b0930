"""Files that are a picture and something else, or far more than they seem: from the upload to what a browser gets."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from papers import figures
from papers.models import Figure
from tests.drawing import SVG, chunk, data_uri, exif, flat_png, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("section")]
SCRIPT = b"<script>alert(1)</script>"


def upload(client: Client, content: bytes, name: str = "x.png", kind: str = "image/png") -> Any:
    return client.post("/admin/papers/paper/upload/", {"file": SimpleUploadedFile(name, content, kind)})


def javascript_gif() -> bytes:
    """A script as well: `GIF89a/*…*/=1;alert(1)//…`, from its width to a comment in it."""
    whole = picture("gif", (40, 20))
    comment = b"*/=1;alert(1)//"
    extension = b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0"
    start = 13 + 3 * 2 ** ((whole[10] & 7) + 1)
    return b"GIF89a/*" + whole[8:start] + extension + whole[start:]


def html_png() -> bytes:
    """With a page in a text chunk, in a chunk of nobody's, and behind its end."""
    file, texts = BytesIO(), PngImagePlugin.PngInfo()
    texts.add_text("Comment", SCRIPT.decode())
    Image.new("RGB", (40, 20)).save(file, "PNG", pnginfo=texts)
    whole = file.getvalue()
    return whole[:-12] + chunk(b"evIl", SCRIPT) + whole[-12:] + SCRIPT


def html_jpeg() -> bytes:
    """With a page in its EXIF and in a comment, and the place where it was taken."""
    made = exif(with_place=True)
    made[0x010E] = SCRIPT.decode()
    return picture("jpg", exif=made, comment=SCRIPT)


def zip_gif() -> bytes:
    return picture("gif") + b"PK\x03\x04" + SCRIPT + b"PK\x05\x06" + bytes(18)


POLYGLOTS = {
    "javascript.gif": (javascript_gif, "image/gif"),
    "page.png": (html_png, "image/png"),
    "photo.jpg": (html_jpeg, "image/jpeg"),
    "archive.gif": (zip_gif, "image/gif"),
}


@pytest.mark.parametrize("name", POLYGLOTS)
@pytest.mark.parametrize("claimed", ["text/html", "application/javascript", "image/svg+xml"])
def test_of_a_picture_that_is_something_else_too_the_picture_is_left(
    editor_client: Client, client: Client, name: str, claimed: str
) -> None:
    make, content_type = POLYGLOTS[name]
    assert any(word in make() for word in (SCRIPT, b"alert(1)"))
    answer = upload(editor_client, make(), f"{name}.html", claimed)
    assert answer.status_code == 200, answer.text
    response = client.get(Figure.objects.get().get_absolute_url())
    served = b"".join(response)
    assert response["Content-Type"] == content_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert not [word for word in (b"alert", b"<script", b"PK\x03\x04", b"CameraMaker") if word in served]
    assert Image.open(BytesIO(served)).size[1] == 20


BOMBS = {
    "of pixels": lambda: flat_png(20_000, 20_000),
    "of one side": lambda: flat_png(60_000, 1),
    "cut off": lambda: html_png()[:60],
    "of nothing": lambda: b"",
    "svg": lambda: SVG,
    "svg with a byte order mark": lambda: b"\xef\xbb\xbf" + SVG,
    "svg in spaces": lambda: b" \n" * 5000 + SVG,
    "html": lambda: b"<!doctype html>" + SCRIPT,
    "pdf": lambda: b"%PDF-1.7\n" + SCRIPT,
    "gif in name alone": lambda: b"GIF89a" + SCRIPT,
    "png in name alone": lambda: b"\x89PNG\r\n\x1a\n" + SCRIPT,
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_no_picture_of_a_sensible_size_is_refused_and_not_kept(
    editor_client: Client, media: Path, name: str
) -> None:
    assert upload(editor_client, BOMBS[name]()).json().keys() == {"problem"}
    assert not Figure.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name", ["../../../x.png", "x.php", '"><script>.png', "a\nb.png", ".htaccess", "字" * 300]
)
def test_a_file_is_kept_under_no_name_that_was_sent(editor_client: Client, media: Path, name: str) -> None:
    assert upload(editor_client, picture(), name).status_code == 200
    [kept] = [path for path in media.rglob("*") if path.is_file()]
    assert (kept.parent, kept.name) == (media / "figures", Figure.objects.get().name)


def test_the_media_folder_is_served_at_no_other_address(client: Client, editor_client: Client) -> None:
    upload(editor_client, picture())
    name = Figure.objects.get().name
    for path in (f"/media/figures/{name}", f"/media/{name}", f"/static/{name}", f"/-/figures/figures/{name}"):
        assert client.get(path).status_code == 404


def test_a_picture_pasted_into_a_note_is_cleaned_alike() -> None:
    figures.take_in(f"![图]({data_uri(html_png())})", "markdown")
    with figures.default_storage.open(figures.place_of(Figure.objects.get().name)) as file:
        assert SCRIPT not in file.read()
