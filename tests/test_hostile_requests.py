"""Requests that nobody's browser sends, over the whole application as its server calls it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers.models import Paper, Section, Tag
from tests.conftest import make_paper
from tests.reading import Answer

CONTENT_TYPES = [
    "text/plain; charset=base64",
    "text/plain; charset=undefined",
    "text/plain; charset=utf-7",
    "text/plain; charset=unicode_escape",
    "text/plain; x*=bogus''a",
    "; charset=idna",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("target", ["/search/?q=%2B2AA-", "/papers/?page=%5Cud800", "/?page=1"])
def test_the_client_does_not_choose_the_charset(
    wsgi: Callable[..., Answer], section: Section, content_type: str, target: str
) -> None:
    assert wsgi(target, CONTENT_TYPE=content_type).status in (200, 404)


@pytest.mark.parametrize(
    "query",
    [
        "month=99999-01",
        "month=0-1",
        "month=1-13",
        "title__regex=(",
        "published_on__year=99999",
        "id__in=9" + "9" * 30,
    ],
)
def test_the_admin_list_takes_only_its_own_filters(
    editor_client: Client, published_paper: Paper, query: str
) -> None:
    assert editor_client.get(f"/admin/papers/paper/?{query}").status_code in (200, 302, 400)


@pytest.mark.parametrize("chosen", ["abc", "", "9" * 30])
def test_a_bulk_action_on_no_paper_is_refused(
    editor_client: Client, published_paper: Paper, chosen: str
) -> None:
    data = {"action": "delete_selected", "_selected_action": [chosen], "post": "yes"}
    assert editor_client.post("/admin/papers/paper/", data).status_code == 400
    assert Paper.objects.exists()


def test_a_drafts_address_is_not_told_to_staff_without_the_right(client: Client, draft_paper: Paper) -> None:
    from django.contrib.contenttypes.models import ContentType

    client.force_login(User.objects.create_user("staff", is_staff=True))
    kind = ContentType.objects.get_for_model(Paper).pk
    assert client.get(f"/admin/r/{kind}/{draft_paper.pk}/").status_code == 404


def test_a_paper_with_a_thousand_tags_is_in_the_feed(client: Client, section: Section) -> None:
    paper = make_paper(section, "many")
    tags = Tag.objects.bulk_create([Tag(name=f"t{n}", slug=f"t{n}") for n in range(1200)])
    paper.tagged.model.objects.bulk_create(
        [paper.tagged.model(content_object=paper, tag=tag) for tag in tags]
    )
    assert client.get("/feed.xml").status_code == 200


def test_a_login_leads_to_the_admin_whatever_it_was_told(client: Client, editor: User) -> None:
    data: dict[str, Any] = {"username": "editor", "password": "editor", "next": "//evil.example/"}
    assert client.post("/admin/login/", data)["Location"] == "/admin/"
