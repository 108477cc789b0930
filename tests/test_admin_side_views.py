"""Every side view of the admin, asked by anybody, by the wrong and the right role, and by the wrong method."""

from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from papers import operations, revisions, trash
from papers.admin.base import ContentAdmin
from papers.admin.desk import DeskAdmin
from papers.models import Missed, Tag
from papers.roles import ADMINISTRATOR, CONTRIBUTOR, EDITOR, PUBLISHER
from tests.conftest import made_once, make_paper, make_section
from tests.people import member, signed_in
from tests.reading import links_in, texts_of


@dataclass(frozen=True)
class Side:
    """One side view: who may, what happens to who may not, and a method that it does not take."""

    name: str
    path: str
    right: str
    wrong: str
    refused: int
    method: str = "get"
    answer: int = 200
    wrong_method: str = "post"
    data: dict[str, str] = field(default_factory=dict)


NOBODY = ""


def kept_sides(kind: str, refused: int) -> list[Side]:
    """What keeps the text of a form: for whoever may change the thing, by its uid."""
    own = {"thing_uid": f"known-{kind}", "working_writer": "window"}
    sides = [
        Side(f"{kind}_{name}", f"{kind}/{path}/", EDITOR, CONTRIBUTOR, refused, "post", 200, "get", own)
        for name, path in (
            ("working", "working"),
            ("working_comparison", "working/comparison"),
            ("presence", "presence"),
        )
    ]
    discard = Side(
        f"{kind}_working_discard", f"{kind}/working/discard/", EDITOR, NOBODY, 403, "post", 302, "get", own
    )
    return [*sides, discard, Side(f"{kind}_token", f"{kind}/token/", CONTRIBUTOR, NOBODY, 403)]


