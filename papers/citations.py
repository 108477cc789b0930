"""References as others read them: BibTeX, RIS, citation_* tags. Pure: text and data in, text out."""

import re
import unicodedata
from dataclasses import dataclass

BIBTEX_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts braces, even after a backslash
        "}": r"\textbraceright{}",
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
META_CONTAINERS = {
    "inproceedings": "citation_conference_title",
    "article": "citation_journal_title",
    "techreport": "citation_technical_report_institution",
    "phdthesis": "citation_dissertation_institution",
}

KEY_MAX_LENGTH = 500
_TEX_WRAPPER = re.compile(r"\\[A-Za-z]+\s*(?=\{[^}])")  # a command with something in braces
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon"
_SPELT_OUT = str.maketrans(
    dict(zip("αβγδεζηθικλμνξοπρστυφχψω", f"{_GREEK} phi chi psi omega".split(), strict=True))
)


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
        lead = self.authors[0] if self.authors else ""
        surname = (lead.split() or [""])[0 if _is_team(lead) else -1]
        plain = unicodedata.normalize("NFKD", surname).encode("ascii", "ignore").decode().lower()
        return f"{re.sub('[^a-z]', '', plain)}{self.year or ''}-{self.uid}".lstrip("-")


def normalise_key(name: str) -> str:
    """The form in which two ways of writing a paper's name are equal: no case, accents, braces, punctuation, last `s`.

    TeX is read as what it prints: `{\\"o}` as ö, `\\textsc{A}` as A, and `\\pi` as π. Empty if nothing is left.
    """
    folded = unicodedata.normalize("NFKD", _TEX_WRAPPER.sub("", name)).casefold().translate(_SPELT_OUT)
    letters = "".join(char for char in folded if char.isalnum() or char in "+#")
    key = letters.removesuffix("s") if len(letters) > 3 else letters
    return key[:KEY_MAX_LENGTH]


def bibtex(reference: Reference) -> str:
    fields = [
        ("title", f"{{{_escaped(reference.title)}}}"),
        ("author", " and ".join(_bibtex_author(name) for name in reference.authors)),
        (_container_field(reference), _escaped(reference.venue_full or reference.venue)),
        ("pages", _escaped("--".join(_page_range(reference)))),
        ("year", str(reference.year or "")),
        ("doi", _without_braces(reference.doi)),
        ("eprint", reference.arxiv_id),
        ("archiveprefix", "arXiv" if reference.arxiv_id else ""),
        ("url", _without_braces(reference.url)),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@{reference.bibtex_type}{{{reference.key},", *lines, "}", ""])


def ris(reference: Reference) -> str:
    first, last = [*_page_range(reference), ""][:2]
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
    first, last = [*_page_range(reference), ""][:2]
    container = META_CONTAINERS.get(reference.bibtex_type, "")
    tags = [
        ("citation_title", reference.title),
        *(("citation_author", name) for name in reference.authors),
        ("citation_publication_date", str(reference.year or "")),
        *([(container, reference.venue_full or reference.venue)] if container else []),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_doi", reference.doi),
        ("citation_arxiv_id", reference.arxiv_id),
    ]
    if reference.arxiv_id:
        tags.append(("citation_pdf_url", f"https://arxiv.org/pdf/{reference.arxiv_id}"))
    return [(name, value) for name, value in tags if value]


def _container_field(reference: Reference) -> str:
    names = {
        "inproceedings": "booktitle",
        "article": "journal",
        "phdthesis": "school",
        "techreport": "institution",
    }
    return names.get(reference.bibtex_type, "howpublished")


def _bibtex_author(name: str) -> str:
    """A team's name is one word to BibTeX, or `StepFun Team` becomes `Team, StepFun`."""
    is_one_piece = _is_team(name) or " and " in name.lower() or "," in name
    return f"{{{_escaped(name)}}}" if is_one_piece else _escaped(name)


def _inverted(name: str) -> str:
    """RIS wants `Last, First`; a single word or a team stays whole."""
    words = name.split()
    if len(words) < 2 or _is_team(name) or "," in name:
        return name
    return f"{words[-1]}, {' '.join(words[:-1])}"


def _is_team(name: str) -> bool:
    return name.lower().split()[1:][-1:] == ["team"]


def _page_range(reference: Reference) -> list[str]:
    """First and last page, or the one there is."""
    return re.split(r"\s*[-–—]+\s*", reference.pages.strip(), maxsplit=1)


def _without_braces(address: str) -> str:
    """DOIs and URLs are read letter by letter: nothing in them may be escaped but by percent signs."""
    return _one_line(address).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _escaped(text: str) -> str:
    return _one_line(text).translate(BIBTEX_SPECIAL)


def _one_line(text: str) -> str:
    return " ".join(text.split())
