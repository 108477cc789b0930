"""What is wrong in the texts themselves."""

from collections.abc import Iterator
from typing import Final

from .. import derived, problems
from ..models import Paper, Section
from ..rendering import Problem, RenderingFailed
from .finding import Finding, Part

#: Of a note that could not be rendered at all.
NOT_RENDERED: Final = "rendering"


def look() -> Iterator[list[Finding]]:
    """In the texts of all sections and papers as their rows hold them: a draft's newest, what readers see of others."""
    for thing in derived.everything():
        yield in_note(thing)


def where_is(thing: Section | Paper) -> str:
    return thing.path or f"/p/{thing.uid}/"


def in_note(thing: Section | Paper) -> list[Finding]:
    where = where_is(thing)
    source, note_format = derived.source_of(thing)
    try:
        rendered = derived.rendered(source, note_format)
    except RenderingFailed as error:
        return [Finding(where, NOT_RENDERED, str(error))]
    return [_finding(where, problem) for problem in problems.of_note(source, rendered)]


def _finding(path: str, problem: Problem) -> Finding:
    where = f"{path}:{problem.line}" if problem.line else path
    return Finding(where, problem.kind, problem.message, problem.params, problem.snippet)


PART: Final = Part(derived.count_everything, look)
