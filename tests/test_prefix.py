"""The same site below `/papercache`, whether or not the proxy in front takes the prefix off."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest

from papers.models import Section

from .conftest import make_paper, make_section
from .reading import Answer, links_in

Ask = Callable[..., Answer]
BASE = "https://example.org/papercache"


@pytest.fixture
def prefixed(wsgi: Ask, settings: Any) -> Ask:
    """What settings.py makes of PAPERCACHE_URL; the first test shows that it does."""
    settings.PAPERCACHE_URL = BASE
    settings.FORCE_SCRIPT_NAME = "/papercache"
    settings.STATIC_URL = "/papercache/static/"
    settings.CSRF_COOKIE_PATH = settings.LANGUAGE_COOKIE_PATH = "/papercache/"
    settings.ALLOWED_HOSTS = ["example.org", "127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = ["^papercache/(healthz|readyz)$"]
    return lambda target, **environ: wsgi(target, **{"HTTP_X_FORWARDED_PROTO": "https", **environ})


@pytest.fixture
def note(section: Section) -> None:
    make_section("about", parent=section.parent, title="关于", in_navigation=True)
    make_paper(
        section, "Note", tags=("MoE",), venue="SOSP 2023", notes="见[关于](/about/)和![图](/media/a.png)。"
    )


BOTH_WAYS = pytest.mark.parametrize(
    "sent", ["/papercache", ""], ids=["kept by the proxy", "stripped by the proxy"]
)


def test_settings_follow_the_one_address() -> None:
    names = (
        "FORCE_SCRIPT_NAME STATIC_URL MEDIA_URL SESSION_COOKIE_PATH CSRF_COOKIE_PATH LANGUAGE_COOKIE_PATH "
        "LANGUAGE_COOKIE_SECURE SECURE_REDIRECT_EXEMPT"
    )
    code = f"from papercache_project import settings as s; import json; print(json.dumps([getattr(s, n) for n in {names.split()!r}]))"
    environ = {**os.environ, "PAPERCACHE_URL": BASE}
    out = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    ).stdout
    below = "/papercache/"
    assert json.loads(out) == [
        "/papercache",
        f"{below}static/",
        f"{below}media/",
        below,
        below,
        below,
        True,
        ["^papercache/(healthz|readyz)$"],
    ]


@BOTH_WAYS
def test_every_page_answers(prefixed: Ask, note: None, sent: str) -> None:
    for path in (
        "/",
        "/RL/",
        "/RL/Note.html",
        "/papers/",
        "/tags/moe/",
        "/2025/07/",
        "/search/?q=Note",
        "/RL/Note.bib",
    ):
        assert prefixed(sent + path).status == 200, path


@BOTH_WAYS
@pytest.mark.parametrize(
    "path", ["/", "/RL/", "/RL/Note.html", "/papers/", "/tags/", "/tags/moe/", "/search/?q=Note", "/nothing"]
)
def test_every_link_of_a_page_carries_the_prefix(prefixed: Ask, note: None, sent: str, path: str) -> None:
    local = [
        link for link in links_in(prefixed(sent + path).text) if not re.match("https?:|mailto:|#|\\?", link)
    ]
    assert local
    assert [link for link in local if not link.startswith("/papercache/")] == []


@BOTH_WAYS
def test_redirects_carry_the_prefix_once(prefixed: Ask, note: None, sent: str) -> None:
    for asked, true in {
        "/rl": "/papercache/RL/",
        "/Papers?page=1": "/papercache/papers/?page=1",
        "/rl//note.html": "/papercache/RL/Note.html",
        "/tags/MoE/": "/papercache/tags/moe/",
    }.items():
        assert prefixed(sent + asked).headers["Location"] == true


def test_prefix_without_its_slash_is_the_front_page(prefixed: Ask, note: None) -> None:
    assert prefixed("/papercache").status == 200


def test_links_typed_in_a_note_carry_the_prefix(prefixed: Ask, note: None) -> None:
    text = prefixed("/papercache/RL/Note.html").text
    assert 'href="/papercache/about/"' in text
    assert 'src="/papercache/media/a.png"' in text


def test_canonical_is_the_public_address(prefixed: Ask, note: None) -> None:
    for path in ("/", "/RL/", "/RL/Note.html", "/papers/"):
        assert f'<link rel="canonical" href="{BASE}{path}">' in prefixed(path).text


@pytest.mark.parametrize("name", ["/feed.xml", "/RL/feed.xml", "/tags/moe/feed.xml"])
def test_feeds_speak_of_public_addresses_only(prefixed: Ask, note: None, name: str) -> None:
    answer = prefixed(f"/papercache{name}")
    feed = feedparser.parse(answer.content)
    assert feed.entries[0].link == f"{BASE}/RL/Note.html"
    assert f'href="{BASE}/about/"' in feed.entries[0].content[0].value
    assert "127.0.0.1" not in answer.text


def test_sitemap_and_robots_speak_of_public_addresses_only(prefixed: Ask, note: None) -> None:
    places = re.findall("<loc>(.*?)</loc>", prefixed("/papercache/sitemap.xml").text)
    assert f"{BASE}/RL/Note.html" in places
    assert all(place.startswith(f"{BASE}/") for place in places)
    robots = prefixed("/robots.txt").text
    assert f"Sitemap: {BASE}/sitemap.xml" in robots
    assert "Disallow: /papercache/admin/" in robots


def test_record_speaks_of_public_addresses_only(prefixed: Ask, note: None) -> None:
    assert json.loads(prefixed("/papercache/RL/Note.json").content)["url"] == f"{BASE}/RL/Note.html"


def test_section_that_begins_like_the_prefix_keeps_its_path(prefixed: Ask, note: None, root: Section) -> None:
    make_section("papercache-papers", parent=root)
    assert prefixed("/papercache/papercache-papers/").status == 200
    assert prefixed("/papercache-papers/").status == 200


def choose_english(prefixed: Ask, sent: str, back: str) -> Answer:
    """As a browser does it: read the form, send it back with its token and cookie."""
    page = prefixed(f"{sent}/-/language/", HTTP_HOST="example.org")
    token = re.search('name="csrfmiddlewaretoken" value="(.*?)"', page.text)
    assert token
    body = urlencode({"csrfmiddlewaretoken": token[1], "language": "en", "next": back}).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "HTTP_HOST": "example.org",
        "HTTP_ORIGIN": "https://example.org",
        "HTTP_COOKIE": page.headers["Set-Cookie"].partition(";")[0],
    }
    return prefixed(f"{sent}/-/language/", **environ)


@BOTH_WAYS
def test_chosen_language_is_kept_below_the_prefix(prefixed: Ask, note: None, sent: str) -> None:
    answer = choose_english(prefixed, sent, "/papercache/RL/")
    assert (answer.status, answer.headers["Location"]) == (302, "/papercache/RL/")
    assert {"django_language=en", "Path=/papercache/"} <= set(
        answer.headers["Set-Cookie"].strip().split("; ")
    )


@BOTH_WAYS
def test_language_switch_leads_to_nothing_beside_the_prefix(prefixed: Ask, note: None, sent: str) -> None:
    assert choose_english(prefixed, sent, "/elsewhere/").headers["Location"] == "/papercache/"


# --- Whose X-Forwarded-* count ----------------------------------------------------------------------------


def test_trusted_proxy_is_believed(prefixed: Ask, note: None) -> None:
    assert prefixed("/papercache/", REMOTE_ADDR="127.0.0.1").status == 200


def test_proxy_on_a_unix_socket_is_trusted(prefixed: Ask, note: None) -> None:
    assert prefixed("/papercache/", REMOTE_ADDR="").status == 200


def test_stranger_is_not_believed(prefixed: Ask, note: None) -> None:
    answer = prefixed("/papercache/RL/", REMOTE_ADDR="203.0.113.9", HTTP_HOST="example.org")
    assert (answer.status, answer.headers["Location"]) == (301, f"{BASE}/RL/")


def test_plain_http_is_sent_to_https_except_the_health_check(prefixed: Ask, note: None) -> None:
    assert prefixed("/papercache/", HTTP_X_FORWARDED_PROTO="http").status == 301
    assert prefixed("/healthz", HTTP_X_FORWARDED_PROTO="http").status == 200


def test_forwarded_host_of_anybody_is_ignored(prefixed: Ask, note: None) -> None:
    answer = prefixed("/papercache/", HTTP_X_FORWARDED_HOST="evil.example")
    assert answer.status == 200
    assert "evil.example" not in answer.text


def test_unknown_host_is_400(prefixed: Ask, note: None) -> None:
    assert prefixed("/papercache/", HTTP_HOST="evil.example").status == 400
