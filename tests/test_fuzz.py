"""Whatever is sent to whatever route: no failure, no traceback, no markup thrown back, no way to another host.

A few examples of each route, always the same ones; `PAPERCACHE_FUZZ=500` tries that many, others each time.
"""

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from papers.models import Section
from papers.roles import ADMINISTRATOR, CONTRIBUTOR
from tests.examples import address, one_of_each, with_something_to_undo
from tests.people import member
from tests.routes import ROUTES, Route

ASKED = int(os.environ.get("PAPERCACHE_FUZZ", "0"))
EXAMPLES = settings(
    max_examples=ASKED or 2,
    derandomize=not ASKED,
    database=None,
    deadline=None,
    print_blob=bool(ASKED),
    suppress_health_check=list(HealthCheck),
)
MARKUP = "\"'><script>m4rk</script><img src=x onerror=m4rk>"
THROWN_BACK = re.compile(r"<script>m4rk|<img[^>]*\sonerror=m4rk", re.IGNORECASE)
METHODS = ["POST", "POST", "POST", "GET", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]

# --- What is sent -----------------------------------------------------------------------------------------

HOSTILE = [
    *(
        MARKUP,
        "\0",
        "x\0y",
        "\ud800",
        "\udfff\ud800",
        "\ufffe",
        "\u202e反",
        "\r\nSet-Cookie: a=b",
        "e\u0301" * 50,
    ),
    *(
        "9" * 30,
        "-1",
        "0",
        "1e309",
        "NaN",
        "٣",
        "１２",
        "²",
        "99999-01",
        "2025-13",
        "2025-02-30",
        "0000-00-00",
    ),
    *(
        "",
        " ",
        "\u3000",
        "\t\n",
        "a" * 3000,
        "字" * 3000,
        "%",
        "%00",
        "%s%n",
        "{{ 7|add:7 }}",
        "../../settings.py",
    ),
    *(
        "[]",
        "{}",
        "null",
        "true",
        '{"a": {"b": [1]}}',
        '{"papers": [[]]}',
        "[" * 2000,
        '"',
        "\\",
        "'; --",
        "*",
        "(",
    ),
    *(
        "//evil.example/",
        "https://evil.example/",
        "javascript:m4rk",
        "/",
        "$x$",
        "$" * 500,
        "[[",
        "【1，a】",
        "```",
    ),
    *(
        "known-paper",
        "known-draft",
        "gone",
        "moe",
        "/shelf/",
        "1",
        "2",
        "2025-07",
        "publish",
        "html",
        "on",
        "all",
    ),
    *(
        "tag:moe",
        "year:2025-1",
        '"',
        "-",
        "tag:",
        "arXiv:2309.06180",
        "@article{a, title={",
        "data:image/png;base64,A",
    ),
]
texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=12)


def _names_in_the_code() -> list[str]:
    """What views look for in queries and forms, read off their source."""
    source = "".join(path.read_text() for path in Path(django_settings.BASE_DIR, "papers").rglob("*.py"))
    asked = re.findall(r'(?:GET|POST)(?:\.get|\.getlist)?[\[(]\s*"(\w+)"', source)
    filters = re.findall(r'parameter_name = "(\w+)"', source)
    return sorted(
        {*asked, *filters, *"q p o e all page _popup _to_field _changelist_filters action index".split()}
    )


names = st.sampled_from(_names_in_the_code()) | texts
pairs = st.lists(st.tuples(names, texts), max_size=4)


def encoded(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="/")


def urlencoded(fields: list[tuple[str, str]]) -> str:
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in fields)


def multipart(fields: list[tuple[str, str]], files: list[tuple[str, str, bytes]]) -> bytes:
    parts = [(f'name="{name}"', value.encode("utf-8", "surrogatepass")) for name, value in fields]
    parts += [(f'name="{name}"; filename="{file}"', content) for name, file, content in files]
    return (
        b"".join(
            b"--edge\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
            % (head.encode("utf-8", "surrogatepass"), content)
            for head, content in parts
        )
        + b"--edge--\r\n"
    )


