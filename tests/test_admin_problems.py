"""The form of a paper or section lists what may be wrong with its note, and saving goes on regardless."""

import re
from functools import lru_cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from papers import derived
from papers.admin import problems
from papers.models import Figure, Paper, Section
from papers.rendering import RenderingFailed
from papers.rendering.renderer import render
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper
from tests.people import member, signed_in, with_rights
from tests.reading import texts_of
from tests.test_admin import ADD_PAPER, ADD_SECTION, change_url, errors_of, opened, paper_form, section_form

BROKEN = "第一段。\n\n公式 $\\frac{1$ 坏了"
MISSING = "0" * 32 + ".png"


def listed(response: Any) -> list[str]:
    """Of the page, each problem as an editor reads it."""
    return [text for text in texts_of(response, "li") if re.match("第 [0-9]+ 行 ", text)]


def draft_form(section: Section, **fields: Any) -> dict[str, Any]:
    form = paper_form(section, _save="保存", **fields)
    del form["_publish"]
    return form


def test_the_form_lists_line_snippet_and_sentence(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "p", notes=BROKEN)
    (problem,) = listed(editor_client.get(change_url(paper)))
    assert problem.startswith("第 3 行 $\\frac{1$ ")
    assert "公式" in problem.removeprefix("第 3 行 $\\frac{1$ ")


def test_a_fix_is_shown_as_old_and_new(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "p", notes="中文,中文")
    (problem,) = listed(editor_client.get(change_url(paper)))
    assert problem.endswith("建议：文,中 → 文，中")


def test_a_note_without_problems_has_no_list(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "p", notes="没有问题。")
    assert b"note-problems" not in editor_client.get(change_url(paper)).content


def test_a_save_goes_on_and_says_how_many(editor_client: Client, section: Section) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, notes=BROKEN), follow=True)
    paper = Paper.objects.get()
    assert paper.is_published
    assert "已经保存；正文里还有 1 处可能有问题。" in response.content.decode()
    assert f'href="{change_url(paper)}#note-problems"' in response.content.decode()


def test_who_stays_on_the_form_is_not_told_twice(editor_client: Client, section: Section) -> None:
    form = {**paper_form(section, notes=BROKEN), "_continue": "保存并继续编辑"}
    response = editor_client.post(ADD_PAPER, form, follow=True)
    assert len(listed(response)) == 1
    assert "已经保存；" not in response.content.decode()


def test_a_refused_form_lists_them_for_what_was_typed(editor_client: Client, section: Section) -> None:
    response = editor_client.post(ADD_PAPER, paper_form(section, title="", notes=BROKEN))
    assert "title" in errors_of(response)
    assert len(listed(response)) == 1


def test_an_unpublished_change_is_what_the_form_shows_and_checks(
    editor_client: Client, published_paper: Paper
) -> None:
    form = draft_form(published_paper.section, notes=BROKEN, slug=published_paper.slug)
    editor_client.post(change_url(published_paper), {**form, **opened(published_paper)})
    assert len(listed(editor_client.get(change_url(published_paper)))) == 1


def test_a_section_is_told_too(editor_client: Client, root: Section) -> None:
    response = editor_client.post(ADD_SECTION, section_form(root, text="[[没有这篇]]"), follow=True)
    assert "正文里还有 1 处可能有问题。" in response.content.decode()
    (problem,) = listed(editor_client.get(change_url(Section.objects.get(slug="new"))))
    assert problem.startswith("第 1 行 [[没有这篇]]")


def test_no_word_of_drafts_that_an_editor_may_not_see(section: Section, draft_paper: Paper) -> None:
    contributor = signed_in(member(CONTRIBUTOR))
    contributor.post(ADD_PAPER, draft_form(section, notes="[[Secret Paper]]"))
    (problem,) = listed(contributor.get(change_url(Paper.objects.exclude(pk=draft_paper.pk).get())))
    assert "没有已公开的论文" in problem


def test_a_picture_that_is_not_there(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "p", notes=f"一\n\n![图](/-/figures/{MISSING})")
    (problem,) = listed(editor_client.get(change_url(paper)))
    assert problem.startswith(f"第 3 行 {MISSING} 本站没有这张图片")
    Figure.objects.create(name=MISSING, width=1, height=1, bytes=1)
    assert listed(editor_client.get(change_url(paper))) == []


def test_a_long_list_is_cut(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "p", notes="中文,中文\n\n" * (problems.SHOWN + 7))
    response = editor_client.get(change_url(paper))
    assert len(listed(response)) == problems.SHOWN
    assert f"正文里可能有问题的地方：{problems.SHOWN + 7} 处" in response.content.decode()


def test_html_notes_are_read_as_html(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "p", notes="<p>**不是粗体</p>", notes_format="html")
    assert listed(editor_client.get(change_url(paper))) == []


def test_a_note_that_cannot_be_rendered_opens_with_the_reason(
    editor_client: Client, section: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = make_paper(section, "p", notes="太长")

    def fail(*args: object) -> None:
        raise RenderingFailed("渲染超时")

    monkeypatch.setattr(derived, "rendered", fail)
    response = editor_client.get(change_url(paper))
    assert response.status_code == 200
    assert "渲染超时" in response.content.decode()


def test_who_may_only_read_the_form_is_spared(section: Section) -> None:
    paper = make_paper(section, "p", notes=BROKEN)
    response = signed_in(with_rights("view_paper")).get(change_url(paper))
    assert response.status_code == 200
    assert b"note-problems" not in response.content


def test_a_save_renders_nothing_while_it_holds_the_lock(
    editor_client: Client, section: Section, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    locked = []

    def look(source: str, note_format: Any) -> Any:
        locked.append(transaction.get_connection().in_atomic_block)
        return render(source, note_format)

    monkeypatch.setattr(derived, "rendered", lru_cache(look))
    editor_client.post(ADD_PAPER, paper_form(section, notes=BROKEN))
    assert locked
    assert not any(locked)
