"""A paper: its record, its links, its note, and how to cite it."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper
from .reading import attributes_of, canonical, links_in, meta, text_of, texts_of

RECORD: dict[str, Any] = {
    "title": "Site Title",
    "title_official": "Official Title",
    "title_published": "Published Title",
    "summary": "一句话摘要",
    "authors": "Woosuk Kwon\nZhuohan Li",
    "venue": "SOSP 2023",
    "venue_full": "Symposium on Operating Systems Principles",
    "pages": "611-626",
    "year": 2023,
    "bibtex_type": "inproceedings",
    "arxiv_id": "2309.06180",
    "doi": "10.1145/3600006.3613165",
    "paper_url": "https://example.org/paper",
    "code_url": "https://example.org/code",
    "first_posted": "2023-09",
}
NOTE = """## 一、问题

段落，**重点**，行内公式 $E=mc^2$，脚注[^1]。

$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$

### 细节 A

| 方法 | 速度 |
|:--|--:|
| 基线 | 1× |

```python
def f(x: int) -> int:
    return x
```

[^1]: 脚注的内容。
"""


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "Full", tags=("MoE", "训练"), notes=NOTE, **RECORD)


def page(client: Client, paper: Paper) -> Any:
    response = client.get(paper.get_absolute_url())
    assert response.status_code == 200
    return response


def test_record_is_shown(client: Client, paper: Paper) -> None:
    text = text_of(page(client, paper))
    for name in ("title", "title_official", "title_published", "summary", "venue", "venue_full", "pages"):
        assert RECORD[name] in text, name
    assert "Woosuk Kwon, Zhuohan Li" in text
    assert "2025-07" in text
    assert "论文首次公开于 2023-09" in text


def test_record_links_out_and_to_listings(client: Client, paper: Paper) -> None:
    links = links_in(page(client, paper).content.decode())
    for link in (
        "https://example.org/paper",
        "https://example.org/code",
        "https://arxiv.org/abs/2309.06180",
        "https://doi.org/10.1145/3600006.3613165",
        "/venues/sosp-2023/",
        "/2025/07/",
        "/tags/moe/",
        f"/p/{paper.uid}/",
        *(f"/RL/Full{suffix}" for suffix in (".md", ".bib", ".ris", ".json")),
    ):
        assert link in links, link


def test_every_local_link_answers(client: Client, paper: Paper) -> None:
    local = {link for link in links_in(page(client, paper).content.decode()) if link.startswith("/")}
    codes = {link: client.get(link).status_code for link in local if not link.startswith("/static/")}
    assert {link: code for link, code in codes.items() if code not in (200, 302)} == {}


def test_doi_with_odd_signs_is_a_working_link(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", doi="10.1002/(SICI)1097<1::AID>3.0.CO;2-#?a%b")
    links = links_in(page(client, paper).content.decode())
    assert "https://doi.org/10.1002/(SICI)1097%3C1::AID%3E3.0.CO;2-%23%3Fa%25b" in links


def test_citation_tags_name_the_paper_as_published(client: Client, paper: Paper) -> None:
    response = page(client, paper)
    assert meta(response, "citation_title") == ["Published Title"]
    assert meta(response, "citation_author") == ["Woosuk Kwon", "Zhuohan Li"]
    assert meta(response, "citation_doi") == [RECORD["doi"]]


def test_bibtex_is_there_to_copy(client: Client, paper: Paper) -> None:
    assert "@inproceedings{kwon2023-" in text_of(page(client, paper))


def test_title_description_and_canonical(client: Client, paper: Paper) -> None:
    response = page(client, paper)
    assert text_of(response, "title") == "Site Title · PaperCache"
    assert meta(response, "description") == ["一句话摘要"]
    assert canonical(client.get("/RL/Full.html?utm=1")) == "http://127.0.0.1:8000/RL/Full.html"


def test_note_has_formulas_table_code_and_footnote(client: Client, paper: Paper) -> None:
    html = page(client, paper).content.decode()
    assert html.count("<math") == 2
    assert html.count("<table") == 1
    assert 'class="highlight"' in html or "<code" in html.split('class="note"')[1]
    assert "脚注的内容" in html
    assert ' style="' not in html


def test_contents_lead_to_the_headings(client: Client, paper: Paper) -> None:
    response = page(client, paper)
    targets = [link[1:] for link in links_in(response.content.decode()) if link.startswith("#")]
    headings = [
        attributes["id"]
        for tag in ("h2", "h3")
        for attributes in attributes_of(response, tag)
        if "id" in attributes
    ]
    assert "目录 一、问题 细节 A" in text_of(response)
    assert [target for target in targets if target in headings] == [
        heading for heading in headings if heading != "page-cite"
    ]


def test_ids_are_unique_on_the_page(client: Client, section: Section) -> None:
    paper = make_paper(
        section, "x", notes="## page-cite\n\n## 引用\n\n## page-main\n\n# page-search\n\n## 引用\n"
    )
    html = page(client, paper).content.decode()
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert sorted(ids) == sorted(set(ids))


def test_paper_without_note_says_so_and_still_has_record_and_citation(
    client: Client, section: Section
) -> None:
    text = text_of(page(client, make_paper(section, "x", **RECORD)))
    assert "笔记还没有写" in text
    assert "@inproceedings" in text
    assert "未核对" not in text


@pytest.mark.parametrize(
    ("fields", "badge"),
    [
        ({}, "未核对"),
        ({"review_state": "reviewed"}, "已核对"),
        (
            {"review_state": "reviewed", "reviewed_by": "李四", "reviewed_on": date(2025, 8, 1)},
            "已核对：李四，2025-08-01",
        ),
        ({"origin": "generated"}, "机器生成"),
        ({"origin": "generated", "generated_by": "某模型"}, "机器生成：某模型"),
    ],
)
def test_badges_say_who_wrote_and_checked_the_note(
    client: Client, section: Section, fields: dict[str, Any], badge: str
) -> None:
    assert badge in text_of(page(client, make_paper(section, "x", notes="笔记", **fields)), "main")


def test_day_is_shown_where_it_is_known(client: Client, section: Section) -> None:
    known = make_paper(section, "x", published_on=date(2025, 7, 25), day_known=True)
    assert "2025-07-25" in text_of(page(client, known))
    unknown = make_paper(section, "y", published_on=date(2025, 7, 1))
    assert "2025-07-01" not in text_of(page(client, unknown))


def test_barest_paper_is_a_page(client: Client, published_paper: Paper) -> None:
    assert texts_of(page(client, published_paper), "h1") == ["Public Paper"]


@pytest.mark.parametrize("venue", ["？", "《》", "C++", "ACM/IEEE SC", "会议 2025"])
def test_venue_of_any_signs_is_shown_and_its_link_answers(
    client: Client, section: Section, venue: str
) -> None:
    response = page(client, make_paper(section, "x", venue=venue))
    assert venue in text_of(response)
    for link in links_in(response.content.decode()):
        assert not link.startswith("/venues/") or client.get(link).status_code == 200


def test_early_years_have_their_month(client: Client, section: Section) -> None:
    response = page(client, make_paper(section, "x", published_on=date(812, 3, 1)))
    month = next(link for link in links_in(response.content.decode()) if link.endswith("/03/"))
    assert client.get(month).status_code == 200


def test_markup_in_the_record_is_shown_as_typed(client: Client, section: Section) -> None:
    evil = '"><script>alert(1)</script>'
    names = ("title", "title_official", "summary", "authors", "venue", "venue_full", "generated_by")
    paper = make_paper(
        section, "x", notes="n", origin="generated", tags=(evil,), **dict.fromkeys(names, evil)
    )
    assert b"<script>" not in page(client, paper).content


def test_html_note_is_shown_without_its_scripts(client: Client, section: Section) -> None:
    notes = '<p onclick="x()">段落 <strong style="color:red">粗</strong></p><script>alert(1)</script><iframe src="//x"></iframe>'
    html = page(client, make_paper(section, "x", notes=notes, notes_format="html")).content.decode()
    assert "段落 <strong>粗</strong>" in html
    for evil in ("onclick", "<script", "<iframe", "color:red", "alert(1)"):
        assert evil not in html.split('class="note"')[1].split("page-cite")[0]


def test_only_editors_see_the_edit_link(client: Client, editor_client: Client, paper: Paper) -> None:
    assert f"/admin/papers/paper/{paper.pk}/change/" in links_in(page(editor_client, paper).content.decode())
    assert "/admin/" not in page(client, paper).content.decode()


def test_seed_papers_say_honestly_which_notes_are_written(client: Client, seed: None) -> None:
    written = [paper for paper in Paper.objects.all() if "笔记还没有写" not in text_of(page(client, paper))]
    assert sorted(paper.uid for paper in written) == sorted(
        paper.uid for paper in Paper.objects.exclude(notes="")
    )
    assert len(written) == 3
    for paper in written:
        html = page(client, paper).content.decode()
        assert [mark in html for mark in ("<math", "<table", "<pre")] == [True] * 3
