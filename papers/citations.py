"""References as others read them: BibTeX, RIS, citation_* tags. Pure: text and data in, text out."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from . import names

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
        "<": r"\textless{}",  # in TeX's first fonts these three print as other signs
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
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
        """The permanent uid alone: author, year and title get corrected, and a manuscript cites by the key."""
        return self.uid


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
        ("author", " and ".join(filter(None, map(_bibtex_author, reference.authors)))),
        (_container_field(reference), _escaped(container(reference))),
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
        ("TY", _ris_type(reference)),
        ("ID", reference.key),
        ("TI", reference.title),
        *(("AU", names.read(_one_line(name)).inverted) for name in reference.authors),
        ("PB" if reference.bibtex_type in ("techreport", "phdthesis") else "T2", container(reference)),
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
    """Highwire's citation_* tags, by which reference managers save the paper and not the page about it.

    Zotero would take the publication's name, the address and the kind from the page's own OpenGraph tags: PRISM's
    name, a public address and Zotero's own kind come before these.
    """
    first, last = [*_page_range(reference), ""][:2]
    container_tag = META_CONTAINERS.get(reference.bibtex_type, "")
    tags = [
        ("citation_title", reference.title),
        *(("citation_author", names.read(name).natural) for name in reference.authors),
        ("citation_publication_date", str(reference.year or "")),
        (container_tag, container(reference) if container_tag else ""),
        ("prism.publicationName", container(reference) if container_tag else ""),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_doi", reference.doi),
        ("citation_arxiv_id", reference.arxiv_id),
        ("citation_pdf_url", _pdf(reference)),
        ("citation_public_url", address(reference)),
        ("citation_language", _language(reference)),
        ("z:itemType", _zotero_type(reference)),
    ]
    return [(name, value) for name, value in tags if value]


def address(reference: Reference) -> str:
    """Where the paper itself is, or nothing."""
    return (addresses(reference) or [""])[0]


def addresses(reference: Reference) -> list[str]:
    """Everywhere the paper itself is, the best place first."""
    doi = f"https://doi.org/{quote(reference.doi, safe='/():;')}" if reference.doi else ""
    arxiv = f"https://arxiv.org/abs/{reference.arxiv_id}" if reference.arxiv_id else ""
    return list(dict.fromkeys(filter(None, (reference.url, doi, arxiv))))


def _pdf(reference: Reference) -> str:
    if reference.arxiv_id:
        return f"https://arxiv.org/pdf/{reference.arxiv_id}"
    return reference.url if urlsplit(reference.url).path.lower().endswith(".pdf") else ""


def _language(reference: Reference) -> str:
    """Reference styles translate `et al.` by it, and the page's own language is that of the note."""
    return "zh" if re.search(r"[\u4e00-\u9fff]", reference.title) else "en"


def _ris_type(reference: Reference) -> str:
    """A preprint is to RIS an unpublished work."""
    return RIS_TYPES.get(reference.bibtex_type, "UNPB" if reference.arxiv_id else "GEN")


def _zotero_type(reference: Reference) -> str:
    """Only of what has no container to tell it by."""
    if META_CONTAINERS.get(reference.bibtex_type):
        return ""
    return "book" if reference.bibtex_type == "book" else "preprint" if reference.arxiv_id else "document"


def container(reference: Reference) -> str:
    return reference.venue_full or reference.venue


def _container_field(reference: Reference) -> str:
    fields = {
        "inproceedings": "booktitle",
        "article": "journal",
        "phdthesis": "school",
        "techreport": "institution",
        "book": "publisher",
    }
    return fields.get(reference.bibtex_type, "howpublished")


def _bibtex_author(typed: str) -> str:
    """BibTeX reads `Given van Family` by itself; in braces a name is one piece, whatever words are in it."""
    name = names.read(_one_line(typed))
    if not name.is_person:
        return f"{{{_escaped(name.family)}}}"
    if name.is_plain and _escaped(name.natural) == name.natural:
        return name.natural
    return ", ".join(_escaped(part) for part in (name.family, name.suffix, name.given) if part)


def _page_range(reference: Reference) -> list[str]:
    """First and last page, or the one there is."""
    return re.split(r"\s*[-–—]+\s*", reference.pages.strip(), maxsplit=1)


def _without_braces(address: str) -> str:
    """DOIs and URLs are read letter by letter: nothing in them may be escaped but by percent signs."""
    return _one_line(address).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _escaped(text: str) -> str:
    return _one_line(text).translate(BIBTEX_SPECIAL)


def _one_line(text: str) -> str:
    """With one space for any white space, and without the control characters that nothing prints."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join(
        "".join(char for char in text if char.isspace() or unicodedata.category(char) != "Cc").split()
    )
