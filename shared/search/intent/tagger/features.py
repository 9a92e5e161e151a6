"""What the tagger sees of a word: itself, its neighbors, its ends, what is remembered of it."""

from collections.abc import Sequence

_EDGES = ("<2", "<1")
_ENDS = (">1", ">2")
LONGEST_AFFIX = 4
NEAR, FAR = 3, 6
"""Words from the third to the sixth neighbor count by side alone."""


def features_of(words: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the names of every word's features.

    Args:
        words: A sentence, folded.
        evidence: Further features of each word (`Memory.evidence`).
    """
    padded = (*_EDGES, *words, *_ENDS)
    shapes = ("", *map(shape, words), "")
    return [
        [
            *_around(padded[n : n + 5]),
            *_affixes(padded[n + 1 : n + 4]),
            *_shapes(shapes[n : n + 3]),
            *_far(words, n),
            *evidence[n],
        ]
        for n in range(len(words))
    ]


def shape(word: str) -> str:
    """Return what kind of writing a word is: letters, a year, a number by its length, mixed."""
    if word.isdecimal():
        return (
            "year"
            if len(word) == len("1994") and word[:2] in {"18", "19", "20"}
            else f"d{len(word)}"
        )
    if any(character.isdecimal() for character in word):
        return "mixed"
    return "a1" if len(word) == 1 else "a"


def _around(five: Sequence[str]) -> tuple[str, ...]:
    a, b, w, c, d = five
    return (
        "bias", f"w={w}", f"p={b}", f"n={c}", f"pp={a}", f"nn={d}", f"pw={b} {w}", f"wn={w} {c}",
        f"ppp={a} {b}", f"nnn={c} {d}", f"pn={b}|{c}", f"pwn={b} {w} {c}", f"ppw={a} {b} {w}",
        f"wnn={w} {c} {d}",
    )  # fmt: skip


def _affixes(three: Sequence[str]) -> list[str]:
    before, word, after = three
    found = [f"ps={before[-3:]}", f"ns={after[-3:]}"]
    for length in range(1, min(LONGEST_AFFIX, len(word) - 1) + 1):
        found += (f"s{length}={word[-length:]}", f"p{length}={word[:length]}")
    return found


def _shapes(three: Sequence[str]) -> tuple[str, ...]:
    before, own, after = three
    return (f"sh={own}", f"psh={before}{own}", f"nsh={own}{after}")


def _far(words: Sequence[str], n: int) -> list[str]:
    found = [f"L={word}" for word in words[max(0, n - FAR) : max(0, n - NEAR + 1)]]
    found += [f"R={word}" for word in words[n + NEAR : n + FAR + 1]]
    if n == 0:
        found.append("first")
    if n == len(words) - 1:
        found.append("last")
    return found
