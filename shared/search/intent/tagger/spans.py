"""Slots as labels per word (Ramshaw and Marcus, 1995: B begins, I goes on, O is outside)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Slot:
    """Words ``start`` to before ``end``, and what they name."""

    start: int
    end: int
    name: str


def slots_of(labels: Sequence[str]) -> list[Slot]:
    """Return the slots that labels spell, in order; an I that follows no like one begins a slot."""
    return list(_slots(labels))


def _slots(labels: Sequence[str]) -> Iterator[Slot]:
    start, name = 0, ""
    for place, label in enumerate((*labels, OUTSIDE)):
        goes_on = label.startswith("I-") and label[2:] == name
        if name and not goes_on:
            yield Slot(start, place, name)
        if not goes_on:
            start, name = place, "" if label == OUTSIDE else label[2:]


def may_follow(label: str, before: str) -> bool:
    """Tell whether ``label`` may stand after ``before``; a slot goes on only as itself."""
    return not label.startswith("I-") or before[2:] == label[2:]
