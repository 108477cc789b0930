"""An admin that is somewhere else than where everybody looks for it."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import clear_url_caches, get_urlconf, reverse, set_urlconf

from papercache_project import urls
from papers.models import Paper, Section
from tests.conftest import make_section
from tests.reading import links_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def elsewhere(settings: Any) -> Iterator[None]:
    settings.PAPERCACHE_ADMIN_PATH = "schreibtisch"
    _read_routes_again()
    yield
    settings.PAPERCACHE_ADMIN_PATH = "admin"
    _read_routes_again()


def _read_routes_again() -> None:
    importlib.reload(urls)
    clear_url_caches()
    set_urlconf(get_urlconf())


def test_the_admin_is_there(client: Client) -> None:
    assert client.get("/schreibtisch/")["Location"] == "/schreibtisch/login/?next=/schreibtisch/"
    assert client.get("/schreibtisch/login/").status_code == 200


def test_where_everybody_looks_is_a_page_like_any_unknown(client: Client, root: Section) -> None:
    for path in ("/admin/", "/admin/login/", "/admin"):
        assert client.get(path).status_code == 404


def test_an_editor_s_links_lead_there(client: Client, published_paper: Paper) -> None:
    client.force_login(User.objects.create_superuser("owner"))
    page = client.get(published_paper.get_absolute_url()).content.decode()
    form = reverse("admin:papers_paper_change", args=[published_paper.pk])
    assert form.startswith("/schreibtisch/")
    assert form in links_in(page)
    links = links_in(page + client.get(form).content.decode())
    assert not [link for link in links if link.startswith("/admin/")]


def test_a_login_leads_there(client: Client) -> None:
    User.objects.create_superuser("owner", password="the right one")
    data = {"username": "owner", "password": "the right one"}
    assert client.post("/schreibtisch/login/", data)["Location"] == "/schreibtisch/"


def test_readers_and_robots_are_not_told(client: Client, published_paper: Paper) -> None:
    for path in (
        "/",
        published_paper.get_absolute_url(),
        "/robots.txt",
        "/sitemap.xml",
        "/nothing",
        "/admin/",
    ):
        assert "schreibtisch" not in client.get(path).content.decode(), path


def test_robots_that_find_it_are_told_to_go(client: Client) -> None:
    assert 'name="robots" content="NONE,NOARCHIVE"' in client.get("/schreibtisch/login/").content.decode()


@pytest.mark.parametrize("slug", ["schreibtisch", "Schreibtisch", "admin"])
def test_no_section_takes_either_path(root: Section, slug: str) -> None:
    with pytest.raises(ValidationError, match="网站自用"):
        Section(parent=root, slug=slug, title="栏目").clean()


def test_a_section_that_it_would_hide_is_named(root: Section) -> None:
    make_section("schreibtisch", root, title="写字台")
    [error] = [error for error in run_checks(databases=["default"]) if error.id == "papers.E002"]
    assert "写字台" in error.msg
