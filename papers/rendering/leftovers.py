"""What programs leave in the HTML that they write, and what notes have no use for. Pure.

A pattern looks at a tag that is not closed once, `(?=[^<>]*+>)`, and once at a tag for what says what it is, `(?>…)`:
whatever a note repeats, time grows no faster than the note.
"""

import re
from html import unescape

# Word's own elements, in which nothing stands that is not text; and WeChat's, which are cards of other accounts and the like.
_OFFICE = re.compile(r"</?(?:(?:[omvw]|st\d):[a-z]\w*|mp-[a-z][\w-]*+)(?=[\s/>])[^<>]*>", re.IGNORECASE)
# The marks of Word's lists, which are paragraphs: how deep they are is in the style of these.
_WORD_ITEM = re.compile(
    r"""(?P<open><p\b(?=[^<>]*+>)(?>[^<>]*\bmso-list:\s*l\d+\s+level(?P<level>\d)[^<>]*>))
    (?>(?:(?!<p\b|</p).)*?<!\[if\ !supportLists\]>)(?P<mark>(?:(?!<!\[endif|</?p\b).)*+)<!\[endif\]>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}")
_TAG = re.compile(r"<[^<>]*>")

# Links of headings to themselves, and those that only number the lines of code.
_ANCHOR = re.compile(
    r"""<a\b(?=[^<>]*+>)(?:(?![^<>]*\s(?:id|name)\s*=)[^<>]*>\s*
    |(?>[^<>]*\bclass\s*=\s*["'][^"'<>]*(?:anchor|headerlink)[^<>]*>)(?:[^<>\w&]{0,3}|&[#\w]+;))</a\s*>""",
    re.IGNORECASE | re.VERBOSE,
)
# Lists of contents: a page of ours has its own.
_CONTENTS = re.compile(
    r"""<nav\b(?:(?!</?nav\b).)*</nav\s*>|<p>\s*\[toc\]\s*</p>
    |<div\b(?=[^<>]*+>)(?>[^<>]*class\s*=\s*["'](?:[^"'<>]*\s)?(?:md-)?toc["'\s][^<>]*>)(?:(?!</?div\b).)*+</div\s*>""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)

# Code beside a column of numbers, in the cells of a table: within the code or around it.
_NUMBERED = re.compile(
    r"""<table\b(?=[^<>]*+>)(?>[^<>]*class\s*=\s*["'][^"'<>]*\b(?:rouge-table|highlighttable|lntable)\b[^<>]*>)
    (?P<inside>(?:(?!</?table\b).)*+)</table\s*>""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_CELLS = re.compile(r".*(?=</td\s*>)", re.DOTALL | re.IGNORECASE)
_LAST_CELL = re.compile(r".*<td\b[^<>]*>(?P<code>.*)", re.DOTALL | re.IGNORECASE)
_PRE = re.compile(r"</?pre\b[^<>]*>", re.IGNORECASE)
# Code as the editor of Typora shows it: each line an element of its own.
_FENCES = re.compile(
    r"""<pre\b(?=[^<>]*+>)(?P<rest>(?>[^<>]*\bmd-fences\b[^<>]*))>
    (?P<inside>(?:(?:(?!</?pre\b).)*+<pre\b[^<>]*>(?:(?!</?pre\b).)*+</pre\s*>)++)(?:(?!</?pre\b).)*+</pre\s*>""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_LINE = re.compile(r"<pre\b[^<>]*>((?:(?!</?pre\b).)*)</pre", re.DOTALL | re.IGNORECASE)
_LANG = re.compile(r"""\slang\s*=\s*["']([\w+#.-]{1,40})["']""")
_NAMED = re.compile(
    r"""(?P<pre><pre\b(?P<rest>[^<>]*)>\s*)<code\b(?:\s+class\s*=\s*["'](?:(?:sourceCode|hljs)\s+)(?:language-)?(?P<language>[\w+#.-]{1,40})[^<>]*)?>""",
    re.IGNORECASE,
)

_BOX = re.compile(
    r"""<input\b(?=[^<>]*+>)(?P<rest>[^<>]*\btype\s*=\s*["']?checkbox[^<>]*)>\s*(?P<paragraph><p>\s*)?""",
    re.IGNORECASE,
)
# Notion's.
_DRAWN_BOX = re.compile(
    r"""<div\b(?>[^<>]*?\bclass\s*=\s*["']checkbox\ checkbox-(?P<state>on|off)\b)[^<>]*+>\s*</div\s*>\s*""",
    re.IGNORECASE | re.VERBOSE,
)

_VALUE = r"""\s*=\s*("[^"]*"|'[^']*'|[^"'<>\s]+)"""
_LAZY = re.compile(rf"\sdata-(?:src|original|lazy-src){_VALUE}", re.IGNORECASE)
# What is shown from elsewhere is a link here, as pictures of other sites are.
_EMBEDDED = re.compile(rf"<(?:iframe|embed|video|audio)\b(?>[^<>]*?\ssrc{_VALUE})[^<>]*>", re.IGNORECASE)
# A figure around something else than a picture; icons of links; what a notebook says where nobody has said anything.
_NO_FIGURE = re.compile(
    r"<figure\b[^<>]*>(?P<inside>(?:(?!</?figure\b|<img\b|<figcaption\b).)*)</figure\s*>",
    re.IGNORECASE | re.DOTALL,
)
_ICON = re.compile(
    r"""<img\b(?=[^<>]*+>)[^<>]*\bclass\s*=\s*["'](?:[^"'<>]*\s)?icon[\s"'][^<>]*>""", re.IGNORECASE
)
_NO_ALT = re.compile(r'\salt="No description has been provided for this image"')
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_SRC = re.compile(rf"\ssrc{_VALUE}", re.IGNORECASE)
#: What is shown where no script does it; and the picture beside it that a script would show.
NOSCRIPT = re.compile(
    r"<noscript\b[^<>]*>(?P<inside>(?:(?!</?noscript\b).)*+)</noscript\s*>", re.IGNORECASE | re.DOTALL
)
_BEHIND = re.compile(r"(?:\s|<(?:a|div|p|picture|span)\b[^<>]*>)*+(?P<image><img\b[^<>]*>)", re.IGNORECASE)
_BEFORE = re.compile(r"(?P<image><img\b[^<>]*>)(?:\s|</(?:a|div|p|picture|span)\s*>)*+\Z", re.IGNORECASE)
_REACH = 2000
_NO_PICTURE = re.compile(r"""\ssrc\s*=\s*["']?data:""", re.IGNORECASE)


def without_leftovers(html: str) -> str:
    html = _NO_ALT.sub("", _NO_FIGURE.sub(r"\g<inside>", _ICON.sub("", _EMBEDDED.sub(_link, html))))
    html = _OFFICE.sub("", _WORD_ITEM.sub(_word_item, html))
    html = _NAMED.sub(_named, _FENCES.sub(_fences, _NUMBERED.sub(_numbered, html)))
    html = _DRAWN_BOX.sub(lambda found: _sign(is_done=found["state"].lower() == "on"), html)
    return with_lazy_pictures(_BOX.sub(_box, _CONTENTS.sub("", _ANCHOR.sub("", html))))


def _link(found: re.Match[str]) -> str:
    return linked(found[1].strip("\"'"))


def linked(address: str) -> str:
    return f'<a href="{address}">{address}</a>'


def _box(found: re.Match[str]) -> str:
    return f"{found['paragraph'] or ''}{_sign(is_done='checked' in found['rest'].lower())}"


def _sign(*, is_done: bool) -> str:
    return "☑ " if is_done else "☐ "


def with_lazy_pictures(html: str) -> str:
    """Pictures that a script would have put in the place of others, once."""
    html = NOSCRIPT.sub(without_script, html)
    return _IMAGE.sub(_shown, html) if "data-" in html else html


def without_script(noscript: re.Match[str]) -> str:
    """The pictures in it, unless one stands beside it; its words say that there is no script."""
    html, start, end = noscript.string, noscript.start(), noscript.end()
    for beside in (_BEHIND.match(html, end), _BEFORE.search(html[max(0, start - _REACH) : start])):
        if beside and (_LAZY.search(beside["image"]) or not _NO_PICTURE.search(beside["image"])):
            return ""
    return "".join(_IMAGE.findall(noscript["inside"]))


def _shown(image: re.Match[str]) -> str:
    lazy = _LAZY.search(image[0])
    return f"<img src={lazy[1]}{_SRC.sub('', _LAZY.sub('', image[0]))[4:]}" if lazy else image[0]


def _word_item(found: re.Match[str]) -> str:
    number = _NUMBER.search(unescape(_TAG.sub("", found["mark"])))
    indent = "&nbsp;" * 4 * (int(found["level"]) - 1)
    return f"{found['open']}{indent}{f'{number[0]}.' if number else '*'} "


def _numbered(table: re.Match[str]) -> str:
    cells = _CELLS.match(table["inside"])
    cell = _LAST_CELL.match(cells[0]) if cells else None
    if cell is None:
        return table[0]
    is_in_code = "rouge-table" in table[0].partition(">")[0]
    return _PRE.sub("", cell["code"]) if is_in_code else cell["code"]


def _fences(found: re.Match[str]) -> str:
    language = _LANG.search(found["rest"])
    lines = (_TAG.sub("", line[1]).replace("\u200b", "") for line in _LINE.finditer(found["inside"]))
    named = f' class="language-{language[1]}"' if language else ""
    return f"<pre><code{named}>{chr(10).join(lines)}\n</code></pre>"


def _named(found: re.Match[str]) -> str:
    lang = _LANG.search(found["rest"])
    language = found["language"] or (lang[1] if lang else "")
    return f'{found["pre"]}<code class="language-{language}">' if language else found[0]
