"""Where a note names papers: `【索引23，title，2023，SOSP】`, the short `【23】` that refers back to it, `[[name]]`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from .headings import heading_id
from .marks import link_mark
from .pieces import Piece
from .result import Citation, Problem, gettext_noop

_LABEL = r"【\s*+(?:(?:索引|引用|文献)\s*+)?\[?(\d{1,4})\]?\s*+"
BARE = re.compile(rf"{_LABEL}】")
CITATION = re.compile(rf"{_LABEL}[,，]\s*+((?:[^【】\n]|\n(?!\s*\n)){{2,600}}?)\s*】")
WIKILINK = re.compile(r"\[\[([^\[\]|\n]{1,500})(?:\|([^\[\]\n]{1,500}))?\]\](?!\(|\[(?!\[))")

_YEAR_AND_VENUE = re.compile(r"\s*[,，]\s*(?:19|20)\d\d(?:年)?(?:\s*[,，][^,，]*(?:[,，][^,，]*)?)?\s*$")
_NAME = re.compile(r"[^\W\d_]|^[\w./-]{4,}$")
# A thousand citations in one endless sentence would each bring all of it.
_LONGEST_SENTENCE = 1000
_HEADING = re.compile(r"(.+?)\s*#\s*([^#]+)")


@dataclass(frozen=True, slots=True)
class _Mention:
    kind: str
    label: str
    title: str
    anchor: str
    line: int
    piece: int
    source: str


class CitationBook:
    """The mentions of one note, in order."""

    def __init__(self) -> None:
        self._mentions: list[_Mention] = []
        self._full: dict[str, _Mention] = {}

    def wikilink(self, found: re.Match[str], piece: int, line: int) -> Piece | None:
        """None for brackets that name nothing, such as those of a matrix."""
        name, shown = found[1].strip(), (found[2] or found[1]).strip()
        if not _NAME.search(name) or not shown:
            return None
        place = _HEADING.fullmatch(name)
        title, fragment = (place[1], heading_id(place[2])) if place else (name, "")
        anchor = f"link-{len(self._mentions) + 1}"
        self._mentions.append(_Mention("wikilink", shown, title, anchor, line, piece, found[0]))
        html = link_mark(title, escape(shown), fragment)
        opening = f'<span class="wikilink" id="{anchor}">'
        in_link = f"{opening}{escape(shown)}</span>"
        return Piece(found[0], f"{opening}{html}</span>", shown, in_link=in_link)

    def citation(self, found: re.Match[str], piece: int, line: int) -> Piece:
        """A short one is filled in by `finish`: what it refers to may stand below it."""
        label, title = found[1], ""
        if found.re is CITATION:
            words = " ".join(found[2].split())
            title = _YEAR_AND_VENUE.sub("", words) or words
        mention = _Mention("citation", label, title, f"cite-{len(self._mentions) + 1}", line, piece, found[0])
        self._mentions.append(mention)
        if title:
            self._full.setdefault(label, mention)
        inside = link_mark(title, escape(found[0])) if title else escape(found[0])
        return _piece(mention, inside)

    @property
    def pieces(self) -> frozenset[int]:
        return frozenset(mention.piece for mention in self._mentions)

    def finish(self, pieces: list[Piece]) -> list[Problem]:
        """Completes the short citations in `pieces`, and reports those that refer to nothing."""
        problems = []
        for mention in self._mentions:
            if mention.title:
                continue
            if full := self._full.get(mention.label):
                link = f'<a class="citation-back" href="#{full.anchor}">{mention.label}</a>'
                pieces[mention.piece] = _piece(
                    mention, escape(mention.source).replace(mention.label, link, 1)
                )
            else:
                pieces[mention.piece] = Piece(mention.source, escape(mention.source), mention.source)
                problems.append(_unknown(mention))
        return problems

    def rows(self, sentences: Mapping[int, str]) -> tuple[Citation, ...]:
        """Of the pieces that have a sentence: the rest stands in code, or in a picture's words."""
        return tuple(
            Citation(
                kind="wikilink" if mention.kind == "wikilink" else "citation",
                label=mention.label,
                title=title,
                sentence=sentences[mention.piece][:_LONGEST_SENTENCE],
                anchor=mention.anchor,
                line=mention.line,
            )
            for mention in self._mentions
            if mention.piece in sentences and (title := self._title(mention))
        )

    def _title(self, mention: _Mention) -> str:
        full = self._full.get(mention.label) if not mention.title else None
        return full.title if full else mention.title


def _piece(mention: _Mention, html: str) -> Piece:
    opening = f'<span class="citation" id="{mention.anchor}">'
    in_link = f"{opening}{escape(mention.source)}</span>"
    return Piece(mention.source, f"{opening}{html}</span>", mention.source, in_link=in_link)


def _unknown(mention: _Mention) -> Problem:
    message = gettext_noop(
        "%(citation)s 没有对应的完整引用。请在文中写一次“【索引%(label)s，标题，年份，会议】”，或核对编号。"
    )
    params = {"citation": mention.source, "label": mention.label}
    return Problem(mention.line, mention.source, "citation", message, params)
