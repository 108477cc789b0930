"""References in BibTeX, RIS and citation_* tags, read back by other people's parsers."""

import re
from dataclasses import replace
from typing import Any

import bibtexparser
import pybtex.database
import pytest
import rispy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papers import citations, names
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
        ("book", "publisher"),
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
        ("x<y>|z|", r"x\textless{}y\textgreater{}\textbar{}z\textbar{}"),
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
        ("Meta AI", "{Meta AI}"),
        ("Gemini Team, Google", "{Gemini Team, Google}"),
        ("{Google DeepMind}", "{Google DeepMind}"),
        ("and", "{and}"),
        ("AT&T Labs", r"{AT\&T Labs}"),
        ("DeepSeek-AI", "DeepSeek-AI"),
        ("Qingyao Ai", "Qingyao Ai"),
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


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Woosuk Kwon", ["Woosuk"], ["Kwon"]),
        ("Kwon, Woosuk", ["Woosuk"], ["Kwon"]),
        ("Guido van Rossum", ["Guido"], ["van", "Rossum"]),
        ("García Márquez, Gabriel", ["Gabriel"], ["García", "Márquez"]),
        ("张 三", ["三"], ["张"]),
        ("Hal Daumé III", ["Hal"], ["Daumé"]),
        ("Robert Downey, Jr.", ["Robert"], ["Downey"]),
    ],
)
def test_bibtex_finds_the_family_name(name: str, given: list[str], family: list[str]) -> None:
    (person,) = pybtex_entry(replace(PAPER, authors=(name,))).persons["author"]
    assert (person.bibtex_first_names, person.prelast_names + person.last_names) == (given, family)


# --- Nothing is lost --------------------------------------------------------------------------------------

SIGNS = {
    written: sign
    for sign, written in zip(
        map(chr, citations.BIBTEX_SPECIAL), citations.BIBTEX_SPECIAL.values(), strict=True
    )
}
NASTY = st.text(
    st.sampled_from(list("{}\\\"'`%$&#_~^<>|,;@= \n\r\t\x00\x1f\u2028aA-éß推理和ё😀")), max_size=30
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = st.sampled_from("and AND others van de la Jr. III Team AI Inc. Kwon 杨 {x} \\'e".split()) | NASTY
without_a_store = settings(database=None, deadline=None)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def pybtex_entry(reference: Reference) -> Any:
    ((_key, entry),) = pybtex.database.parse_string(citations.bibtex(reference), "bibtex").entries.items()
    return entry


def unescaped(latex: str) -> str:
    """What LaTeX prints; the table is the test's own business only the other way round."""
    return re.sub(
        "|".join(map(re.escape, sorted(SIGNS, key=len, reverse=True))), lambda found: SIGNS[found[0]], latex
    )


def printed(text: str) -> str:
    """White space is one space, controls are nothing."""
    return " ".join(
        "".join(
            char for char in text if char.isspace() or not re.match(r"[\x00-\x1f\x7f-\x9f]", char)
        ).split()
    )


@without_a_store
@given(title=NASTY.filter(printed), venue=NASTY)
@example(title="推理 {加速", venue="}")
def test_no_sign_of_a_title_or_venue_is_lost_in_bibtex(title: str, venue: str) -> None:
    reference = replace(PAPER, title=title, venue="", venue_full=venue)
    for fields in (bibtex_fields(reference), pybtex_entry(reference).fields):
        assert unescaped(fields["title"][1:-1]) == printed(title)
        assert unescaped(fields.get("booktitle", "")) == printed(venue)
        assert fields["year"] == "2023"


@without_a_store
@given(st.lists(NAMES.filter(printed), min_size=1, max_size=4))
@example(["A and B", "and", "{C} D", "E, F, G", "others", "x and", "O, a", "0,0a"])
def test_authors_stay_as_many_and_whole_in_bibtex(typed: list[str]) -> None:
    reference = replace(PAPER, authors=tuple(typed))
    persons = pybtex_entry(reference).persons["author"]
    assert [unescaped(all_of(person)) for person in persons] == [
        names.read(printed(name)).inverted for name in typed
    ]
    assert "year" in bibtex_fields(reference)


def all_of(person: Any) -> str:
    """`Family, Given, Suffix`, without the braces that keep an organisation in one piece."""
    family = " ".join(person.prelast_names + person.last_names)
    parts = (family, " ".join(person.bibtex_first_names), " ".join(person.lineage_names))
    return ", ".join(re.sub(r"^\{(.*)\}$", r"\1", part) for part in parts if part)


@without_a_store
@given(title=NASTY.filter(printed), authors=st.lists(NAMES.filter(printed), max_size=3), venue=NASTY)
def test_nothing_is_lost_in_ris(title: str, authors: list[str], venue: str) -> None:
    entry = ris_entry(replace(PAPER, title=title, authors=tuple(authors), venue="", venue_full=venue))
    assert (entry["title"], entry.get("secondary_title", "")) == (printed(title), printed(venue))
    assert entry.get("authors", []) == [names.read(printed(name)).inverted for name in authors]


@without_a_store
@given(NAMES)
def test_a_name_keeps_all_its_words(typed: str) -> None:
    name = names.read(typed)
    words = f"{name.family} {name.given} {name.suffix}".replace(",", " ")
    assert sorted(words.split()) == sorted(
        re.sub(r"^\{([^{}]+)\}$", r"\1", " ".join(typed.split())).replace(",", " ").split()
    )


# --- Keys -------------------------------------------------------------------------------------------------


def test_key_outlives_every_correction_of_the_record() -> None:
    corrected = replace(
        PAPER, title="Other", authors=("Other Name",), year=2024, venue="Other", doi="", pages=""
    )
    assert PAPER.key == corrected.key == "pagedattention"


def test_keys_differ_where_author_and_year_are_the_same() -> None:
    assert PAPER.key != replace(PAPER, uid="other").key


# --- RIS --------------------------------------------------------------------------------------------------


def test_ris_names_the_paper_as_published() -> None:
    entry = ris_entry(PAPER)
    assert entry["type_of_reference"] == "CPAPER"
    assert entry["title"] == PAPER.title
    assert entry["authors"] == ["Kwon, Woosuk", "Li, Zhuohan"]
    assert (entry["year"], entry["doi"]) == ("2023", PAPER.doi)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("misc", "UNPB"),
        ("inproceedings", "CPAPER"),
        ("article", "JOUR"),
        ("techreport", "RPRT"),
        ("phdthesis", "THES"),
        ("book", "BOOK"),
    ],
)
def test_ris_of_every_type_says_which(kind: str, written: str) -> None:
    entry = ris_entry(replace(PAPER, bibtex_type=kind))
    assert (entry["type_of_reference"], entry["title"]) == (written, PAPER.title)


