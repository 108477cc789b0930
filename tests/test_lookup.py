"""From what an editor pastes to the fields of a paper, over servers that answer as arXiv and Crossref do."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from papers import lookup, remote
from papers.lookup import LookupFailed, Record
from papers.remote import Limits
from tests.servers import Elsewhere, elsewhere, never_ends, redirects, says, stays_silent

DATA = Path(__file__).parent / "data" / "records"
ATOM = (DATA / "arxiv.xml").read_bytes()
WORK = (DATA / "crossref.json").read_bytes()
DOI = "10.1145/3600006.3613165"


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """Both services in one."""
    with elsewhere() as server:
        settings.PAPERCACHE_ARXIV_URL = settings.PAPERCACHE_CROSSREF_URL = server.url
        monkeypatch.setattr(remote, "LIMITS", Limits(size=100_000))
        yield server


@pytest.fixture
def arxiv(server: Elsewhere) -> Elsewhere:
    server.behaviours["*"] = says(ATOM, Content_Type="application/atom+xml")
    return server


@pytest.fixture
def crossref(server: Elsewhere) -> Elsewhere:
    server.behaviours["*"] = says(WORK, Content_Type="application/json")
    return server


def code(pasted: str) -> str:
    with pytest.raises(LookupFailed) as failure:
        lookup.look_up(pasted)
    assert str(failure.value).endswith("。")
    return failure.value.code


def changed_work(server: Elsewhere, **changes: Any) -> Record:
    work = json.loads(WORK)
    work["message"] |= changes
    server.behaviours["*"] = says(json.dumps(work).encode())
    return lookup.look_up(DOI)


def bibtex(text: str) -> dict[str, str]:
    return dict(lookup.look_up(text).fields)


# --- What was pasted --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "2309.06180",
        " arXiv:2309.06180v2 [cs.LG]\n",
        "https://arxiv.org/abs/2309.06180v3",
        "https://arxiv.org/pdf/2309.06180.pdf",
        "https://doi.org/10.48550/arXiv.2309.06180",
        "W. Kwon et al. Efficient Memory Management. arXiv preprint arXiv:2309.06180 (2023).",
    ],
)
def test_an_arxiv_id_in_any_form_is_asked_of_arxiv(arxiv: Elsewhere, pasted: str) -> None:
    assert lookup.look_up(pasted).fields["arxiv_id"] == "2309.06180"
    assert [asked.path for asked in arxiv.asked] == ["/api/query?id_list=2309.06180&max_results=1"]


def test_an_id_of_the_old_kind(arxiv: Elsewhere) -> None:
    arxiv.behaviours["*"] = says(ATOM.replace(b"abs/2309.06180v1", b"abs/hep-th/9901001v3"))
    assert lookup.look_up("https://arxiv.org/abs/hep-th/9901001").fields["arxiv_id"] == "hep-th/9901001"
    assert arxiv.asked[0].path == "/api/query?id_list=hep-th/9901001&max_results=1"


@pytest.mark.parametrize(
    "pasted", [DOI, f"https://doi.org/{DOI}", f"doi:{DOI}", f"https://dl.acm.org/doi/pdf/{DOI}?x=y"]
)
def test_a_doi_in_any_form_is_asked_of_crossref(crossref: Elsewhere, pasted: str) -> None:
    assert lookup.look_up(pasted).fields["doi"] == DOI
    assert [asked.path for asked in crossref.asked] == ["/works/10.1145%2F3600006.3613165"]


@pytest.mark.parametrize(
    "pasted", ["", "attention", "https://example.org/", "10.1145", "@", "\0", "a" * 200_000]
)
def test_anything_else_asks_nobody(server: Elsewhere, pasted: str) -> None:
    assert code(pasted) == "not_understood"
    assert server.asked == []


# --- arXiv ------------------------------------------------------------------------------------------------


def test_what_arxiv_tells(arxiv: Elsewhere) -> None:
    record = lookup.look_up("2309.06180")
    title = "Efficient Memory Management for Large Language Model Serving with PagedAttention"
    assert record.fields == {
        "title": title,
        "title_official": title,
        "authors": "Woosuk Kwon\nZhuohan Li\nŁukasz Kaiser",
        "year": "2023",
        "bibtex_type": "misc",
        "arxiv_id": "2309.06180",
        "doi": DOI,
        "paper_url": "https://arxiv.org/abs/2309.06180",
        "first_posted": "2023-09",
        "published_on": "2023-09",
    }
    assert record.remarks == ["arXiv 上的备注：SOSP 2023"]


@pytest.mark.parametrize(
    "answer",
    [
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>none</title></feed>',
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>Error</title></entry></feed>",
    ],
)
def test_an_id_that_arxiv_does_not_have(arxiv: Elsewhere, answer: bytes) -> None:
    arxiv.behaviours["*"] = says(answer)
    assert code("2309.99999") == "unknown"


BOMB = b"<!DOCTYPE feed [<!ENTITY a 'aaaaaaaaaa'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;") for n in range(9)
)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html><title>Sorry</title></html>",
        b"<!DOCTYPE html><title>Sorry</title>",
        b"not XML",
        ATOM[:-100],
        ATOM.replace(b"2309.06180v1", b"2309.11111v1"),
        ATOM.replace(b"<title>Eff", b"<titel>Eff").replace(b"Attention</title>", b"Attention</titel>"),
        ATOM.replace(b"UTF-8", b"UTF-99"),
        ATOM.replace("Ł".encode(), b"\xff"),
        b"<?xml version='1.0'?>"
        + BOMB
        + b'<feed xmlns="http://www.w3.org/2005/Atom"><title>&a8;</title></feed>',
        b"<!DOCTYPE feed [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><feed>&a;</feed>",
        b"<a>" * 20_000,
    ],
)
def test_an_answer_that_is_none_of_arxivs(arxiv: Elsewhere, answer: bytes) -> None:
    arxiv.behaviours["*"] = says(answer)
    assert code("2309.06180") == "odd"


# --- Crossref ---------------------------------------------------------------------------------------------


def test_what_crossref_tells(crossref: Elsewhere) -> None:
    title = "Efficient Memory Management for R&D"
    assert lookup.look_up(DOI).fields == {
        "title": title,
        "title_official": title,
        "authors": "Woosuk Kwon\nLaurens van der Maaten\nMartin Luther King Jr.\n"
        "García Molina, Jesús\n{Google DeepMind}",
        "venue": "SOSP 2023",
        "venue_full": "Proceedings of the 29th Symposium on Operating Systems Principles",
        "pages": "611-626",
        "year": "2023",
        "bibtex_type": "inproceedings",
        "arxiv_id": "2309.06180",
        "doi": DOI,
        "paper_url": f"https://doi.org/{DOI}",
        "published_on": "2023-10",
    }


def test_a_journal_is_called_by_its_short_name(crossref: Elsewhere) -> None:
    names = {
        "container-title": ["ACM Transactions on Storage"],
        "short-container-title": ["ACM Trans. Storage"],
    }
    record = changed_work(crossref, type="journal-article", event=None, **names)
    assert (record.fields["venue"], record.fields["bibtex_type"]) == ("ACM Trans. Storage", "article")


@pytest.mark.parametrize(
    ("container", "venue"),
    [
        (["2025 IEEE Symposium on High-Performance Interconnects (HOTI)"], "HOTI 2023"),
        (["LNCS", "Computer Vision (ECCV 2022)"], "ECCV 2023"),
        (["Advances in Neural Information Processing Systems 36"], "NeurIPS 2023"),
        (["Proceedings of Something Else"], ""),
        ([], ""),
    ],
)
def test_where_an_event_has_no_acronym(crossref: Elsewhere, container: list[str], venue: str) -> None:
    record = changed_work(crossref, event=None, **{"container-title": container})
    assert record.fields.get("venue", "") == venue
    assert record.fields.get("venue_full", "") == (container or [""])[-1]


def test_a_preprint_was_first_public_when_it_was_posted(crossref: Elsewhere) -> None:
    record = changed_work(crossref, type="posted-content", posted={"date-parts": [[2022, 3]]})
    assert record.fields["first_posted"] == record.fields["published_on"] == "2022-03"


def test_little_is_enough(crossref: Elsewhere) -> None:
    work = {"message": {"DOI": DOI.upper(), "title": ["A"], "author": [{}, {"given": "Plato"}]}}
    crossref.behaviours["*"] = says(json.dumps(work).encode())
    fields = {"title": "A", "title_official": "A", "authors": "Plato", "bibtex_type": "misc", "doi": DOI}
    assert lookup.look_up(DOI).fields == {**fields, "paper_url": f"https://doi.org/{DOI}"}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>Sorry</html>",
        b"[]",
        b"null",
        b'{"message": []}',
        b'{"message": {"DOI": "10.1145/3600006.3613165"}}',
        b'{"message": {"DOI": "10.1145/3600006.3613165", "title": []}}',
        b'{"message": {"DOI": "10.1145/3600006.3613165", "title": [7]}}',
        b'{"message": {"DOI": "10.1145/3600006.3613165", "title": ["A"], "author": 7}}',
        b'{"message": {"DOI": "10.1145/3600006.3613165", "title": ["A"], "issued": {"date-parts": [["x"]]}}}',
        WORK.replace(b"3613165", b"3613166"),
        WORK[:-50],
        b"\xff\xfe",
        b"[" * 90_000,
    ],
)
def test_an_answer_that_is_none_of_crossrefs(crossref: Elsewhere, answer: bytes) -> None:
    crossref.behaviours["*"] = says(answer)
    assert code(DOI) == "odd"


# --- When there is no answer ------------------------------------------------------------------------------


@pytest.mark.parametrize("pasted", ["2309.06180", DOI])
@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (says(b"Resource not found.", 404), "unknown"),
        (says(b"", 429), "busy"),
        (says(b"", 503, Retry_After="30"), "busy"),
        (says(b"", 500), "unreachable"),
        (says(b"", 403), "unreachable"),
        (never_ends(b" " * 1000), "unreachable"),
        (redirects("http://10.0.0.1/"), "unreachable"),
        (redirects("/again"), "unreachable"),
    ],
)
def test_each_refusal_has_its_words(server: Elsewhere, pasted: str, behaviour: Any, expected: str) -> None:
    server.behaviours["*"] = behaviour
    assert code(pasted) == expected


def test_a_service_that_does_not_answer_is_given_up(
    server: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "LIMITS", Limits(read=0.2))
    server.behaviours["*"] = stays_silent
    assert code(DOI) == "unreachable"


def test_it_says_how_long_to_wait(server: Elsewhere) -> None:
    server.behaviours["*"] = says(b"", 429, Retry_After="30")
    with pytest.raises(LookupFailed, match="30 秒"):
        lookup.look_up(DOI)


# --- BibTeX -----------------------------------------------------------------------------------------------

CONFERENCE = r"""
% from the proceedings
@string{sosp = "Proceedings of the 29th {Symposium}"}
@inproceedings{kwon2023,
  title = {Efficient {M}emory for {LLM}s: 50\% less \& na{\"\i}ve $O(n^2)$ -- {\emph{fast}}},
  author = {Kwon, Woosuk and {Google DeepMind} and G{\"o}del, Kurt and van der Maaten, Laurens
            and King, Jr., Martin Luther and {\v{C}}ech, {\L}ukasz and others},
  booktitle = sosp # { (SOSP '23)},
  series = {SOSP '23}, Pages = {611--626}, year = 2023, month = oct,
  doi = {https://doi.org/10.1145/3600006.3613165},
  url = {https://dl.acm.org/a\_b?c=d%20e},
}
"""


def test_bibtex_of_a_conference() -> None:
    title = "Efficient Memory for LLMs: 50% less & naïve O(n^2) – fast"
    assert bibtex(CONFERENCE) == {
        "title": title,
        "title_official": title,
        "authors": "Woosuk Kwon\n{Google DeepMind}\nKurt Gödel\nLaurens van der Maaten\n"
        "Martin Luther King Jr.\nŁukasz Čech",
        "venue": "SOSP 2023",
        "venue_full": "Proceedings of the 29th Symposium (SOSP '23)",
        "pages": "611-626",
        "year": "2023",
        "bibtex_type": "inproceedings",
        "doi": DOI,
        "paper_url": "https://dl.acm.org/a_b?c=d%20e",
        "published_on": "2023-10",
    }


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, title={T}, eprint={2309.06180}, archivePrefix={arXiv}, primaryClass={cs.LG}}",
        "@article{a, title={T}, journal={arXiv preprint arXiv:2309.06180}}",
        "@article{a, title={T}, journal={CoRR}, volume={abs/2309.06180}}",
        "@article{a, title={T}, doi={10.48550/ARXIV.2309.06180}}",
        "@online{a, title={T}, url={https://arxiv.org/abs/2309.06180v2}}",
    ],
)
def test_bibtex_of_a_preprint(text: str) -> None:
    fields = bibtex(text)
    assert fields.pop("paper_url").startswith("https://arxiv.org/abs/2309.06180")
    expected = {"title": "T", "title_official": "T", "bibtex_type": "misc", "arxiv_id": "2309.06180"}
    assert fields == expected


def test_bibtex_of_a_journal() -> None:
    fields = bibtex('@Article(a, Title = "T", Journal = "Nature", year = "2021", month={7})')
    assert (fields["venue"], fields["venue_full"], fields["bibtex_type"]) == ("Nature", "Nature", "article")
    assert fields["published_on"] == "2021-07"


def test_a_thesis_has_a_school_and_no_short_venue() -> None:
    fields = bibtex("@phdthesis{a, title={T}, school={UC Berkeley}, year={2020}}")
    assert (fields["venue_full"], fields.get("venue")) == ("UC Berkeley", None)


def test_the_first_of_many_is_taken_and_said_to_be() -> None:
    record = lookup.look_up("@misc{a, title={First}} @misc{b, title={Second}}")
    assert record.fields["title"] == "First"
    assert len(record.remarks) == 1


def test_a_field_that_stands_twice_is_no_reason_to_refuse() -> None:
    assert bibtex("@misc{a, title={T}, url={https://a.example}, url={https://b.example}}")["title"] == "T"


def test_what_bibtex_names_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("secret")
    assert "secret" not in bibtex(rf"@misc{{a, title={{T \input{{{tmp_path}/secret}}}}}}")["title"]


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, title={T}",
        "@misc{a, year={2020}}",
        "@misc{a, title={}}",
        "@misc{}",
        "@misc{a, title={" + "{" * 20_000 + "}" * 20_000 + "}}",
        "@misc{a, title={" + r"\"{" * 5_000 + "}" * 5_000 + "}}",
        "@misc{a, title={" + r"\begin{a}" * 6_000 + "}}",
        "@misc{a, title=" + "{" * 40_000,
        "@a{" * 20_000,
        "@" * 60_000 + "a{",
        "@comment{" + "x" * 70_000 + "}",
        "@string{a = a # a}",
    ],
)
def test_bibtex_that_is_broken_or_hostile_is_refused(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert code(text) == "not_understood"
    assert caplog.records == []


@pytest.mark.parametrize(
    "author",
    [
        "and",
        "{",
        "a, b, c, d, e",
        "," * 5000,
        " and " * 5000,
        r"\'",
        "{}",
        "~",
        "$",
        r"\frac{a}",
        "a {b} and",
    ],
)
def test_odd_names_of_authors_make_no_error(author: str) -> None:
    with contextlib.suppress(LookupFailed):
        bibtex(f"@misc{{a, title={{T}}, author = {{{author}}}}}")
