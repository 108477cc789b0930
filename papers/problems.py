"""What is wrong with a note: what rendering finds in it, and what only the whole site can tell."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_noop

from . import links
from .models import Figure
from .rendering import Problem, Rendered

_NO_SUCH_PICTURE = gettext_noop(
    "本站没有这张图片：%(name)s。请先在“图片”里存入它，或者换成另一张图片的地址。"
)


def of_note(source: str, rendered: Rendered, user: Any = None) -> list[Problem]:
    """In the order of the lines, for this person or for nobody in particular; at most four queries."""
    found = [*rendered.problems, *links.problems(rendered.citations, user), *_missing_pictures(rendered)]
    placed = [problem if problem.line else _placed(problem, source) for problem in found]
    return sorted(placed, key=lambda problem: problem.line or 0)


def _missing_pictures(rendered: Rendered) -> Iterator[Problem]:
    stored = Figure.objects.sizes(rendered.figures) if rendered.figures else {}
    for name in rendered.figures:
        if name not in stored:
            yield Problem(None, name, "picture", _NO_SUCH_PICTURE, {"name": name})


def _placed(problem: Problem, source: str) -> Problem:
    """On the line where its snippet first stands, if it stands anywhere as it is."""
    before, found, _after = source.partition(problem.snippet) if problem.snippet else ("", "", "")
    return replace(problem, line=before.count("\n") + 1) if found else problem
