"""Draws the timeline of outages as SVG (W3C SVG 1.1), by itself: bars, bands and marks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH, LEFT, RIGHT, TOP = 1100, 190, 15, 64
PANEL, GAP, BAND = 90, 26, 20
OUTCOMES = {
    "as always": "#4c9f70",
    "degraded": "#e3b23c",
    "breaker open": "#e07a2f",
    "5xx": "#c0392b",
    "no answer": "#3b3b3b",
}
BANDS = {
    "gone": "#c0392b",
    "open": "#e07a2f",
    "half_open": "#e3b23c",
    "unknown": "#bbbbbb",
    "degraded": "#e3b23c",
}
STEP_SECONDS = 10


@dataclass(frozen=True)
class Second:
    """How many answers of one kind and outcome came in one second.

    Attributes:
        number: Of the second, 0 the first.
    """

    number: int
    kind: str
    outcome: str
    count: int


@dataclass(frozen=True)
class Band:
    """A state that lasted.

    Attributes:
        state: One of `BANDS`.
        name: Of the line it is drawn on.
        began: Unix second.
        ended: Unix second.
    """

    state: str
    name: str
    began: float
    ended: float


@dataclass(frozen=True)
class Mark:
    """A moment with a name; `at` is a Unix second."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """What is drawn.

    Attributes:
        first: Unix second of the left edge.
        seconds: Answers; one panel for each kind, in the order in which kinds first appear.
        bands: Below, one line for each name.
        marks: Above, with a line through everything.
    """

    first: float
    seconds: Sequence[Second]
    bands: Sequence[Band]
    marks: Sequence[Mark]

    @property
    def kinds(self) -> list[str]:
        """Kinds of answers."""
        return list(dict.fromkeys(second.kind for second in self.seconds))

    @property
    def lines(self) -> list[str]:
        """Names of bands."""
        return list(dict.fromkeys(band.name for band in self.bands))

    @property
    def length(self) -> int:
        """Seconds from edge to edge."""
        return max(second.number for second in self.seconds) + 1

    def x(self, second: float) -> float:
        """Return where a second after the first one stands."""
        return LEFT + second * (WIDTH - LEFT - RIGHT) / self.length

    @property
    def bands_top(self) -> int:
        """Where bands begin."""
        return TOP + len(self.kinds) * (PANEL + GAP)

    @property
    def height(self) -> int:
        """Of everything."""
        return self.bands_top + len(self.lines) * BAND + 62


def drawn(chart: Chart) -> str:
    """Return the picture."""
    parts = [
        *_marks(chart),
        *(part for place, kind in enumerate(chart.kinds) for part in _panel(chart, kind, place)),
        *_bands(chart),
        *_axis(chart),
        *_legend(chart),
    ]
    size = f'width="{WIDTH}" height="{chart.height}" viewBox="0 0 {WIDTH} {chart.height}"'
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    ground = f'<rect width="{WIDTH}" height="{chart.height}" fill="#fff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def _panel(chart: Chart, kind: str, place: int) -> Iterator[str]:
    """Yield one panel: a bar a second, outcomes on top of each other."""
    bottom = TOP + place * (PANEL + GAP) + PANEL
    mine = [second for second in chart.seconds if second.kind == kind]
    sums: dict[int, int] = {}
    for second in mine:
        sums[second.number] = sums.get(second.number, 0) + second.count
    scale, wide = PANEL / max(sums.values()), chart.x(1) - chart.x(0) - 0.4
    yield _text(LEFT - 8, bottom - PANEL / 2, f"{kind}, answers/s", anchor="end")
    yield _text(LEFT - 8, bottom - PANEL + 8, str(max(sums.values())), anchor="end")
    yield _line(LEFT, bottom, WIDTH - RIGHT, bottom, "#999")
    heights = dict.fromkeys(sums, float(bottom))
    for outcome, color in OUTCOMES.items():
        for second in (each for each in mine if each.outcome == outcome):
            high = second.count * scale
            heights[second.number] -= high
            box = (chart.x(second.number), heights[second.number], wide, high)
            yield _rect(box, color)


def _bands(chart: Chart) -> Iterator[str]:
    for place, name in enumerate(chart.lines):
        top = chart.bands_top + place * BAND
        yield _text(LEFT - 8, top + BAND - 7, name, anchor="end")
        yield _line(LEFT, top + BAND, WIDTH - RIGHT, top + BAND, "#ddd")
        for band in (each for each in chart.bands if each.name == name):
            left, right = chart.x(band.began - chart.first), chart.x(band.ended - chart.first)
            box = (left, top + 4, max(1.5, right - left), BAND - 6)
            yield _rect(box, BANDS[band.state])


def _marks(chart: Chart) -> Iterator[str]:
    """Yield names above, on two heights so that neighbors do not cover each other."""
    for number, mark in enumerate(chart.marks):
        x, y = chart.x(mark.at - chart.first), TOP - 10 - 14 * (number % 2)
        yield _line(x, y + 3, x, chart.bands_top + len(chart.lines) * BAND, "#888", dashed=True)
        yield _text(x + 3, y, mark.text)


def _axis(chart: Chart) -> Iterator[str]:
    y = chart.bands_top + len(chart.lines) * BAND + 16
    for second in range(0, chart.length, STEP_SECONDS):
        yield _text(chart.x(second), y, f"{second} s", anchor="middle")


def _legend(chart: Chart) -> Iterator[str]:
    """Yield what the colors mean."""
    named = [*OUTCOMES.items(), ("half open", BANDS["half_open"])]
    named += [("gone", BANDS["gone"]), ("not known", BANDS["unknown"])]
    for place, (name, color) in enumerate(named):
        x, y = LEFT + place * 114, chart.height - 22
        yield _rect((x, y, 10, 10), color)
        yield _text(x + 14, y + 9, name)


def _rect(box: tuple[float, float, float, float], color: str) -> str:
    x, y, wide, high = (f"{number:.1f}" for number in box)
    return f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="{color}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, color: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="3 3"' if dashed else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{color}"{dash}/>'


def _text(x: float, y: float, said: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
