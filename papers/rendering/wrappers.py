"""Takes the wrappers of web pages off a note that came as HTML."""

import re

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [^<>]*)?)>")
_VOID = {"br", "col", "hr", "img", "wbr"}
_BLOCKS = {
    "blockquote",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
}
_EMPTY = re.compile(r"<(p|div|span|figcaption|h[1-6])>(?:\s|&nbsp;|<br>)*+</\1>")


def unwrapped(html: str) -> str:
    """Plain `div`, `section` and `span` say nothing: those around blocks go, those around text are paragraphs."""
    parts = _TAG.split(html)  # text, closing, name, attributes, text, …
    open_tags: list[list[int]] = []  # place in `parts`, and whether a block is inside
    for place in range(1, len(parts), 4):
        closing, name = parts[place], parts[place + 1]
        if closing:
            _close(parts, place, open_tags)
            continue
        if name in _BLOCKS and open_tags:
            open_tags[-1][1] = 1
        if name not in _VOID:
            open_tags.append([place, 0])
    return _EMPTY.sub("", _join(parts))


def _close(parts: list[str], place: int, open_tags: list[list[int]]) -> None:
    start, has_block = open_tags.pop()
    name, is_plain = parts[place + 1], not parts[start + 2]
    if name in ("div", "section", "span") and is_plain:
        new = "" if has_block or name == "span" else "p"
        parts[start + 1] = parts[place + 1] = new
    if has_block and open_tags:
        open_tags[-1][1] = 1


def _join(parts: list[str]) -> str:
    out = [parts[0]]
    for place in range(1, len(parts), 4):
        closing, name, attributes, text = parts[place : place + 4]
        out.append(f"<{closing}{name}{attributes}>{text}" if name else text)
    return "".join(out)
