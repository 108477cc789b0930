"""A picture at its address: the same bytes for everybody and for ever, and nothing but a picture."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from papers.figures import place_of, store
from papers.models import Figure
from tests.drawing import FORMATS, picture
from tests.reading import Answer

pytestmark = pytest.mark.django_db
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
}


@pytest.fixture
def figure() -> Figure:
    return store(picture())


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_picture_is_served_as_what_it_is(client: Client, extension: str) -> None:
    figure = store(picture(extension))
    response = client.get(f"/-/figures/{figure.name}")
    assert response["Content-Type"] == TYPES[extension]
    assert int(response["Content-Length"]) == len(body(response)) == figure.bytes


def test_the_headers_keep_a_picture_a_picture(client: Client, figure: Figure) -> None:
    response = client.get(figure.get_absolute_url())
    body(response)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Disposition"] == f'inline; filename="{figure.name}"'


def test_any_cache_may_keep_a_picture_for_ever(editor_client: Client, figure: Figure) -> None:
    """Whoever asked for it."""
    response = editor_client.get(figure.get_absolute_url())
    body(response)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in response
    assert not response.cookies


def test_who_has_the_picture_gets_no_second_copy(client: Client, figure: Figure) -> None:
    first = client.get(figure.get_absolute_url())
    body(first)
    again = client.get(figure.get_absolute_url(), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]
    assert again["ETag"] == first["ETag"]


def test_who_has_another_picture_gets_this_one(client: Client, figure: Figure) -> None:
    response = client.get(figure.get_absolute_url(), headers={"if-none-match": '"other"'})
    assert len(body(response)) == figure.bytes


def test_a_head_request_tells_the_size(client: Client, figure: Figure) -> None:
    response = client.head(figure.get_absolute_url())
    assert (response.status_code, int(response["Content-Length"])) == (200, figure.bytes)
    assert body(response) == b""


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_a_picture_cannot_be_changed_at_its_address(client: Client, figure: Figure, method: str) -> None:
    assert getattr(client, method)(figure.get_absolute_url()).status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32 + ".png",
        "../papercache.sqlite3",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "/etc/passwd",
        "x.svg",
        "é" * 40,
        "a" * 5000,
    ],
)
def test_what_is_not_there_is_a_short_404(
    wsgi: Callable[..., Answer], name: str, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.PAPERCACHE_PAGE_CACHE_MB = 0  # a new one asks what the generation is
    with django_assert_max_num_queries(1):
        answer = wsgi(f"/-/figures/{name}")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(answer.content) < 100


def test_a_picture_has_no_other_type(client: Client, figure: Figure) -> None:
    assert client.get(figure.get_absolute_url().replace(".png", ".gif")).status_code == 404


@pytest.mark.parametrize(
    "spelling", ["/-/figures/{}/", "/-/Figures/{}", "//-//figures//{}", "/-/FIGURES/{}/"]
)
def test_another_spelling_leads_to_the_one_address(
    wsgi: Callable[..., Answer], figure: Figure, spelling: str
) -> None:
    for name in (figure.name, figure.name.upper()):
        answer = wsgi(spelling.format(name))
        assert (answer.status, answer.headers["Location"]) == (301, f"/-/figures/{figure.name}")


def test_a_name_in_capitals_leads_to_the_one_address(client: Client, figure: Figure) -> None:
    response = client.get(f"/-/figures/{figure.name.upper()}")
    assert (response.status_code, response["Location"]) == (301, figure.get_absolute_url())


def test_a_lost_file_is_a_404_and_is_said_to_the_operator(
    client: Client, figure: Figure, caplog: Any
) -> None:
    default_storage.delete(place_of(figure.name))
    with caplog.at_level("ERROR"):
        assert client.get(figure.get_absolute_url()).status_code == 404


def test_a_picture_is_served_below_a_prefix(
    settings: Any, wsgi: Callable[..., Answer], figure: Figure
) -> None:
    settings.FORCE_SCRIPT_NAME = "/papercache"
    answer = wsgi(f"/papercache/-/figures/{figure.name}")
    assert (answer.status, answer.content) == (200, picture())
    assert wsgi(f"/papercache/-/figures/{figure.name.upper()}").headers["Location"] == (
        f"/papercache/-/figures/{figure.name}"
    )
