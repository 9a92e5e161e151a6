"""From entries, as they come, to the index that is kept as a snapshot."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from shared.kernel.text import fold
from shared.search.intent.lexicon import question_words
from shared.search.spelling.correct import Speller
from shared.search.spelling.names import Names
from shared.search.spelling.strings import Strings
from shared.search.suggest.entries import KINDS, UNKNOWN_MATURITY, Entry, Kind
from shared.search.suggest.index import Facts, Suggester
from shared.search.suggest.prefixes import Prefixes

MOST_GENRES = 64
"""Genres that have a bit; there are 22."""
NAMED = frozenset({Kind.TITLE, Kind.PERSON})
"""Kinds whose names are sought in spite of slips as a whole."""


@dataclass
class _Numbers:
    """Names in the order in which they were first seen."""

    known: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> int:
        return self.known.setdefault(name, len(self.known))


def build_suggester(entries: Iterable[Entry], known_words: Iterable[str] = ()) -> Suggester:
    """Return an index of entries.

    Memory is that of the entries' texts, ids and filters; nothing else of a title is held.

    Args:
        entries: In any order; those without a letter or digit in their text are left out.
        known_words: Folded words that are right though no name has them.
    """
    kept = [entry for entry in entries if fold(entry.text)]
    kept.sort(key=lambda entry: (-entry.popularity, entry.text, str(entry.content_id)))
    facts = _facts(kept)
    named = [(name, owner) for owner, entry in enumerate(kept) for name in _names(entry)]
    prefixes = Prefixes.build(named, facts.popularity)
    whole = [(n, kept[o].popularity) for n, o in named if kept[o].kind in NAMED]
    names = Names.build(whole)
    # What questions are made of is as likely meant as what names are made of ("comdy", "netflx").
    frequencies = Counter({*question_words()})
    frequencies.update(word for name, _ in named for word in name.split())
    return Suggester(facts, prefixes, names, Speller.build(names, frequencies, known_words))


def _names(entry: Entry) -> list[str]:
    folded = (fold(name) for name in (entry.text, *entry.others))
    return list(dict.fromkeys(name for name in folded if name))


def _facts(entries: list[Entry]) -> Facts:
    genres, regions = _Numbers(), _Numbers()
    placed: list[tuple[int, int]] = []
    masks = np.zeros(len(entries), np.uint64)
    for position, entry in enumerate(entries):
        placed.extend((regions.of(region), position) for region in entry.regions or ())
        masks[position] = sum(1 << genres.of(genre) for genre in entry.genres)
    if len(genres.known) > MOST_GENRES:
        raise ValueError(f"{len(genres.known)} genres are more than have a bit")
    ranks = (e.maturity_rank for e in entries)
    return Facts(
        texts=Strings.of(entry.text for entry in entries),
        kinds=np.array([KINDS.index(entry.kind) for entry in entries], np.uint8),
        popularity=np.array([entry.popularity for entry in entries], np.float32),
        ids=_ids(entries),
        maturity=np.array([UNKNOWN_MATURITY if r is None else r for r in ranks], np.uint8),
        genres=masks,
        regions=_bits(placed, len(regions.known), len(entries)),
        genre_names=list(genres.known),
        region_names=list(regions.known),
    )


def _ids(entries: list[Entry]) -> npt.NDArray[np.uint8]:
    joined = b"".join(e.content_id.bytes if e.content_id else bytes(16) for e in entries)
    return np.frombuffer(joined, np.uint8).reshape(len(entries), 16)


def _bits(placed: list[tuple[int, int]], regions: int, entries: int) -> npt.NDArray[np.uint8]:
    """Return one row of bits a region, packed; a row is unpacked only while it is packed."""
    pairs = np.array(placed, np.int64).reshape(-1, 2)
    rows = np.zeros((regions, (entries + 7) // 8), np.uint8)
    for region in range(regions):
        inside = np.zeros(entries, np.bool_)
        inside[pairs[pairs[:, 0] == region, 1]] = True
        rows[region] = np.packbits(inside)
    return rows
