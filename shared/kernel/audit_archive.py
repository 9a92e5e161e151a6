"""The audit log outside the database: closed days, one object each, in a place that only grows.

    main/2026-01-31/000000000001-000000000412-9c56….jsonl.gz
    main/2026-02-01/000000000413-000000000977-47ab….jsonl.gz

An object's name says which entries of which chain it holds and the hash of the last of them, so a
list of names is a list of anchors: who cannot change names cannot change history. Its lines are the
entries with their hashes, so an object is judged by itself and by the one before it.
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self

import orjson

from shared.kernel.audit import Anchor, Finding, Gone, Link, Walk, canonical, start
from shared.kernel.errors import MalformedError

_NAME = re.compile(
    r"(?P<chain>[a-z][a-z0-9-]*)/(?P<day>\d{4}-\d{2}-\d{2})/"
    r"(?P<first>\d{12,})-(?P<last>\d{12,})-(?P<hash>[0-9a-f]{64})\.jsonl\.gz"
)
_LEVEL = 6


class Archive(Protocol):
    """Objects that can be added and read, never changed."""

    def add(self, name: str, content: bytes) -> bool:
        """Keep an object; False where one of that name is there already, which stays."""

    def read(self, name: str) -> bytes:
        """Return what an object holds."""

    def names(self, prefix: str) -> list[str]:
        """Return the name of every object that begins so."""


@dataclass(frozen=True)
class Segment:
    """Entries in a row of one chain, as the archive has them.

    Attributes:
        day: The day (UTC) that it closes: every entry that was written up to that day's last one.
        first: Number of its first entry.
        last: Number of its last.
        hash: The last one's own.
    """

    chain: str
    day: date
    first: int
    last: int
    hash: bytes

    @property
    def name(self) -> str:
        """Name of its object."""
        numbers = f"{self.first:012d}-{self.last:012d}"
        return f"{self.chain}/{self.day.isoformat()}/{numbers}-{self.hash.hex()}.jsonl.gz"

    @property
    def anchor(self) -> Anchor:
        """The chain's state after its last entry."""
        return Anchor(self.last, self.hash)

    @classmethod
    def of(cls, chain: str, day: date, links: Sequence[Link]) -> Self:
        """Return the segment that entries make, at least one."""
        return cls(chain, day, links[0].number, links[-1].number, links[-1].hash)

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Return the segment of an object's name, None where it is no name of ours."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        try:
            day = date.fromisoformat(found["day"])
        except ValueError:
            return None
        first, last = int(found["first"]), int(found["last"])
        return cls(found["chain"], day, first, last, bytes.fromhex(found["hash"]))


def segments(archive: Archive, chain: str) -> list[Segment]:
    """Return what an archive has of a chain, by number."""
    parsed = (Segment.parse(name) for name in archive.names(f"{chain}/"))
    kept = [segment for segment in parsed if segment is not None and segment.chain == chain]
    return sorted(kept, key=lambda segment: (segment.first, segment.last))


def furthest(kept: Sequence[Segment], chain: str) -> Anchor:
    """Return the state of a chain after everything that is archived."""
    return max((s.anchor for s in kept), key=lambda a: a.number, default=start(chain))


def packed(links: Iterable[Link]) -> bytes:
    """Return entries as an object holds them: JSON Lines, gzip; equal entries, equal bytes."""
    lines = (
        canonical(
            {
                "number": link.number,
                "prev_hash": link.prev_hash.hex(),
                "hash": link.hash.hex(),
                "entry": orjson.loads(link.entry),
            }
        )
        for link in links
    )
    return gzip.compress(b"\n".join(lines) + b"\n", _LEVEL, mtime=0)


def unpacked(content: bytes) -> list[Link]:
    """Return the entries that an object holds.

    Raises:
        MalformedError: It is no such object, or not the whole of one.
    """
    try:
        lines = gzip.decompress(content).splitlines()
        found = [_link(orjson.loads(line)) for line in lines]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise MalformedError(f"no segment of the audit log: {error!r}") from None
    if not found:
        raise MalformedError("no segment of the audit log: it is empty")
    return found


def _link(said: dict[str, Any]) -> Link:
    number = int(said["number"])
    if not 0 < number < 1 << 63:
        raise ValueError(f"{number} is no number of an entry")
    hashes = (bytes.fromhex(said["prev_hash"]), bytes.fromhex(said["hash"]))
    return Link(number, *hashes, canonical(said["entry"]))


def findings(archive: Archive, chain: str, gone: Sequence[Gone] = ()) -> Iterator[Finding]:
    """Yield every place where what is archived of a chain is not what was written.

    Segments may overlap, since an export that was cut short is made anew; each is judged by itself
    and by one that ends where it begins. The oldest may have reached the end of their time, but
    not before the database let them go.

    Args:
        archive: Where to look.
        chain: Which chain.
        gone: What was removed from the database, all of which must be here, or once was.
    """
    kept = segments(archive, chain)
    begin = _begin(archive, kept, gone) or start(chain)
    ends = {begin.number: begin.hash}
    wanted = {g.last: g.hash for g in gone} | {g.first - 1: g.prev_hash for g in gone}
    wanted = {number: hash_ for number, hash_ in wanted.items() if number > begin.number}
    for segment in kept:
        before = ends.get(segment.first - 1)
        if before is None:
            yield Finding(max(n for n in ends if n < segment.first) + 1, "missing")
            before = b""
        links = _read(archive, segment)
        walk = Walk.of(Anchor(segment.first - 1, before), segment.anchor)
        yield from walk.findings(links)
        yield from _differing(links, wanted)
        ends[segment.last] = segment.hash
    yield from (Finding(number, "missing") for number in sorted(wanted))


def _begin(archive: Archive, kept: Sequence[Segment], gone: Sequence[Gone]) -> Anchor | None:
    """Return where an archive begins that has lost its oldest segments in good order."""
    first = kept[0].first if kept else 1
    if first == 1 or first > max((g.last for g in gone), default=0) + 1:
        return None
    links = _read(archive, kept[0])
    return Anchor(first - 1, links[0].prev_hash) if links else None


def _differing(links: Iterable[Link], wanted: dict[int, bytes]) -> Iterator[Finding]:
    """Take what is wanted out of `wanted`, and yield where it is something else."""
    for found in links:
        if wanted.pop(found.number, found.hash) != found.hash:
            yield Finding(found.number, "unanchored")


def _read(archive: Archive, segment: Segment) -> list[Link]:
    try:
        return unpacked(archive.read(segment.name))
    except MalformedError:
        return []  # which the walk tells as missing
