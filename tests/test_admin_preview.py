"""The preview beside the form: the page as it will be published, and what is wrong with the note."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers import derived
from papers.models import Paper, Revision, Section, Tag
from papers.rendering import RenderingFailed
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper
from tests.editing import publish
from tests.people import begun, member, signed_in, with_rights
from tests.test_admin import PAPERS, change_url, paper_form, section_form
from tests.test_rendering_corpus import cases

NEW = f"{PAPERS}preview/"
AS_JSON = {"Accept": "application/json"}
CORPUS: dict[str, list[tuple[str, str]]] = {}
for case in cases():
    source, note_format, _expected = case.values  # type: ignore[attr-defined]
    CORPUS.setdefault(case.id.partition("-")[0], []).append((source, note_format))  # type: ignore[attr-defined]


def url_of(thing: Any) -> str:
    return f"/admin/papers/{thing._meta.model_name}/{thing.pk}/preview/"


def typed(thing: Any, **fields: Any) -> dict[str, Any]:
    """What the form of a paper sends."""
    known = {"title": thing.title, "slug": thing.slug, "notes": thing.notes}
    return paper_form(thing.section, **{**known, **fields})


def note_of(html: str) -> str:
    """The note of a page, and what the page says of the papers that it cites, byte for byte."""
    _before, found, rest = html.partition('<div class="note"')
    return found + re.split('<section class="cite"|</main>', rest)[0]


def page_of(client: Client, url: str, form: dict[str, Any]) -> str:
    response = client.post(url, form)
    assert response.status_code == 200
    return response.content.decode()


def ask(client: Client, url: str, form: dict[str, Any]) -> dict[str, Any]:
    response = client.post(url, form, headers=AS_JSON)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


# --- The preview is the publication -----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_the_note_of_the_corpus_is_that_of_the_published_page(
    editor_client: Client, client: Client, section: Section, name: str
) -> None:
    make_paper(section, "attention", title="Attention Is All You Need")
    make_paper(section, "bert", title="{BERT}: Pre-training")
    paper = make_paper(section, "paper", notes="先前")
    for notes, notes_format in CORPUS[name]:
        form = typed(paper, notes=notes, notes_format=notes_format)
        previewed = note_of(page_of(editor_client, url_of(paper), form))
        publish(paper, notes=notes, notes_format=notes_format)
        assert note_of(client.get("/RL/paper.html").content.decode()) == previewed


def test_every_note_of_the_seed_is_that_of_its_page(
    editor_client: Client, client: Client, seed: None
) -> None:
    for thing in [*Paper.objects.all(), *Section.objects.all()]:
        form = editor_client.get(change_url(thing)).context["adminform"].form
        data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
        published = note_of(client.get(thing.get_absolute_url()).content.decode())
        assert note_of(page_of(editor_client, url_of(thing), data)) == published, thing


def test_the_preview_has_the_title_tags_and_record_that_are_typed(
    editor_client: Client, published_paper: Paper
) -> None:
    form = typed(published_paper, title="新题", venue="SOSP 2025", tags=["新标签"], authors="张三")
    page = page_of(editor_client, url_of(published_paper), form)
    assert [words in page for words in ('<h1 lang="zh-Hans">新题</h1>', "SOSP 2025", "新标签", "张三")] == [
        True
    ] * 4


def test_a_paper_that_is_not_there_yet_has_a_preview(editor_client: Client, section: Section) -> None:
    page = page_of(editor_client, NEW, paper_form(section, notes="**新的**", tags=["MoE"]))
    assert "<strong>新的</strong>" in page
    assert "草稿" in page


def test_an_empty_form_has_a_preview(editor_client: Client, root: Section) -> None:
    assert "还没有写" in page_of(editor_client, NEW, {})
    assert "<main" in page_of(editor_client, "/admin/papers/section/preview/", {})


def test_a_section_has_a_preview(editor_client: Client, section: Section) -> None:
    form = section_form(section.parent, slug="RL", text="**栏目的话**")
    assert "<strong>栏目的话</strong>" in page_of(editor_client, url_of(section), form)


def test_a_preview_writes_nothing(editor_client: Client, published_paper: Paper) -> None:
    page_of(editor_client, url_of(published_paper), typed(published_paper, notes="改了", tags=["新标签"]))
    page_of(editor_client, NEW, paper_form(published_paper.section, slug="new"))
    assert (Paper.objects.get().notes, Tag.objects.count(), Revision.objects.count()) == ("", 0, 3)


def test_what_is_not_valid_is_shown_as_it_was(editor_client: Client, published_paper: Paper) -> None:
    form = typed(published_paper, published_on="soon", notes="笔记")
    page = page_of(editor_client, url_of(published_paper), form)
    assert "笔记" in page
    assert "2025-07" in page


def test_what_a_public_paper_cannot_be_without_is_shown_as_it_was(
    editor_client: Client, published_paper: Paper
) -> None:
    assert "Public Paper" in page_of(editor_client, url_of(published_paper), {"notes": "笔记"})


# --- What comes with it -----------------------------------------------------------------------------------


def test_problems_come_with_line_sentence_and_fix(editor_client: Client, section: Section) -> None:
    answer = ask(editor_client, NEW, paper_form(section, notes="好。\n\n中文,中文"))
    assert answer["count"] == 1
    (problem,) = answer["problems"]
    assert (problem["line"], problem["fix"]) == (3, {"old": "文,中", "new": "文，中"})
    assert problem["sentence"]


def test_the_length_is_that_of_the_page(editor_client: Client, section: Section) -> None:
    answer = ask(editor_client, NEW, paper_form(section, notes="**四个汉字** $x$"))
    assert answer["length"].strip() == "4 字，约读 1 分钟"


def test_the_page_for_scripts_is_that_for_frames(editor_client: Client, published_paper: Paper) -> None:
    form = typed(published_paper, notes="## 标题\n\n$x$ [[Public Paper]]")
    url = url_of(published_paper)
    assert ask(editor_client, url, form)["page"] == page_of(editor_client, url, form)


def test_a_page_that_nobody_looks_at_is_not_made(editor_client: Client, section: Section) -> None:
    answer = ask(editor_client, f"{NEW}?page=no", paper_form(section))
    assert answer["page"] is None
    assert answer["length"]


def test_a_citation_says_on_which_line_it_stands(editor_client: Client, section: Section) -> None:
    answer = ask(editor_client, NEW, paper_form(section, notes="一\n\n见 [[Public Paper]]。"))
    assert answer["places"] == [[3, "link-1"]]


def test_a_note_that_cannot_be_rendered_says_why(
    editor_client: Client, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: str, note_format: str) -> None:
        raise RenderingFailed("太深")

    monkeypatch.setattr(derived, "rendered", fail)
    form = typed(published_paper, notes="坏")
    assert ask(editor_client, url_of(published_paper), form) == {"failure": "太深"}
    assert "Public Paper" in page_of(editor_client, url_of(published_paper), form), "as it was"


def test_a_note_that_is_too_long_says_so(editor_client: Client, published_paper: Paper) -> None:
    answer = ask(editor_client, url_of(published_paper), typed(published_paper, notes="长" * 200_000))
    assert "512 kB" in answer["failure"]


# --- Who may keep and frame it ----------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_preview_is_kept_and_listed_by_nobody(editor_client: Client, section: Section, accept: str) -> None:
    headers = editor_client.post(NEW, paper_form(section), headers={"Accept": accept}).headers
    assert {"private", "no-store"} <= set(headers["Cache-Control"].split(", "))
    assert headers["X-Robots-Tag"] == "noindex"


def test_a_preview_alone_may_be_framed_and_by_this_site_alone(
    editor_client: Client, published_paper: Paper
) -> None:
    preview = editor_client.post(NEW, paper_form(published_paper.section)).headers
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    for path in (published_paper.get_absolute_url(), change_url(published_paper)):
        headers = editor_client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_form_alone_may_hold_frames_of_this_site(editor_client: Client, published_paper: Paper) -> None:
    form = editor_client.get(change_url(published_paper)).headers["Content-Security-Policy"]
    assert "frame-src 'self'" in form
    assert "frame-src" not in editor_client.get(PAPERS).headers["Content-Security-Policy"]


def test_a_preview_needs_the_token_of_the_form(editor: User, section: Section) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert client.post(NEW, paper_form(section)).status_code == 403


def test_who_may_only_look_has_no_desk(published_paper: Paper) -> None:
    client = signed_in(with_rights("view_paper"))
    assert b"data-desk" not in client.get(change_url(published_paper)).content
    assert client.post(url_of(published_paper), typed(published_paper)).status_code == 403


def test_a_contributor_previews_their_own_draft(section: Section) -> None:
    user = member(CONTRIBUTOR)
    mine = begun(user, section, "mine")
    assert "<em>我的</em>" in page_of(signed_in(user), url_of(mine), typed(mine, notes="*我的*"))
