"""A paper's record as others read it: one serializer for its card and its `.json`."""

import re
from typing import Any

from .models import Paper
from .pages import absolute

EXCERPT_LENGTH = 180
_MAIN = re.compile(
    r"\bA1\b|\u4e3b\u8981\u8d21\u732e"
)  # "A1", or 主要贡献: words of notes, in no other language
_FIELDS = (
    "uid title title_official title_published summary venue venue_full pages year bibtex_type arxiv_id doi "
    "paper_url code_url first_posted origin review_state notes_format"
).split()


def record(paper: Paper) -> dict[str, Any]:
    """One query, for the tags."""
    return {
        **{name: getattr(paper, name) for name in _FIELDS},
        "url": absolute(paper.get_absolute_url()),
        "permanent_url": absolute(paper.get_permanent_url()),
        "published_on": paper.date_label,
        "authors": paper.author_names,
        "aliases": paper.alias_names,
        "tags": [tag.name for tag in paper.tags_by_name()],
        "excerpt": excerpt(paper),
        "first_public_at": _moment(paper.first_public_at),
        "changed_at": _moment(paper.changed_at),
    }


def _moment(moment: Any) -> str:
    return moment.isoformat() if moment else ""


def excerpt(paper: Paper) -> str:
    """The first lines of the note's section A1 主要贡献; without one the summary, or else the note's first lines."""
    return _main_section(paper) or paper.summary or _shortened(paper.plain_text)


def _main_section(paper: Paper) -> str:
    """Found by its heading: the plain text holds the headings in their order."""
    headings = paper.contents
    place = next((n for n, heading in enumerate(headings) if _MAIN.search(heading["text"])), None)
    if place is None:
        return ""
    _before, _heading, text = paper.plain_text.partition(headings[place]["text"])
    level = headings[place]["level"]
    end = next((heading for heading in headings[place + 1 :] if heading["level"] <= level), None)
    return _shortened(text.partition(end["text"])[0] if end else text)


def _shortened(text: str) -> str:
    text = text.strip()
    return text if len(text) <= EXCERPT_LENGTH else f"{text[:EXCERPT_LENGTH].rstrip()}…"
