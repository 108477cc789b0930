"""References in BibTeX, RIS and citation_* tags, read back by other people's parsers."""

from dataclasses import replace

import bibtexparser
import pytest
import rispy

from papers import citations
from papers.citations import Reference, normalise_key

PAPER = Reference(
    uid="pagedattention",
    bibtex_type="inproceedings",
    title="Efficient Memory Management with PagedAttention",
    authors=("Woosuk Kwon", "Zhuohan Li"),
    venue="SOSP 2023",
    venue_full="Proceedings of the 29th Symposium on Operating Systems Principles",
    pages="611-626",
    year=2023,
    arxiv_id="2309.06180",
    doi="10.1145/3600006.3613165",
    url="https://arxiv.org/abs/2309.06180",
)


def bibtex_fields(reference: Reference) -> dict[str, str]:
    library = bibtexparser.parse_string(citations.bibtex(reference))
    assert not library.failed_blocks
    return {field.key: field.value for field in library.entries[0].fields}


def ris_entry(reference: Reference) -> dict[str, object]:
    (entry,) = rispy.loads(citations.ris(reference))
    return entry


def tags(reference: Reference) -> dict[str, str]:
    return dict(citations.meta_tags(reference))


# --- BibTeX -----------------------------------------------------------------------------------------------


def test_bibtex_names_the_paper_as_published() -> None:
    assert bibtex_fields(PAPER) == {
        "title": "{Efficient Memory Management with PagedAttention}",
        "author": "Woosuk Kwon and Zhuohan Li",
        "booktitle": PAPER.venue_full,
        "pages": "611--626",
        "year": "2023",
        "doi": PAPER.doi,
        "eprint": "2309.06180",
        "archiveprefix": "arXiv",
        "url": PAPER.url,
    }


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("article", "journal"),
        ("phdthesis", "school"),
        ("techreport", "institution"),
        ("misc", "howpublished"),
    ],
)
def test_bibtex_container_has_the_name_of_its_type(kind: str, field: str) -> None:
    assert bibtex_fields(replace(PAPER, bibtex_type=kind))[field] == PAPER.venue_full


def test_bibtex_of_the_barest_record_is_valid() -> None:
    assert bibtex_fields(Reference(uid="x", bibtex_type="misc", title="T")) == {"title": "{T}"}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("50% of A & B #1", r"50\% of A \& B \#1"),
        ("a_b $x$", r"a\_b \$x\$"),
        ("~x^2", r"\textasciitilde{}x\textasciicircum{}2"),
        ("C:\\dir", r"C:\textbackslash{}dir"),
        ("推理加速：Ångström", "推理加速：Ångström"),
        ("two\nlines", "two lines"),
    ],
)
def test_bibtex_escapes_what_latex_would_read(typed: str, written: str) -> None:
    assert bibtex_fields(replace(PAPER, title=typed))["title"] == f"{{{written}}}"


@pytest.mark.parametrize("typed", ["open { only", "close } only", "}{", "{both}", "end\\", "a},\n evil = {b"])
def test_braces_of_every_field_balance(typed: str) -> None:
    everywhere = dict.fromkeys(("title", "venue_full", "pages", "doi", "url"), typed)
    text = citations.bibtex(replace(PAPER, **everywhere, authors=(typed, "B C")))
    assert text.count("{") == text.count("}")  # BibTeX counts them, backslash or not
    assert "evil" not in bibtex_fields(replace(PAPER, **everywhere, authors=(typed, "B C")))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("StepFun Team", "{StepFun Team}"),
        ("Qwen team", "{Qwen team}"),
        ("Research and Development", "{Research and Development}"),
        ("Google, Inc.", "{Google, Inc.}"),
        ("DeepSeek-AI", "DeepSeek-AI"),
        ("Jürgen Schmidhuber", "Jürgen Schmidhuber"),
        ("杨植麟", "杨植麟"),
    ],
)
def test_bibtex_keeps_a_team_in_one_piece(name: str, written: str) -> None:
    assert bibtex_fields(replace(PAPER, authors=(name,)))["author"] == written


@pytest.mark.parametrize(
    ("typed", "written", "first", "last"),
    [
        ("611-626", "611--626", "611", "626"),
        ("611–626", "611--626", "611", "626"),
        ("611--626", "611--626", "611", "626"),
        ("611 - 626", "611--626", "611", "626"),
        ("12:1-12:15", "12:1--12:15", "12:1", "12:15"),
        ("42", "42", "42", None),
    ],
)
def test_page_ranges_of_every_dash(typed: str, written: str, first: str, last: str | None) -> None:
    reference = replace(PAPER, pages=typed)
    assert bibtex_fields(reference)["pages"] == written
    assert (ris_entry(reference)["start_page"], ris_entry(reference).get("end_page")) == (first, last)
    assert (tags(reference)["citation_firstpage"], tags(reference).get("citation_lastpage")) == (first, last)


