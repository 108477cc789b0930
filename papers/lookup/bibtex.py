"""A paper's record out of BibTeX, as publishers, arXiv and Google Scholar write it. Needs no network."""

import logging
import re
from collections.abc import Mapping

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.model import Entry, Field
from django.utils.translation import gettext as _
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError

from ..identifiers import arxiv_month, normalise_arxiv, normalise_doi
from .record import LookupFailed, Record, author, filled, one_line, organisation, pages, venue

#: A thousand authors have room in it.
MAX_LENGTH = 64 * 1024
# What nobody writes, and what parsers take long over or fail at.
_MAX_BLOCKS, _MAX_DEPTH = 50, 20

_BEGINNING = re.compile(r"@\s*[A-Za-z]+\s*[{(]")
_TYPES = {
    "inproceedings": "inproceedings",
    "conference": "inproceedings",
    "incollection": "inproceedings",
    "article": "article",
    "techreport": "techreport",
    "report": "techreport",
    "phdthesis": "phdthesis",
    "thesis": "phdthesis",
    "book": "book",
}
_CONTAINERS = ("booktitle", "journal", "journaltitle", "school", "institution", "publisher", "howpublished")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_FULL_PREPRINT = re.compile(r"arxiv|^corr\b", re.IGNORECASE)

# What is wrong with it is said to the editor; as warnings of the library it would fill the log.
logging.getLogger("bibtexparser").setLevel(logging.ERROR)


def is_bibtex(text: str) -> bool:
    return bool(_BEGINNING.search(text[:MAX_LENGTH]))


def record(text: str) -> Record:
    """Of the first entry. Raises LookupFailed."""
    _refuse_monsters(text)
    try:
        library = parse_string(text)
        entries = _entries(library)
        if not entries:
            raise _unreadable()
        strings = {name.lower(): str(one.value) for name, one in library.strings_dict.items()}
        remarks = [_("粘贴的有多条，只取了第一条。")] if len(entries) > 1 else []
        return Record("BibTeX", _fields(entries[0], strings), remarks)
    except (LatexWalkerError, InvalidNameError, RecursionError):
        raise _unreadable() from None


def _entries(library: Library) -> list[Entry]:
    """Those that name a field twice, too: the last one counts."""
    failed = [block.ignore_error_block for block in library.failed_blocks]
    return [*library.entries, *(block for block in failed if isinstance(block, Entry))]


def _unreadable() -> LookupFailed:
    return LookupFailed("not_understood", _("这段 BibTeX 读不懂：请检查括号和逗号，一条以 } 结束。"))


