"""Crossref's record of a paper, from its REST API."""

import html
import json
import re
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

from ..identifiers import arxiv_month, normalise_arxiv
from .asking import ask, odd
from .record import Record, author, filled, one_line, organisation, pages, venue

_TYPES = {
    "proceedings-article": "inproceedings",
    "book-chapter": "inproceedings",  # as Springer's proceedings are
    "journal-article": "article",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "report": "techreport",
    "dissertation": "phdthesis",
}
# Where a year is taken from: what is printed on the paper comes first.
_DATES = ("published-print", "published", "issued", "posted")


def record(doi: str) -> Record:
    """Raises LookupFailed."""
    unknown = _("Crossref 没有 DOI %s 的记录。请核对；在别处登记的 DOI 查不到，可以粘贴 BibTeX。") % doi
    path = f"/works/{quote(doi, safe='')}"
    body = ask("Crossref", settings.PAPERCACHE_CROSSREF_URL, path, accept="application/json", unknown=unknown)
    try:
        return _record(json.loads(body)["message"], doi)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise odd("Crossref") from None


def _record(work: dict[str, Any], doi: str) -> Record:
    """Raises ValueError, LookupError, TypeError or AttributeError for what has another shape."""
    if work["DOI"].casefold() != doi.casefold():
        raise ValueError(work["DOI"])
    title = _title(work)
    year, month = _date(work, _DATES)
    bibtex_type = _TYPES.get(work.get("type", ""), "misc")
    containers = [_words(name) for name in work.get("container-title") or []]
    first = _date(work, ("posted", "issued"))[1]
    fields = filled(
        title=title,
        title_official=title,
        authors="\n".join(filter(None, (_author(one) for one in work.get("author") or []))),
        venue=_venue(work, containers, year)[:100],
        venue_full=(containers or [""])[-1] or _publisher(work, bibtex_type),
        pages=pages(work.get("page") or ""),
        year=year,
        bibtex_type=bibtex_type,
        arxiv_id=_arxiv_id(work),
        doi=doi,
        paper_url=f"https://doi.org/{quote(doi, safe='/():;')}",
        first_posted=first if bibtex_type == "misc" else "",
        published_on=first or month,
    )
    return Record("Crossref", fields)


def _title(work: dict[str, Any]) -> str:
    """Raises LookupError for a work without one: there is nothing to fill in."""
    title = _words(work["title"][0])
    subtitle = _words((work.get("subtitle") or [""])[0])
    if not title:
        raise LookupError
    is_told = not subtitle or subtitle.casefold() in title.casefold()
    return title if is_told else f"{title}: {subtitle}"


def _words(text: str) -> str:
    """Without the tags of HTML, JATS and MathML that publishers send along."""
    return one_line(html.unescape(re.sub(r"</?[A-Za-z][^<>]{0,200}>", "", html.unescape(text))))


def _author(one: dict[str, Any]) -> str:
    if one.get("name"):
        return organisation(_words(one["name"]))
    parts = [_words(one.get(part) or "") for part in ("family", "given", "suffix")]
    return author(*parts) if parts[0] else parts[1]


def _date(work: dict[str, Any], kinds: tuple[str, ...]) -> tuple[str, str]:
    """Year, and year and month where it is known."""
    for kind in kinds:
        parts = ((work.get(kind) or {}).get("date-parts") or [[None]])[0]
        if parts and parts[0]:
            year = f"{int(parts[0]):04d}"
            return year, f"{year}-{int(parts[1]):02d}" if len(parts) > 1 and parts[1] else ""
    return "", ""


def _venue(work: dict[str, Any], containers: list[str], year: str) -> str:
    event = work.get("event") or {}
    acronym = event.get("acronym") or []
    short = [_words(name) for name in work.get("short-container-title") or []]
    said = [*([acronym] if isinstance(acronym, str) else acronym), event.get("name") or "", *containers[::-1]]
    if work.get("type") == "journal-article":
        return venue(containers, year) or (short or containers or [""])[0]
    return venue([_words(name) for name in said], year)


def _publisher(work: dict[str, Any], bibtex_type: str) -> str:
    """Where such works name it in place of a venue."""
    return _words(work.get("publisher") or "") if bibtex_type in ("book", "techreport", "phdthesis") else ""


def _arxiv_id(work: dict[str, Any]) -> str:
    others = (work.get("relation") or {}).get("has-preprint") or []
    ids = [normalise_arxiv(str(other.get("id", ""))) for other in others]
    return next((one for one in ids if arxiv_month(one)), "")
