"""The index that an exported site is searched with in the browser: Pagefind's.

Every Chinese character is a word of its own, and what a reader types is a phrase of them (`exported_search.js`): so a
reader finds whatever stands there, not only what a dictionary calls a word.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from django.template.loader import render_to_string

from ..models import Paper
from .tree import Tree

FOLDER = "-/pagefind"
# Its own widgets, which we do without.
_UNWANTED = ("pagefind-ui.", "pagefind-modular-ui.", "pagefind-component-ui.", "pagefind-highlight.")
_COLUMNS = ("title", "title_official", "aliases", "authors", "venue", "summary", "plain_text")
_BATCH = 100
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class SearchFailed(Exception):
    """One line: what Pagefind said."""


def version() -> str:
    """Empty if it is not installed."""
    try:
        return version_of("pagefind")
    except PackageNotFoundError:
        return ""


def write(root: Path) -> Tree:
    """The index of all public papers, below the folder of the site; files that did not change stay.

    Raises SearchFailed.
    """
    tree = Tree(root / FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        source.mkdir()
        for paper in _papers():
            (source / f"{paper.uid}.html").write_text(_page(paper), encoding="utf-8")
        _index(source, made)
        files = [file for file in sorted(made.rglob("*")) if file.is_file() and _is_wanted(file)]
        tree.begin({str(file.relative_to(made)) for file in files})
        for file in files:
            tree.put(str(file.relative_to(made)), file.read_bytes())
    tree.end()
    return tree


def clear(root: Path) -> None:
    """Where there was an index, and shall be none."""
    if (root / FOLDER).is_dir():
        tree = Tree(root / FOLDER)
        tree.begin(set())
        tree.end()


def _is_wanted(file: Path) -> bool:
    return not file.name.startswith(_UNWANTED)


def _index(source: Path, made: Path) -> None:
    """By its program: its Python interface takes a tenth of a second for each paper."""
    words = [sys.executable, "-m", "pagefind", "--site", str(source), "--output-path", str(made)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode and any(source.iterdir()):
        raise SearchFailed(f"pagefind: {' '.join((done.stderr or done.stdout).split())[-300:]}")


def _papers() -> Iterator[Paper]:
    papers = (
        Paper.objects.published().select_related("section").prefetch_related("tagged__tag").order_by("pk")
    )
    columns = ("uid", "slug", "path", "published_on", "day_known", "section__title", *_COLUMNS)
    yield from papers.only(*columns).iterator(chunk_size=_BATCH)


def _page(paper: Paper) -> str:
    """Only what is to be found, and what its result shows."""
    words = [getattr(paper, name) for name in _COLUMNS]
    words.insert(-1, " ".join(tag.name for tag in paper.tag_list))
    title, *lines = [_CHINESE.sub(r" \g<0> ", line) for text in words for line in text.splitlines() if line]
    context = {"paper": paper, "title": title, "lines": lines}
    return render_to_string("papers/exported_record.html", context)
