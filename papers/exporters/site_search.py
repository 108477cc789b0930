"""The index that an exported site is searched with in the browser: Pagefind's.

Every Chinese character is a word of its own, and what a reader types is a phrase of them (`exported_search.js`): so a
reader finds whatever stands there, not only what a dictionary calls a word.

Pagefind holds in memory what it makes an index of, a megabyte for a long note. So there is one index for some papers,
which their keys decide, and the browser puts them together; a changed note touches one of them.
"""

import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.html import format_html_join

from ..lengths import CHINESE
from ..models import Paper
from .tree import MANIFEST, Tree

FOLDER = "-/pagefind"
# Its own widgets, which we do without.
_UNWANTED = ("pagefind-ui.", "pagefind-modular-ui.", "pagefind-component-ui.", "pagefind-highlight.")
_COLUMNS = ("title", "title_official", "aliases", "authors", "venue", "summary", "plain_text")
_PAPERS = 150  # of one index, at most


class SearchFailed(Exception):
    """One line: what Pagefind said."""


def version() -> str:
    """Empty if it is not installed."""
    try:
        return version_of("pagefind")
    except PackageNotFoundError:
        return ""


def numbers(paths: Collection[str] | None = None) -> list[int]:
    """Of the indexes that these papers are in, or all public ones."""
    papers = Paper.objects.published().order_by("pk")
    found = papers if paths is None else papers.filter(path__in=paths)
    return sorted({pk // _PAPERS for pk in found.values_list("pk", flat=True).iterator()})


def write(root: Path, number: int) -> Tree:
    """One index, below the folder of the site; files that did not change stay. Raises SearchFailed."""
    tree = Tree(root / FOLDER / str(number))
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        source.mkdir()
        for paper in _papers(number):
            (source / f"{paper.uid}.html").write_text(_page(paper), encoding="utf-8")
        _index(source, made)
        files = [file for file in sorted(made.rglob("*")) if file.is_file() and _is_wanted(file)]
        tree.begin({str(file.relative_to(made)) for file in files})
        for file in files:
            tree.put(str(file.relative_to(made)), file.read_bytes())
    tree.end()
    return tree


def clear(root: Path, wanted: Collection[int] = ()) -> int:
    """Away with all other indexes; how many files that were."""
    removed = 0
    for manifest in sorted((root / FOLDER).glob(f"*/{MANIFEST}")):
        folder = manifest.parent
        if not (folder.name.isdigit() and int(folder.name) in wanted):
            tree = Tree(folder)
            tree.begin(set())
            tree.end()
            manifest.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()
            removed += tree.removed
    return removed


def _is_wanted(file: Path) -> bool:
    return not file.name.startswith(_UNWANTED)


def _index(source: Path, made: Path) -> None:
    """By its program: its Python interface takes a tenth of a second for each paper."""
    words = [sys.executable, "-m", "pagefind", "--site", str(source), "--output-path", str(made)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode and any(source.iterdir()):
        raise SearchFailed(f"pagefind: {' '.join((done.stderr or done.stdout).split())[-300:]}")


def _papers(number: int) -> Iterator[Paper]:
    papers = Paper.objects.published().filter(pk__gte=number * _PAPERS, pk__lt=(number + 1) * _PAPERS)
    columns = ("uid", "slug", "path", "published_on", "day_known", "section__title", *_COLUMNS)
    rows = papers.select_related("section").prefetch_related("tagged__tag").order_by("pk").only(*columns)
    yield from rows.iterator(chunk_size=_PAPERS)


def _page(paper: Paper) -> str:
    """Only what is to be found, and what its result shows."""
    words = [getattr(paper, name) for name in _COLUMNS]
    words.insert(-1, " ".join(tag.name for tag in paper.tag_list))
    title, *lines = [_spaced(line) for text in words for line in text.splitlines() if line]
    text = format_html_join("\n", "<p>{}</p>", ((line,) for line in lines))
    return render_to_string("papers/exported_record.html", {"paper": paper, "title": title, "text": text})


def _spaced(line: str) -> str:
    return CHINESE.sub(lambda run: f" {' '.join(run[0])} ", line)
