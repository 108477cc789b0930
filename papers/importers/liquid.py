"""Jekyll's template language, as far as notes use it: addresses, code, and signs that are no templates."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from urllib.parse import urljoin

from .shortcodes import fenced, of_hexo, picture
from .texts import replaced, with_lines

_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}((?:(?!\{%-?\s*raw).)*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_CODE = re.compile(
    r"\{%-?\s*highlight\s+(?P<language>[\w+#.-]++)[^%]*+%\}\n?(?P<code>(?:(?!\{%-?\s*highlight).)*?)\{%-?\s*endhighlight\s*-?%\}",
    re.DOTALL,
)
_SITE = re.compile(r"\{\{-?\s*site\.(?:baseurl|url)\s*-?\}\}")
_ADDRESS = re.compile(
    r"""\{\{-?\s*(?:site\.baseurl\s*\|\s*append:\s*)?["'](?P<path>[^"'{}]*)["']\s*(?:\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:baseurl|url))\s*)*-?\}\}"""
)
_COMMENT = re.compile(
    r"\{%-?\s*comment\s*-?%\}(?:(?!\{%-?\s*comment).)*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL
)
_TAG = re.compile(r"\{%-?\s*(?P<name>\w++)(?P<rest>(?:[^%{}]|\{\{[^{}]*\}\}|%(?!\}))*+)%\}")
_SAID = re.compile(r"""(?<!\w)(?P<name>\w++)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)(?:\?.*)?", re.IGNORECASE)
# Those that decide what is shown, and show nothing.
_SILENT = frozenset(
    "if elsif else endif unless endunless case when endcase for endfor assign capture endcapture toc seo break".split()
)
_NO_END_OF_LINE = re.compile(r"[^\n]")
_POST = re.compile(r"\{%-?\s*post_url\s+(?P<post>[^\s%]+)\s*-?%\}")
_LINK = re.compile(r"\{%-?\s*link\s+(?P<file>[^\s%]+)\s*-?%\}")
_DATED = re.compile(r"(?:.*/)?(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)-(?P<title>.+)")
_SIGNS, _ESCAPED = re.compile(r"[\\`*_~\[\]]"), r"\\\g<0>"
_COLLECTED = re.compile(r"(?:[^/]+/)?_(?P<path>[^/]+/.+)")
# A link to a page by a path from here: no scheme, no slash before it.
_RELATIVE = re.compile(
    r"""(?P<before>(?<=\])\(\s*<?|<a\b[^<>]*?\shref\s*=\s*["']?)(?P<path>[^\s<>"'():#?/{}][^\s<>"'():#?{}]*)(?=[\s"'>)#?])""",
    re.IGNORECASE,
)
# An address of the site's own that is a link as it is typed: between angle brackets, or in the text, but in no link's.
_TYPED = r"""<https?:%s(?P<angle>/[^\s<>]*)>
    |(?<![\w/"'=<>(\[])https?:%s(?P<bare>/[^\s<>"'`()\[\]|\u3000-\u303f\uff00-\uffef\u2018-\u201d]*+)(?![^\[\]\n]{0,200}\]\()"""