TAGGING = "?app_label=papers&model_name=taggedpaper&field_name=tag"
SIDES = [
    Side("paper_check", "paper/check/", CONTRIBUTOR, NOBODY, 403),
    Side(
        "paper_bulk", "paper/bulk/delete/", CONTRIBUTOR, NOBODY, 403, "post", 200, "get", {"selection": "{}"}
    ),
    Side("paper_bulk", "paper/bulk/move/", EDITOR, NOBODY, 403, "post", 200, "get", {"selection": "{}"}),
    Side("paper_bulk", "paper/bulk/retag/", EDITOR, NOBODY, 403, "post", 200, "get", {"selection": "{}"}),
    Side(
        "paper_bulk", "paper/bulk/publish/", PUBLISHER, EDITOR, 403, "post", 200, "get", {"selection": "{}"}
    ),
    Side(
        "paper_bulk", "paper/bulk/unpublish/", PUBLISHER, EDITOR, 403, "post", 200, "get", {"selection": "{}"}
    ),
    Side("paper_unpublish", "paper/{paper}/unpublish/", PUBLISHER, EDITOR, 403, "get", 200, "delete"),
    Side("paper_unpublish", "paper/{paper}/unpublish/", PUBLISHER, EDITOR, 403, "post", 302, "put"),
    Side("paper_record", "paper/record/", CONTRIBUTOR, NOBODY, 403, "post", 200, "get"),
    Side("paper_record_of", "paper/{paper}/record/", EDITOR, CONTRIBUTOR, 404, "post", 200, "get"),
    Side("paper_draft_link", "paper/{paper}/draft-link/", EDITOR, CONTRIBUTOR, 404, "get", 200, "delete"),
    Side("paper_draft_link", "paper/{paper}/draft-link/", EDITOR, CONTRIBUTOR, 404, "post", 200, "put"),
    Side("paper_to_markdown", "paper/{html}/to-markdown/", EDITOR, CONTRIBUTOR, 404, "get", 200, "delete"),
    Side("paper_to_markdown", "paper/{html}/to-markdown/", EDITOR, CONTRIBUTOR, 404, "post", 200, "put"),
    Side("paper_converted", "paper/{html}/to-markdown/page/", EDITOR, CONTRIBUTOR, 404),
    Side("paper_complete", "paper/complete/?q=M", CONTRIBUTOR, NOBODY, 403),
    Side("section_complete", "section/complete/?q=M", EDITOR, CONTRIBUTOR, 403),
    Side("paper_preview", "paper/preview/", CONTRIBUTOR, NOBODY, 403, "post", 200, "get"),
    Side("paper_preview", "paper/{paper}/preview/", EDITOR, CONTRIBUTOR, 404, "post", 200, "get"),
    Side("section_preview", "section/preview/", EDITOR, CONTRIBUTOR, 403, "post", 200, "get"),
    Side("section_preview", "section/{section}/preview/", EDITOR, CONTRIBUTOR, 403, "post", 200, "get"),
    Side("paper_history", "paper/{paper}/history/", EDITOR, CONTRIBUTOR, 404),
    Side("paper_comparison", "paper/{paper}/history/1/2/", EDITOR, CONTRIBUTOR, 404),
    Side("paper_trash", "paper/trash/", CONTRIBUTOR, NOBODY, 403),
    Side("paper_trash_detail", "paper/trash/gone/", EDITOR, CONTRIBUTOR, 404),
    Side("paper_trash_restore", "paper/trash/gone/restore/", EDITOR, CONTRIBUTOR, 404, "post", 302, "get"),
    Side("paper_undo", "paper/undo/token-paper/", EDITOR, CONTRIBUTOR, 403, "get", 200, "delete"),
    Side("paper_undo", "paper/undo/token-paper/", PUBLISHER, CONTRIBUTOR, 403, "post", 302, "put"),
    Side("paper_upload", "paper/upload/", CONTRIBUTOR, NOBODY, 403, "post", 200, "get"),
    Side("paper_upload_of", "paper/{paper}/upload/", EDITOR, CONTRIBUTOR, 404, "post", 200, "get"),
    Side("section_upload", "section/upload/", EDITOR, CONTRIBUTOR, 403, "post", 200, "get"),
    Side("section_upload_of", "section/{section}/upload/", EDITOR, CONTRIBUTOR, 403, "post", 200, "get"),
    Side("section_check", "section/check/", EDITOR, CONTRIBUTOR, 403),
    Side("section_move", "section/{section}/move/", EDITOR, CONTRIBUTOR, 403, "get", 200, "delete"),
    Side("section_move", "section/{section}/move/", EDITOR, CONTRIBUTOR, 403, "post", 200, "put"),
    Side("section_history", "section/{section}/history/", CONTRIBUTOR, NOBODY, 403),
    Side("section_comparison", "section/{section}/history/1/2/", CONTRIBUTOR, NOBODY, 403),
    Side("section_trash", "section/trash/", CONTRIBUTOR, NOBODY, 403),
    Side("section_trash_detail", "section/trash/gone/", CONTRIBUTOR, NOBODY, 403),
    Side(
        "section_trash_restore", "section/trash/gone/restore/", EDITOR, CONTRIBUTOR, 403, "post", 302, "get"
    ),
    Side("section_undo", "section/undo/token-section/", EDITOR, CONTRIBUTOR, 403, "get", 200, "delete"),
    Side("section_undo", "section/undo/token-section/", EDITOR, CONTRIBUTOR, 403, "post", 302, "put"),
    Side("tag_autocomplete", "tag/autocomplete/?term=M", CONTRIBUTOR, NOBODY, 403),
    Side("tag_merge", "tag/{tag}/merge/", EDITOR, CONTRIBUTOR, 403, "get", 200, "delete"),
    Side("tag_merge", "tag/{tag}/merge/", EDITOR, CONTRIBUTOR, 403, "post", 200, "put"),
    Side("tag_history", "tag/{tag}/history/", CONTRIBUTOR, NOBODY, 403),
    Side("tag_comparison", "tag/{tag}/history/1/2/", CONTRIBUTOR, NOBODY, 403),
    Side("tag_trash", "tag/trash/", CONTRIBUTOR, NOBODY, 403),
    Side("tag_trash_detail", "tag/trash/gone/", CONTRIBUTOR, NOBODY, 403),
    Side("tag_trash_restore", "tag/trash/gone/restore/", EDITOR, CONTRIBUTOR, 403, "post", 302, "get"),
    Side("tag_undo", "tag/undo/token-tag/", EDITOR, CONTRIBUTOR, 403, "get", 200, "delete"),
    Side("tag_undo", "tag/undo/token-tag/", EDITOR, CONTRIBUTOR, 403, "post", 302, "put"),
    *(side for kind in ("section", "tag") for side in kept_sides(kind, 403)),
    *kept_sides("paper", 404),
    Side("missed_changelist", "missed/", EDITOR, CONTRIBUTOR, 403),
    Side("missed_point", "missed/{missed}/point/", EDITOR, CONTRIBUTOR, 403, "post", 302, "get"),
    Side("missed_forget", "missed/{missed}/forget/", EDITOR, CONTRIBUTOR, 403, "post", 302, "get"),
    Side("report_changelist", "report/", EDITOR, CONTRIBUTOR, 403),
    Side("report_again", "report/links/again/", EDITOR, CONTRIBUTOR, 403, "post", 302, "get"),
    Side("autocomplete", f"../autocomplete/{TAGGING}", CONTRIBUTOR, NOBODY, 403),
]
every_side = pytest.mark.parametrize("side", SIDES, ids=lambda side: f"{side.method} {side.path}")


