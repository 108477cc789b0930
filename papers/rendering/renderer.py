"""The way from a source to what is stored."""

from .cleaning import clean
from .headings import aim_links, number_headings
from .images import Pictures
from .inline import Inline
from .parser import to_html
from .pieces import Filling
from .result import Format, Rendered
from .source import normalised
from .text import plain_text, sentences
from .wrappers import unwrapped


def render(source: str, format: Format) -> Rendered:
    """The same result for the same source, in any process and thread."""
    inline = Inline(format)
    pictures = Pictures(_cleaned(normalised(source), format, inline))
    inline.finish()
    text = plain_text(pictures.html, inline.pieces)
    html, contents = number_headings(pictures.html, inline.pieces)
    filling = Filling(html, inline.pieces)
    citing = sentences(pictures.html, inline.pieces, inline.book.pieces & filling.shown)
    problems = [*inline.problems, *pictures.problems, *filling.problems]
    return Rendered(
        html=aim_links(filling.html.strip()),
        contents=contents,
        citations=inline.book.rows(citing),
        figures=pictures.names,
        plain_text=text,
        problems=tuple(sorted(problems, key=lambda problem: problem.line or 0)),
    )


def _cleaned(source: str, format: Format, inline: Inline) -> str:
    if format == "html":
        return clean(inline.read_html(source, 1), inline.pieces, unwrapped)
    return clean(inline.restore_raw(to_html(source, inline)), inline.pieces)