_HREF = r"""((?:href|src)\s*=\s*["']?|\](?:\(|:)\s*<?)"""
_ELEMENT = re.compile(r"<[A-Za-z][^<>]*>")
# What the front matter or the configuration says; of the filters of the latter those that change no plain text.
_VALUE = re.compile(
    r"\{\{-?\s*(?:(?P<page>page)\.(?P<name>\w+(?:[.-]\w+)*+)\s*(?:\|[^{}]*)?"
    r"|site\.(?P<path>\w+(?:[.-]\w+)*+)\s*(?:\|\s*(?:escape|xml_escape|strip|strip_html)\s*)*+)-?\}\}"
)
# What Jekyll knows of a page that its front matter need not say.
_MADE = frozenset("url date id path content excerpt categories tags collection previous next".split())
# A text with signs of templates in it.
_LITERAL = re.compile(
    r"""\{\{-?\s*(?:"(?P<double>(?=[^"{}\n]*+[{}])[^"\n]*+)"|'(?P<single>(?=[^'{}\n]*+[{}])[^'\n]*+)')\s*-?\}\}"""
)
# Braces of these, which are no templates; no source has this character.
_SHIELDED = {"{": "\0(", "}": "\0)"}
# But not in a formula: `\\mathbf{{x}}`.
_OUTPUT = re.compile(
    r"""\{\{-?(?:[ \t]|(?<![A-Za-z^_{$\\]\{\{)(?<![^%}]\}\{\{)(?=["'A-Za-z]))[ \t]*+(?=["'A-Za-z])[^{}\n]*\}\}"""
)
# Braces of a formula: `\\frac{{a}}{{b}}`.
_TEX = r"(?P<tex>\\[A-Za-z]++(?:\{\{[^{}\n]*+\}\})++)"
_TAG_OR_OUTPUT = re.compile(f"{_TEX}|{_TAG.pattern}|{_OUTPUT.pattern}")
# Tags with something inside, whether it was shown or not.
_BLOCKS = frozenset("if unless case for capture".split())


Values = Mapping[str, object]


def resolved(source: str, page: Values, site: Values, *, is_markdown: bool) -> str:
    """What it was when the generator was done; `page` is what the front matter says, `site` the configuration."""
    parts = _RAW.split(_CODE.sub(_fenced if is_markdown else _pre, source))
    parts[::2] = [_filled(part, page, site) for part in parts[::2]]
    return "".join(parts)


def unknown(source: str, page: Values, site: Values) -> Iterator[tuple[int, str]]:
    """Tags whose insides are all there, whichever were shown, and what stays as it was typed; with their lines."""
    for pattern in (_CODE, _COMMENT, _RAW, _LITERAL, _SITE, _ADDRESS):
        source = pattern.sub(_blank, source)
    source = _VALUE.sub(
        lambda found: found[0] if _value(found, page, site) is None else _blank(found), source
    )
    for line, found in with_lines(_TAG_OR_OUTPUT.finditer(source)):
        if not found["tex"] and (found["name"] is None or found["name"] in _BLOCKS):
            yield line, found[0]


def lost(source: str) -> Iterator[tuple[int, str]]:
    """Tags that showed something which is not in the file, and their lines."""
    for pattern in (_CODE, _COMMENT, _RAW, _POST, _LINK):
        source = pattern.sub(_blank, source)
    for line, tag in with_lines(_TAG.finditer(source)):
        if tag["name"] not in _SILENT and not _figure(tag):
            yield line, tag[0]


def _blank(found: re.Match[str]) -> str:
    """As long, with the same lines."""
    return _NO_END_OF_LINE.sub(" ", found[0])


def _filled(source: str, page: Values, site: Values) -> str:
    source = _LITERAL.sub(_shielded, _COMMENT.sub("", source))
    source = _ADDRESS.sub(lambda found: found["path"], _SITE.sub("", source))
    source = _LINK.sub(_file, _POST.sub(lambda found: _post(found["post"]), source))

    def value(found: re.Match[str]) -> str:
        known = _value(found, page, site)
        return found[0] if known is None else known

    filled = _TAG.sub(_figure, _VALUE.sub(value, source))
    for sign, shielded in _SHIELDED.items():
        filled = filled.replace(shielded, sign)
    return filled


def _shielded(found: re.Match[str]) -> str:
    return "".join(_SHIELDED.get(sign, sign) for sign in found["double"] or found["single"])


def _value(found: re.Match[str], page: Values, site: Values) -> str | None:
    """None for what is no plain text; of a page's own words nothing is what is not there."""
    value: object = page if found["page"] else site
    for name in (found["name"] or found["path"]).split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None and found["page"] and found["name"].partition(".")[0] not in _MADE:
        return ""
    return value if isinstance(value, str) else None


