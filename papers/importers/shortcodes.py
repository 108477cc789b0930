"""Signs of Hugo's (`{{< figure … >}}`) and Hexo's (`{% asset_img … %}`) in Markdown: pictures, links and code. Pure."""

import re
import textwrap
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from .texts import outside_code, replaced, with_lines

_CODE = re.compile(
    r"""\{\{[<%]\s*highlight\s++"?(?P<hugo>[\w+#.-]++)[^{}]*+\}\}\n?(?P<code>(?:(?!\{\{[<%]).)*+)\{\{[<%]\s*/\s*highlight\s*[>%]\}\}
    |\{%\s*codeblock\b(?P<hexo>[^%{}]*+)%\}\n?(?P<block>(?:(?!\{%).)*+)\{%\s*endcodeblock\s*%\}""",
    re.DOTALL | re.VERBOSE,
)
_LANG = re.compile(r"lang:(?P<name>[\w+#.-]+)")
_SIGN = re.compile(
    r"""\{\{[<%]\s*+(?P<hugo>(?:/\s*+)?[\w./*-]++)(?P<rest>[^{}]*+)(?<=[>%])\}\}
    |\{%-?\s*(?P<hexo>\w++)(?P<words>(?:[^%{}]|%(?!\}))*+)%\}""",
    re.VERBOSE,
)
_SAID = re.compile(
    r"""(?<!\w)(?P<name>\w++)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>%]+))"""
)
_WORD = re.compile(r"""["'`]([^"'`]*)["'`]|([^\s"'`]+)""")
_TICKS = re.compile("`{3,}")
_LINE_END = re.compile(r"[ \t]*(?:\n|\Z)")
_TEXT_BELOW = re.compile(r"[ \t]*\n[ \t>]*[^\s>]")
_NO_ADDRESS = re.compile(r"""[\s()<>"\\]""")
_BRACKET = re.compile(r"[\[\]\\]")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)\Z", re.IGNORECASE)


def shown(source: str) -> str:
    """With what they showed, as far as that is in the file; others stay as they were typed."""
    return replaced(_SIGN, _shown, replaced(_CODE, _fenced, source))


def unknown(source: str) -> Iterator[tuple[int, str]]:
    """Those others and their lines."""
    bare = _CODE.sub(lambda code: "\n" * code[0].count("\n"), source)
    for line, found in with_lines(outside_code(_SIGN, bare)):
        name = found["hugo"] or found["hexo"]
        if not name.startswith(("/", "end")) and _shown(found) == found[0]:
            yield line, found[0]


def picture(source: str, alt: str, caption: str) -> str:
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{escape(source)}" alt="{escape(alt)}">{words}</figure>'


def of_hexo(words: str) -> str:
    """The picture of `{% asset_img a.png 300 words %}`."""
    source, alt = _said_by_hexo(words)
    return f'<img src="{escape(source)}" alt="{escape(alt)}">' if source else ""


def _said_by_hexo(words: str) -> tuple[str, str]:
    """Its address and its words; nothing where there is none."""
    said = [word[1] or word[2] or "" for word in _WORD.finditer(words)]
    place = next((place for place, word in enumerate(said) if _PICTURE.search(word)), None)
    if place is None:
        return "", ""
    return said[place], " ".join(word for word in said[place + 1 :] if not word.isdecimal())


def _in_markdown(source: str, alt: str) -> str:
    """In a line of text: an `<img>` at its start would make HTML of it, in which Markdown is as it was typed."""
    address = _NO_ADDRESS.sub(lambda sign: quote(sign[0]), source)
    words = _BRACKET.sub(r"\\\g<0>", alt)
    return f"![{words}]({address})"


def _of_hugo(sign: re.Match[str], source: str, alt: str, caption: str) -> str:
    """In a line of its own, which is the last of the HTML that it begins."""
    before = sign.string[sign.string.rfind("\n", 0, sign.start()) + 1 : sign.start()]
    if not _LINE_END.match(sign.string, sign.end()):
        return _in_markdown(source, alt or caption)
    quoted = before.rstrip() if not before.strip(" \t>") else ""
    blank = f"\n{quoted}" if _TEXT_BELOW.match(sign.string, sign.end()) else ""
    return f"{picture(source, alt, caption)}{blank}"


def _shown(sign: re.Match[str]) -> str:
    if sign["hexo"]:
        source, alt = _said_by_hexo(sign["words"]) if sign["hexo"] in ("asset_img", "img") else ("", "")
        return _in_markdown(source, alt) if source else sign[0]
    if sign["hugo"].startswith("/*"):  # it is spoken of, and shows itself
        return sign[0].replace("/*", "", 1).replace("*/", "", 1)
    said = {
        one["name"]: one["double"] or one["single"] or one["bare"] or ""
        for one in _SAID.finditer(sign["rest"])
    }
    if sign["hugo"] == "figure" and said.get("src"):
        return _of_hugo(sign, said["src"], said.get("alt", ""), said.get("caption", said.get("title", "")))
    file = _WORD.search(sign["rest"])
    if sign["hugo"] in ("ref", "relref") and file:
        path, mark, place = (file[1] or file[2]).partition("#")
        return f"{path.removesuffix('.md')}.md{mark}{place}" if path else f"{mark}{place}"
    return sign[0]


def fenced(found: re.Match[str], language: str, code: str) -> str:
    """In the item of a list or the quotation in which it began; with more signs than there are in the code."""
    before = found.string[found.string.rfind("\n", 0, found.start()) + 1 : found.start()]
    indent = "" if before.strip(" \t>") else before
    code = code.rstrip().removesuffix(indent.strip() or "\n").rstrip()
    if not all(f"{line} ".startswith(indent) for line in code.split("\n") if line.strip()):
        code = textwrap.indent(code, indent)
    rail = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(code))])
    return f"{rail}{language}\n{code}\n{indent}{rail}"


def _fenced(found: re.Match[str]) -> str:
    language = _LANG.search(found["hexo"] or "")
    name = found["hugo"] or (language["name"] if language else "")
    return fenced(found, name, found["code"] or found["block"] or "")
