"""What rendering gives back."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Format = Literal["markdown", "html"]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the source that an editor should look at; the line counts from 1."""

    line: int | None
    snippet: str
    message: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """`html` still holds neutral marks: pass it through `finish` before it meets a reader."""

    html: str
    contents: tuple[Heading, ...] = ()
    citations: tuple[str, ...] = ()
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
            citations=tuple(data["citations"]),
            figures=tuple(data["figures"]),
            plain_text=data["plain_text"],
            problems=tuple(Problem(**problem) for problem in data["problems"]),
        )