def _figure(tag: re.Match[str]) -> str:
    """The picture that a fragment such as `{% include figure.html src="…" %}` showed; nothing of other tags."""
    said = {one["name"]: one["double"] or one["single"] or "" for one in _SAID.finditer(tag["rest"])}
    source = next((value for value in said.values() if _PICTURE.search(value)), "")
    if tag["name"] == "asset_img":
        return of_hexo(tag["rest"])
    if not source or tag["name"] != "include":
        return ""
    return picture(source, said.get("alt", ""), said.get("caption", said.get("title", "")))


def with_addresses_here(source: str, home: str, base: str, at: str, *, is_markdown: bool) -> str:
    """`base` is the folder that the site was served in at `home`; here it has none, or another. `at` was the note's path."""
    folder = f"/{re.escape(base.strip('/'))}" if base.strip("/") else ""
    host = re.escape(re.sub("^https?:", "", home.rstrip("/")))
    if folder or host:
        there = rf"(?:(?:https?:)?{host})?{folder}" if folder else rf"(?:https?:)?{host}"
        link = re.compile(rf"{_HREF}{there}(?=/)")
        if is_markdown:
            source = replaced(link, r"\1", source)
        else:
            source = _ELEMENT.sub(lambda tag: link.sub(r"\1", tag[0]), source)
    if host and is_markdown:
        typed = re.compile(_TYPED % (host + folder, host + folder), re.IGNORECASE | re.VERBOSE)
        source = replaced(typed, partial(_written, home, base), source)

    def absolute(link: re.Match[str]) -> str:
        return link["before"] + urljoin(at, link["path"]) if _is_page(link) else link[0]

    return replaced(_RELATIVE, absolute, source, is_markdown=is_markdown)


def _written(home: str, base: str, link: re.Match[str]) -> str:
    """A link that leads here and shows what it showed, but for `https://`, which would be a link again."""
    path = link["angle"] or link["bare"].rstrip(".,:;!?*_~")
    rest = "" if link["angle"] else link["bare"][len(path) :]
    folder = f"/{base.strip('/')}".rstrip("/")
    shown = re.sub(r"^https?://", "", home).rstrip("/") + folder + path
    return f"[{_SIGNS.sub(_ESCAPED, shown)}](<{path}>){rest}"


def _is_page(link: re.Match[str]) -> bool:
    """Servers of files answer the path of a page without its ending, too; in a formula may be `E[x](a)`."""
    path = link["path"].lower()
    last = path.rpartition("/")[2]
    is_bare = "." not in last or last in (".", "..")
    if path.endswith((".html", "/")) or (is_bare and link["before"][0] == "<"):
        return True
    return is_bare and path[0] == "." and not _is_picture(link.string, link.start() - 1)


def _is_picture(source: str, end: int) -> bool:
    """Whether there is a `!` before the words that end with this bracket."""
    depth = 0
    for place in range(end, max(0, end - 1000), -1):
        depth += {"]": 1, "[": -1}.get(source[place], 0)
        if depth == 0:
            return source[place - 1] == "!"
    return False


def _fenced(found: re.Match[str]) -> str:
    return fenced(found, found["language"], found["code"])


def _pre(found: re.Match[str]) -> str:
    return f'<pre><code class="language-{found["language"]}">{escape(found["code"])}</code></pre>'


def _post(name: str) -> str:
    """An address that the post had, and that leads to it."""
    dated = _DATED.fullmatch(name)
    return (
        f"/{dated['year']}/{dated['month']}/{dated['day']}/{dated['title']}.html"
        if dated
        else f"/{name}.html"
    )


def _file(found: re.Match[str]) -> str:
    """An address that the file had: a page in Markdown as a section has it, since it may be one here."""
    name: str = found["file"].lstrip("/")
    stem, _dot, ending = name.rpartition(".")
    if name.startswith("_posts/"):
        return _post(stem)
    if collected := _COLLECTED.fullmatch(stem):
        return f"/{collected['path']}.html"
    return f"/{stem}/" if ending in ("md", "markdown") else f"/{name}"
