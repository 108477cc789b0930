"""What the log says of each request, and what it may not say of anybody."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from papers.models import Section
from papers.request_log import Json, Plain
from papers.site_check import inside
from tests.reading import Answer


@pytest.fixture
def log() -> Iterator[list[str]]:
    """The lines that a collector would get."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(Json())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("papers", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lines
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_request_is_one_line(client: Client, root: Section, log: list[str]) -> None:
    response = client.get("/papers/?page=2")
    line = json.loads(log.pop())
    assert not log
    assert (line["method"], line["path"], line["status"]) == ("GET", "/papers/", 404)
    assert line["bytes"] == len(response.content)
    assert line["ms"] > 0
    assert line["request"] == response.headers["X-Request-Id"]


def test_the_site_that_looks_at_itself_is_no_reader(root: Section, log: list[str]) -> None:
    assert inside.Site().ask("/papers/").status == 200
    assert not log


def test_a_page_for_any_cache_does_not_name_its_first_reader(client: Client, root: Section) -> None:
    assert "X-Request-Id" not in client.get("/papers/").headers


def test_nothing_personal_is_in_it(editor_client: Client, root: Section, log: list[str]) -> None:
    headers = {"user-agent": "Firefox of Ada", "referer": "https://elsewhere.example/ada"}
    editor_client.get("/search/?q=secret", headers=headers, REMOTE_ADDR="203.0.113.7")
    assert not re.search(r"secret|editor|203\.0|Firefox|elsewhere", "".join(log))


@pytest.mark.parametrize("path", ["/-/draft/eyJrZXkiOiJ4In0:abc:def/", "/admin/auth/user/7/change/"])
def test_a_key_or_an_account_in_a_path_is_not_told(
    editor_client: Client, root: Section, log: list[str], path: str
) -> None:
    editor_client.get(path)
    line = json.loads(log[-1])
    assert line["path"] in ("/-/draft/<str:token>/", "/admin/auth/user/<path:object_id>/change/")


def test_every_line_of_a_request_has_its_name(
    client: Client, root: Section, log: list[str], monkeypatch: Any
) -> None:
    def warn(*_args: Any) -> str:
        logging.getLogger("papers.anything").warning("on the way")
        return "/"

    monkeypatch.setattr("papers.views.machines.front_page", warn)
    client.get("/robots.txt")
    assert len({json.loads(line)["request"] for line in log}) == 1
    assert len(log) == 2


def test_a_name_that_the_proxy_gave_is_kept(wsgi: Callable[..., Answer], root: Section) -> None:
    answer = wsgi("/healthz", HTTP_X_REQUEST_ID="0af7651916cd43dd", REMOTE_ADDR="127.0.0.1")
    assert answer.headers["X-Request-Id"] == "0af7651916cd43dd"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("203.0.113.7", "0af7651916cd43dd"),
        ("127.0.0.1", "short"),
        ("127.0.0.1", 'x"}\n{"level":'),
        ("127.0.0.1", "x" * 65),
    ],
)
def test_another_name_is_not(wsgi: Callable[..., Answer], root: Section, address: str, name: str) -> None:
    answer = wsgi("/healthz", HTTP_X_REQUEST_ID=name, REMOTE_ADDR=address)
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize("path", ["/a%0Ab", '/a"b', "/" + "长" * 900, "/%E2%80%A8"])
def test_no_path_breaks_a_line(client: Client, root: Section, log: list[str], path: str) -> None:
    client.get(path)
    assert [json.loads(line)["status"] for line in log] == [404]
    assert len(log[0]) < 1000


def test_a_failure_of_ours_has_its_traceback_in_the_same_line(
    client: Client, root: Section, log: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr("papers.pages.Tree.__init__", lambda *_args: 1 / 0)
    client.raise_request_exception = False
    name = client.get("/papers/").headers["X-Request-Id"]
    failure, request = map(json.loads, log)
    assert "ZeroDivisionError" in failure["exception"]
    assert failure["request"] == request["request"] == name
    assert request["status"] == 500


def test_a_person_gets_words() -> None:
    form = Plain("{levelname} [{request_id}] {message}", style="{")
    record = logging.makeLogRecord({"msg": "one %d", "args": (2,), "levelname": "INFO"})
    assert form.format(record) == "INFO [-] one 2"
