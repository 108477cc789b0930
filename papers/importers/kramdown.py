"""Markdown as kramdown reads it, so that GitHub's Markdown says the same. Pure."""

import re

from ..rendering.shown_formulas import typed

# A line of attributes for what stands above it; the place of a list of contents; a picture's size of other editors.
_ATTRIBUTES = re.compile(r"^\{:[^{}\n]*\}[ \t]*\n?|(?<=\S)\{:[^{}\n]*\}", re.MULTILINE)
_CONTENTS = re.compile(
    r"^[*\-+1.]+[ \t]+[^\n]*\n\{:[ \t]*toc[^{}\n]*\}[ \t]*\n?|^@?\[\[?_?toc_?\]?\][ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_SIZE = re.compile(r"(?<=\S)[ \t]+=\d*x\d*(?=[ \t]*\))")
# HTML that says there is Markdown in it.
_MARKED = re.compile(
    r"""^([ \t]*<[a-z]+\b[^<>\n]*?)\s+markdown\s*=\s*["']?(?:1|block)["']?([^<>\n]*>)[ \t]*\n""",
    re.MULTILINE | re.IGNORECASE,
)
_PARTS = re.compile(
    r"""(?P<code>^[ \t]*(?P<fence>`{3,}|~{3,})(?:.*?^[ \t]*(?P=fence)[`~]*[ \t]*$|.*) | (?<!`)(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`))
    | (?P<html>^[ ]{0,3}(?:<[^\n]*)?</(?:div|p|center|figure|table|details|blockquote)>[ \t]*\n(?=[^\s<]))
    | \$\$(?P<dollars>[^$]+)\$\$ | \\\\\((?P<round>(?:(?!\\\\\().)+?)\\\\\) | \\\\\[(?P<square>(?:(?!\\\\\[).)+?)\\\\\]""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_END_OF_LINE = re.compile(r"[ \t]*(?:\n|\Z)")
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*")


def as_github(source: str) -> str:
    r"""`$$x$$` in a line of text is `$x$`, `\\(x\\)` too; `\\[x\\]` is `$$x$$`; HTML ends with its line."""
    source = _ATTRIBUTES.sub("", _CONTENTS.sub("", _SIZE.sub("", source)))
    return _PARTS.sub(_part, _MARKED.sub(r"\1\2\n\n", source))


def _part(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    if found["html"]:
        return f"{found[0]}\n"
    if found["square"]:
        return f"$${found['square']}$$"
    tex = found["dollars"] or found["round"]
    is_display = found["dollars"] and ("\n" in tex or _is_alone(found))
    return found[0] if is_display else typed(found.string, *found.span(), tex, is_display=False)


def _is_alone(found: re.Match[str]) -> bool:
    """In its lines, but for the signs of a list or a quotation."""
    source, start, end = found.string, found.start(), found.end()
    before = source[source.rfind("\n", 0, start) + 1 : start]
    return _MARKERS.fullmatch(before) is not None and _END_OF_LINE.match(source, end) is not None
