"""Certificates: the board behind a value, and values that say nothing."""

from functools import lru_cache

_MPA = frozenset({"G", "PG", "PG-13", "R", "NC-17"})
_AGES = {"AGES_18_": "18+", "AGES_16_": "16+", "AGES_13_": "13+"}
_NOTHING = frozenset({"", "NR", "TV-NR", "UR", "UNRATED", "NOT RATED", "NOT_RATE", "NOT_RATED"})
LONGEST = 40


@lru_cache(maxsize=1024)
def maturity_of(value: str) -> tuple[str, str] | None:
    """Return (system, value) of a certificate, None where it says that there is none.

    Systems are ``MPA``, ``TVPG`` (the US television guidelines), ``age`` for a plain least age
    (``13+``, ``ALL``), and ``other`` for what none of these knows.
    """
    text = value.strip().upper()
    if text in _NOTHING:
        return None
    if text in _MPA:
        return "MPA", text
    if text.startswith("TV-"):
        return "TVPG", text[:LONGEST]
    text = _AGES.get(text, text)
    plain = text == "ALL" or (text.endswith("+") and text[:-1].isdecimal())
    return ("age" if plain else "other"), text[:LONGEST]
