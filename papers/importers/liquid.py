"""Jekyll's template language, as far as notes use it: addresses, code, and signs that are no templates. Pure."""

import re
from html import escape
from urllib.parse import urljoin

_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_CODE = re.compile(
    r"\{%-?\s*highlight\s+(?P<language>[\w+#.-]+)[^%]*%\}\n?(?P<code>.*?)\{%-?\s*endhighlight\s*-?%\}",
    re.DOTALL,
)
_SITE = re.compile(r"\{\{-?\s*site\.(?:baseurl|url)\s*-?\}\}")
_ADDRESS = re.compile(
    r"""\{\{-?\s*(?:site\.baseurl\s*\|\s*append:\s*)?["'](?P<path>[^"'{}]*)["']\s*(?:\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:baseurl|url))\s*)*-?\}\}"""
)
_TEMPLATE = re.compile(r"\{%-?\s*\w|\{\{-?\s*[\w.]+\s*(?:\||-?\}\})")
_POST = re.compile(r"\{%-?\s*post_url\s+(?P<post>[^\s%]+)\s*-?%\}")
_LINK = re.compile(r"\{%-?\s*link\s+(?P<file>[^\s%]+)\s*-?%\}")
_DATED = re.compile(r"(?:.*/)?(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)-(?P<title>.+)")
# A link to a page by a path from here: no scheme, no slash before it.
_RELATIVE = re.compile(
    r"""(?P<before>(?<=\])\(\s*<?|<a\b[^<>]*?\shref\s*=\s*["']?)(?P<path>[^\s<>"'():#?/][^\s<>"'():#?]*(?:\.html|/))(?=[\s"'>)#?])""",
    re.IGNORECASE,
)
# kramdown: a line of attributes for what stands above it, and the place of a list of contents.
_ATTRIBUTES = re.compile(r"^\{:[^{}\n]*\}[ \t]*\n?|(?<=\S)\{:[^{}\n]*\}", re.MULTILINE)
_CONTENTS = re.compile(
    r"^[*\-+1.]+[ \t]+[^\n]*\n\{:[ \t]*toc[^{}\n]*\}[ \t]*\n?", re.MULTILINE | re.IGNORECASE
)


def resolved(source: str, base: str, at: str, *, is_markdown: bool) -> str:
    """`base` is the folder that the site was served in: here it has none, or another. `at` was the note's own path."""
    source = _CODE.sub(_fenced if is_markdown else _pre, source)
    source = _ADDRESS.sub(lambda found: found["path"], _SITE.sub("", source))
    if base.strip("/"):
        source = re.sub(
            rf"""((?:href|src)\s*=\s*["']?|\]\()/{re.escape(base.strip("/"))}(?=/)""", r"\1", source
        )
    source = _RELATIVE.sub(lambda found: found["before"] + urljoin(at, found["path"]), source)
    source = _LINK.sub(_file, _POST.sub(lambda found: _post(found["post"]), source))
    if is_markdown:
        source = _ATTRIBUTES.sub("", _CONTENTS.sub("", source))
    return _RAW.sub(lambda found: found[1], source)


def is_template(source: str) -> bool:
    """Whether what it says is still to be made by a template."""
    return _TEMPLATE.search(source) is not None


def _fenced(found: re.Match[str]) -> str:
    return f"```{found['language']}\n{found['code'].rstrip()}\n```"


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
    name: str = found["file"].lstrip("/")
    return _post(name.rpartition(".")[0]) if name.startswith("_posts/") else f"/{name}"
