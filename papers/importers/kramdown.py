"""Formulas as kramdown reads them, and GitHub's Markdown does not. Pure."""

import re

from ..rendering.shown_formulas import typed

_PARTS = re.compile(
    r"""(?P<code>^[ \t]*(?P<fence>`{3,}|~{3,})(?:.*?^[ \t]*(?P=fence)[`~]*[ \t]*$|.*) | (?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))
    | \$\$(?P<dollars>[^$]+)\$\$ | \\\\\((?P<round>.+?)\\\\\) | \\\\\[(?P<square>.+?)\\\\\]""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*")


def with_dollars(source: str) -> str:
    r"""`$$x$$` in a line of text is `$x$`, `\\(x\\)` too; `\\[x\\]` is `$$x$$`."""
    return _PARTS.sub(_formula, source)


def _formula(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    if found["square"]:
        return f"$${found['square']}$$"
    tex = found["dollars"] or found["round"]
    is_display = found["dollars"] and ("\n" in tex or _is_alone(found))
    return found[0] if is_display else typed(found.string, *found.span(), tex, is_display=False)


def _is_alone(found: re.Match[str]) -> bool:
    """In its lines, but for the signs of a list or a quotation."""
    source, start, end = found.string, found.start(), found.end()
    before = source[source.rfind("\n", 0, start) + 1 : start]
    behind = source[end : source.find("\n", end) if "\n" in source[end:] else None]
    return _MARKERS.fullmatch(before) is not None and not behind.strip()
