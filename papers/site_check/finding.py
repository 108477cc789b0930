"""What a part of the check looks at and finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` is for gettext, with places for `params`. `str()` is a line of its own."""

    where: str
    kind: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    snippet: str = ""
    is_draft: bool = False

    @property
    def sentence(self) -> str:
        """In the language of whoever reads it."""
        text = gettext(self.message)
        text = text % self.params if self.params else text
        return f"{text} ({self.snippet})" if self.snippet else text

    def __str__(self) -> str:
        draft = gettext("（草稿）") if self.is_draft else ""
        return " ".join(f"{self.where}: {draft}{self.sentence}".split())


@dataclass(frozen=True, slots=True)
class Part:
    """How many things it looks at, and what it finds in each of them."""

    count: Callable[[], int]
    look: Callable[[], Iterator[list[Finding]]]
