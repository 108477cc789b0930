"""What is wrong anywhere on the site, found part by part: the work of `check_site`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, get_args

from . import derived, problems
from .models import Paper, Section
from .rendering import Problem, RenderingFailed
from .rendering.result import ProblemKind

#: Of a note that could not be rendered at all.
NOT_RENDERED: Final = "rendering"

KINDS: Final = (*get_args(ProblemKind), NOT_RENDERED)


@dataclass(frozen=True, slots=True)
class Finding:
    """`str()` is a line of its own."""

    where: str
    kind: str
    sentence: str

    def __str__(self) -> str:
        return " ".join(f"{self.where}: {self.sentence}".split())


@dataclass(frozen=True, slots=True)
class Part:
    """How many things it looks at, and what it finds in each of them."""

    count: Callable[[], int]
    look: Callable[[], Iterator[list[Finding]]]


def notes() -> Iterator[list[Finding]]:
    """In the texts of all sections and papers as their rows hold them: a draft's newest, what readers see of others."""
    for thing in derived.everything():
        yield in_note(thing)


def in_note(thing: Section | Paper) -> list[Finding]:
    where = thing.path or f"/p/{thing.uid}/"
    source, note_format = derived.source_of(thing)
    try:
        rendered = derived.rendered(source, note_format)
    except RenderingFailed as error:
        return [Finding(where, NOT_RENDERED, str(error))]
    return [_finding(where, problem) for problem in problems.of_note(source, rendered)]


def _finding(path: str, problem: Problem) -> Finding:
    where = f"{path}:{problem.line}" if problem.line else path
    return Finding(where, problem.kind, f"{problem.sentence} ({problem.snippet})")


PARTS: Final[dict[str, Part]] = {"notes": Part(derived.count_everything, notes)}
