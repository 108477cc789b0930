"""Where the ends of things are, found in time of the text's length even if it is full of beginnings without an end."""

import re


class Ends:
    """Of one text. Who asks goes from front to back, for each pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[re.Pattern[str], re.Match[str] | None] = {}

    def after(self, end: re.Pattern[str], start: int) -> re.Match[str] | None:
        """The first from there on. What was found before is still it, if it stands behind; and nothing is nothing."""
        known = self._next.get(end)
        if known is None and end in self._next:
            return None
        if known is None or known.start() < start:
            known = self._next[end] = end.search(self._text, start)
        return known
