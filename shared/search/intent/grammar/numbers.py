"""Numbers as they are written and as they are said."""

from shared.search.intent.grammar.scan import Scan

_ONES = "one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS = {word: value for value, word in enumerate(_ONES.split(), 1)}
SMALL = {**UNITS, **{word: value for value, word in enumerate(_TEENS.split(), 10)}}
TENS = {word: value * 10 for value, word in enumerate(_TENS.split(), 2)}
MOST = 1_000_000.0
"""Above it digits are no number of anything a question is about."""


def number_at(scan: Scan, at: int) -> tuple[float, int] | None:
    """Return the number that begins at a word and where it ends: "7.5", "ninety five"."""
    word = scan.word(at)
    if word[:1].isdecimal():
        return _digits(word, at)
    if word in SMALL:
        return float(SMALL[word]), at + 1
    if word in TENS:
        more = UNITS.get(scan.word(at + 1), 0)
        return float(TENS[word] + more), at + (2 if more else 1)
    return None


def _digits(word: str, at: int) -> tuple[float, int] | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return (value, at + 1) if value <= MOST else None


def whole_at(scan: Scan, at: int) -> tuple[int, int] | None:
    """Return the whole number that begins at a word and where it ends."""
    found = number_at(scan, at)
    if found is None or not found[0].is_integer():
        return None
    return int(found[0]), found[1]
