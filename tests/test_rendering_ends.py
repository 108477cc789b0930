"""Where things end, and what it costs to know."""

import re

from papers.rendering.ends import Ends


class Counting:
    """A pattern that counts how often it searches."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)
        self.searches = 0

    def search(self, text: str, start: int) -> re.Match[str] | None:
        self.searches += 1
        return self._pattern.search(text, start)


def places(text: str, pattern: Counting) -> list[int | None]:
    """Of the next end behind each character."""
    ends = Ends(text)
    found = [ends.after(pattern, start) for start in range(len(text))]  # type: ignore[arg-type]
    return [end.start() if end else None for end in found]


def test_each_end_is_found_from_where_it_is_asked_for() -> None:
    assert places("a)b)c", Counting(r"\)")) == [1, 1, 3, 3, None]


def test_each_end_is_searched_for_once() -> None:
    pattern = Counting(r"\)")
    places("(" * 50 + ")" + "(" * 50, pattern)
    assert pattern.searches == 2
