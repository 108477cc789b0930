"""Which kind of source a folder is."""

from collections.abc import Callable
from typing import Final

from . import hexo, hugo, jekyll, obsidian, ours, reading
from .folder import Folder
from .hexo import Hexo
from .hugo import Hugo
from .jekyll import Jekyll
from .obsidian import Vault
from .ours import Export
from .pages import Pages
from .plain import Markdown
from .reading import Source

KINDS: Final[dict[str, Callable[[Folder], Source]]] = {
    "jekyll": Jekyll,
    "hugo": Hugo,
    "hexo": Hexo,
    "obsidian": Vault,
    "markdown": Markdown,
    "html": Pages,
    "papercache": Export,
}


def source_of(folder: Folder, kind: str | None = None) -> Source:
    """Of the kind that is asked for, or of the one that the folder looks like."""
    return KINDS[kind or recognised(folder)](folder)


def recognised(folder: Folder) -> str:
    if ours.is_one(folder):
        return "papercache"
    if hexo.is_one(folder):
        return "hexo"
    if jekyll.is_one(folder):
        return "jekyll"
    if hugo.is_site(folder):
        return "hugo"
    if obsidian.is_one(folder):
        return "obsidian"
    names = list(folder.files())
    pages, notes = sum(map(reading.is_html, names)), sum(map(reading.is_markdown, names))
    if pages > notes:
        return "html"
    return "hugo" if hugo.is_content(folder) else "markdown"
