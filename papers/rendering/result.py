"""What rendering gives back."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext

Format = Literal["markdown", "html"]


def gettext_noop(message: str) -> str:
    """Marks a message for translation. Django's own asks for settings, and the rendering child has none."""
    return message


#: What can be wrong with a note, as reports count it.
ProblemKind = Literal[
    "alt",
    "bold",
    "bracket",
    "citation",
    "fence",
    "formula",
    "heading",
    "link",
    "nesting",
    "picture",
    "price",
    "punctuation",
]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A place where a note names a paper, by a citation or by a wikilink.

    `title` is the name as typed; `sentence` is what stands around it, as plain text; `anchor` is an id in the HTML.
    """

    kind: Literal["citation", "wikilink"]
    label: str
    title: str
    sentence: str
    anchor: str
    line: int


@dataclass(frozen=True, slots=True)
class Fix:
    """On the problem's line, the first `old` should become `new`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the source that an editor should look at; the line counts from 1.

    `message` is for gettext, with places for `params`: the renderer knows no language, who shows the problem does.
    """

    line: int | None
    snippet: str
    kind: ProblemKind
    message: str
    params: dict[str, str] = field(default_factory=dict)
    fix: Fix | None = None

    @property
    def sentence(self) -> str:
        """In the language of the interface."""
        return gettext(self.message) % self.params


@dataclass(frozen=True, slots=True)
class Rendered:
    """`html` still holds neutral marks: pass it through `finish` before it meets a reader.

    `figures` are the pictures' file names, in the order of the note, each once.
    """

    html: str
    contents: tuple[Heading, ...] = ()
    citations: tuple[Citation, ...] = ()
    figures: tuple[str, ...] = ()
    plain_text: str = ""
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON can carry it; `from_dict` makes an equal object of it again."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Rendered":
        return cls(
            html=data["html"],
            contents=tuple(Heading(**heading) for heading in data["contents"]),
            citations=tuple(Citation(**citation) for citation in data["citations"]),
            figures=tuple(data["figures"]),
            plain_text=data["plain_text"],
            problems=tuple(_problem(problem) for problem in data["problems"]),
        )


def _problem(data: dict[str, Any]) -> Problem:
    fix = data["fix"]
    return Problem(**{**data, "fix": Fix(**fix) if fix else None})
