"""The way from a source to what is stored."""

from functools import cache
from importlib.metadata import version

from .cleaning import clean
from .headings import number_headings
from .parser import to_html
from .pieces import fill
from .result import Format, Rendered
from .scanner import Scanner
from .source import normalised
from .text import plain_text

# To be counted up with every change that makes other HTML of the same source.
_OWN_VERSION = 1


def render(source: str, format: Format) -> Rendered:
    """The same result for the same source, in any process and thread."""
    source = normalised(source)
    scanned = Scanner(source if format == "markdown" else "")
    html = clean(to_html(scanned.text) if format == "markdown" else source)
    text = plain_text(html, scanned.pieces)
    html, contents = number_headings(html, scanned.pieces)
    html, problems = fill(html, scanned.pieces)
    return Rendered(
        html=html.strip(),
        contents=contents,
        plain_text=text,
        problems=tuple(sorted(scanned.problems + problems, key=lambda problem: problem.line or 0)),
    )


@cache
def renderer_version() -> str:
    """Changes whenever stored HTML may be stale."""
    libraries = ("Markdown", "nh3", "math-core", "Pygments")
    return " ".join([str(_OWN_VERSION), *(f"{name}-{version(name)}" for name in libraries)])[:100]
