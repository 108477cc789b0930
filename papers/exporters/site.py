"""The whole public site as files that any server of files can send, at the addresses that it has here.

Every page is made by its own view for a reader without an account, on as many cores as there are. A file is written
only if its bytes changed, and only files of an earlier run are removed; killed in between, the next run completes it.
"""

import gzip
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import brotli
from django.contrib.staticfiles.storage import staticfiles_storage

from .. import addresses, feeds, paths, sitemaps, starting
from ..models import Paper, Section
from ..stored import state
from . import site_answers, site_memory, site_plan, site_search
from .site_answers import NotMade
from .site_memory import Memory
from .site_plan import Job
from .tree import MANIFEST, Tree, TreeRefused

#: Below this, another process takes longer to start than it saves.
FEW = 300
#: Files that a process makes at a time; as many as some papers have, so that each stays with one process.
BATCH = 60

_COMPRESSIBLE = (".html", ".xml", ".json", ".md", ".bib", ".ris", ".txt", ".css", ".js", ".svg", ".pagefind")
_WORTH_IT = 500  # bytes


class Done(NamedTuple):
    written: int
    unchanged: int
    problems: list[str]


@dataclass
class Export:
    """`begin`, `make` to its end, `end`. Raises TreeRefused where the folder is not one of ours."""

    root: Path
    compress: bool = False
    search: bool = True
    removed: int = 0
    left_out: list[str] = field(default_factory=list)  # files that no file system can name
    _tree: Tree = field(init=False)
    _now: Memory = field(init=False)
    _all: list[Job] | None = None  # None while only some are made again
    _changed: list[str] = field(default_factory=list)  # papers, by their paths

    def begin(self, *, everything: bool = False) -> list[Job]:
        """What has to be made: nothing, what changed notes have touched, or everything."""
        self._refuse_strangers()
        before = site_memory.read(self.root)
        made_with = site_memory.made_with(self.compress, self.search, site_search.version())
        is_whole = before.made_with == made_with and not everything and _all_there(self.root)
        is_unchanged = is_whole and before.state and before.state == state()
        self._now = before if is_unchanged else Memory(made_with, *site_memory.present())
        if is_whole and before.around == self._now.around and before.papers.keys() == self._now.papers.keys():
            self._changed = [path for path, note in self._now.papers.items() if before.papers[path] != note]
            touched = self._that_fit(touched_by(self._changed))
            if all((self.root / job.name).exists() for job in touched):  # or a paper came meanwhile
                return touched
        return self._begin_everything()

    def make(self, jobs: list[Job], workers: int) -> Iterator[Done]:
        task = _Task(self.root, self.compress)
        batches = starting.in_batches(jobs, BATCH)
        if workers > 1:
            yield from starting.side_by_side(task.make, batches, workers)
        else:
            yield from map(task.make, batches)

    def indexes(self) -> list[int]:
        """Which parts of the search index have to be made; those that nothing is in any more go."""
        if self._all is None:
            return site_search.numbers(self._changed) if self.search else []
        wanted = site_search.numbers() if self.search else []
        self.removed += site_search.clear(self.root, wanted)
        return wanted

    def index(self, number: int) -> Done:
        """Raises site_search.SearchFailed."""
        tree = site_search.write(self.root, number)
        return Done(tree.written, tree.unchanged, [])

    def end(self, *, is_whole: bool) -> None:
        """Remember the run, if all of it could be made."""
        if self._all is not None:
            self._tree.end()
            self.removed += self._tree.removed
        if is_whole:
            site_memory.write(self.root, self._now)

    def _refuse_strangers(self) -> None:
        if (self.root / MANIFEST).exists() and not (self.root / site_memory.FILE).exists():
            raise TreeRefused(f"{self.root}: holds an export of another kind")
        if not getattr(staticfiles_storage, "hashed_files", None):
            raise TreeRefused("there are no style sheets yet: run collectstatic first, with DEBUG off")

    def _begin_everything(self) -> list[Job]:
        self.root.mkdir(parents=True, exist_ok=True)
        site_memory.write(self.root, Memory())
        self._all = self._that_fit(site_plan.everything(has_search=self.search))
        names = {job.name for job in self._all}
        self._tree = Tree(self.root)
        self._tree.begin(names | {name + ending for name in names for ending in self._endings(name)})
        return self._all

    def _that_fit(self, jobs: Iterable[Job]) -> list[Job]:
        planned = list(jobs)
        self.left_out = [job.name for job in planned if not site_plan.fits(job.name)]
        return [job for job in planned if site_plan.fits(job.name)]

    def _endings(self, name: str) -> tuple[str, ...]:
        return (".br", ".gz") if self.compress and name.endswith(_COMPRESSIBLE) else ()


def _all_there(root: Path) -> bool:
    """Whether every file of the last run still is; compressed ones are only of what is worth it."""
    try:
        names = (root / MANIFEST).read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    folder = f"{root}{os.sep}"
    return all(os.access(folder + name, os.F_OK) for name in names if not name.endswith((".br", ".gz")))


def touched_by(changed: Collection[str]) -> Iterator[Job]:
    """The files of these papers, the feeds that show them, and what the sitemap has of their dates."""
    showing: set[str] = set()
    touched: set[int] = set()
    for path in changed:
        yield from site_plan.of_paper(path)
        paper = Paper.objects.prefetch_related("tagged__tag").get(path_folded=paths.fold(path))
        showing |= set(_places_of_feeds(paper))
        touched.add(paper.pk)
    for place in sorted(showing):
        yield from map(site_plan.page, site_plan.feeds_at(place))
    yield from map(site_plan.page, sitemaps.dating(touched) if touched else ())


def _places_of_feeds(paper: Paper) -> Iterator[str]:
    above = Section.objects.filter(path__in=paths.ancestors(paper.path or ""))
    subjects = [(section.path, feeds.of_section(section, "")) for section in above]
    subjects += [(addresses.tag_path(tag.slug), feeds.of_tag(tag, "")) for tag in paper.tag_list]
    yield from (place for place, subject in subjects if feeds.shows(subject, paper))


# --- One batch ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    root: Path
    compress: bool

    def make(self, jobs: list[Job]) -> Done:
        tree, beside = Tree(self.root), Tree(self.root)
        problems = []
        for path, files in groupby(jobs, attrgetter("paper")):
            paper = site_answers.paper_at(path)
            for job in files:
                try:
                    content = site_answers.content(job, paper)
                except NotMade as error:
                    problems.append(str(error))
                    continue
                if self.compress and job.name.endswith(_COMPRESSIBLE):
                    _put_compressed(beside, job.name, content)
                tree.put(job.name, content)
        return Done(tree.written, tree.unchanged, problems)


def _put_compressed(tree: Tree, name: str, content: bytes) -> None:
    """Before the file itself, so that no file is ever newer than its compressed form. Small ones are left as they are."""
    file = tree.root / name
    forms = [tree.root / f"{name}{ending}" for ending in (".br", ".gz")]
    if len(content) < _WORTH_IT:
        for form in forms:
            form.unlink(missing_ok=True)
    elif not (all(form.exists() for form in forms) and file.exists() and file.read_bytes() == content):
        tree.put(f"{name}.br", brotli.compress(content, quality=9))
        tree.put(f"{name}.gz", gzip.compress(content, mtime=0))
