"""arXiv's record of a paper, from its Atom API."""

import re
from typing import NoReturn
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from django.conf import settings
from django.utils.translation import gettext as _

from ..identifiers import normalise_arxiv, normalise_doi
from .asking import ask, odd
from .record import LookupFailed, Record, filled, one_line

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"


class _WithoutDoctype(TreeBuilder):
    """Entities are declared in a DOCTYPE, and no feed has any: so none can grow or read a file."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:
        raise ParseError(name)


def record(arxiv_id: str) -> Record:
    """Raises LookupFailed."""
    unknown = _("arXiv 没有编号为 %s 的论文，请核对。") % arxiv_id
    path = f"/api/query?id_list={quote(arxiv_id, safe='/')}&max_results=1"
    body = ask("arXiv", settings.PAPERCACHE_ARXIV_URL, path, accept="application/atom+xml", unknown=unknown)
    try:
        entry = _entry(body)
    except (ParseError, ValueError, LookupError):  # LookupError: of an encoding that nobody knows
        raise odd("arXiv") from None
    if entry is None or _text(entry, f"{_ATOM}title") == "Error":
        raise LookupFailed("unknown", unknown)
    if not _text(entry, f"{_ATOM}title") or _id(entry) != arxiv_id:
        raise odd("arXiv")
    return _record(entry, arxiv_id)


def _entry(body: bytes) -> Element | None:
    """Raises ParseError, ValueError."""
    parser = XMLParser(target=_WithoutDoctype())
    parser.feed(body)
    root = parser.close()
    if root.tag != f"{_ATOM}feed":
        raise ValueError(root.tag)
    return root.find(f"{_ATOM}entry")


def _text(entry: Element, path: str) -> str:
    return one_line(entry.findtext(path, ""))


def _id(entry: Element) -> str:
    return normalise_arxiv(_text(entry, f"{_ATOM}id"))


def _record(entry: Element, arxiv_id: str) -> Record:
    title = _text(entry, f"{_ATOM}title")
    authors = [_text(one, f"{_ATOM}name") for one in entry.findall(f"{_ATOM}author")]
    day = _text(entry, f"{_ATOM}published")
    month = day[:7] if re.match(r"\d{4}-\d\d-\d\dT", day) else ""
    fields = filled(
        title=title,
        title_official=title,
        authors="\n".join(filter(None, authors)),
        year=month[:4],
        bibtex_type="misc",
        arxiv_id=arxiv_id,
        doi=normalise_doi(_text(entry, f"{_ARXIV}doi")),
        paper_url=f"https://arxiv.org/abs/{arxiv_id}",
        first_posted=month,
        published_on=month,
    )
    return Record("arXiv", fields, _remarks(entry))


def _remarks(entry: Element) -> list[str]:
    """Where it appeared, in its authors' words: no program reads that reliably."""
    said = {
        _("期刊或会议"): _text(entry, f"{_ARXIV}journal_ref"),
        _("备注"): _text(entry, f"{_ARXIV}comment"),
    }
    return [
        _("arXiv 上的%(what)s：%(text)s") % {"what": what, "text": text[:500]}
        for what, text in said.items()
        if text
    ]
