"""Bars from labels and numbers, as what an SVG template needs. Pure: no markup, no colour, no script.

Across the page measures are percentages and down it pixels, so that a plot is as wide as its place and its words
keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROW_HEIGHT, ROW_BAR, ROW_LABEL = 38, 8, 14
COLUMN_HEIGHT, COLUMN_TOP, COLUMN_LABELS, COLUMN_GAP = 150, 24, 22, 0.18
MOST_LABELS, FEWEST_COLUMNS = 4, 12  # the columns of a few months are no wider than those of a year
SMALLEST = 2  # pixels of a bar that is not nothing
LABEL_WIDTH = 36  # in letters; a Chinese character is as wide as two


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True, slots=True)
class Text:
    x: str
    y: str
    anchor: str  # "start" or "end", as SVG has it
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    height: int
    bars: list[Bar] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    baseline: int | None = None


def plot(counts: Sequence[tuple[str, int]], *, upright: bool = False) -> Plot:
    """A row for each label, or upright: a column for each, as for months, of which some are labelled."""
    most = max((number for _label, number in counts), default=0)
    if most <= 0:
        return Plot(0)
    return _columns(counts, most) if upright else _rows(counts, most)


def _rows(counts: Sequence[tuple[str, int]], most: int) -> Plot:
    """The label above its bar, the number at the end of the line."""
    drawn = Plot(len(counts) * ROW_HEIGHT)
    for place, (label, number) in enumerate(counts):
        top = place * ROW_HEIGHT
        y = f"{top + ROW_LABEL}"
        drawn.texts.append(Text("0", y, "start", _short(label)))
        drawn.texts.append(Text("100%", y, "end", str(number)))
        width = _percent(100 * number / most)
        drawn.bars.append(Bar("0", f"{top + ROW_LABEL + 6}", width, f"{ROW_BAR}", _said(label, number)))
    return drawn


def _columns(counts: Sequence[tuple[str, int]], most: int) -> Plot:
    """The highest number stands at its height; labels are as many as a phone has room for."""
    bottom = COLUMN_TOP + COLUMN_HEIGHT
    drawn = Plot(bottom + COLUMN_LABELS, baseline=bottom)
    drawn.texts.append(Text("0", f"{COLUMN_TOP - 8}", "start", str(most)))
    step = 100 / max(len(counts), FEWEST_COLUMNS)
    every = -(-len(counts) // MOST_LABELS)
    for place, (label, number) in enumerate(counts):
        if number:
            height = max(SMALLEST, round(COLUMN_HEIGHT * number / most))
            x, width = _percent(step * (place + COLUMN_GAP / 2)), _percent(step * (1 - COLUMN_GAP))
            drawn.bars.append(Bar(x, f"{bottom - height}", width, f"{height}", _said(label, number)))
        if place % every == 0:
            drawn.texts.append(Text(_percent(step * place), f"{bottom + 16}", "start", label))
    return drawn


def _percent(share: float) -> str:
    return f"{round(share, 3):g}%"


def _said(label: str, number: int) -> str:
    return f"{label}: {number}"


def _short(label: str) -> str:
    """No longer than a phone is wide; the table behind has the whole."""
    width = 0
    for place, character in enumerate(label):
        width += 2 if character > "\u2e7f" else 1
        if width > LABEL_WIDTH:
            return f"{label[: place - 1]}…"
    return label