def side_names() -> set[str]:
    """Of every address that our admins add to Django's, and of those of Django's that we answer ourselves."""
    admins = [one for one in admin.site._registry.values() if isinstance(one, ContentAdmin)]
    desks = [one for one in admin.site._registry.values() if isinstance(one, DeskAdmin)]
    own = {url.name.removeprefix("papers_") for one in (*admins, *desks) for url in one.side_urls()}
    return {*own, *(f"{one.opts.model_name}_history" for one in admins), "autocomplete"}


def test_every_side_view_is_in_the_table() -> None:
    assert side_names() == {side.name for side in SIDES}


@pytest.fixture
def things(db: None) -> dict[str, int]:
    """One of each, with two revisions; one of each in the trash."""
    kept: dict[str, int] = made_once(make_things)
    return kept


def make_things() -> dict[str, int]:
    section = make_section("RL", parent=make_section("", parent=None, uid="root"))
    Tag(uid="known-tag", name="MoE", slug="moe").save()
    paper = make_paper(section, "2025-07-Verborgen", tags=("MoE",), title="Verborgen", uid="known-paper")
    shelf = make_section("shelf", section, uid="known-section")
    kept: dict[str, Any] = {"paper": paper, "section": shelf, "tag": Tag.objects.get()}
    for kind, thing in kept.items():
        name = "name" if kind == "tag" else "title"
        revisions.save(thing, {**revisions.data_of(thing), name: f"Verborgen {kind}"})
    gone = [make_paper(section, "gone", uid="gone"), make_section("gone", section, uid="gone")]
    tag = Tag(uid="gone", name="gone", slug="gone")
    tag.save()
    for thing in (*gone, tag):
        trash.delete(thing)
    missed = Missed.objects.create(kind=Missed.Kind.ADDRESS, text="/verborgen/")
    html = make_paper(section, "2025-08-Verborgen", title="Verborgen", notes="<p>a</p>", notes_format="html")
    return {"missed": missed.pk, "html": html.pk, **{kind: thing.pk for kind, thing in kept.items()}}


def ask(client: Client, side: Side, things: dict[str, int], method: str = "") -> Any:
    url = f"/admin/papers/{side.path.format(**things)}".replace("/papers/..", "")
    return getattr(client, method or side.method)(url, side.data)


def prepared(client: Client, things: dict[str, int]) -> Client:
    """With something to undo, whoever it is."""
    traces = {
        f"token-{kind}": [asdict(operations.trace(revisions.MODEL_OF[kind].objects.get(pk=pk), 1, 1))]  # type: ignore[index]
        for kind, pk in things.items()
        if kind not in ("missed", "html")
    }
    session = client.session
    session["undo"] = traces
    session.save()
    return client


@every_side
def test_a_side_view_asks_the_anonymous_to_sign_in(
    client: Client, things: dict[str, int], side: Side
) -> None:
    assert ask(client, side, things)["Location"].startswith("/admin/login/")


@every_side
def test_a_side_view_asks_those_who_are_not_staff_to_sign_in(things: dict[str, int], side: Side) -> None:
    client = signed_in(member(ADMINISTRATOR, is_staff=False))
    assert ask(prepared(client, things), side, things)["Location"].startswith("/admin/login/")


@every_side
def test_a_side_view_refuses_the_wrong_role(things: dict[str, int], side: Side) -> None:
    response = ask(prepared(signed_in(member(side.wrong)), things), side, things)
    assert response.status_code == side.refused
    assert "Verborgen" not in response.content.decode()


@every_side
def test_a_side_view_answers_the_right_role(things: dict[str, int], side: Side) -> None:
    assert ask(prepared(signed_in(member(side.right)), things), side, things).status_code == side.answer


def test_a_button_pressed_after_the_session_ended_says_that_nothing_was_done(editor_client: Client) -> None:
    response = editor_client.get("/admin/papers/paper/bulk/delete/")  # where the login page leads to
    assert (response.status_code, texts_of(response, "h1")) == (405, ["操作没有做"])
    assert "/admin/" in links_in(response.content.decode())


@every_side
def test_a_side_view_refuses_the_wrong_method(things: dict[str, int], side: Side) -> None:
    client = prepared(signed_in(member(side.right)), things)
    assert ask(client, side, things, side.wrong_method).status_code == 405
