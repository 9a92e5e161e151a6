"""What the resident catalogue is made of: titles as they are read, before they become arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
"""Numbers of titles within one part."""
Mask = npt.NDArray[np.bool_]
"""One truth per title of a part, or per row that was asked about."""
Arrays = Mapping[str, npt.NDArray[np.generic]]
"""What a structure keeps in a file, by name."""


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One way to watch a title that nobody has ended.

    Attributes:
        region: ISO 3166-1 alpha-2.
        offer_type: A value of `shared.catalog.values.OfferType`.
        audio: Languages that are spoken, BCP 47.
        since: When it began or was first seen; this and the times below in seconds since 1970, UTC.
        starts: When it can be watched from, None for at once.
        ends: When it can no longer be watched, None for no known end.
    """

    platform: str
    region: str
    offer_type: str
    audio: tuple[str, ...] = ()
    since: float = 0.0
    starts: float | None = None
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One title that can be found.

    Attributes:
        id: A UUID in canonical text form.
        key: The folded title (`shared.kernel.text.title_key`).
        keys: The folded forms of every name it goes by, this one included.
        content_type: A value of `shared.catalog.values.ContentType`.
        runtime: Minutes.
        maturity: 0 to 4, None where nobody rated it.
        quality: 0 to 1; 0 for a record without a score.
        popularity: 0 to 1.
        prior: As in `shared.search.ports.Candidate`; a float32.
        average_rating: 0 to 10.
        genres: The first one first.
        themes: In lower case.
        people: Folded names (`shared.matching.facts.person_key`).
        words: For each word, where it stands: a letter for each place in order, A in a title, B a
            person, C a genre or theme, D elsewhere.
        vector: Float32, little-endian, unit length; of the model of all others.
        franchise: What the titles of its franchise share.
        edges: Its strongest neighbors, the strongest first, with weights above 0, at most 1.
        called: The folded name of its franchise, where its own names do not say it.
    """

    id: str
    title: str
    key: str
    keys: tuple[str, ...] = ()
    content_type: str = "movie"
    year: int | None = None
    runtime: int | None = None
    maturity: int | None = None
    quality: float = 0.0
    popularity: float = 0.5
    prior: float = 0.5
    average_rating: float | None = None
    genres: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    offers: tuple[OfferRow, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    vector: bytes | None = None
    franchise: str | None = None
    edges: tuple[tuple[str, float], ...] = ()
    called: str | None = None


class Kept(Protocol):
    """A structure that a file can hold."""

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return its arrays by name."""


def arrays_of(structure: object, names: Iterable[str]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays of these attributes: an array by its name, those of a `Kept` `under` it."""
    found: dict[str, npt.NDArray[np.generic]] = {}
    for name in names:
        kept: npt.NDArray[np.generic] | Kept = getattr(structure, name)
        found |= {name: kept} if isinstance(kept, np.ndarray) else under(name, kept.arrays())
    return found


def under(name: str, arrays: Arrays) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays with a name and a dot before their own: what `below` takes away."""
    return {f"{name}.{key}": array for key, array in arrays.items()}


def below(arrays: Arrays, name: str) -> Arrays:
    """Return the arrays whose names begin with ``name`` and a dot, without these."""
    prefix = f"{name}."
    return {key[len(prefix) :]: array for key, array in arrays.items() if key.startswith(prefix)}
