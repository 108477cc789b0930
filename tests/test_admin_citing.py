"""Who would miss a paper: shown before it is deleted or withdrawn, to those who may know."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import links
from papers.models import Paper, Section
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper
from tests.people import begun, member, signed_in
from tests.reading import attributes_of, text_of
from tests.test_admin import change_url
from tests.test_admin_bulk import start

SENTENCE = "页表的做法来自 [[vLLM]]"


@pytest.fixture
def cited(section: Section) -> Paper:
    return make_paper(section, "vllm", title="PagedAttention", aliases="vLLM")


@pytest.fixture
def note(section: Section) -> Paper:
    return make_paper(section, "note", title="Citing Note", notes=f"开头。{SENTENCE}。")


def page_url(kind: str, paper: Paper) -> str:
    return change_url(paper).replace("/change/", f"/{kind}/")


def ask(client: Client, kind: str, *papers: Paper) -> Any:
    """The page that comes before it is done."""
    return (
        start(client, kind[5:], *papers)
        if kind.startswith("bulk ")
        else client.get(page_url(kind, papers[0]))
    )


def notes_shown(response: Any) -> list[str]:
    return [str(note) for note, _sentence in response.context["mentions"].shown]


ASKING = ["delete", "unpublish", "bulk delete", "bulk unpublish"]


@pytest.mark.parametrize("kind", ASKING)
def test_who_names_a_paper_is_shown_before_it_goes(
    editor_client: Client, cited: Paper, note: Paper, kind: str
) -> None:
    response = ask(editor_client, kind, cited)
    text = text_of(response)
    assert "有 1 篇笔记引用或链接到上述论文" in text
    assert "Citing Note" in text
    assert "页表的做法来自" in text
    assert change_url(note) in [link.get("href") for link in attributes_of(response, "a")]


@pytest.mark.parametrize("kind", ASKING)
def test_of_a_paper_that_nobody_names_nothing_is_said(editor_client: Client, note: Paper, kind: str) -> None:
    assert "引用或链接" not in ask(editor_client, kind, note).content.decode()


def test_other_operations_do_not_speak_of_it(editor_client: Client, cited: Paper, note: Paper) -> None:
    assert "引用或链接" not in start(editor_client, "publish", cited).content.decode()


def test_a_paper_that_goes_too_will_not_miss_it(editor_client: Client, cited: Paper, note: Paper) -> None:
    assert "引用或链接" not in start(editor_client, "delete", cited, note).content.decode()


def test_a_paper_that_stays_is_not_missed(editor_client: Client, section: Section, note: Paper) -> None:
    draft = make_paper(section, "vllm", aliases="vLLM", status="draft")
    assert "引用或链接" not in start(editor_client, "unpublish", draft, note).content.decode()


def test_a_note_is_shown_once_with_its_first_sentence(
    editor_client: Client, section: Section, cited: Paper
) -> None:
    make_paper(section, "often", title="Often", notes="先有 [[vLLM]]。\n\n后有 [[PagedAttention]]。")
    [(note, sentence)] = ask(editor_client, "delete", cited).context["mentions"].shown
    assert (str(note), "先有" in sentence) == ("Often", True)


def test_a_paper_does_not_miss_itself(editor_client: Client, section: Section) -> None:
    paper = make_paper(section, "self", title="Self", notes="[[Self]]")
    assert ask(editor_client, "delete", paper).context["mentions"].count == 0


def test_drafts_miss_it_too(editor_client: Client, section: Section, cited: Paper) -> None:
    make_paper(section, "draft", title="Draft", notes="[[vLLM]]", status="draft")
    assert notes_shown(ask(editor_client, "delete", cited)) == ["Draft"]


def test_a_contributor_is_shown_own_drafts_only(section: Section, note: Paper) -> None:
    author = member(CONTRIBUTOR)
    own = begun(author, section, "own", title="Own", aliases="vLLM")
    begun(author, section, "mine", title="Mine", notes="[[vLLM]]")
    make_paper(section, "hidden", title="Hidden", notes="[[vLLM]]", status="draft")
    response = ask(signed_in(author), "delete", own)
    assert notes_shown(response) == ["Mine"]
    assert response.context["mentions"].count == 1
    assert "Hidden" not in response.content.decode()


def test_many_are_counted_and_the_newest_shown(
    editor_client: Client, section: Section, cited: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "SHOWN", 2)
    for number in range(4):
        make_paper(section, f"note{number}", title=f"Note {number}", notes="[[vLLM]]")
    response = ask(editor_client, "delete", cited)
    assert "有 4 篇笔记" in text_of(response)
    assert notes_shown(response) == ["Note 3", "Note 2"]


@pytest.mark.parametrize("papers", [1, 30])
def test_it_costs_the_same_whatever_the_number_of_papers(editor: User, section: Section, papers: int) -> None:
    named = [make_paper(section, f"named{number}") for number in range(papers)]
    for number in range(papers):
        make_paper(section, f"note{number}", notes=f"[[named{number}]]")
    with CaptureQueriesContext(connection) as queries:
        assert links.mentions(named, editor).count == papers
    assert len(queries) <= 3


def test_the_form_says_who_names_the_paper(editor_client: Client, cited: Paper, note: Paper) -> None:
    assert "被 1 篇笔记引用" in editor_client.get(change_url(cited)).content.decode()
    assert "篇笔记引用" not in editor_client.get(change_url(note)).content.decode()
