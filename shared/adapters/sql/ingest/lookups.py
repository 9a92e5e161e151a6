"""Reading what a page of items may meet, in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.sql.ingest.page import (
    Known,
    Observation,
    RacedError,
    Seen,
    json_text,
)
from shared.adapters.sql.ingest.prepared import run, scalar
from shared.adapters.sql.ingest.reading import READ_FACTS, READ_TITLES, to_facts, to_record
from shared.adapters.sql.statement import array, statement
from shared.catalog.values import ExternalIdType
from shared.matching.blocks import near_blocks
from shared.matching.directory import Link
from shared.matching.sieve import Found, is_worth_reading
from shared.matching.vetoes import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, TextClause

    from shared.matching.blocks import Asked
    from shared.matching.facts import Facts

FIND_LISTINGS = statement(__file__, "find_listings")
FIND_EXTERNAL = statement(__file__, "find_external")
FIND_SIMILAR = statement(__file__, "find_similar")
LOCK_FREE_TITLES = statement(__file__, "lock_free_titles")
LOCK_TITLES = statement(__file__, "lock_titles")


def look_up(connection: Connection, page: Sequence[Seen], *, hold: bool = False) -> Known:
    """Return what is stored about a page's listings, and all titles its items may belong to.

    Items that say what they said before need no title, so theirs are not read. Of titles that are
    only alike by name no more is read than can be compared; `hold_joined` reads the rest of those
    that an item joins.

    Args:
        connection: The page's transaction.
        page: The page's items.
        hold: Hold and read everything at once, which makes more pages wait for each other.
    """
    known = Known()
    _listings(connection, page, known)
    changed = [one for one in page if not is_unchanged(one, known)]
    if changed:
        named = _external(connection, changed, known)
        named |= {one.item.entity_id for one in changed if one.item.entity_id}
        named |= {
            known.directory.listings[one.listing].content_id
            for one in changed
            if one.listing in known.directory.listings
        }
        alike = _similar(connection, changed, known) - named
        _lock(connection, named | alike if hold else named)
        _titles(connection, named, known)
        _facts(connection, alike, known)
    return known


def hold_joined(connection: Connection, joined: Iterable[UUID], known: Known) -> None:
    """Hold and read the stored titles that items join, as far as `look_up` did not.

    Raises:
        RacedError: Somebody else holds one of them, or changed it since it was compared.
    """
    wanted = {one for one in joined if one in known.compared and one not in known.records}
    if not wanted:
        return
    ids = json_text(_sorted(wanted))
    held = scalar(connection, LOCK_FREE_TITLES(), ids=ids)
    if held != len(wanted):
        raise RacedError(f"{len(wanted)} titles are joined, {held} of them free")
    _records(connection, wanted, known)
    changed = [one for one in wanted if known.hashes.get(one) != known.compared[one]]
    if changed:
        raise RacedError(f"{changed[0]} changed after it was compared")


def is_unchanged(one: Seen, known: Known) -> bool:
    """Tell whether the source says of the title what it said before, or something older."""
    before = known.observations.get(one.observed)
    if before is None or one.listing not in known.directory.listings:
        return False
    return before.item_hash == one.item_hash or is_outdated(one, known)


def is_outdated(one: Seen, known: Known) -> bool:
    """Tell whether a newer observation by the same source is stored already."""
    before = known.observations.get(one.observed)
    return before is not None and one.fetched_at < before.observed_at


def _answer(connection: Connection, what: TextClause, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
    given = {name: json_text(rows) for name, rows in parameters.items()}
    return orjson.loads(scalar(connection, what, **given))


def _listings(connection: Connection, page: Sequence[Seen], known: Known) -> None:
    distinct = dict.fromkeys(one.observed for one in page)
    rows = [
        dict(zip(("platform", "listing", "region", "source"), key, strict=True)) for key in distinct
    ]
    for found in _answer(connection, FIND_LISTINGS(), rows=rows):
        platform, listing, content_id, confidence, region, source, *before = found
        known.directory.listings[platform, listing] = Link(UUID(content_id), confidence)
        item_hash, offers_hash, observed_at = before
        if item_hash is not None:
            known.observations[platform, listing, region, source] = Observation(
                item_hash, offers_hash, datetime.fromisoformat(observed_at)
            )


def _external(connection: Connection, page: Sequence[Seen], known: Known) -> set[UUID]:
    asked = {pair for one in page for pair in one.item.external_ids.items()}
    if not asked:
        return set()
    rows = [{"kind": kind.value, "value": value} for kind, value in asked]
    for kind, value, content_id, confidence in _answer(connection, FIND_EXTERNAL(), rows=rows):
        link = Link(UUID(content_id), round(confidence, 4))
        known.directory.external[ExternalIdType(kind), value] = link
    return {link.content_id for link in known.directory.external.values()}


def _similar(connection: Connection, page: Sequence[Seen], known: Known) -> set[UUID]:
    asked = [
        (n, *block)
        for n, one in enumerate(page)
        if one.listing not in known.directory.listings and one.facts.content_type not in PARTS
        for block in _asked(one.facts)
    ]
    if not asked:
        return set()
    names = ("items", "blocks", "since", "until")
    given = {
        name: array(column) for name, column in zip(names, zip(*asked, strict=True), strict=True)
    }
    found: set[str] = set()
    for content_id, n, *said in orjson.loads(scalar(connection, FIND_SIMILAR(), **given)):
        if content_id not in found and is_worth_reading(page[n].facts, Found.of(*said)):
            found.add(content_id)
    return set(map(UUID, found))


def _asked(facts: Facts) -> Sequence[Asked]:
    return near_blocks(facts.keys, facts.family, facts.year, segments=facts.segments)


def _lock(connection: Connection, wanted: Iterable[UUID]) -> None:
    if ids := _sorted(wanted):
        run(connection, LOCK_TITLES(), ids=json_text(ids))


def _titles(connection: Connection, wanted: Iterable[UUID], known: Known) -> None:
    """Read whole titles, which can be compared as well."""
    for content_id in _records(connection, wanted, known):
        known.directory.add(content_id, known.records[content_id].facts())


def _records(connection: Connection, wanted: Iterable[UUID], known: Known) -> list[UUID]:
    """Read whole titles, and return those that exist."""
    ids = _sorted(wanted)
    rows = _answer(connection, READ_TITLES(), ids=ids) if ids else []
    for row in rows:
        content_id = UUID(row["id"])
        known.records[content_id] = to_record(row)
        known.hashes[content_id] = bytes.fromhex(row["hash"])
    return [UUID(row["id"]) for row in rows]


def _sorted(wanted: Iterable[UUID]) -> list[str]:
    return sorted(map(str, wanted))


def _facts(connection: Connection, wanted: Iterable[UUID], known: Known) -> None:
    """Read what of titles can be compared."""
    ids = _sorted(wanted)
    for row in _answer(connection, READ_FACTS(), ids=ids) if ids else []:
        content_id = UUID(row["id"])
        known.compared[content_id] = bytes.fromhex(row["hash"])
        known.directory.add(content_id, to_facts(row))
