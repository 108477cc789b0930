"""What was not found: listed for those who see all, pointed somewhere by those who may move what is there."""

from typing import Any

import pytest
from django.test import Client

from papers.models import Address, Missed, Paper, Section
from papers.roles import EDITOR, PUBLISHER
from tests.conftest import make_paper
from tests.people import member, signed_in, with_rights

LIST = "/admin/papers/missed/"


@pytest.fixture
def asked(db: None) -> Missed:
    return Missed.objects.create(kind=Missed.Kind.ADDRESS, text="/old/paper.html", count=3)


def act(client: Client, one: Missed, action: str, **data: str) -> list[str]:
    """What it says."""
    response: Any = client.post(f"{LIST}{one.pk}/{action}/", data, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def page(client: Client, query: str = "") -> str:
    return client.get(f"{LIST}{query}").content.decode()


# --- The list ---------------------------------------------------------------------------------------------


def test_the_most_asked_comes_first(admin_client: Client, asked: Missed) -> None:
    Missed.objects.create(kind="address", text="/more/", count=9)
    Missed.objects.create(kind="search", text="words")
    shown = page(admin_client)
    assert shown.index("/more/") < shown.index("/old/paper.html")
    assert "words" not in shown
    assert "words" in page(admin_client, "?kind=search")


def test_what_is_a_drafts_by_now_is_not_listed(admin_client: Client, section: Section) -> None:
    Missed.objects.create(kind="address", text="/rl/later.html")
    make_paper(section, "later", status="draft")
    assert "/rl/later.html" not in page(admin_client)


def test_the_nearest_paper_is_offered(admin_client: Client, section: Section) -> None:
    make_paper(section, "2025-07-Flash-Attention", title="FlashAttention")
    Missed.objects.create(kind="address", text="/old/flash-attention.html")
    assert 'value="/RL/2025-07-Flash-Attention.html"' in page(admin_client)


def test_an_editor_may_not_move_what_is_public(asked: Missed, published_paper: Paper) -> None:
    """And sections they may."""
    client = signed_in(member(EDITOR))
    (said,) = act(client, asked, "point", target="/RL/2025-07-Public.html")
    assert "权限" in said
    assert not Address.objects.exists()
    act(client, asked, "point", target="/RL/")
    assert Address.objects.get().kind == "section"


def test_who_only_reads_sees_no_button(asked: Missed) -> None:
    client = signed_in(with_rights("view_paper"))
    shown = page(client)
    assert "/old/paper.html" in shown
    assert "/point/" not in shown
    assert client.post(f"{LIST}{asked.pk}/point/", {"target": "/"}).status_code == 403


# --- Pointing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/RL/2025-07-Public.html", "/rl/2025-07-public.html", "{uid}", " {uid} "])
def test_one_click_points_it_to_a_paper(asked: Missed, published_paper: Paper, target: str) -> None:
    client = signed_in(member(PUBLISHER))
    (said,) = act(client, asked, "point", target=target.format(uid=published_paper.uid))
    assert "/old/paper.html" in said
    assert not Missed.objects.exists()
    assert Client().get("/old/paper.html")["Location"] == "/RL/2025-07-Public.html"


@pytest.mark.parametrize(
    "target", ["/none/", "none", "", "/RL/2025-08-Secret.html", "{uid}", "\x00", "/tags/"]
)
def test_to_what_is_not_public_it_is_not(asked: Missed, draft_paper: Paper, target: str) -> None:
    client = signed_in(member(PUBLISHER))
    (said,) = act(client, asked, "point", target=target.format(uid=draft_paper.uid))
    assert "没有已公开的论文或栏目" in said
    assert Missed.objects.exists()
    assert not Address.objects.exists()


def test_an_address_taken_meanwhile_stays_as_it_is(asked: Missed, published_paper: Paper) -> None:
    Address.objects.create(path_folded="/old/paper.html", kind="paper", uid="other")
    (said,) = act(signed_in(member(PUBLISHER)), asked, "point", target="/RL/")
    assert "已有归属" in said
    assert Address.objects.get().uid == "other"


def test_a_search_cannot_be_pointed(published_paper: Paper) -> None:
    one = Missed.objects.create(kind="search", text="words")
    client = signed_in(member(PUBLISHER))
    assert client.post(f"{LIST}{one.pk}/point/", {"target": "/RL/"}).status_code == 404


def test_what_is_forgotten_is_gone(admin_client: Client, asked: Missed) -> None:
    act(admin_client, asked, "forget")
    assert not Missed.objects.exists()


def test_what_is_gone_already_is_404(admin_client: Client) -> None:
    for pk in (1, 2**64):
        assert admin_client.post(f"{LIST}{pk}/forget/").status_code == 404


def test_the_kind_of_the_list_is_kept(admin_client: Client) -> None:
    one = Missed.objects.create(kind="search", text="words")
    assert admin_client.post(f"{LIST}{one.pk}/forget/")["Location"] == f"{LIST}?kind=search"


def test_the_pages_of_a_long_list_keep_its_kind(admin_client: Client) -> None:
    Missed.objects.bulk_create(Missed(kind="search", text=f"word {number}") for number in range(21))
    page = admin_client.get(LIST, {"kind": "search"}).content.decode()
    assert 'href="?kind=search&amp;p=2"' in page


def test_both_need_the_token(asked: Missed) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member(PUBLISHER))
    for action in ("point", "forget"):
        assert client.post(f"{LIST}{asked.pk}/{action}/", {"target": "/RL/"}).status_code == 403
