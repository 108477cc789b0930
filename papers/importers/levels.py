"""The levels of a note's headings: the page shows the title of the paper, so that none of them is on its level."""

import re

from ..models import Paper
from .texts import CODE_BLOCK

_HTML = re.compile(r"(?:(?<=<h)|(?<=</h))(?P<level>[1-6])(?=[\s>])", re.IGNORECASE)
# What begins a line that is no paragraph's: below that, a line of signs is no heading's.
_OTHER = r"(?![ \t\#>|<=-]|[*+][ \t]|\d{1,9}[.)][ \t]|\[\^)"
_MARKDOWN = re.compile(
    rf"""(?P<code>{CODE_BLOCK})
    | ^(?P<signs>\#{{1,6}})(?=[ \t])
    | (?<![^\n]\n)^(?P<words>{_OTHER}[^\n]+(?:\n{_OTHER}[^\n]+)*)\n(?P<rule>=+|-{{2,}})[ \t]*$""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def below_title(source: str, note_format: str) -> str:
    """Those in use from the second on, one after the other, if one is the first."""
    is_html = note_format == Paper.NotesFormat.HTML
    pattern = _HTML if is_html else _MARKDOWN
    used = sorted({_level(found) for found in pattern.finditer(source)} - {0})
    if used[:1] != [1]:
        return source
    levels = {level: min(6, number) for number, level in enumerate(used, 2)}

    def lowered(found: re.Match[str]) -> str:
        level = levels.get(_level(found), 0)
        if is_html or not level:
            return str(level) if level else found[0]
        return "#" * level + (f" {' '.join(found['words'].split())}" if found["rule"] else "")

    return pattern.sub(lowered, source)


def _level(found: re.Match[str]) -> int:
    """Nothing for code."""
    said = found.groupdict()
    if said.get("level"):
        return int(said["level"])
    if said.get("rule"):
        return 1 if said["rule"][0] == "=" else 2
    return len(said.get("signs") or "")
