"""Names of seasons and episodes that only count."""

from shared.matching.names import NUMBERS

COUNTING = NUMBERS.keys() | {
    "the",
    "a",
    "of",
    "episode",
    "chapter",
    "part",
    "season",
    "series",
    "staffel",
    "folge",
    "saison",
}
"""Words of names that count the parts of any series alike."""


def only_counts(key: str) -> bool:
    """Tell whether a title key is a number among parts of a series (``episode 3``), and no name."""
    return all(word.isdigit() or word in COUNTING for word in key.split())
