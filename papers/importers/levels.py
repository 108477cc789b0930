"""The levels of a note's headings: the page shows the title of the paper, so that none of them is on its level. Pure."""

import re

from ..models import Paper

_TOP_HTML = re.compile(r"<h1[\s>]", re.IGNORECASE)
_HTML = re.compile(r"(?<=[</]h)[1-5](?=[\s>])", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"""(?P<code>^[ \t]*(?P<fence>`{3,}|~{3,})(?:.*?^[ \t]*(?P=fence)[`~]*[ \t]*$|.*))
    | ^(?P<signs>\#{1,5})(?=[ \t]) | ^(?P<words>(?![ \t#>|<=-])[^\n]+)\n(?P<rule>=+|-{2,})[ \t]*$""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def below_title(source: str, note_format: str) -> str:
    """All of them one level farther down, if one is on the highest."""
    if note_format == Paper.NotesFormat.HTML:
        return _HTML.sub(lambda level: str(int(level[0]) + 1), source) if _TOP_HTML.search(source) else source
    has_top = any(
        found["signs"] == "#" or (found["rule"] or "")[:1] == "=" for found in _MARKDOWN.finditer(source)
    )
    return _MARKDOWN.sub(_lower, source) if has_top else source


def _lower(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    if found["signs"]:
        return f"#{found['signs']}"
    return f"{'##' if found['rule'][0] == '=' else '###'} {found['words']}"