def test_ris_of_what_is_neither_published_nor_on_arxiv_is_generic() -> None:
    assert ris_entry(replace(PAPER, bibtex_type="misc", arxiv_id=""))["type_of_reference"] == "GEN"


@pytest.mark.parametrize("kind", ["techreport", "phdthesis"])
def test_ris_names_the_institution_of_a_report_or_thesis(kind: str) -> None:
    assert ris_entry(replace(PAPER, bibtex_type=kind))["publisher"] == PAPER.venue_full


@pytest.mark.parametrize(
    ("name", "written"),
    [("Guido van Rossum", "van Rossum, Guido"), ("Hal Daumé III", "Daumé, Hal, III"), ("张 三", "张, 三")],
)
def test_ris_writes_the_family_name_first(name: str, written: str) -> None:
    assert ris_entry(replace(PAPER, authors=(name,)))["authors"] == [written]


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
    assert tags(Reference(uid="x", bibtex_type="misc", title="T")) == {
        "citation_title": "T",
        "citation_language": "en",
        "z:itemType": "document",
    }


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ({}, PAPER.url),
        ({"url": ""}, "https://doi.org/10.1145/3600006.3613165"),
        ({"url": "", "doi": ""}, "https://arxiv.org/abs/2309.06180"),
        ({"url": "", "doi": "", "arxiv_id": ""}, None),
    ],
)
def test_meta_tags_lead_to_the_paper_and_not_to_the_note(known: dict[str, str], address: str | None) -> None:
    assert tags(replace(PAPER, **known)).get("citation_public_url") == address


def test_meta_tags_name_a_pdf_that_is_not_on_arxiv() -> None:
    elsewhere = replace(PAPER, arxiv_id="", url="https://example.org/a.PDF?x=1")
    assert tags(elsewhere)["citation_pdf_url"] == elsewhere.url
    assert "citation_pdf_url" not in tags(replace(PAPER, arxiv_id="", url="https://example.org/a"))


def test_zotero_is_told_what_has_no_container_to_tell_it_by() -> None:
    kinds = {kind: tags(replace(PAPER, bibtex_type=kind)).get("z:itemType") for kind in citations.RIS_TYPES}
    assert kinds == {
        "inproceedings": None,
        "article": None,
        "techreport": None,
        "phdthesis": None,
        "book": "book",
    }
    assert tags(replace(PAPER, bibtex_type="misc"))["z:itemType"] == "preprint"


def test_zotero_takes_the_proceedings_for_the_publication_and_not_this_site() -> None:
    assert tags(PAPER)["prism.publicationName"] == PAPER.venue_full


def test_language_is_that_of_the_paper() -> None:
    assert [tags(replace(PAPER, title=title))["citation_language"] for title in ("Orca", "推理加速")] == [
        "en",
        "zh",
    ]


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
