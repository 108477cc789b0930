"""One line of Markdown, read from left to right in columns, since a tab is as wide as its place makes it."""

TAB = 4


class Line:
    """What is left of a line after its containers' markers have been read."""

    __slots__ = ("_is_in_tab", "column", "indent", "number", "position", "raw", "start")

    def __init__(self, raw: str, number: int) -> None:
        self.raw = raw
        self.number = number
        #: Where the next character is, in characters and in columns; inside a tab the columns run ahead.
        self.position = self.column = 0
        self._is_in_tab = False
        self._measure()

    def _measure(self) -> None:
        """`start` is the first character that is no blank, `indent` the columns before it."""
        column, position, raw = self.column, self.position, self.raw
        end = len(raw)
        while position < end and raw[position] in " \t":
            column += TAB - column % TAB if raw[position] == "\t" else 1
            position += 1
        self.start, self.indent = position, column - self.column

    @property
    def is_blank(self) -> bool:
        return self.start == len(self.raw)

    @property
    def first(self) -> str:
        """The first character that is no blank; the line has one."""
        return self.raw[self.start]

    @property
    def text(self) -> str:
        """From the first character that is no blank."""
        return self.raw[self.start :]

    @property
    def rest(self) -> str:
        """With its blanks; what is left of a tab that was read in part is spaces."""
        if self._is_in_tab:
            return " " * (TAB - self.column % TAB) + self.raw[self.position + 1 :]
        return self.raw[self.position :]

    def skip_blanks(self, columns: int) -> None:
        """Reads at most as many columns as there are; a tab in part if need be."""
        goal = self.column + min(columns, self.indent)
        self._is_in_tab = False
        while self.column < goal:
            width = TAB - self.column % TAB if self.raw[self.position] == "\t" else 1
            if self.column + width > goal:
                self.column, self._is_in_tab = goal, True
                break
            self.column += width
            self.position += 1
        self._measure()

    def skip_marker(self, length: int) -> None:
        """Reads the blanks before a marker and its `length` characters, none of which is a tab."""
        self.column += self.indent + length
        self.position = self.start + length
        self._is_in_tab = False
        self._measure()
