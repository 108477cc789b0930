"""The page that moves a section: what it says before, what it refuses, and two who move at the same time."""

from typing import Any

import pytest
from django.test import Client

from papers import revisions
from papers.models import Paper, Section
from tests.conftest import make_section
from tests.test_admin_bulk import messages_of


def move_url(section: Section, parent: Section | str = "", before: Section | str = "") -> str:
    url = f"/admin/papers/section/{section.pk}/move/"
    pk = [getattr(one, "pk", one) for one in (parent, before)]
    return f"{url}?parent={pk[0]}&before={pk[1]}" if parent else url


def confirm(client: Client, page: Any) -> Any:
    """Press the button of a page that was shown."""
    form = page.context["form"]
    data = {
        "parent": form["parent"].value(),
        "before": form["before"].value() or "",
        "based_on": page.context["based_on"],
    }
    return client.post(page.wsgi_request.path, data, follow=True)


def titles(parent: Section) -> list[str]:
    return [child.title for child in Section.objects.for_menus().filter(parent=parent)]


@pytest.fixture
def target(root: Section) -> Section:
    return make_section("target", parent=root, title="去处")


def test_the_page_shows_the_address_and_what_redirects(
    editor_client: Client, section: Section, published_paper: Paper, target: Section
) -> None:
    page = editor_client.get(move_url(section, target))
    assert page.context["path"] == "/target/RL/"
    assert "<code>/RL/2025-07-Public.html</code> → <code>/target/RL/2025-07-Public.html</code>" in (
        page.content.decode()
    )
    assert Section.objects.get(pk=section.pk).path == "/RL/"


def test_there_is_a_way_back_before_anything_is_chosen(editor_client: Client, section: Section) -> None:
    page = editor_client.get(f"/admin/papers/section/{section.pk}/move/").content.decode()
    assert page.count('class="closelink" href="/admin/papers/section/"') == 1


def test_a_confirmed_move_takes_the_papers_along(
    editor_client: Client, client: Client, section: Section, published_paper: Paper, target: Section
) -> None:
    answer = confirm(editor_client, editor_client.get(move_url(section, target)))
    assert "1 篇论文随之移动" in messages_of(answer)
    assert client.get("/RL/2025-07-Public.html")["Location"] == "/target/RL/2025-07-Public.html"


def test_a_section_is_put_before_another(editor_client: Client, root: Section) -> None:
    first, _second, third = (make_section(slug, parent=root, title=slug) for slug in "abc")
    confirm(editor_client, editor_client.get(move_url(third, root, first)))
    assert titles(root) == ["c", "a", "b"]


def test_two_who_move_two_sections_under_each_other(
    editor_client: Client, section: Section, target: Section
) -> None:
    mine = editor_client.get(move_url(section, target))
    theirs = editor_client.get(move_url(target, section))
    confirm(editor_client, mine)
    answer = confirm(editor_client, theirs)
    assert answer.status_code == 200
    assert {one.path for one in Section.objects.all()} == {"/", "/target/", "/target/RL/"}


def test_two_who_move_one_section(
    editor_client: Client, root: Section, section: Section, target: Section
) -> None:
    elsewhere = make_section("elsewhere", parent=root)
    mine, theirs = (editor_client.get(move_url(section, place)) for place in (target, elsewhere))
    confirm(editor_client, mine)
    assert "有了新的修订" in messages_of(confirm(editor_client, theirs))
    assert Section.objects.get(pk=section.pk).path == "/target/RL/"


def test_a_section_is_not_offered_a_place_below_itself(editor_client: Client, section: Section) -> None:
    inner = make_section("inner", parent=section)
    page = editor_client.get(move_url(section, inner))
    assert page.context["form"].errors
    assert not page.context.get("is_ready")


def test_an_address_that_is_taken_is_said(
    editor_client: Client, root: Section, section: Section, target: Section
) -> None:
    make_section("rl", parent=target, title="早就在这里")
    page = editor_client.get(move_url(section, target))
    assert "早就在这里" in page.context["problem"]


def test_the_root_stays_where_it_is(editor_client: Client, root: Section) -> None:
    assert editor_client.get(move_url(root)).status_code == 403


def test_a_move_writes_no_revision_of_papers(
    editor_client: Client, section: Section, published_paper: Paper, target: Section
) -> None:
    confirm(editor_client, editor_client.get(move_url(section, target)))
    assert revisions.history(published_paper).count() == 1
    assert revisions.history(section).count() == 2


def test_a_place_under_another_parent_is_the_last_one(
    editor_client: Client, section: Section, target: Section
) -> None:
    make_section("inner", parent=target)
    page = editor_client.get(move_url(section, target, target))
    assert (page.context["path"], page.context["form"]["before"].value()) == ("/target/RL/", "")
