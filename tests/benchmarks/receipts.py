"""How true receipts are, in worlds whose truth is known, and what one costs.

``python -m tests.benchmarks.receipts`` draws docs/receipts.svg again.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from timeit import repeat
from typing import TYPE_CHECKING

import numpy as np

from shared.catalog.receipts import UNKNOWN, confidence, with_receipt
from tests.fakes.offer_world import (
    Settings,
    World,
    bins,
    brier,
    calibration_error,
    discrimination,
    world,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes.offer_world import Vector

DOCS = Path(__file__).parents[2] / "docs"
SEEDS = range(11, 17)
LIVES = (60.0, 250.0, 900.0)
COLORS = dict(zip(LIVES, ("#c0392b", "#2980b9", "#4c9f70"), strict=True))
NOW = 1_767_225_600.0
CALLS = 20_000


@cache
def _worlds(life: float) -> list[World]:
    return [world(seed, Settings(median_life=life)) for seed in SEEDS]


def _together(life: float, *, learned: bool = True) -> tuple[Vector, Vector]:
    found = [each.predictions(learned=learned) for each in _worlds(life)]
    said, true = (np.concatenate(part) for part in zip(*found, strict=True))
    return said, true


def _calibration(life: float) -> tuple[str, str, str]:
    said, true = _together(life)
    presumed, _ = _together(life, learned=False)
    constant = np.full_like(said, true.mean())
    figure = (
        f"Brier {brier(said, true):.4f}, calibration error {calibration_error(said, true):.4f}, "
        f"AUC {discrimination(said, true):.3f}"
    )
    bare = (
        f"Brier of the base rate {true.mean():.3f}: {brier(constant, true):.4f}; "
        f"of no doubt: {brier(np.ones_like(said), true):.4f}; "
        f"of priors alone: {brier(presumed, true):.4f}"
    )
    what = (
        f"confidence of {len(said):,} offers in {len(SEEDS)} worlds, half gone in {life:.0f} days"
    )
    return what, figure, bare


def _cost(what: str, work: Callable[[], object]) -> tuple[str, str, str]:
    best = min(repeat(work, number=CALLS)) / CALLS
    return what, f"{best * 1e6:.2f} us", "pure Python, best of five"


def run() -> list[tuple[str, str, str]]:
    """Return (what, measured, bare operation) per line."""
    second = int(NOW)
    said = {name: [second - 9_000_000, second - 90_000, "1"] for name in ("tmdb", "watchmode")}

    def receipt() -> object:
        offer = {"sources": said, "shape": 2.0, "rate_days": 1_000.0}
        return with_receipt(offer, {}, now=NOW)

    return [
        *(_calibration(life) for life in LIVES),
        _cost(
            "confidence of one offer, two sources", lambda: confidence(said, UNKNOWN, {}, now=NOW)
        ),
        _cost("its whole receipt", receipt),
    ]


SIDE, LEFT, TOP, BAR = 420, 70, 50, 90


def _x(value: float) -> float:
    return LEFT + value * SIDE


def _y(value: float) -> float:
    return TOP + (1 - value) * SIDE


def drawn() -> str:
    """Return the reliability plot as SVG (W3C SVG 1.1)."""
    wide, high = LEFT + SIDE + 230, TOP + SIDE + BAR + 90
    parts = [*_frame(), *(part for life in LIVES for part in _curve(life)), *_legend()]
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    return "\n".join(
        [head, f'<rect width="{wide}" height="{high}" fill="#fff"/>', *parts, "</svg>", ""]
    )


def _frame() -> Iterator[str]:
    yield _text(LEFT, 26, "What receipts say, and what comes true (20 bins of equal count)")
    for tenth in range(0, 11, 2):
        at = tenth / 10
        yield _line(_x(at), _y(0), _x(at), _y(1), "#eee")
        yield _line(_x(0), _y(at), _x(1), _y(at), "#eee")
        yield _text(_x(at), _y(0) + 16, f"{at:.1f}", "middle")
        yield _text(_x(0) - 8, _y(at) + 4, f"{at:.1f}", "end")
    yield _line(_x(0), _y(0), _x(1), _y(1), "#999", dashed=True)
    yield _text(_x(0.5), _y(0) + 34, "confidence", "middle")
    yield _text(_x(0) - 8, TOP - 8, "share that plays", "middle")
    yield _text(LEFT, _y(0) + 58, "offers by confidence, in twentieths")


def _curve(life: float) -> Iterator[str]:
    said, true = _together(life)
    found = bins(said, true)
    points = " ".join(f"{_x(b.said):.1f},{_y(b.true):.1f}" for b in found)
    yield f'<polyline points="{points}" fill="none" stroke="{COLORS[life]}" stroke-width="1.5"/>'
    for b in found:
        yield f'<circle cx="{_x(b.said):.1f}" cy="{_y(b.true):.1f}" r="3" fill="{COLORS[life]}"/>'
    counts, _ = np.histogram(said, bins=20, range=(0, 1))
    bottom, slot = _y(0) + 64 + BAR, SIDE / 20
    for place, share in enumerate(counts / counts.max()):
        left = LEFT + place * slot + LIVES.index(life) * slot / 3
        tall = share * (BAR - 5)
        box = f'x="{left:.1f}" y="{bottom - tall:.1f}" width="{slot / 3:.1f}" height="{tall:.1f}"'
        yield f'<rect {box} fill="{COLORS[life]}"/>'


def _legend() -> Iterator[str]:
    for place, life in enumerate(LIVES):
        said, true = _together(life)
        x, y = LEFT + SIDE + 20, TOP + 20 + place * 54
        yield f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{COLORS[life]}"/>'
        yield _text(x + 16, y, f"half gone in {life:.0f} days")
        yield _text(x + 16, y + 16, f"error {calibration_error(said, true):.3f}")
        yield _text(x + 16, y + 32, f"Brier {brier(said, true):.3f}, base {_base(true):.3f}")
    yield _text(LEFT + SIDE + 20, TOP + 200, "dashed: perfect")


def _base(true: Vector) -> float:
    return brier(np.full_like(true, true.mean()), true)


def _line(x1: float, y1: float, x2: float, y2: float, color: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{color}"{dash}/>'


def _text(x: float, y: float, said: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


if __name__ == "__main__":
    (DOCS / "receipts.svg").write_text(drawn(), encoding="utf-8")
    for line in run():
        print(" | ".join(line))  # noqa: T201 - a benchmark speaks
