"""The report: what `check_site` found last, and a part checked again from the browser."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from papers import site_check
from papers.admin import report
from papers.models import Paper, Report, Section
from papers.site_check import Finding, Part, reports
from tests.conftest import make_paper, make_section

REPORT = "/admin/papers/report/"


@pytest.fixture
def broken(section: Section) -> Paper:
    make_section("s", section, text="[字](/none/)")
    paper = make_paper(section, "p", notes="[字](/none/) [字](#没有)")
    with pytest.raises(CommandError):
        call_command("check_site", "links", "--no-external")
    return paper


def page(client: Client, query: str = "") -> str:
    return client.get(f"{REPORT}{query}").content.decode()


def test_nothing_was_checked_yet(admin_client: Client) -> None:
    assert "还没有检查过" in page(admin_client)


def test_each_finding_leads_to_its_form(admin_client: Client, broken: Paper) -> None:
    shown = page(admin_client)
    assert "检查了 4 处，发现 3 个问题" in shown
    assert f'<a href="/admin/papers/paper/{broken.pk}/change/">/RL/p.html:1</a>' in shown
    assert f'<a href="/admin/papers/section/{Section.objects.get(slug="s").pk}/change/">/RL/s/:1</a>' in shown


def test_a_kind_can_be_chosen(admin_client: Client, broken: Paper) -> None:
    response: Any = admin_client.get(f"{REPORT}?part=links&kind=anchor")
    assert [finding.kind for finding, _url in response.context["rows"]] == ["anchor"]


def test_findings_come_in_pages(admin_client: Client, db: None) -> None:
    found = reports.Found()
    found.add([Finding(f"/{number}/", "broken", "坏了") for number in range(60)])
    reports.keep("links", found)
    assert "?part=links&amp;p=2" in page(admin_client, "?part=links")
    assert "/59/" in page(admin_client, "?part=links&p=2")


def test_it_speaks_the_readers_language(admin_client: Client, broken: Paper) -> None:
    admin_client.cookies["django_language"] = "en"
    assert "The link leads to an address that does not exist." in page(admin_client)


@pytest.mark.parametrize("part", ["links", "addresses", "notes"])
def test_a_part_is_checked_again(admin_client: Client, broken: Paper, part: str) -> None:
    Report.objects.all().delete()
    answer = admin_client.post(f"{REPORT}{part}/again/")
    assert answer["Location"] == f"{REPORT}?part={part}"
    assert reports.kept()[part].looked_at >= 4


@pytest.mark.parametrize("part", ["external", "none"])
def test_other_sites_are_not_asked_from_here(admin_client: Client, part: str) -> None:
    assert admin_client.post(f"{REPORT}{part}/again/").status_code == 404


def test_what_takes_too_long_changes_nothing(
    admin_client: Client, broken: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reports.kept()
    monkeypatch.setattr(report, "SECONDS", 0)
    response: Any = admin_client.post(f"{REPORT}links/again/", follow=True)
    assert "check_site links" in str(next(iter(response.context["messages"])))
    assert reports.kept() == before


def test_what_is_mended_is_gone(admin_client: Client, broken: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(site_check.PARTS, "links", Part(lambda: 1, lambda: iter([[]])))
    admin_client.post(f"{REPORT}links/again/")
    assert reports.kept()["links"].total == 0


def test_it_needs_the_token(admin_client: Client, admin_user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(f"{REPORT}links/again/").status_code == 403
