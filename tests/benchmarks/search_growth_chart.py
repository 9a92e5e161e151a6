"""Draws what a search takes as the catalog grows, as SVG (W3C SVG 1.1): three panels."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

from tests.benchmarks.outage_chart import _line, _text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.search_growth import Point

WIDTH, HEIGHT, TOP, BOTTOM = 1140, 380, 100, 50
PANEL, LEFT, STEP = 290, 70, 375
LINES = 5
MEMORY, SQL, OTHER = "#2980b9", "#c0392b", "#4c9f70"


@dataclass(frozen=True)
class Curve:
    """Values by size.

    Attributes:
        name: Of what they are.
        dashed: Where it belongs to another curve of the same color.
    """

    name: str
    color: str
    values: Sequence[float]
    dashed: bool = False


def drawn(points: Sequence[Point]) -> str:
    """Return the picture of these sizes, in their order."""
    sizes = [point.titles for point in points]
    panels = (
        ("milliseconds of a search, one client in process", _milliseconds(points)),
        ("MiB of a process", _mebibytes(points)),
        ("seconds", _seconds(points)),
    )
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for number, (heading, curves) in enumerate(panels):
        parts += _panel(LEFT + number * STEP, heading, sizes, curves)
    return "\n".join([*parts, "</svg>", ""])


def _milliseconds(points: Sequence[Point]) -> list[Curve]:
    both = [(point.times.memory, point.times.sql) for point in points]
    return [
        Curve("from memory, p50", MEMORY, [_high(memory, 50) for memory, _ in both]),
        Curve("from memory, p95", MEMORY, [_high(memory, 95) for memory, _ in both], dashed=True),
        Curve("from SQL, p50", SQL, [_high(sql, 50) for _, sql in both]),
        Curve("from SQL, p95", SQL, [_high(sql, 95) for _, sql in both], dashed=True),
    ]


def _mebibytes(points: Sequence[Point]) -> list[Curve]:
    held = [point.occupied for point in points]
    return [
        Curve("search, with the catalog", MEMORY, [one.kept for one in held]),
        Curve("search, while it is renewed", MEMORY, [one.renewing for one in held], dashed=True),
        Curve("search, from SQL alone", SQL, [one.bare for one in held]),
        Curve("the job, at most", OTHER, [point.built.peak for point in points]),
    ]


def _seconds(points: Sequence[Point]) -> list[Curve]:
    return [
        Curve("the job", OTHER, [point.built.seconds for point in points]),
        Curve("loading what it wrote", MEMORY, [point.load for point in points]),
    ]


def _high(seconds: Sequence[float], percent: int) -> float:
    """Return a percentile in milliseconds, by the nearest rank."""
    return sorted(seconds)[-(-len(seconds) * percent // 100) - 1] * 1000


def _panel(left: int, heading: str, sizes: Sequence[int], curves: Sequence[Curve]) -> Iterator[str]:
    """Yield one panel: heading, legend, scales, curves."""
    most = LINES * _round(max(max(curve.values) for curve in curves) / LINES)
    bottom = HEIGHT - BOTTOM
    yield _text(left, 18, heading)
    for number, curve in enumerate(curves):
        named = 36 + 15 * number
        yield _line(left, named - 4, left + 22, named - 4, curve.color, dashed=curve.dashed)
        yield _text(left + 28, named, curve.name)
    for part in range(LINES + 1):
        y = bottom - (bottom - TOP) * part / LINES
        yield _line(left, y, left + PANEL, y, "#eee")
        yield _text(left - 6, y + 4, f"{most * part / LINES:,.0f}", anchor="end")
    for size in sizes:
        x = left + PANEL * size / sizes[-1]
        yield _line(x, bottom, x, bottom + 4, "#999")
        yield _text(x, bottom + 16, f"{size // 1000}", anchor="middle")
    yield _text(left + PANEL, bottom + 34, "thousand titles", anchor="end")
    for curve in curves:
        yield _polyline(left, most, sizes, curve)


def _round(step: float) -> float:
    """Return the next round number: 1, 2, 3, 4, 5, 6 or 8 times a power of ten."""
    power = 10.0 ** floor(log10(step))
    return power * next(n for n in (1, 2, 3, 4, 5, 6, 8, 10) if n * power >= step)


def _polyline(left: int, most: float, sizes: Sequence[int], curve: Curve) -> str:
    placed = " ".join(
        f"{left + PANEL * size / sizes[-1]:.1f},"
        f"{HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM):.1f}"
        for size, value in zip(sizes, curve.values, strict=True)
    )
    dash = ' stroke-dasharray="4 3"' if curve.dashed else ""
    return f'<polyline points="{placed}" fill="none" stroke="{curve.color}"{dash}/>'
