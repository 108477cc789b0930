"""arXiv ids and DOIs, out of whatever an editor copied them from. Pure: text in, text out."""

import re
import unicodedata
from urllib.parse import unquote

# Nobody pastes more into a field of one line; what is longer comes back as it is.
LONGEST_PASTE = 2000

_ARXIV_ID = r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d\d(?:0[1-9]|1[0-2])\d{3}"
_ARXIV = re.compile(
    r"""(?i:
        (?:https?://)? (?:[\w-]+\.)*
        (?:arxiv\.org | ar5iv\.org | alphaxiv\.org | huggingface\.co | hf\.co | papers\.cool) /
        (?: (?:abs|pdf|html|format|src|ps|papers|overview|arxiv|zh|en) / )*+
      | (?: (?:https?://)? (?:dx\.|www\.)? doi\.org/ | doi: \s* )? 10\.48550/arxiv\.
      | (?:arxiv \s+ preprint \s+)? arxiv \s* :? \s*
    )?
    (?P<id>"""
    + _ARXIV_ID
    + r""")
    (?i: v\d+ )? (?i: \.pdf )?
    (?: [/?\#].* | \s*\[.* | [\s,(]+(?:19|20)\d\d[).]* | [.,;。]+ )?  # the rest of an address, the stamp in a PDF, a year
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_FIRST_YEAR = 91  # of ids with an archive, which ended in 2007

_DOI = re.compile(r"(?:(?<![a-z0-9.])|(?<=doi))10\.\d{4,9}(?:/|%2F)\S+", re.IGNORECASE)
_PUBLISHERS_ENDING = re.compile(
    r"(?:/(?:full|fulltext|abstract|abs|pdf|epdf|html|meta|summary|references)|\.pdf|/)+\Z", re.IGNORECASE
)
_PREPRINT_VERSION = re.compile(r"(10\.1101/[\d.]+\d)v\d.*", re.DOTALL)  # bioRxiv and medRxiv
_AFTER_A_DOI = ".,;:!、。，；：”’\"'」》"
_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}


def normalise_arxiv(text: str) -> str:
    """The bare id without its version; what is not recognised comes back stripped."""
    match = _ARXIV.fullmatch(_plain(text))
    return match["id"] if match else text.strip()


def arxiv_month(arxiv_id: str) -> tuple[int, int] | None:
    """Year and month that a bare id says: `2312.00001` gives (2023, 12), `hep-th/9901001` gives (1999, 1)."""
    if not re.fullmatch(_ARXIV_ID, arxiv_id, re.ASCII):
        return None
    digits = arxiv_id.rpartition("/")[2]
    year, month = int(digits[:2]), int(digits[2:4])
    is_last_century = "/" in arxiv_id and year >= _FIRST_YEAR
    return (1900 if is_last_century else 2000) + year, month


def normalise_doi(text: str) -> str:
    """The bare DOI, letter case kept; what is not recognised comes back stripped.

    It has to end what was pasted: of a DOI with a space in it no half is taken for the whole.
    """
    last_word = (_without_unseen(text).split() or [""])[-1]
    match = _DOI.search(last_word)
    if not match:
        return text.strip()
    is_in_address = bool(re.search("[/=]", last_word[: match.start()]))
    doi = _out_of_address(match[0]) if is_in_address else unquote(match[0])
    return _without_closing(doi)


def _out_of_address(tail: str) -> str:
    doi = _without_closing(unquote(re.split("[?#&]", tail, maxsplit=1)[0]))
    return _PREPRINT_VERSION.sub(r"\1", _PUBLISHERS_ENDING.sub("", doi))


def _without_closing(doi: str) -> str:
    """Without the punctuation of the sentence around it; brackets that the DOI itself opens stay."""
    doi = doi.strip()
    while doi and (
        doi[-1] in _AFTER_A_DOI or doi.count(doi[-1]) > doi.count(_BRACKETS.get(doi[-1], doi[-1]))
    ):
        doi = doi[:-1]
    return doi


def _plain(text: str) -> str:
    return unquote(_without_unseen(text)).strip()


def _without_unseen(text: str) -> str:
    """In half width, without the zero-width characters that come along from web pages."""
    if len(text) > LONGEST_PASTE:
        return ""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(char for char in normal if unicodedata.category(char) != "Cf")
