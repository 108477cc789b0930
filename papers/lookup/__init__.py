"""The record of a paper, out of what an editor pastes: an arXiv id, a link, a DOI, a reference, or BibTeX.

Knows no model and writes nothing. Ask while no transaction is open: arXiv or Crossref may take seconds to answer.
"""

import re

from django.utils.translation import gettext as _

from ..identifiers import arxiv_month, normalise_arxiv, normalise_doi
from .record import SUGGESTED, LookupFailed, Record

__all__ = ["SUGGESTED", "LookupFailed", "Record", "look_up"]


def look_up(pasted: str) -> Record:
    """Raises LookupFailed."""
    # Not at the start: their parsers would take a tenth of that of every command, and few ever need them.
    from . import arxiv, bibtex, crossref

    text = pasted.replace("\0", "").strip()
    if bibtex.is_bibtex(text):
        return bibtex.record(text)
    if arxiv_id := _arxiv_id(text):
        return arxiv.record(arxiv_id)
    doi = normalise_doi(text)
    if re.fullmatch(r"10\.\d{4,9}/\S+", doi):
        return crossref.record(doi)
    raise LookupFailed(
        "not_understood", _("没有认出 arXiv 编号、DOI 或 BibTeX。请粘贴编号、论文页的网址或一条 BibTeX。")
    )


def _arxiv_id(text: str) -> str:
    """The whole text, or the one word of a reference that says so: `… arXiv:2309.06180 (2023)`."""
    words = [word for word in text[:2000].split() if "arxiv" in word.lower()]
    candidates = (normalise_arxiv(candidate) for candidate in (text, *words))
    return next((one for one in candidates if arxiv_month(one)), "")