# --- Keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authors", "key"),
    [
        (("Woosuk Kwon", "Zhuohan Li"), "kwon2023-u"),
        (("Jürgen Müller",), "muller2023-u"),
        (("StepFun Team",), "stepfun2023-u"),
        (("DeepSeek-AI",), "deepseekai2023-u"),
        (("杨植麟",), "2023-u"),
        ((), "2023-u"),
    ],
)
def test_key_is_plain_ascii_and_recognisable(authors: tuple[str, ...], key: str) -> None:
    assert replace(PAPER, uid="u", authors=authors).key == key


def test_keys_differ_where_author_and_year_are_the_same() -> None:
    assert PAPER.key != replace(PAPER, uid="other").key


def test_key_does_not_depend_on_title_or_venue() -> None:
    assert PAPER.key == replace(PAPER, title="Other", venue="Other", doi="", pages="").key


def test_key_without_author_and_year_is_the_uid() -> None:
    assert Reference(uid="abc", bibtex_type="misc", title="T").key == "abc"


# --- RIS --------------------------------------------------------------------------------------------------


def test_ris_names_the_paper_as_published() -> None:
    entry = ris_entry(PAPER)
    assert entry["type_of_reference"] == "CPAPER"
    assert entry["title"] == PAPER.title
    assert entry["authors"] == ["Kwon, Woosuk", "Li, Zhuohan"]
    assert (entry["year"], entry["doi"]) == ("2023", PAPER.doi)


@pytest.mark.parametrize(
    "kind", ["misc", "inproceedings", "article", "techreport", "phdthesis", "book", "unknown"]
)
def test_ris_of_every_type_is_read_back(kind: str) -> None:
    assert ris_entry(replace(PAPER, bibtex_type=kind))["title"] == PAPER.title


def test_ris_keeps_teams_and_chinese_names_in_one_piece() -> None:
    names = ("StepFun Team", "杨植麟", "DeepSeek-AI", "Google, Inc.")
    assert ris_entry(replace(PAPER, authors=names))["authors"] == list(names)


def test_ris_lines_cannot_be_forged_by_a_line_break() -> None:
    text = citations.ris(replace(PAPER, title="A\nER  - \nTY  - BOOK", authors=("B\r\nC",)))
    assert len(rispy.loads(text)) == 1


# --- citation_* tags --------------------------------------------------------------------------------------


def test_meta_tags_name_each_author_in_order() -> None:
    assert [value for name, value in citations.meta_tags(PAPER) if name == "citation_author"] == list(
        PAPER.authors
    )


def test_meta_tags_say_where_the_paper_appeared() -> None:
    assert tags(PAPER)["citation_conference_title"] == PAPER.venue_full
    assert tags(replace(PAPER, bibtex_type="article"))["citation_journal_title"] == PAPER.venue_full
    assert tags(replace(PAPER, venue_full=""))["citation_conference_title"] == "SOSP 2023"


def test_meta_tags_of_a_preprint_name_no_conference() -> None:
    preprint = tags(replace(PAPER, bibtex_type="misc"))
    assert "citation_conference_title" not in preprint
    assert preprint["citation_pdf_url"] == "https://arxiv.org/pdf/2309.06180"


def test_meta_tags_leave_out_what_is_not_known() -> None:
    assert citations.meta_tags(Reference(uid="x", bibtex_type="misc", title="T")) == [("citation_title", "T")]


# --- Names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FlashAttention", "flash attention"),
        ("Flash-Attention", "FLASHATTENTION"),
        ("{FlashAttention}: Fast", "FlashAttention Fast"),
        ("ＶＬＬＭ", "vllm"),
        ("Transformers", "transformer"),
        ("推理 加速", "推理加速"),
        (
            "Orca: A Distributed Serving System for {Transformer-Based} Generative Models",
            "ORCA:  a distributed serving system for Transformer-based generative models.",
        ),
        (
            "Ｍｏｏｎｃａｋｅ：Ａ ＫＶＣａｃｈｅ－ｃｅｎｔｒｉｃ Ａｒｃｈｉｔｅｃｔｕｒｅ",
            "Mooncake: A KVCache-centric Architecture",
        ),
        ("Attention Is All You Need.", "“Attention is all you need”"),
        ("Don’t Forget", "Don't forget"),
        (r"Nystr{\"o}mformer", "Nyströmformer"),
        (r"Nystr{\"{o}}mformer", "Nystro\u0308mformer"),
        (r"Milo\v{s}", "Miloš"),
        (r"\textsc{Flash}Attention \& \emph{More}", "FlashAttention & More"),
        (r"$\pi_0$: A Flow Model", "π0: A Flow Model"),
        (r"$\lambda$Scale", "λScale"),
        (r"H$_2$O: Heavy-Hitter Oracle", "H₂O: Heavy-Hitter Oracle"),
    ],
)
def test_two_ways_of_writing_a_name_are_one_key(one: str, other: str) -> None:
    assert normalise_key(one) == normalise_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("C++", "C"), ("C#", "C++"), ("GPT-3", "GPT-4"), ("DeepSeek V2", "DeepSeek V3")]
)
def test_two_names_are_two_keys(one: str, other: str) -> None:
    assert normalise_key(one) != normalise_key(other)


def test_name_of_punctuation_only_is_no_key() -> None:
    assert normalise_key("—…!") == ""
