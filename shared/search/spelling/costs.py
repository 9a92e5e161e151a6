"""What a slip of the finger or of the ear costs.

Damerau–Levenshtein distance (Damerau 1964; Levenshtein 1966) in its restricted form, where two
neighboring letters may change places once, with a price for each change as in the noisy channel
of Kernighan, Church & Gale ("A spelling correction program based on a noisy channel model",
COLING 1990): likely slips are cheap. 1 is the price of an unlikely one.
"""

from functools import cache
from itertools import accumulate, pairwise

UNLIKELY = 1.0
NEAR_KEY = 0.8
SOUND = 0.6
VOWEL = 0.55
SWAP = 0.55
DOUBLED = 0.4
SPACE = 0.5
SILENT = 0.7
FIRST_LETTER = 0.3
"""What a change to a word's first letter adds: writers seldom err there (Yannakoudakis & Fawthrop,
"The rules of spelling errors", 1983)."""
_VOWELS = frozenset("aeiouy")
_SILENT = frozenset("eh")
_SOUNDS = frozenset(
    frozenset(pair) for pair in ("ck", "cs", "sz", "fv", "gj", "mn", "kq", "iy", "dt", "bp", "vw")
)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbors() -> frozenset[frozenset[str]]:
    """Return pairs of keys that touch on a QWERTY keyboard (ISO/IEC 9995-1 staggering)."""
    beside = [frozenset(pair) for row in _ROWS for pair in pairwise(row)]
    below = [
        frozenset((upper[i], lower[j]))
        for upper, lower in pairwise(_ROWS)
        for j in range(len(lower))
        for i in (j, j + 1)
        if i < len(upper)
    ]
    return frozenset((*beside, *below))


_NEAR = _neighbors()


@cache
def substitution(one: str, other: str) -> float:
    """Return the price of one letter in place of another."""
    pair = frozenset((one, other))
    if len(pair) == 1:
        return 0.0
    if pair <= _VOWELS:
        return VOWEL
    if " " in pair:
        return UNLIKELY
    if pair in _SOUNDS:
        return SOUND
    return NEAR_KEY if pair in _NEAR else UNLIKELY


def _extra(text: str, at: int) -> float:
    """Return the price of the letter at ``at`` where the other text has none."""
    letter = text[at]
    if letter == " ":
        return SPACE
    if letter in (text[at - 1 : at], text[at + 1 : at + 2]):
        return DOUBLED
    price = SILENT if letter in _SILENT else UNLIKELY
    return price + (FIRST_LETTER if at == 0 or text[at - 1] == " " else 0)


def _begins(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == " "


def _exchange(one: str, i: int, other: str, j: int) -> float:
    price = substitution(one[i], other[j])
    return price + (FIRST_LETTER if price and _begins(one, i) and _begins(other, j) else 0)


def distance(one: str, other: str) -> float:
    """Return the least price of turning one folded text into the other; symmetric, 0 if equal.

    Costs O(a·b), where a and b are what is left without common beginning and end; so for a single
    slip in a long title it is a few steps.
    """
    if one == other:
        return 0.0
    start, shortest = 0, min(len(one), len(other))
    while start < shortest and one[start] == other[start]:
        start += 1
    end = 0
    while end < shortest - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return _aligned((one, start, len(one) - end), (other, start, len(other) - end))


def _aligned(one: tuple[str, int, int], other: tuple[str, int, int]) -> float:
    """Return the price between two parts of texts; what stands around them only prices letters."""
    text, first, last = one
    across, begin, end = other
    added = [_extra(across, j) for j in range(begin, end)]
    older: list[float] = []
    above = [0.0, *accumulate(added)]
    for i in range(first, last):
        dropped = _extra(text, i)
        row = [above[0] + dropped]
        for j in range(end - begin):
            at = begin + j
            price = min(
                above[j] + _exchange(text, i, across, at),
                above[j + 1] + dropped,
                row[j] + added[j],
            )
            if i > first and j and text[i] == across[at - 1] and text[i - 1] == across[at]:
                price = min(price, older[j - 1] + SWAP)
            row.append(price)
        older, above = above, row
    return above[-1]
