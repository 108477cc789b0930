"""The admin, as editors use it: lists, forms, and what a save leaves behind."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from papers import derived, revisions
from papers.models import Address, Kind, Paper, Revision, Section, Tag
from tests.conftest import make_paper, make_section

PAPERS = "/admin/papers/paper/"
ADD_PAPER = "/admin/papers/paper/add/"
ADD_SECTION = "/admin/papers/section/add/"


def paper_form(section: Section | None, /, **fields: Any) -> dict[str, Any]:
    """What a browser posts for a paper."""
    values = {
        "title": "A Title",
        "section": section.pk if section else "",
        "slug": "2025-07-A-Title",
        "published_on": "2025-07",
        "notes": "正文",
        "notes_format": "markdown",
        "bibtex_type": "misc",
        "origin": "written",
        "review_state": "unreviewed",
        "_publish": "发布",
        "publish_at_0": "",
        "publish_at_1": "",
    }
    return {**values, **fields}


def opened(thing: Any) -> dict[str, Any]:
    """What a form holds that was opened just now."""
    newest = revisions.head(revisions.KIND_OF[type(thing)], thing.uid)
    return {"based_on": newest.number if newest else "", "thing_uid": thing.uid}


def section_form(parent: Section | None, **fields: Any) -> dict[str, Any]:
    values = {"title": "栏目", "parent": parent.pk if parent else "", "slug": "new", "position": "0"}
    return {**values, **fields}


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200, response.get("Location")
    return dict(response.context["adminform"].form.errors)


def change_url(thing: Any) -> str:
    return reverse(f"admin:papers_{thing._meta.model_name}_change", args=[thing.pk])


# --- Saving -----------------------------------------------------------------------------------------------


def test_a_paper_is_public_after_the_save(editor_client: Client, client: Client, section: Section) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, tags=["MoE、推理"]))
    assert response.status_code == 302
    page = client.get("/RL/2025-07-A-Title.html").content.decode()
    assert "正文" in page
    assert "MoE" in page


def test_a_save_writes_row_and_revision_together(
    editor_client: Client, editor: User, section: Section
) -> None:
    editor_client.post(ADD_PAPER, paper_form(section, tags=["MoE"]))
    paper = Paper.objects.get()
    revision = Revision.objects.get(kind=Kind.PAPER, uid=paper.uid)
    assert (revision.data["notes"], revision.author, revision.number) == ("正文", editor, 1)
    assert revision.data["tags"] == [Tag.objects.get().uid]


def test_saving_without_a_change_writes_no_revision(editor_client: Client, section: Section) -> None:
    form = paper_form(section, notes="一\r\n\r\n    二\r\n")
    editor_client.post(ADD_PAPER, form)
    paper = Paper.objects.get()
    editor_client.post(change_url(paper), {**form, **opened(paper)})
    assert Revision.objects.filter(kind=Kind.PAPER).count() == 1


def test_leading_spaces_and_newlines_of_a_note_are_kept(editor_client: Client, section: Section) -> None:
    editor_client.post(ADD_PAPER, paper_form(section, notes="    code\r\n\r\n文\r\n"))
    assert Paper.objects.get().notes == "    code\n\n文\n"


def test_the_seed_opened_and_saved_is_unchanged(editor_client: Client, seed: None) -> None:
    paper = Paper.objects.get(uid="orca")
    form = editor_client.get(change_url(paper)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    data |= {"tags": form.fields["tags"].prepare_value(form["tags"].value()), "_publish": "发布"}
    assert editor_client.post(change_url(paper), data).status_code == 302
    assert Revision.objects.filter(kind=Kind.PAPER, uid="orca").count() == 1


def test_a_draft_may_be_incomplete(editor_client: Client, root: Section) -> None:
    blank = {"title": "", "slug": "", "published_on": ""}
    form = {**paper_form(None, **blank), "_save": "保存"}
    del form["_publish"]
    assert editor_client.post(ADD_PAPER, form).status_code == 302
    assert Paper.objects.get().path is None


def test_a_moved_paper_lists_its_former_address(editor_client: Client, published_paper: Paper) -> None:
    form = paper_form(published_paper.section, slug="new", confirmed=["move:/RL/new.html"])
    editor_client.post(change_url(published_paper), {**form, **opened(published_paper)})
    assert "/rl/2025-07-public.html" in editor_client.get(change_url(published_paper)).content.decode()


def test_a_moved_section_takes_its_papers_along(
    editor_client: Client, client: Client, section: Section, published_paper: Paper
) -> None:
    form = section_form(section.parent, slug="rl-new", title="强化学习", confirmed=["move:/rl-new/"])
    editor_client.post(change_url(section), {**form, **opened(section)})
    assert client.get("/rl-new/2025-07-Public.html").status_code == 200
    assert client.get("/RL/2025-07-Public.html")["Location"] == "/rl-new/2025-07-Public.html"


def test_a_scheduled_paper_appears_by_itself(editor_client: Client, client: Client, section: Section) -> None:
    later = timezone.localtime() + timedelta(hours=1)
    when = {"publish_at_0": later.strftime("%Y-%m-%d"), "publish_at_1": later.strftime("%H:%M:%S")}
    editor_client.post(ADD_PAPER, paper_form(section, **when))
    assert client.get("/RL/2025-07-A-Title.html").status_code == 404
    Paper.objects.filter().update(publish_at=timezone.now())  # the clock, an hour later
    assert client.get("/RL/2025-07-A-Title.html").status_code == 200


def test_a_deleted_paper_is_gone_and_in_the_history(
    editor_client: Client, client: Client, published_paper: Paper
) -> None:
    editor_client.post(f"{PAPERS}{published_paper.pk}/delete/", {"post": "yes"})
    assert client.get("/RL/2025-07-Public.html").status_code == 410
    assert Revision.objects.filter(uid=published_paper.uid).exists()


def test_papers_deleted_together_are_gone_too(
    editor_client: Client, client: Client, published_paper: Paper
) -> None:
    selection = json.dumps({published_paper.uid: 1})
    editor_client.post(f"{PAPERS}bulk/delete/", {"selection": selection, "confirm": "yes"})
    assert client.get("/RL/2025-07-Public.html").status_code == 410


def test_a_renamed_tag_keeps_its_former_address(
    editor_client: Client, client: Client, section: Section
) -> None:
    make_paper(section, "a", tags=("Old",))
    tag = Tag.objects.get()
    form = {"name": "New", "slug": "new", "confirmed": ["move:/tags/new/"], **opened(tag)}
    editor_client.post(change_url(tag), form)
    assert client.get("/tags/old/")["Location"] == "/tags/new/"


def test_a_section_with_papers_is_not_deleted(
    editor_client: Client, section: Section, published_paper: Paper
) -> None:
    response = editor_client.post(f"/admin/papers/section/{section.pk}/delete/", {"post": "yes"})
    assert response.status_code in (200, 403)
    assert Section.objects.filter(pk=section.pk).exists()


def test_a_tag_typed_for_the_first_time_is_in_the_history(
    editor_client: Client, editor: User, section: Section
) -> None:
    editor_client.post(ADD_PAPER, paper_form(section, tags=["MoE"]))
    assert Revision.objects.get(kind=Kind.TAG).author == editor


# --- Bad input --------------------------------------------------------------------------------------------

TOO_LONG = "长" * 1_000_000


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"slug": "feed"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "a/b"}, "slug"),
        ({"slug": "2025-07-PUBLIC"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"title": ""}, "title"),
        ({"section": ""}, "section"),
        ({"section": "999999"}, "section"),
        ({"published_on": "2025-13"}, "published_on"),
        ({"published_on": ""}, "published_on"),
        ({"first_posted": "2025-13"}, "first_posted"),
        ({"arxiv_id": "2313.00001"}, "arxiv_id"),
        ({"arxiv_id": "not an id"}, "arxiv_id"),
        ({"doi": "11.1/x"}, "doi"),
        ({"paper_url": "javascript:alert(1)"}, "paper_url"),
        ({"code_url": "ftp://example.org/x"}, "code_url"),
        ({"year": "99999"}, "year"),
        ({"notes": "a\0b"}, "notes"),
        ({"title": "a\0b"}, "title"),
        ({"tags": ["a\0b"]}, "tags"),
        ({"notes": TOO_LONG}, "notes"),
        ({"tags": ["长" * 101]}, "tags"),
        ({"publish_at_0": "0001-01-01", "publish_at_1": "00:00"}, "publish_at"),
        ({"publish_at_0": "9999-12-31", "publish_at_1": "23:59"}, "publish_at"),
        ({"notes_format": "docx"}, "notes_format"),
        ({"publish_at_0": "2025-13-01", "publish_at_1": "00:00"}, "publish_at"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_field_is_named_and_nothing_saved(
    editor_client: Client, published_paper: Paper, fields: dict[str, str], field: str
) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(published_paper.section, **fields))
    assert field in errors_of(response)
    assert Paper.objects.count() == 1
    assert not Tag.objects.exists()


@pytest.mark.parametrize("slug", ["admin", "Search", "2024", "feed.xml", "-", "x.html", "p"])
def test_a_reserved_section_slug_is_refused(editor_client: Client, root: Section, slug: str) -> None:
    assert "slug" in errors_of(editor_client.post(ADD_SECTION, section_form(root, slug=slug)))


def test_a_section_cannot_go_under_itself(editor_client: Client, section: Section) -> None:
    child = make_section("child", parent=section)
    for parent in (section, child):
        form = {**section_form(parent, slug="RL"), **opened(section)}
        response = editor_client.post(change_url(section), form)
        assert "parent" in errors_of(response)


@pytest.mark.parametrize("place", ["", "x", "999999", "9" * 30, "9" * 5000, "-1", "٣", "\x01"], ids=ascii)
@pytest.mark.parametrize("name", ["parent", "before"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_section_does_not_move_to_nowhere(
    editor_client: Client, section: Section, method: str, name: str, place: str
) -> None:
    child = make_section("child", parent=section)
    data = {"parent": section.pk, "before": "", "based_on": "", name: place}
    assert getattr(editor_client, method)(f"/admin/papers/section/{child.pk}/move/", data).status_code == 200
    assert Section.objects.get(pk=child.pk).path == "/RL/child/"


def test_a_second_root_is_refused(editor_client: Client, root: Section) -> None:
    assert "parent" in errors_of(editor_client.post(ADD_SECTION, section_form(None, slug="")))


def test_a_note_that_is_too_long_stays_in_the_form(editor_client: Client, section: Section) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, notes=TOO_LONG))
    assert "512 kB" in errors_of(response)["notes"][0]
    assert response.context["adminform"].form["notes"].value() == TOO_LONG


def test_a_note_that_cannot_be_rendered_stays_in_the_form(
    editor_client: Client, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    from papers.rendering import RenderingFailed

    def fail(source: str, note_format: str) -> None:
        raise RenderingFailed("太复杂")

    monkeypatch.setattr(derived, "rendered", fail)
    response = editor_client.post(
        change_url(published_paper), paper_form(published_paper.section, notes="[[[[")
    )
    assert errors_of(response)["notes"] == ["太复杂"]
    assert Paper.objects.get().notes == ""


def test_a_long_search_is_refused_in_words(editor_client: Client, published_paper: Paper) -> None:
    response = editor_client.get(PAPERS, {"q": "a " * 2500})
    assert response.status_code == 200
    assert "200" in str(next(iter(response.context["messages"])))


@pytest.mark.parametrize(
    "query",
    [
        "p=abc",
        "section=none",
        "month=abc",
        "month=2025-99",
        "tag=%22",
        "state=x",
        "venue=x",
        "o=9.9",
        "q=%00",
    ],
)
def test_a_bad_list_address_is_no_server_error(
    editor_client: Client, published_paper: Paper, query: str
) -> None:
    assert editor_client.get(f"{PAPERS}?{query}").status_code in (200, 302, 400)


# --- Finding ----------------------------------------------------------------------------------------------


def listed(response: Any) -> set[str]:
    return {paper.slug for paper in response.context["cl"].result_list}


@pytest.fixture
def three_papers(section: Section) -> None:
    other = make_section("sub", parent=section)
    make_paper(section, "a", tags=("MoE",), venue="SOSP 2023", summary="推理")
    make_paper(other, "b", published_on="2024-01-01", status="draft")
    make_paper(section, "c", publish_at=timezone.now() + timedelta(days=1))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=推理", {"a"}),
        ("q=SOSP", {"a"}),
        ("q=sosp -tag:moe", set()),
        ("state=draft", {"b"}),
        ("state=scheduled", {"c"}),
        ("state=published", {"a"}),
        ("tag=moe", {"a"}),
        ("month=2024-01", {"b"}),
        ("venue=SOSP 2023", {"a"}),
    ],
)
def test_papers_are_found(editor_client: Client, three_papers: None, query: str, expected: set[str]) -> None:
    assert listed(editor_client.get(f"{PAPERS}?{query}")) == expected


def test_a_section_filter_includes_what_is_below(
    editor_client: Client, three_papers: None, section: Section
) -> None:
    assert listed(editor_client.get(f"{PAPERS}?section={section.uid}")) == {"a", "b", "c"}


def test_sections_are_indented_by_depth(editor_client: Client, seed: None) -> None:
    page = editor_client.get("/admin/papers/section/").content.decode()
    assert "　　　推理优化" in page


def test_the_list_costs_the_same_for_few_and_many(
    editor_client: Client, section: Section, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        make_paper(section, f"paper-{number}")
    editor_client.get(PAPERS)
    with django_assert_num_queries(8):
        editor_client.get(PAPERS)


def test_the_form_says_its_time_zone(editor_client: Client, root: Section) -> None:
    assert "时区：Asia/Shanghai" in editor_client.get(ADD_PAPER).content.decode()


def test_view_on_site_leads_to_the_true_address(editor_client: Client, draft_paper: Paper) -> None:
    assert 'href="/RL/2025-08-Secret.html"' in editor_client.get(change_url(draft_paper)).content.decode()


# --- The wrong user ---------------------------------------------------------------------------------------


def test_the_admin_is_for_staff(client: Client, published_paper: Paper) -> None:
    assert client.get(PAPERS)["Location"].startswith("/admin/login/")


def test_staff_without_the_right_may_not_change(client: Client, published_paper: Paper) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_paper"))
    client.force_login(user)
    assert client.get(change_url(published_paper)).status_code == 200
    assert client.post(change_url(published_paper), paper_form(published_paper.section)).status_code == 403


def test_the_admin_has_no_inline_script_or_style(editor_client: Client, published_paper: Paper) -> None:
    response = editor_client.get(change_url(published_paper))
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert " onclick=" not in response.content.decode()


def test_a_saved_paper_is_fresh(editor_client: Client, section: Section) -> None:
    editor_client.post(ADD_PAPER, paper_form(section, tags=["MoE"], notes="# 标题\n\n$x$"))
    assert derived.stale_columns(Paper.objects.get()) == []
    assert not Address.objects.exists()
