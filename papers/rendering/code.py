"""Code blocks and code spans, coloured by Pygments classes."""

import re
from functools import cache
from html import escape

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_all_lexers, get_lexer_by_name

from .pieces import Piece

# Colours for more than this cost more than they help.
_LONGEST_COLOURED = 100_000

_LANGUAGE = re.compile(r"[{.\s]*([\w+#.-]{1,40})")


def code_span(source: str, code: str) -> Piece:
    return Piece(source, f'<code translate="no">{escape(code, quote=False)}</code>', code)


def code_block(source: str, code: str, info: str, number: int) -> Piece:
    """Its lines have the ids `code-<number>-<line>`."""
    found = _LANGUAGE.match(info)
    language = found[1].lower() if found else ""
    label = f' class="language-{escape(language)}"' if language else ""
    inside = _lines(code, language, f"code-{number}")
    html = f'<pre class="highlight" translate="no"><code{label}>{inside}</code></pre>'
    return Piece(source, html, f" {code} ", inline=code_span(source, code).html)


def _lines(code: str, language: str, anchor: str) -> str:
    """An element each; Pygments ends its own at the end of a line."""
    if not code:
        return ""
    is_short = language in _languages() and len(code) <= _LONGEST_COLOURED
    coloured = _coloured(code, language) if is_short else escape(code, quote=False)
    lines = enumerate(coloured.removesuffix("\n").split("\n"), 1)
    return "\n".join(f'<span id="{anchor}-{number}">{line}</span>' for number, line in lines) + "\n"


def _coloured(code: str, language: str) -> str:
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return highlight(code, lexer, _formatter())


@cache
def _formatter() -> HtmlFormatter:
    """Making one takes longer than colouring a short block, and it keeps nothing of what it has coloured."""
    return HtmlFormatter(nowrap=True)


@cache
def _languages() -> frozenset[str]:
    """Those that Pygments itself brings: an installed plugin must not change what a note looks like."""
    return frozenset(alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)