def _refuse_monsters(text: str) -> None:
    if len(text) > MAX_LENGTH:
        too_long = _("粘贴的内容超过 %d kB，请只粘贴一条 BibTeX。") % (MAX_LENGTH // 1024)
        raise LookupFailed("not_understood", too_long)
    depth = deepest = 0
    for brace in re.findall(r"[{}]", text):
        depth = max(0, depth + (1 if brace == "{" else -1))
        deepest = max(deepest, depth)
    if text.count("@") > _MAX_BLOCKS or deepest > _MAX_DEPTH or text.count("\\begin") > _MAX_DEPTH:
        raise _unreadable()


# --- Fields -----------------------------------------------------------------------------------------------


def _fields(entry: Entry, strings: Mapping[str, str]) -> dict[str, str]:
    raw = {field.key.lower(): _joined(field, strings) for field in entry.fields}
    title = _plain(raw.get("title", ""))
    if not title:
        raise LookupFailed("not_understood", _("这段 BibTeX 没有标题（title），什么都没有填。"))
    year = _year(raw)
    month = _month(raw, year)
    containers = [_plain(raw[name]) for name in _CONTAINERS if raw.get(name)]
    arxiv_id = _arxiv_id(raw, containers)
    containers = [name for name in containers if not _FULL_PREPRINT.search(name)]
    is_preprint = bool(arxiv_id) and not containers
    series = _plain(raw.get("series", ""))
    return filled(
        title=title,
        title_official=title,
        authors="\n".join(_authors(raw.get("author", ""))),
        venue=venue([*filter(None, [series]), *containers], year)[:100] or _journal(raw, containers)[:100],
        venue_full=(containers or [""])[0],
        pages=pages(_plain(raw.get("pages", ""))),
        year=year,
        bibtex_type="misc" if is_preprint else _TYPES.get(entry.entry_type.lower(), "misc"),
        arxiv_id=arxiv_id,
        doi=_doi(raw),
        paper_url=_url(raw) or (f"https://arxiv.org/abs/{arxiv_id}" if is_preprint else ""),
        first_posted=month if is_preprint else "",
        published_on=month,
    )


def _joined(field: Field, strings: Mapping[str, str]) -> str:
    """Abbreviations, and what is put together of them: `sosp # " 2023"`."""
    text = str(field.value)
    if field.enclosing != "no-enclosing":
        return text
    parts = [part.strip() for part in text.split("#")]
    return "".join(strings.get(part.lower(), part).strip('"') for part in parts)


_decoder = LatexNodes2Text(math_mode="text")


def _plain(latex: str) -> str:
    """As it is printed: accents, dashes, formulas; a `%` is a percent sign, whoever forgot its backslash."""
    return one_line(_decoder.latex_to_text(re.sub(r"(?<!\\)%", r"\\%", latex)))


def _authors(latex: str) -> list[str]:
    people = split_multiple_persons_names(one_line(latex))
    return [_author(one) for one in people if one.strip() and one.strip().lower() != "others"]


def _author(latex: str) -> str:
    if re.fullmatch(r"\{[^{}]*\}", latex.strip()):
        return organisation(_plain(latex))
    parts = parse_single_name_into_parts(latex)
    first, particle, last, suffix = (
        _plain(" ".join(part)) for part in (parts.first, parts.von, parts.last, parts.jr)
    )
    return author(f"{particle} {last}", first, suffix)


def _year(raw: Mapping[str, str]) -> str:
    found = re.search(r"(?:19|20|21)\d\d", raw.get("year", "") or raw.get("date", ""))
    return found[0] if found else ""


def _month(raw: Mapping[str, str], year: str) -> str:
    dated = re.match(r"(\d{4}-\d\d)\b", raw.get("date", ""))
    if dated:
        return dated[1]
    text = raw.get("month", "").strip("{} ").lower()
    number = int(text) if re.fullmatch("0?[1-9]|1[0-2]", text) else 0
    number = number or next((n for n, name in enumerate(_MONTHS, 1) if text.startswith(name)), 0)
    return f"{year}-{number:02d}" if year and number else ""


def _arxiv_id(raw: Mapping[str, str], containers: list[str]) -> str:
    """Google Scholar puts it into the journal's name, arXiv into `eprint`, others into the DOI or the address."""
    places = [
        raw.get("eprint", ""),
        *containers,
        raw.get("doi", ""),
        raw.get("url", ""),
        raw.get("volume", ""),
    ]
    for place in map(str.strip, places):
        after_words = re.sub(r"^.*(?=arxiv[:./])|^abs/", "", place, flags=re.IGNORECASE | re.DOTALL)
        found = [one for one in map(normalise_arxiv, (place, after_words)) if arxiv_month(one)]
        if found:
            return found[0]
    return ""


def _doi(raw: Mapping[str, str]) -> str:
    doi = normalise_doi(_address(raw.get("doi", "")))
    return doi if re.match(r"10\.\d{4,9}/(?!arxiv)", doi, re.IGNORECASE) else ""


def _url(raw: Mapping[str, str]) -> str:
    found = re.search(r"https?://[^\s{}]+", _address(raw.get("url", "") or raw.get("howpublished", "")))
    return found[0] if found else ""


def _address(latex: str) -> str:
    """Letter by letter, but for the backslashes that TeX wants before some of them."""
    return re.sub(r"\\([_%&#~])", r"\1", latex.replace(r"\url", ""))


def _journal(raw: Mapping[str, str], containers: list[str]) -> str:
    is_journal = bool(raw.get("journal") or raw.get("journaltitle"))
    return containers[0] if is_journal and containers else ""
