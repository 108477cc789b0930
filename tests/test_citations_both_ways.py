"""Who cites a paper, and whom its note cites: on its page, from published notes alone."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from papers import citing
from papers.models import Paper, Section

from .conftest import make_paper
from .editing import overwrite
from .reading import attributes_of, links_in, one_line, text_of

TITLE = "Efficient Memory Management with PagedAttention"


@pytest.fixture
def cited(section: Section) -> Paper:
    return make_paper(section, "vllm", uid="pagedattention", title=TITLE, aliases="vLLM")


def part_of(client: Client, paper: Paper, name: str) -> str:
    """The HTML of one section below the note; empty if it is not there."""
    html = client.get(paper.get_absolute_url()).content.decode()
    return html.partition(f'id="{name}"')[2].partition("</section>")[0]


def cited_by(client: Client, paper: Paper) -> str:
    return part_of(client, paper, "page-cited-by")


def cites(client: Client, paper: Paper) -> str:
    return part_of(client, paper, "page-cites")


# --- Who cites it -----------------------------------------------------------------------------------------


def test_the_sentence_of_another_note_leads_to_its_place(
    client: Client, section: Section, cited: Paper
) -> None:
    notes = f"开头一句。页表很好【索引23，{TITLE}，2023，SOSP】。后面一句。"
    make_paper(section, "citing", title="另一篇", notes=notes)
    html = cited_by(client, cited)
    assert "/RL/citing.html#cite-1" in links_in(html)
    assert ("另一篇" in html, "页表很好" in html, "开头一句" in html) == (True, True, False)


def test_the_place_is_on_the_other_page(client: Client, section: Section, cited: Paper) -> None:
    make_paper(section, "citing", notes=f"【1，别的，2020，ICML】和【2，{TITLE}，2023，SOSP】又见 [[vLLM]]。")
    anchors = [link.partition("#")[2] for link in links_in(cited_by(client, cited)) if "#" in link]
    ids = {found.get("id") for found in attributes_of(client.get("/RL/citing.html"), "span")}
    assert anchors == ["cite-2", "link-3"]
    assert set(anchors) <= ids


def test_any_of_its_names_counts(client: Client, section: Section, cited: Paper) -> None:
    for number, name in enumerate(["vLLM", "pagedattention", "vllm", TITLE.upper()]):
        make_paper(section, f"n{number}", title=f"第{number}篇", notes=f"见 [[{name}]]。")
    html = cited_by(client, cited)
    assert all(f"第{number}篇" in html for number in range(4))


def test_sentences_stand_under_their_note_the_newest_note_first(
    client: Client, section: Section, cited: Paper
) -> None:
    make_paper(section, "old", title="旧文", published_on=date(2020, 1, 1), notes="旧：[[vLLM]]。")
    make_paper(
        section, "new", title="新文", published_on=date(2025, 1, 1), notes="甲：[[vLLM]]。\n\n乙：[[vLLM]]。"
    )
    html = cited_by(client, cited)
    places = [html.index(words) for words in ("新文", "甲：", "乙：", "旧文", "旧：")]
    assert places == sorted(places)
    assert html.count("新文") == 1


def test_a_paper_that_nobody_cites_has_no_such_section(client: Client, cited: Paper) -> None:
    assert "被这些笔记引用" not in text_of(client.get("/RL/vllm.html"))


def test_its_own_note_is_not_one_of_them(client: Client, section: Section) -> None:
    paper = make_paper(section, "self", aliases="我", notes="见 [[我]]。")
    assert cited_by(client, paper) == cites(client, paper) == ""


def test_a_name_of_two_published_papers_counts_for_neither(
    client: Client, section: Section, cited: Paper
) -> None:
    other = make_paper(section, "other", aliases="vLLM")
    citing_note = make_paper(section, "citing", notes="见 [[vLLM]]。")
    assert cited_by(client, cited) == cited_by(client, other) == ""
    assert links_in(cites(client, citing_note)) == ["#link-1"]
    overwrite(other, status="draft")
    assert "/RL/citing.html" in cited_by(client, cited)


@pytest.mark.parametrize("name", ["draft_paper", "scheduled_paper", "unpublished_paper"])
def test_a_hidden_note_cites_nobody(
    client: Client, cited: Paper, name: str, request: pytest.FixtureRequest
) -> None:
    hidden = request.getfixturevalue(name)
    hidden.notes = "秘密：[[vLLM]]。"
    hidden.save()
    assert cited_by(client, cited) == ""


def test_many_places_are_cut_and_counted(
    client: Client, section: Section, cited: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(citing, "SHOWN", 3)
    for number in range(5):
        make_paper(section, f"n{number}", notes="见 [[vLLM]]。")
    html = cited_by(client, cited)
    assert (html.count("#link-1"), "还有 2 处。" in html) == (3, True)


def test_markup_in_a_sentence_is_shown_as_typed(client: Client, section: Section, cited: Paper) -> None:
    make_paper(section, "citing", notes="`<script>alert(1)</script>` 见 [[vLLM]]。")
    html = cited_by(client, cited)
    assert ("&lt;script&gt;alert" in html, "<script" in html) == (True, False)


# --- Whom it cites ----------------------------------------------------------------------------------------


def test_ours_come_first_and_are_links_the_rest_is_as_typed(
    client: Client, section: Section, cited: Paper
) -> None:
    notes = f"【1，Not Ours at All，2020，ICML】和【2，{TITLE}，2023，SOSP】。"
    html = cites(client, make_paper(section, "citing", notes=notes))
    assert links_in(html) == ["/RL/vllm.html", "#cite-2", "#cite-1"]
    assert html.index(TITLE) < html.index("Not Ours at All")


def test_each_is_named_once_whatever_it_is_called(client: Client, section: Section, cited: Paper) -> None:
    notes = (
        f"[[vLLM]] [[pagedattention]]【1，{TITLE}，2023】【2，别处的文，2020】【3，别处的文。，2020】【2】"
    )
    html = cites(client, make_paper(section, "citing", notes=notes))
    assert links_in(html) == ["/RL/vllm.html", "#link-1", "#cite-4"]
    assert html.count(">↑<") == 2


def test_a_hidden_paper_is_cited_as_typed(client: Client, section: Section, draft_paper: Paper) -> None:
    html = cites(client, make_paper(section, "citing", notes="见 [[secret paper]]。"))
    assert ("secret paper" in html, "Secret Paper" in html, links_in(html)) == (True, False, ["#link-1"])


def test_a_long_list_of_strangers_is_cut(client: Client, section: Section) -> None:
    notes = " ".join(f"【{number}，Stranger {number}x，2020】" for number in range(1, 46))
    html = cites(client, make_paper(section, "citing", notes=notes))
    assert "还有 5 篇。" in one_line(html)


def test_a_note_that_cites_nobody_has_no_such_section(client: Client, cited: Paper) -> None:
    assert "本文引用" not in text_of(client.get("/RL/vllm.html"))


def test_links_carry_the_sites_prefix(wsgi: Any, settings: Any, section: Section, cited: Paper) -> None:
    settings.FORCE_SCRIPT_NAME = "/papercache"
    make_paper(section, "citing", notes="见 [[vLLM]]。")
    assert "/papercache/RL/citing.html#link-1" in links_in(wsgi("/papercache/RL/vllm.html").text)
