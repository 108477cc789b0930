"""The papers that notes cite most and that have no note here."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import citing
from papers.models import Paper, Section

from .conftest import make_paper
from .editing import overwrite
from .reading import links_in, text_of

URL = "/-/wanted/"
FAMOUS = "【1，Attention Is All You Need，2017，NeurIPS】"


def wanted(client: Client) -> list[tuple[str, int]]:
    assert client.get(URL).status_code == 200
    return [(row.title, row.notes) for row in citing.wanted()]


def test_the_most_cited_comes_first(client: Client, section: Section) -> None:
    make_paper(section, "a", notes=f"{FAMOUS}【2，Rarely Cited，2020】")
    make_paper(section, "b", notes=FAMOUS.lower())
    text = text_of(client.get(URL))
    assert text.index("2 篇笔记引用") < text.index("Rarely Cited") < text.index("1 篇笔记引用")


def test_a_note_counts_once_however_often_it_cites(client: Client, section: Section) -> None:
    make_paper(section, "a", notes=f"{FAMOUS}。再见【1】，又见【1】。")
    assert wanted(client) == [("Attention Is All You Need", 1)]


def test_what_a_published_paper_is_called_is_not_wanted(client: Client, section: Section) -> None:
    make_paper(section, "a", notes=f"{FAMOUS}。[[vLLM]]")
    make_paper(section, "vllm", notes="笔记")
    assert wanted(client) == [("Attention Is All You Need", 1)]
    make_paper(section, "attention", title_official="Attention is all you need", notes="笔记")
    assert wanted(client) == []


def test_what_two_papers_are_called_is_here_too(client: Client, section: Section) -> None:
    make_paper(section, "a", notes="[[同名]]")
    make_paper(section, "b", aliases="同名", notes="笔记")
    make_paper(section, "c", aliases="同名")
    assert wanted(client) == []


def test_a_record_of_ours_without_a_note_is_wanted_and_led_to(client: Client, section: Section) -> None:
    make_paper(section, "a", notes=FAMOUS)
    make_paper(section, "attention", title="Attention Is All You Need")
    assert wanted(client) == [("Attention Is All You Need", 1)]
    assert "/RL/attention.html" in links_in(client.get(URL).content.decode())


@pytest.mark.parametrize("name", ["draft_paper", "scheduled_paper", "unpublished_paper"])
def test_a_hidden_note_wants_nothing_and_is_wanted_as_if_it_were_not_there(
    client: Client, section: Section, name: str, request: pytest.FixtureRequest
) -> None:
    hidden = request.getfixturevalue(name)
    hidden.notes = FAMOUS
    hidden.save()
    assert wanted(client) == []
    make_paper(section, "a", notes=f"【1，{hidden.title.lower()}，2020】")
    assert wanted(client) == [(hidden.title.lower(), 1)]


def test_an_example_leads_to_a_note_that_cites_it(client: Client, section: Section) -> None:
    make_paper(section, "a", notes=FAMOUS)
    assert "/RL/a.html" in links_in(client.get(URL).content.decode())


def test_the_list_follows_what_happens_at_once(client: Client, section: Section) -> None:
    paper = make_paper(section, "a", notes=FAMOUS)
    assert "Attention" in text_of(client.get(URL))
    overwrite(paper, status="draft")
    assert "没有：" in text_of(client.get(URL))


def test_it_has_pages_and_an_end(client: Client, section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citing, "WANTED", 40)
    notes = " ".join(f"【{number}，Stranger {number:02}x，2020】" for number in range(1, 51))
    make_paper(section, "a", notes=notes)
    assert 'start="31"' in client.get(f"{URL}?page=2").content.decode()
    assert client.get(f"{URL}?page=3").status_code == 404


def test_markup_in_a_name_is_shown_as_typed(client: Client, section: Section) -> None:
    make_paper(section, "a", notes="【1，Some <script>alert(1)</script> Paper，2020】")
    assert "<script>alert" not in client.get(URL).content.decode()


def test_a_page_of_it_costs_the_same_few_queries(client: Client, section: Section) -> None:
    for number in range(9):
        make_paper(section, f"n{number}", notes=f"{FAMOUS}【2，Stranger {number}x，2020】")
    client.get(URL)
    with CaptureQueriesContext(connection) as queries:
        client.get(URL)
    assert len(queries) == 4


def test_the_collection_page_leads_here(client: Client, published_paper: Paper) -> None:
    assert URL in links_in(client.get("/-/collection/").content.decode())
