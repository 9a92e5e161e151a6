"""The suggestions of one snapshot: what a viewer may be about to type."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import numpy as np
import numpy.typing as npt

from shared.kernel import text
from shared.search.maturity import RESTRICTED
from shared.search.spelling.correct import Speller
from shared.search.spelling.grams import Floats
from shared.search.spelling.names import SLIPS_PER_LETTER, Names
from shared.search.spelling.strings import Arrays, Strings
from shared.search.suggest.entries import KINDS, UNKNOWN_MATURITY, Kind
from shared.search.suggest.highlight import highlight
from shared.search.suggest.prefixes import HEAD, Positions, Prefixes
from shared.search.suggest.slips import one_slip_away

SNAPSHOT = "search/dictionary.snapshot"
"""Its place below the folder of artifacts."""
FORMAT = 1
"""Raised whenever arrays change their meaning: a reader takes no other."""
FEW = 3
"""Fewer suggestions than this, and slips are looked for."""
EXACT = 0.05
"""What being typed whole adds to a popularity."""
SLIP_COST = 0.9
"""What an unlikely slip takes away."""
MOST_SLIPS = 8
"""Most beginnings one slip away whose names are looked up."""
FILTERS_KEPT = 64
PLACED = (Kind.TITLE, Kind.PERSON, Kind.PLATFORM)
"""Kinds that a region limits."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Allowed:
    """What may be suggested.

    Attributes:
        region: Titles that can be watched there; all where None.
        maturity_rank: Titles up to this, unrated ones taken as `RESTRICTED`; all where None.
        blocked_genres: Titles of none of these; nor are these suggested themselves.
    """

    region: str | None = None
    maturity_rank: int | None = None
    blocked_genres: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Tell whether nothing is left out."""
        return self == EVERYTHING


EVERYTHING = Allowed()


@dataclass(frozen=True)
class Suggestion:
    """One thing a viewer may be about to type.

    Attributes:
        popularity: 0 to 1.
        highlight: `text` as HTML, what was typed marked by ``<em>``.
    """

    text: str
    kind: Kind
    popularity: float
    content_id: UUID | None
    highlight: str


@dataclass(frozen=True)
class Facts:
    """What is known of entries, by position, greatest popularity first.

    Attributes:
        texts: As they are shown.
        kinds: Positions in `KINDS`.
        ids: Shape ``(n, 16)``; zeros where there is none.
        maturity: Ranks, 255 where unknown.
        genres: One bit a genre of `genre_names`.
        regions: Shape ``(regions, ⌈n/8⌉)``: one bit an entry.
    """

    texts: Strings
    kinds: npt.NDArray[np.uint8]
    popularity: Floats
    ids: npt.NDArray[np.uint8]
    maturity: npt.NDArray[np.uint8]
    genres: npt.NDArray[np.uint64]
    regions: npt.NDArray[np.uint8]
    genre_names: Sequence[str]
    region_names: Sequence[str]

    def allowed(self, wanted: Allowed) -> Mask:
        """Return which entries may be suggested."""
        mask = np.ones(len(self.texts), np.bool_)
        titles = self.kinds == KINDS.index(Kind.TITLE)
        if wanted.region is not None:
            mask &= self._in_region(wanted.region)
        if wanted.maturity_rank is not None:
            ranks = np.where(self.maturity == UNKNOWN_MATURITY, RESTRICTED, self.maturity)
            mask &= ~titles | (ranks <= wanted.maturity_rank)
        for number, name in enumerate(self.genre_names):
            if name in wanted.blocked_genres:
                mask &= (self.genres & np.uint64(1 << number)) == 0
        return mask

    def _in_region(self, region: str) -> Mask:
        """Return which entries can be watched there; what no region limits can be everywhere."""
        placed: Mask = np.isin(self.kinds, [KINDS.index(kind) for kind in PLACED])
        if region not in self.region_names:
            everywhere: Mask = ~placed
            return everywhere
        row = self.regions[self.region_names.index(region)]
        inside = np.unpackbits(row, count=len(self.texts)).astype(np.bool_)
        found: Mask = ~placed | inside
        return found

    def arrays(self) -> Arrays:
        """Return this as arrays; the two lists of names belong into the snapshot's description."""
        return {
            **self.texts.arrays("facts.texts"),
            "facts.kinds": self.kinds,
            "facts.popularity": self.popularity,
            "facts.ids": self.ids,
            "facts.maturity": self.maturity,
            "facts.genres": self.genres,
            "facts.regions": self.regions,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> Self:
        """Return what `arrays` wrote."""
        return cls(
            texts=Strings.from_arrays(arrays, "facts.texts"),
            kinds=arrays["facts.kinds"].astype(np.uint8, copy=False),
            popularity=arrays["facts.popularity"].astype(np.float32, copy=False),
            ids=arrays["facts.ids"].astype(np.uint8, copy=False),
            maturity=arrays["facts.maturity"].astype(np.uint8, copy=False),
            genres=arrays["facts.genres"].astype(np.uint64, copy=False),
            regions=arrays["facts.regions"].astype(np.uint8, copy=False),
            genre_names=about["genres"],
            region_names=about["regions"],
        )


@dataclass(frozen=True)
class Suggester:
    """Suggestions and spelling from one snapshot; safe to share between threads."""

    facts: Facts
    prefixes: Prefixes
    names: Names
    speller: Speller
    _masks: dict[Allowed, Mask] = field(default_factory=dict)

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> Self:
        """Return what `arrays` and `about` wrote.

        Raises:
            ValueError: They are of another format.
        """
        if about.get("format") != FORMAT:
            raise ValueError(f"format {about.get('format')} of the dictionary is not {FORMAT}")
        facts = Facts.from_arrays(arrays, about)
        names = Names.from_arrays(arrays, "names")
        prefixes = Prefixes.from_arrays(arrays, facts.popularity)
        return cls(facts, prefixes, names, Speller.from_arrays(arrays, names))

    def arrays(self) -> Arrays:
        """Return all of this as arrays."""
        parts = (self.facts, self.prefixes, self.speller)
        merged = self.names.arrays("names")
        for part in parts:
            merged.update(part.arrays())
        return merged

    @property
    def about(self) -> dict[str, Any]:
        """What a snapshot says of itself beside its arrays."""
        return {
            "format": FORMAT,
            "genres": list(self.facts.genre_names),
            "regions": list(self.facts.region_names),
            "entries": len(self.facts.texts),
            "names": len(self.names.strings),
            "words": len(self.speller.words.strings),
        }

    def suggest(self, typed: str, *, limit: int, allowed: Allowed = EVERYTHING) -> list[Suggestion]:
        """Return what may be meant, most likely first; of equal texts of one kind only the first.

        Args:
            typed: As it was typed. Without any letter or digit nothing is suggested.
            limit: 1 to 20.
            allowed: What may be suggested.
        """
        folded = text.fold(typed)
        if not folded:
            return []
        mask = self._mask(allowed)
        found = self._begun(folded, mask, limit)
        if len(found) < FEW:
            found.update({e: s for e, s in self._meant(folded, mask).items() if e not in found})
        ordered = sorted(found, key=lambda entry: (-found[entry], entry))
        return list(self._shown(ordered, folded, limit))

    def _mask(self, allowed: Allowed) -> Mask | None:
        if allowed.everything:
            return None
        if allowed not in self._masks:
            if len(self._masks) >= FILTERS_KEPT:
                self._masks.clear()
            self._masks[allowed] = self.facts.allowed(allowed)
        return self._masks[allowed]

    def _begun(self, folded: str, mask: Mask | None, limit: int) -> dict[int, float]:
        """Return entries of which a word begins so, with their scores."""
        most = min(HEAD, 3 * limit + FEW)
        found = self._scored(self.prefixes.best(folded, mask, limit=most), mask)
        for entry, score in self._scored(self.prefixes.whole(folded), mask).items():
            found[entry] = max(score, found.get(entry, 0)) + EXACT
        return found

    def _scored(self, places: Positions, mask: Mask | None) -> dict[int, float]:
        """Return entries at places with the greatest of their weights."""
        owners = self.prefixes.owners[places].tolist()
        found: dict[int, float] = {}
        for entry, weight in zip(owners, self.prefixes.weights[places].tolist(), strict=True):
            if mask is None or mask[entry]:
                found[entry] = max(weight, found.get(entry, 0.0))
        return found

    def _meant(self, folded: str, mask: Mask | None) -> dict[int, float]:
        """Return entries that one slip, or a name's likeness, leads to, with their scores."""
        found: dict[int, float] = {}
        for other, price in one_slip_away(self.prefixes, folded)[:MOST_SLIPS]:
            self._add(found, self.prefixes.best(other, mask, limit=FEW * 4), mask, price)
        most = SLIPS_PER_LETTER * len(folded)
        for match in self.names.match(folded, limit=FEW * 2) if len(folded) > FEW else ():
            if match.price <= most:
                self._add(found, self.prefixes.whole(match.name), mask, match.price)
        return found

    def _add(
        self, found: dict[int, float], places: Positions, mask: Mask | None, price: float
    ) -> None:
        for entry, score in self._scored(places, mask).items():
            found[entry] = max(score - SLIP_COST * price, found.get(entry, -np.inf))

    def _shown(self, entries: Sequence[int], folded: str, limit: int) -> Iterator[Suggestion]:
        seen: set[tuple[int, str]] = set()
        for entry in entries:
            shown = self.facts.texts[entry]
            key = (int(self.facts.kinds[entry]), text.fold(shown))
            if key in seen:
                continue
            seen.add(key)
            yield self._suggestion(entry, shown, folded)
            if len(seen) == limit:
                return

    def _suggestion(self, entry: int, shown: str, folded: str) -> Suggestion:
        identifier = self.facts.ids[entry].tobytes()
        return Suggestion(
            text=shown,
            kind=KINDS[self.facts.kinds[entry]],
            popularity=round(float(self.facts.popularity[entry]), 4),
            content_id=UUID(bytes=identifier) if any(identifier) else None,
            highlight=highlight(shown, folded),
        )
