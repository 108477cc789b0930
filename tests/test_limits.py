"""What is refused at the door, and what takes too long: answered in words and at once, by a server as it runs."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client

from papers import time_limits
from papers.door import EDITORS_BODY, LONGEST_ADDRESS, READERS_BODY
from papers.models import Paper, Section
from tests import sites
from tests.reading import text_of

# Steps of a machine that counts: seconds of them on SQLite, and on PostgreSQL too.
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n"


@pytest.fixture(scope="module")
def server(filled_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sites.Server]:
    folder = tmp_path_factory.mktemp("limits")
    with sites.copied(filled_database, folder) as database, sites.Site(folder, database).served() as server:
        yield server


def head(line: str, *headers: str) -> str:
    return "\n".join([f"{line} HTTP/1.1", "Host: 127.0.0.1", *headers, ""])


# --- At the door ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("POST /papers/", [f"Content-Length: {READERS_BODY + 1}"], 413),
        ("POST /admin/login/", [f"Content-Length: {EDITORS_BODY + 1}"], 413),
        ("POST /admin/login/", ["Content-Length: " + "9" * 40], 400),
        ("POST /papers/", ["Content-Length: -5"], 400),
        ("POST /-/language/", ["Transfer-Encoding: chunked"], 411),
        ("POST /-/language/", ["Transfer-Encoding: chunked", "Content-Length: 5"], 411),
        (f"GET /search/?q={'x' * LONGEST_ADDRESS}", [], 414),
        (f"GET /{'x' * LONGEST_ADDRESS}", [], 414),
        ("GET /papers/", [f"X-Long: {'x' * 600_000}"], 431),
        ("GET /papers/", [f"X-{number}: x" for number in range(300)], 431),
        ("GET /papers/?page=10000000", [], 404),
        ("GET /papers/?page=" + "9" * 4000, [], 404),
        ("GET /search/?q=" + "%E9%95%BF" * 300, [], 400),
        ("GET /papers/?" + "tag=x&" * 1500, [], 400),
    ],
)
def test_what_is_too_long_is_refused_before_it_is_read(
    server: sites.Server, line: str, headers: list[str], status: int
) -> None:
    assert server.ask(head(line, *headers)) == status
    assert server.is_alive()
    assert "Traceback" not in server.log


def test_a_refusal_is_in_words(client: Client, root: Section) -> None:
    response = client.get("/search/?q=" + "x" * LONGEST_ADDRESS)
    assert (response.status_code, text_of(response, "h1")) == (414, "请求有误")


def test_a_form_of_a_reader_may_have_a_usual_size(client: Client, root: Section) -> None:
    data = "x" * (READERS_BODY - 10)
    response = client.post("/-/language/", data, content_type="application/x-www-form-urlencoded")
    assert response.status_code != 413


# --- What takes too long ----------------------------------------------------------------------------------


def on_a_new_connection(seconds: float, statement: str) -> str:
    """The message of the failure. In a thread of its own, where the test's connection is not."""
    caught: list[str] = []

    def run() -> None:
        try:
            with time_limits.within(seconds), connection.cursor() as cursor:
                cursor.execute(statement)
                cursor.fetchall()
        except OperationalError as error:
            caught.append("limit" if time_limits.is_exceeded(error) else str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return "".join(caught)


@pytest.fixture
def limited(db: None, settings: Any) -> None:
    settings.PAPERCACHE_QUERY_SECONDS = 0.05
    Client()  # whose middleware prepares new connections


def test_a_query_that_goes_on_and_on_is_ended(client: Client, limited: None) -> None:
    client.get("/healthz")
    assert on_a_new_connection(0.05, ENDLESS) == "limit"


def test_a_usual_query_is_not(client: Client, limited: None) -> None:
    client.get("/healthz")
    assert on_a_new_connection(5, "SELECT 1") == ""


def test_an_editors_query_may_take_longer(
    editor_client: Client, published_paper: Paper, settings: Any, monkeypatch: Any
) -> None:
    settings.PAPERCACHE_QUERY_SECONDS = 0.01
    seen = []

    def look(*_args: Any, **_more: Any) -> HttpResponse:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                seen.append(cursor.fetchone()[0] == "2min")
        else:
            seen.append(not time_limits._is_late())
        return HttpResponse()

    monkeypatch.setattr("django.contrib.admin.sites.AdminSite.index", look)
    editor_client.get("/admin/")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("10ms",)
            cursor.execute("RESET statement_timeout")
    assert time_limits._until.get() is None


def test_the_command_line_has_no_limit(db: None, limited: None) -> None:
    assert time_limits._until.get() is None


# --- What is answered then --------------------------------------------------------------------------------


def failing(monkeypatch: Any, error: Exception) -> None:
    def fail(*_args: Any) -> None:
        raise error

    monkeypatch.setattr("papers.pages.Tree.__init__", fail)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("interrupted", "这个问题要找的太多"),
        ("connection refused", "暂时读不到内容"),
        ("database is locked", "暂时读不到内容"),
    ],
)
def test_a_reader_gets_a_plain_503_with_a_time_to_come_back(
    client: Client, root: Section, monkeypatch: Any, message: str, words: str
) -> None:
    failing(monkeypatch, OperationalError(message))
    client.raise_request_exception = False
    response = client.get("/papers/")
    assert (response.status_code, response.headers["Cache-Control"]) == (503, "no-store")
    assert int(response.headers["Retry-After"]) > 0
    assert words in response.content.decode()
    assert message not in response.content.decode()


def test_it_speaks_the_readers_language(client: Client, root: Section, monkeypatch: Any) -> None:
    failing(monkeypatch, OperationalError("connection refused"))
    client.raise_request_exception = False
    client.cookies["django_language"] = "en"
    assert "nothing has been lost" in client.get("/papers/").content.decode()


def test_a_table_that_is_not_there_is_a_failure_of_ours(
    client: Client, root: Section, monkeypatch: Any
) -> None:
    failing(monkeypatch, OperationalError("no such table: papers_paper"))
    client.raise_request_exception = False
    assert client.get("/papers/").status_code == 500


def test_an_editor_gets_back_what_was_typed(
    editor_client: Client, published_paper: Paper, monkeypatch: Any
) -> None:
    def fail(*_args: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", fail)
    editor_client.raise_request_exception = False
    url = f"/admin/papers/paper/{published_paper.pk}/change/"
    response = editor_client.post(url, {"title": "t", "notes": "一个小时写的", "_save": "1"})
    assert response.status_code == 503
    assert "一个小时写的" in response.content.decode()
