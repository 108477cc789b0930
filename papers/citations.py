"""References as others read them: BibTeX, RIS, citation_* tags. Pure: text and data in, text out."""

import re
import unicodedata
from dataclasses import dataclass

BIBTEX_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
RIS_TYPES = {
    "inproceedings": "CPAPER",
    "article": "JOUR",
    "techreport": "RPRT",
    "phdthesis": "THES",
    "book": "BOOK",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """The record of a paper, as its authors published it."""

    uid: str
    bibtex_type: str
    title: str
    authors: tuple[str, ...] = ()
    venue: str = ""
    venue_full: str = ""
    pages: str = ""
    year: int | None = None
    arxiv_id: str = ""
    doi: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """Unique and stable by its uid; author and year make it recognisable: `kwon2023-pagedattention`."""
        surname = self.authors[0].split()[-1] if self.authors else ""
        plain = unicodedata.normalize("NFKD", surname).encode("ascii", "ignore").decode().lower()
        return f"{re.sub('[^a-z]', '', plain)}{self.year or ''}-{self.uid}".lstrip("-")


def normalise_key(name: str) -> str:
    """The form in which two ways of writing a paper's name are equal: no case, braces, punctuation, last `s`."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    letters = "".join(char for char in folded if char.isalnum() or char in "+#")
    return letters.removesuffix("s") if len(letters) > 3 else letters


def bibtex(reference: Reference) -> str:
    fields = [
        ("title", f"{{{_escaped(reference.title)}}}"),
        ("author", " and ".join(_bibtex_author(name) for name in reference.authors)),
        (_container_field(reference), _escaped(reference.venue_full or reference.venue)),
        ("pages", re.sub(r"(?<=\d)-(?=\d)", "--", reference.pages)),
        ("year", str(reference.year or "")),
        ("doi", reference.doi),
        ("eprint", reference.arxiv_id),
        ("archiveprefix", "arXiv" if reference.arxiv_id else ""),
        ("url", reference.url),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@{reference.bibtex_type}{{{reference.key},", *lines, "}", ""])


def ris(reference: Reference) -> str:
    first, _dash, last = reference.pages.partition("-")
    fields = [
        ("TY", RIS_TYPES.get(reference.bibtex_type, "GEN")),
        ("ID", reference.key),
        ("TI", reference.title),
        *(("AU", _inverted(name)) for name in reference.authors),
        ("T2", reference.venue_full or reference.venue),
        ("PY", str(reference.year or "")),
        ("SP", first),
        ("EP", last),
        ("DO", reference.doi),
        ("AN", f"arXiv:{reference.arxiv_id}" if reference.arxiv_id else ""),
        ("UR", reference.url),
    ]
    lines = [f"{tag}  - {_one_line(value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def meta_tags(reference: Reference) -> list[tuple[str, str]]:
    """Highwire's citation_* tags, by which reference managers save the paper."""
    first, _dash, last = reference.pages.partition("-")
    is_article = reference.bibtex_type == "article"
    tags = [
        ("citation_title", reference.title),
        *(("citation_author", name) for name in reference.authors),
        ("citation_publication_date", str(reference.year or "")),
        ("citation_journal_title" if is_article else "citation_conference_title", reference.venue_full),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_doi", reference.doi),
        ("citation_arxiv_id", reference.arxiv_id),
    ]
    if reference.arxiv_id:
        tags.append(("citation_pdf_url", f"https://arxiv.org/pdf/{reference.arxiv_id}"))
    return [(name, value) for name, value in tags if value]


def _container_field(reference: Reference) -> str:
    names = {"inproceedings": "booktitle", "article": "journal", "phdthesis": "school", "techreport": "institution"}
    return names.get(reference.bibtex_type, "howpublished")


def _bibtex_author(name: str) -> str:
    """A team's name is one word to BibTeX, or `StepFun Team` becomes `Team, StepFun`."""
    is_team = name.split()[-1:] == ["Team"] or " and " in name
    return f"{{{_escaped(name)}}}" if is_team else _escaped(name)


def _inverted(name: str) -> str:
    """RIS wants `Last, First`; a single word or a team stays whole."""
    words = name.split()
    if len(words) < 2 or words[-1] == "Team" or "," in name:
        return name
    return f"{words[-1]}, {' '.join(words[:-1])}"


def _escaped(text: str) -> str:
    return _one_line(text).translate(BIBTEX_SPECIAL)


def _one_line(text: str) -> str:
    return " ".join(text.split())