@st.composite
def bodies(draw: Any, fields: list[tuple[str, str]]) -> tuple[bytes, str]:
    """The form of the page with some of it changed, doubled or left out; or what no browser sends."""
    kept = [pair for pair in fields if draw(st.integers(0, 9)) < 9]
    changed = draw(
        st.lists(st.tuples(st.sampled_from([name for name, _ in fields] or ["x"]), texts), max_size=4)
    )
    replaced = {name for name, _value in changed}
    sent = [pair for pair in kept if pair[0] not in replaced] + changed + draw(pairs)
    files = draw(st.lists(st.tuples(names, texts, st.binary(max_size=40)), max_size=2))
    whole = multipart(sent, [(name, file.replace('"', ""), content) for name, file, content in files])
    raw = draw(st.binary(max_size=60))
    return draw(
        st.sampled_from(
            [
                (urlencoded(sent).encode(), "application/x-www-form-urlencoded"),
                (urlencoded(sent).encode(), "application/x-www-form-urlencoded; charset=utf-16"),
                (whole, "multipart/form-data; boundary=edge"),
                (whole[: len(whole) // 2], "multipart/form-data; boundary=edge"),
                (whole, "multipart/form-data; boundary="),
                (whole, "multipart/form-data"),
                (raw, "application/json"),
                (raw, "application/x-www-form-urlencoded"),
                (raw, "multipart/form-data; boundary=edge"),
                (raw, ""),
            ]
        )
    )


@st.composite
def targets(draw: Any, route: Route, good: str) -> str:
    """A path that leads to something, or one that the route's expression takes."""
    path = draw(st.just(good) | st.from_regex(route.regex, fullmatch=True))
    query = draw(pairs)
    return encoded(path) + (f"?{urlencoded(query)}" if query else "")


# --- What has to hold -------------------------------------------------------------------------------------


def assert_harmless(response: Any) -> None:
    assert response.status_code < 500
    location = urlsplit(response.get("Location", ""))
    assert location.netloc in ("", "testserver", "127.0.0.1:8000")
    assert "\n" not in "".join(map(str, response.headers.values()))
    body = b"".join(response)  # which closes a file
    if "html" in response.get("Content-Type", "") or "xml" in response.get("Content-Type", ""):
        text = body.decode()
        assert not THROWN_BACK.search(text)
        assert "Traceback (most recent call last)" not in text


class _Fields(HTMLParser):
    """What the largest form of a page would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = [{}]
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif (
            tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given)
        ):
            self.forms[-1][name] = given.get("value", "")
        elif tag in ("select", "textarea") and name:
            self.select, self.area = (name, "") if tag == "select" else ("", name)
            self.forms[-1][name] = ""
        elif tag == "option" and self.select and "selected" in given:
            self.forms[-1][self.select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.area:
            self.forms[-1][self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.select = self.area = ""


def fields_of(client: Client, url: str) -> list[tuple[str, str]]:
    response = client.get(url)
    body, reader = b"".join(response), _Fields()
    if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
        reader.feed(body.decode())
    return list(max(reader.forms, key=len).items())


def try_route(client: Client, route: Route, good: str) -> None:
    fields, cookies = fields_of(client, good), client.cookies.copy()

    @EXAMPLES
    @given(st.sampled_from(METHODS), targets(route, good), bodies(fields))
    def send(method: str, target: str, body: tuple[bytes, str]) -> None:
        note(f"{route}: {method} {target} {body}")
        with transaction.atomic():  # the next example finds everything as it was
            content, content_type = body if method not in ("GET", "HEAD") else (b"", "")
            assert_harmless(client.generic(method, target, content, content_type))
            transaction.set_rollback(True)
        client.cookies = cookies.copy()
        cache.clear()

    send()


# --- Who sends it -----------------------------------------------------------------------------------------


@pytest.fixture
def things(root: Section, settings: Any) -> Iterator[dict[str, Any]]:
    settings.PAPERCACHE_ARXIV_URL = settings.PAPERCACHE_CROSSREF_URL = "http://127.0.0.1:1"
    return one_of_each(root)


def signed_in(user: User, things: dict[str, Any]) -> Client:
    client = Client()
    client.force_login(user)
    return with_something_to_undo(client, things)


def test_what_readers_send(client: Client, things: dict[str, Any]) -> None:
    for route in ROUTES:
        try_route(client, route, address(route, things))


@pytest.mark.parametrize("group", [CONTRIBUTOR, ADMINISTRATOR])
def test_what_members_of_the_staff_send(things: dict[str, Any], group: str) -> None:
    client = signed_in(member(group), things)
    for route in ROUTES:
        try_route(client, route, address(route, things))
