"""Markdown as kramdown reads it, so that GitHub's Markdown says the same. Pure."""

import re

from ..rendering.shown_formulas import typed
from .texts import CODE_BLOCK, Indented

# HTML that says there is Markdown in it.
_MARKED = re.compile(
    r"""^(?>([ \t]*<[a-z]+\b(?=[^<>]*+>)[^<>\n]*?)(?<!\s)\s++markdown\s*=\s*["']?(?:1|block)["']?)([^<>\n]*>)[ \t]*\n""",
    re.MULTILINE | re.IGNORECASE,
)
# What nobody is to read; a list of contents, or its place; attributes of what stands above or before them, but not `$A_{:,i}$`.
_SIGNS = r"""
    \{::comment[ \t]*\}(?:(?!\{::comment).)*?\{:/(?:comment)?[ \t]*\}
    | ^[*\-+1.]+[ \t]++[^\n]*\n\{:[ \t]*(?i:toc)[^{}\n]*\}[ \t]*\n? | ^@?\[\[?_?(?i:toc)_?\]?\][ \t]*$
    | ^\{:[^{}\n]*\}[ \t]*\n? | (?<=[)\]*_`>$"'])\{:[ \t]*(?:[.\#][\w-]+|[\w-]+=["'])[^{}\n]*\}
"""
# The size of a picture, behind its address.
_SIZED = r"(?P<sized>\]\((?:[^()\s]|\([^()\s]*\))++(?:[ \t]+\"[^\"\n]*\")?)[ \t]+=\d*x\d*(?=[ \t]*\))"
# With an id of its own.
_HEADING = (
    r"^(?P<heading>\#{1,6}[ \t](?:[^\n{]|\{(?!\#))*+)\{\#(?P<id>[\w:.-]++)[^{}\n]*+\}[ \t]*+\#*+[ \t]*$"
)
_PARTS = re.compile(
    rf"""(?P<code>{CODE_BLOCK} | (?<!`)(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`)) | (?P<signs>{_SIGNS})
    | {_SIZED} | {_HEADING}
    | (?P<html>^[ ]{{0,3}}(?:<[^\n]*)?</(?:div|p|center|figure|table|details|blockquote)>[ \t]*\n(?=[^\s<]))
    | \$\$(?P<dollars>[^$]+)\$\$ | \\\\\((?P<round>(?:(?!\\\\\().)+?)\\\\\) | \\\\\[(?P<square>(?:(?!\\\\\[).)+?)\\\\\]""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_END_OF_LINE = re.compile(r"[ \t]*(?:\n|\Z)")
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*")


def as_github(source: str) -> str:
    r"""`$$x$$` in a line of text is `$x$`, `\\(x\\)` too; `\\[x\\]` is `$$x$$`; HTML ends with its line; comments go."""
    marked = _MARKED.sub(r"\1\2\n\n", source)
    code = Indented(marked)
    return _PARTS.sub(lambda found: _part(found) if code.end_at(found.start()) is None else found[0], marked)


def _part(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    if found["signs"]:
        return ""
    if found["sized"]:
        return found["sized"]
    if found["heading"]:
        return f'{_PARTS.sub(_part, found["heading"].rstrip())} <a id="{found["id"]}"></a>'
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
    if _END_OF_LINE.match(source, end) is None:
        return False
    before = source[source.rfind("\n", 0, start) + 1 : start]
    return _MARKERS.fullmatch(before) is not None
