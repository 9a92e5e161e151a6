"""What has changed since a snapshot, in few parts that are seldom built again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.search.resident.catalog import Catalog
    from shared.search.resident.rows import TitleRow

MOST_CHANGES = 20_000
"""More than these are no overlay: their parts would cost what a snapshot costs."""
GROWTH = 4
"""A layer is more than so many times as large as the one above it, so that there are never more
than eight of `MOST_CHANGES` titles."""


class TooManyChangesError(Exception):
    """More titles changed since the snapshot than an overlay carries."""


@dataclass(frozen=True)
class _Layer:
    """Titles that changed at about one time.

    Attributes:
        titles: By id; None for one that cannot be found any more.
        catalog: With this layer and all below it.
    """

    titles: Mapping[str, TitleRow | None]
    catalog: Catalog


@dataclass(frozen=True)
class Overlay:
    """A catalog with its changes, as layers of which the lower are the larger (O'Neil et al. 1996).

    A change makes a new layer, into which those go that are not much larger: a title is built
    again a number of times that grows with the logarithm of how many changed, and there are few
    parts to ask.

    Attributes:
        base: The snapshot's.
    """

    base: Catalog
    layers: tuple[_Layer, ...] = ()

    @property
    def catalog(self) -> Catalog:
        """The catalog as it is now."""
        return self.layers[-1].catalog if self.layers else self.base

    def with_changes(self, titles: Sequence[TitleRow], changed: Collection[str]) -> Self:
        """Return the overlay in which these titles are as they are now.

        Args:
            titles: Those of the changed ones that can be found.
            changed: Ids of all that changed, at least one.

        Raises:
            TooManyChangesError: More than `MOST_CHANGES` titles changed since the snapshot.
        """
        known: Mapping[str, TitleRow | None] = {
            **dict.fromkeys(changed),
            **{title.id: title for title in titles},
        }
        layers = [*self.layers]
        while layers and len(layers[-1].titles) <= GROWTH * len(known):
            known = {**layers.pop().titles, **known}
        ids = {id_ for layer in layers for id_ in layer.titles} | known.keys()
        if len(ids) > MOST_CHANGES:
            raise TooManyChangesError(f"{len(ids)} titles changed since the snapshot")
        below = layers[-1].catalog if layers else self.base
        alive = [title for title in known.values() if title is not None]
        catalog = below.with_changes(alive, known.keys())
        return type(self)(self.base, (*layers, _Layer(known, catalog)))
