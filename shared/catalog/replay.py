"""Records that were set aside, tried again: what they come to now, and how counters move."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.catalog.item import CanonicalItem
from shared.catalog.raw import Normalized, RecordError


@dataclass(frozen=True)
class Aside:
    """What of a page was set aside, by pointer.

    Attributes:
        raw_uri: The page; its own pointer where it was set aside whole.
        unread: Records, and parts of them, that could not be normalized.
        refused: Records of which the database refused an item.
        read: Listings that the page was taken for.
    """

    raw_uri: str
    unread: frozenset[str]
    refused: frozenset[str]
    read: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether the page itself was set aside."""
        return self.raw_uri in self.unread


@dataclass(frozen=True)
class Counts:
    """By how much a page's counters move, so that what was read stays what is accounted for."""

    read: int = 0
    normalized: int = 0
    resolved: int = 0
    set_aside: int = 0


@dataclass(frozen=True)
class Trial:
    """What records that were set aside come to now.

    Attributes:
        freed: Pointers that are set aside no longer.
        items: What they came to.
        errors: What is wrong with parts of them that were not told apart before.
        counts: How the page's counters move.
    """

    freed: frozenset[str] = frozenset()
    items: tuple[CanonicalItem, ...] = ()
    errors: tuple[RecordError, ...] = ()
    counts: Counts = Counts()


def tried_again(aside: Aside, found: Normalized) -> Trial:
    """Return what a page's set-aside records come to, as it is read now.

    A record stays set aside as long as the same of it is wrong. Where the database refused one of a
    record's items all of its items go the way again, since which it was is not known.
    """
    wrong = {error.pointer(aside.raw_uri) for error in found.errors}
    freed = (aside.unread - wrong) | aside.refused
    items = tuple(item for item in found.items if _is_of(item, freed, aside))
    errors = tuple(one for one in found.errors if _is_new(one, freed, aside))
    return Trial(freed, items, errors, _counts(aside, freed, items, errors))


def _is_of(item: CanonicalItem, freed: Collection[str], aside: Aside) -> bool:
    record = item.source.raw_uri
    return bool({aside.raw_uri, record, f"{record}.{item.platform}"} & set(freed))


def _is_new(error: RecordError, freed: Collection[str], aside: Aside) -> bool:
    record = f"{aside.raw_uri}#{error.index}"
    return error.pointer(aside.raw_uri) not in aside.unread and (
        aside.raw_uri in freed or record in freed
    )


def _counts(
    aside: Aside,
    freed: frozenset[str],
    items: tuple[CanonicalItem, ...],
    errors: tuple[RecordError, ...],
) -> Counts:
    refused = [one.source.raw_uri for one in items if one.source.raw_uri in aside.refused]
    made, again = len(items) - len(refused), set(refused)
    before = aside.read if aside.is_whole else len(freed & aside.unread)
    return Counts(
        # What the database refused and is no item any more was read for nothing.
        read=made + len(errors) - before - len(aside.refused - again),
        normalized=made,
        resolved=len(again) - len(refused),
        set_aside=len(errors) - before - len(aside.refused),
    )
