"""What a browser is told to refuse, on whatever it is sent; and what Mozilla's HTTP Observatory would say of the site.

Its criteria are those of its documented scoring: from 100 points on it is an A+.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers.models import Section
from tests.examples import address, one_of_each, with_something_to_undo
from tests.routes import ROUTES

ROOT = Path(__file__).resolve().parent.parent
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.fixture
def things(root: Section) -> dict[str, Any]:
    return one_of_each(root)


@pytest.fixture
def owner_client(things: dict[str, Any]) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("owner"))
    return with_something_to_undo(client, things)


def policy_of(response: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: sources for name, _space, sources in parts if name != "upgrade-insecure-requests"}


def is_strict(response: Any) -> bool:
    """But for pictures, which get less, and for the writing desk, which shows the preview in a frame."""
    policy = policy_of(response)
    own_frames = {"frame-src": "'self'"}.items() <= policy.items()
    framed = policy.get("frame-ancestors") == "'self'"
    policy = {name: sources for name, sources in policy.items() if name != "frame-src"}
    expected = {**POLICY, "frame-ancestors": "'self'"} if framed else POLICY
    return policy == expected and (own_frames or "frame-src" not in policy)


def assert_guarded(response: Any, url: str) -> None:
    assert response["X-Content-Type-Options"] == "nosniff", url
    is_secret = "/-/draft/" in url and response.status_code == 200  # by its address
    referrer = "no-referrer" if is_secret else "strict-origin-when-cross-origin"
    assert response["Referrer-Policy"] == referrer, url
    assert response["Cross-Origin-Opener-Policy"] == "same-origin", url
    assert "camera=()" in response["Permissions-Policy"], url
    assert "Access-Control-Allow-Origin" not in response, url
    if "/figures/" in url and response.status_code == 200:
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        return
    assert response["Cross-Origin-Resource-Policy"] == "same-origin", url
    assert is_strict(response), (url, response["Content-Security-Policy"])
    framed = policy_of(response)["frame-ancestors"] == "'self'"
    assert response["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY"), url
    assert not framed or "/preview/" in url


def assert_no_inline(response: Any, url: str) -> None:
    if not response.get("Content-Type", "").startswith("text/html"):
        return
    html = response.content.decode()
    assert not re.search(r'<script(?![^>]*\ssrc=)(?![^>]*\stype="application/(ld\+)?json")', html), url
    assert not re.search(r"<style|<[^>]*\s(style|on[a-z]+)=", html), url


def test_every_route_is_guarded_for_readers(things: dict[str, Any]) -> None:
    client = Client(raise_request_exception=False)
    for url in (address(route, things) for route in ROUTES):
        response = client.get(url)
        assert_guarded(response, url)
        assert_no_inline(response, url)
        b"".join(response)  # which closes a file


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_route_is_guarded_for_the_owner(
    owner_client: Client, things: dict[str, Any], method: str
) -> None:
    """Forms without what they need are shown again; of pages that do not take the method, the refusal counts."""
    for route in ROUTES:
        if "logout" in route.written:
            continue
        url = address(route, things)
        response = getattr(owner_client, method)(url)
        assert_guarded(response, url)
        assert_no_inline(response, url)
        b"".join(response)  # which closes a file


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/nothing", 404),
        ("/%00", 400),
        ("/shelf/gone.html", 410),
        ("/SHELF/Known.html", 301),
        ("/p/known-paper/", 302),
        ("/-/figures/nothing.png", 404),
    ],
)
def test_refusals_are_guarded(client: Client, things: dict[str, Any], url: str, status: int) -> None:
    response = client.get(url)
    assert response.status_code == status
    assert_guarded(response, url)


def test_a_failure_is_guarded(client: Client, things: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr("papers.views.machines.sitemaps.parts", lambda: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/sitemap.xml")
    assert response.status_code == 500
    assert_guarded(response, "/sitemap.xml")


@pytest.mark.parametrize(("headers", "status"), [({}, 403), ({"host": "evil.example"}, 400)])
def test_a_refused_request_is_guarded(things: dict[str, Any], headers: Any, status: int) -> None:
    """Without a token, and for another host."""
    response = Client(enforce_csrf_checks=True).post("/admin/login/", headers=headers)
    assert response.status_code == status
    assert_guarded(response, "/admin/login/")


# --- An https site, as the Observatory would look at it ---------------------------------------------------

LOOK = """
import json, logging, django
django.setup()
from django.core.management import call_command
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
logging.disable()
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
call_command("migrate", verbosity=0)
User.objects.create_superuser("owner", password="x")
host = {"host": settings.ALLOWED_HOSTS[0]}
client = Client(headers=host)
home = settings.SESSION_COOKIE_PATH
login = client.get(f"{home}admin/login/".removeprefix(settings.FORCE_SCRIPT_NAME or ""), secure=True)
after = client.post("/admin/login/", {"username": "owner", "password": "x"}, secure=True)
language = client.post("/-/language/", {"language": "en"}, secure=True)
page = Client(headers=host).get("/robots.txt", secure=True)
plain = Client(headers=host).get("/robots.txt")
told = lambda answer: {"status": answer.status_code, "headers": dict(answer.headers),
                       "cookies": {name: dict(morsel) for name, morsel in answer.cookies.items()}}
