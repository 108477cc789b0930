"""Pictures in sanitised HTML: ours get a mark, and a figure where they stand alone; those of other sites become links."""

import re
from hashlib import sha256

from .headings import unique
from .marks import FIGURE_NAME, FIGURE_ROUTE, SITE_PREFIX, figure_mark, figure_names
from .result import Problem, gettext_noop

_IMAGE = re.compile(r"<img((?: [^<>]*)?)>|<(/?)a\b[^<>]*>")
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_OURS = re.compile(rf"{FIGURE_ROUTE}({FIGURE_NAME})")
_EXTERNAL = re.compile(r"https?:|[/\\]{2}", re.IGNORECASE)
# Python-Markdown takes the words for a picture as they are. The bound keeps signs without a partner from costing much.
_EMPHASIS = re.compile(r"(\*\*|(?<!\w)\*|~~|==)(?=\S)(.{1,200}?)(?<=\S)\1")
_ALONE = re.compile(r'<(p|div)(?: align="[a-z]+")?>\s*(<img(?: [^<>]*)?>)\s*</\1>')
_FIGURE = re.compile(r"<figure>\s*(?:<a\b[^<>]*>)?\s*(<img(?: [^<>]*)?>)")


class Pictures:
    """Of one note; `html`, `names` and `problems` are there when it is made."""

    def __init__(self, html: str) -> None:
        self.problems: list[Problem] = []
        self._names: dict[str, None] = {}
        self._is_in_link = False
        shown = _IMAGE.sub(self._show, html)
        self._taken: dict[str, int] = {}
        self.html = _FIGURE.sub(self._with_id, _ALONE.sub(_figure, shown))
        self.names = tuple(self._names)

    def _show(self, found: re.Match[str]) -> str:
        if found[1] is None:
            self._is_in_link = not found[2]
            return found[0]
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        for name in attributes.keys() & {"alt", "title"}:
            attributes[name] = _EMPHASIS.sub(r"\2", attributes[name])
        source, alt = attributes.pop("src", ""), attributes.setdefault("alt", "")
        if ours := _OURS.fullmatch(source):
            self._names[ours[1]] = None
            kept = "".join(f' {name}="{attributes[name]}"' for name in ("alt", "title") if name in attributes)
            return f"<img {figure_mark(ours[1])}{kept}>"
        if _EXTERNAL.match(source):
            return self._link(source, alt)
        if not source:
            return alt
        prefix = SITE_PREFIX if source.startswith("/") else ""
        rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f'<img src="{prefix}{source}"{rest}>'

    def _link(self, source: str, alt: str) -> str:
        """No page of ours makes a reader's browser ask another host."""
        message = gettext_noop("图片在别的网站上，读者只看到一个链接。请把图片存到本站：%(address)s")
        self.problems.append(Problem(None, source[:80], "picture", message, {"address": source[:200]}))
        if self._is_in_link:
            return alt or source
        return f'<a href="{source}" rel="noopener noreferrer">{alt or source}</a>'

    def _with_id(self, found: re.Match[str]) -> str:
        """Made of the picture, so that a link to it survives whatever is written before it."""
        image = found[1]
        name = next(iter(figure_names(image)), "") or sha256(image.encode()).hexdigest()
        return found[0].replace("<figure", f'<figure id="{unique(f"fig-{name[:8]}", self._taken)}"', 1)


def _figure(found: re.Match[str]) -> str:
    """The caption is the title, or else the words that stand for the picture."""
    attributes = dict(_ATTRIBUTE.findall(found[2]))
    caption = attributes.get("title") or attributes.get("alt", "")
    image = re.sub(r' title="[^"]*"', "", found[2])
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure>{image}{below}</figure>"
