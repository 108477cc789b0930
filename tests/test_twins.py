"""A paper's source, citation and record, at its own path with another ending."""

import json

import bibtexparser
import pytest
import rispy
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper


def twin(client: Client, paper: Paper, suffix: str) -> str:
    response = client.get(paper.twin_url(suffix))
    assert response.status_code == 200
    return response.content.decode()


def test_bibtex_of_every_seed_paper_is_read_back(client: Client, seed: None) -> None:
    text = "".join(twin(client, paper, ".bib") for paper in Paper.objects.all())
    library = bibtexparser.parse_string(text)
    assert (len(library.entries), library.failed_blocks) == (23, [])
    assert len({entry.key for entry in library.entries}) == 23
    for paper in Paper.objects.all():
        entry = library.entries_dict[paper.reference().key]
        names = [name.strip("{}") for name in entry["author"].split(" and ")]
        assert (names, entry["year"]) == (paper.author_names, str(paper.year))


def test_ris_of_every_seed_paper_is_read_back(client: Client, seed: None) -> None:
    for paper in Paper.objects.all():
        (entry,) = rispy.loads(twin(client, paper, ".ris"))
        assert entry["title"] == paper.reference().title
        assert len(entry["authors"]) == len(paper.author_names)


def test_record_of_every_seed_paper_is_read_back(client: Client, seed: None) -> None:
    for paper in Paper.objects.all():
        record = json.loads(twin(client, paper, ".json"))
        assert (record["uid"], record["title"], record["authors"]) == (
            paper.uid,
            paper.title,
            paper.author_names,
        )
        assert record["url"] == f"http://127.0.0.1:8000{paper.get_absolute_url()}"
        assert record["tags"] == [tag.name for tag in paper.tag_list]


def test_source_is_what_was_typed(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", notes="# 笔记\n\n$x<y$ & [链接](/about/)\n")
    response = client.get(paper.twin_url(".md"))
    assert response.content.decode() == paper.notes
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"


def test_source_of_an_html_note_is_plain_text(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", notes="<p>hi</p><script>alert(1)</script>", notes_format="html")
    assert client.get(paper.twin_url(".md")).headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [
        (".bib", "application/x-bibtex"),
        (".ris", "application/x-research-info-systems"),
        (".json", "application/json"),
    ],
)
def test_each_twin_says_what_it_is(
    client: Client, published_paper: Paper, suffix: str, content_type: str
) -> None:
    response = client.get(published_paper.twin_url(suffix))
    assert response.headers["Content-Type"] == f"{content_type}; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/RL/2025-07-Public.txt",
        "/RL/2025-07-Public.xml",
        "/RL/None.bib",
        "/RL.json",
        "/RL/.bib",
        "/.md",
        "/RL/2025-07-Public.html.bib",
    ],
)
def test_wrong_twin_is_404(client: Client, published_paper: Paper, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("suffix", [".md", ".bib", ".ris", ".json"])
def test_draft_has_no_twin_even_for_editors(editor_client: Client, draft_paper: Paper, suffix: str) -> None:
    assert editor_client.get(draft_paper.twin_url(suffix)).status_code == 404


def test_slug_that_ends_like_a_twin_is_its_own_paper(client: Client, section: Section) -> None:
    make_paper(section, "notes.md", title="Dotted")
    make_paper(section, "notes", title="Plain")
    assert b"Dotted" in client.get("/RL/notes.md.html").content
    assert "Plain" in client.get("/RL/notes.json").content.decode()