print(json.dumps({"login": told(login), "after": told(after), "language": told(language),
                  "page": told(page), "plain": told(plain)}))
"""


def look(**variables: str) -> Any:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:", **variables}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "papercache_project.settings",
        "SECRET_KEY": "0123456789abcdef" * 4,
    }
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen() -> Any:
    return look(PAPERCACHE_URL="https://papers.example.org")


@pytest.fixture
def headers(seen: Any) -> Any:
    assert seen["page"]["status"] == 200
    return seen["page"]["headers"]


def test_csp_without_unsafe_and_with_default_src_none(headers: Any) -> None:
    """10 points."""
    assert policy_of(headers) == POLICY
    assert "upgrade-insecure-requests" in headers["Content-Security-Policy"]


def test_no_cookie_for_a_reader_and_guarded_ones_for_editors(seen: Any) -> None:
    """5 points where there are cookies, 0 where there are none."""
    assert seen["page"]["cookies"] == {}
    cookies = seen["login"]["cookies"] | seen["after"]["cookies"] | seen["language"]["cookies"]
    assert set(cookies) == {"__Host-csrftoken", "__Host-sessionid", "django_language"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_below_a_prefix_cookies_are_of_the_prefix_alone() -> None:
    seen = look(PAPERCACHE_URL="https://papers.example.org/cache")
    cookies = seen["login"]["cookies"] | seen["after"]["cookies"] | seen["language"]["cookies"]
    assert set(cookies) == {"__Secure-csrftoken", "__Secure-sessionid", "django_language"}
    assert {cookie["path"] for cookie in cookies.values()} == {"/cache/"}


def test_content_is_not_shared_with_other_origins(headers: Any) -> None:
    """No points, and none lost; 10 for the resource policy."""
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_http_leads_to_https_on_the_same_host(seen: Any) -> None:
    assert seen["plain"]["status"] == 301
    assert seen["plain"]["headers"]["Location"] == "https://papers.example.org/robots.txt"


def test_the_referrer_policy_is_a_private_one(headers: Any) -> None:
    """5 points."""
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_strict_transport_for_a_year_and_this_host_alone(headers: Any) -> None:
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("reach", "told"),
    [
        ("subdomains", "max-age=31536000; includeSubDomains"),
        ("preload", "max-age=31536000; includeSubDomains; preload"),
    ],
)
def test_strict_transport_reaches_as_far_as_the_owner_says(reach: str, told: str) -> None:
    seen = look(PAPERCACHE_URL="https://papers.example.org", PAPERCACHE_HSTS=reach)
    assert seen["page"]["headers"]["Strict-Transport-Security"] == told


def test_scripts_are_our_own(client: Client, things: dict[str, Any]) -> None:
    """No integrity attribute is asked for where all come from the same origin."""
    scripts = re.findall(r'<script[^>]*\ssrc="([^"]*)"', client.get("/shelf/Known.html").content.decode())
    assert scripts
    assert all(script.startswith("/static/") for script in scripts)


def test_types_are_not_guessed(headers: Any) -> None:
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_frames_a_page(headers: Any) -> None:
    """5 points for the policy; the older header says the same."""
    assert policy_of(headers)["frame-ancestors"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"


def test_static_files_are_not_shared_and_not_guessed(wsgi: Any, settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "icon.svg").write_text("<svg/>")
    answer = wsgi("/static/icon.svg")
    assert answer.status == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
