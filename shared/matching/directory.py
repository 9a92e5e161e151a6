"""The titles a page may meet, and the four ways to find them. No storage is known here.

An adapter fills it with what is stored; `shared.matching.resolve` adds the titles it makes on the
way, so that two items of one page that speak of one new title meet.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.catalog.values import ExternalIdType
from shared.matching.blocks import BlockIndex, asked_blocks, stored_blocks
from shared.matching.facts import Facts

BRIDGE = 0.95
"""An id of less confidence is kept as knowledge and never leads to a title."""

ExternalId = tuple[ExternalIdType, str]
Listing = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """What an id or a listing is known to belong to."""

    content_id: UUID
    confidence: float


class Directory:
    """Titles by listing, external id, name and block."""

    def __init__(self) -> None:
        self.facts: dict[UUID, Facts] = {}
        self.listings: dict[Listing, Link] = {}
        self.external: dict[ExternalId, Link] = {}
        self._by_key: defaultdict[str, set[UUID]] = defaultdict(set)
        self._by_block: BlockIndex[UUID] = BlockIndex()

    def add(self, content_id: UUID, facts: Facts) -> None:
        """Make a title findable; what is known of it already is kept and added to."""
        known = self.facts.get(content_id)
        joined = facts if known is None else known.joined(facts)
        if joined == known:
            return
        self.facts[content_id] = joined
        for key in joined.keys:
            self._by_key[key].add(content_id)
        names, parts = joined.keys, joined.segments
        blocks = stored_blocks(names, joined.family, joined.year, segments=parts)
        self._by_block.add(blocks, joined.year, content_id)

    def bridge(self, external_id: ExternalId) -> UUID | None:
        """Return the title an id leads to, where it is sure enough to lead."""
        link = self.external.get(external_id)
        if link is None or link.confidence < BRIDGE or link.content_id not in self.facts:
            return None
        return link.content_id

    def similar(self, facts: Facts) -> Iterable[UUID]:
        """Return titles whose name is equal or may be similar, in the order of their ids."""
        found: set[UUID] = set()
        for key in facts.keys:
            found |= self._by_key.get(key, set())
        names, parts = facts.keys, facts.segments
        asked = asked_blocks(names, facts.family, facts.year, segments=parts)
        return sorted(found | self._by_block.find(asked))
