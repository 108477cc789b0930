"""What every response says besides its page: who may keep it, what a browser may do with it, and whose site it is."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client

from papers import figures, page_cache
from papers.models import Section

from .conftest import make_paper
from .drawing import picture
from .reading import links_in, text_of

PAGES = [
    "/",
    "/RL/",
    "/RL/x.html",
    "/papers/",
    "/tags/",
    "/tags/moe/",
    "/venues/v/",
    "/2025/07/",
    "/search/",
    "/search/?q=x",
]
MACHINES = [
    "/feed.xml",
    "/feed.json",
    "/RL/x.bib",
    "/-/papers.bib",
    "/sitemap.xml",
    "/robots.txt",
    "/healthz",
    "/p/u/",
]
ERRORS = ["/nothing", "/rl", "/search/?q=" + "x" * 300, "/a%00", "/search/?q=%00", "/papers/?page=9"]
EVERYTHING = pytest.mark.parametrize("path", [*PAGES, *MACHINES, *ERRORS])


@pytest.fixture(autouse=True)
def site(section: Section) -> None:
    make_paper(section, "x", uid="u", tags=("MoE",), venue="V", notes="## h\n\n$x$\n\n```python\nx = 1\n```")


@EVERYTHING
def test_anonymous_pages_set_no_cookie_and_may_be_kept_by_any_cache(client: Client, path: str) -> None:
    response = client.get(path)
    assert not response.cookies
    assert "Cookie" in response.headers["Vary"]
    kept = "no-store" if path == "/healthz" else "public, max-age=0, must-revalidate"
    assert response.headers["Cache-Control"] in (kept, "max-age=60")


@EVERYTHING
@pytest.mark.parametrize("cookie", ["sessionid", "django_language"])
def test_personal_pages_are_kept_by_nobody(client: Client, path: str, cookie: str) -> None:
    client.cookies[cookie] = "en"
    control = client.get(path).headers["Cache-Control"]
    assert control in ("private, no-store", "max-age=60", "no-store")


@EVERYTHING
def test_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "font-src", "form-action")} == {"'self'"}
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/a%00", "/admin/login/"])
def test_pages_keep_to_the_policy(client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    assert not re.search(r'<script(?![^>]*\ssrc=|\stype="application/ld\+json">)', html)  # which is data
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    shown = [
        link
        for link in links_in(html)
        if link.startswith("http") and not link.startswith("http://127.0.0.1:8000/")
    ]
    assert not [link for link in shown if re.search(r"\.(css|js|woff2?|png|svg)$", link)]


def test_editors_see_fresh_pages(editor_client: Client) -> None:
    assert editor_client.get("/RL/").headers["Cache-Control"] == "private, no-store"


def test_strict_transport_over_https_only(client: Client, settings: Any) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert "max-age=31536000" in Client().get("/", secure=True).headers["Strict-Transport-Security"]


def test_footer_names_owner_licence_contact_and_icp(client: Client, settings: Any) -> None:
    settings.PAPERCACHE_OWNER = "张三"
    settings.PAPERCACHE_LICENCE = "CC BY 4.0"
    settings.PAPERCACHE_LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
    settings.PAPERCACHE_CONTACT = "me@example.org"
    settings.PAPERCACHE_ICP = "京ICP备00000000号"
    for path in ("/", "/RL/x.html", "/nothing"):
        response = client.get(path)
        footer, links = text_of(response, "footer"), links_in(response.content.decode())
        assert [words in footer for words in ("张三", "CC BY 4.0", "京ICP备00000000号")] == [True] * 3
        assert {
            "https://beian.miit.gov.cn/",
            "mailto:me@example.org",
            settings.PAPERCACHE_LICENCE_URL,
        } <= set(links)


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("https://example.org/me", 'href="https://example.org/me"'),
        ("me@example.org", 'href="mailto:me@example.org"'),
        ("微信 papercache", "联系：微信 papercache"),
        ("javascript:alert(1)", "联系：javascript:alert(1)"),
    ],
)
def test_contact_may_be_a_page_an_address_or_words(
    client: Client, settings: Any, contact: str, shown: str
) -> None:
    settings.PAPERCACHE_CONTACT = contact
    assert shown in client.get("/").content.decode()


def test_footer_leaves_out_what_is_not_set(client: Client, settings: Any) -> None:
    settings.PAPERCACHE_LICENCE = settings.PAPERCACHE_CONTACT = settings.PAPERCACHE_ICP = ""
    words = "馆藏一览 订阅 快捷键与设置 English"
    assert text_of(client.get("/"), "footer") == f"© {settings.PAPERCACHE_OWNER} {words}"


def test_name_of_the_site_is_on_every_page(client: Client, settings: Any) -> None:
    settings.PAPERCACHE_NAME = "某某札记"
    for path in ("/RL/", "/papers/", "/nothing"):
        assert "某某札记" in text_of(client.get(path), "header")
        assert "某某札记" in text_of(client.get(path), "title")


def test_account_without_rights_gets_the_readers_page(client: Client) -> None:
    client.force_login(User.objects.create_user("reader"))
    assert b"/admin/" not in client.get("/RL/x.html").content


def test_text_is_sent_compressed_and_pictures_as_they_are(client: Client) -> None:
    address = figures.store(picture()).get_absolute_url()
    accept = {"accept-encoding": "gzip"}
    for path in ("/RL/x.html", "/feed.xml", "/RL/x.json"):
        response = client.get(path, headers=accept)
        assert response.headers["Content-Encoding"] == "gzip", path
        assert "Accept-Encoding" in response.headers["Vary"]
        assert "Content-Encoding" not in client.get(path).headers
    shown = client.get(address, headers=accept)
    shown.close()
    assert "Content-Encoding" not in shown.headers


@pytest.mark.parametrize(
    "path", [*PAGES, *MACHINES, "/-/search/?q=x", "/-/wanted/", "/RL/x.html?in=sort%3Dmonth&at=1"]
)
def test_every_name_that_a_view_reads_is_known_to_the_page_cache(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    read: set[str] = set()

    class Noting(QueryDict):
        def __getitem__(self, name: str) -> Any:
            read.add(name)
            return super().__getitem__(name)

        def getlist(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return super().getlist(name, default)

        def __contains__(self, name: Any) -> bool:
            read.add(name)
            return super().__contains__(name)

    monkeypatch.setattr("django.core.handlers.wsgi.QueryDict", Noting)
    client.get(path)
    assert read <= page_cache.PARAMETERS
