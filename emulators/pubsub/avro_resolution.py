"""Whether a reader of one Avro schema can read what another one wrote.

Avro 1.11 specification, "Schema Resolution". What depends on the data there (a branch of the
writer's union, a symbol of its enum) has to hold for all data here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.pubsub.avro_types import (
    Bytes,
    Enum,
    Floating,
    Integer,
    Items,
    Record,
    String,
    Type,
    Union,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    Named: TypeAlias = Bytes | Enum | Record


def check_reads(reader: Type, writer: Type) -> None:
    """Accept two schemas of which one reads what the other writes.

    Raises:
        ValueError: It does not; the message names the field.
    """
    _Resolution().check(reader, writer, "the schema")


class _Resolution:
    def __init__(self) -> None:
        # Records may hold themselves: a pair that is being looked at is taken as good.
        self._seen: set[tuple[int, int]] = set()

    def check(self, reader: Type, writer: Type, place: str) -> None:
        if isinstance(writer, Union):
            for branch in writer.branches.values():
                self.check(reader, branch, place)
        elif isinstance(reader, Union):
            if not any(self._reads(b, writer, place) for b in reader.branches.values()):
                raise ValueError(f"{place} lost a type of its union")
        elif isinstance(reader, Record) and isinstance(writer, Record):
            self._check_record(reader, writer, place)
        elif isinstance(reader, Items) and isinstance(writer, Items) and _alike(reader, writer):
            self.check(reader.item, writer.item, f"an item of {place}")
        elif not _same_or_wider(reader, writer):
            raise ValueError(f"{place} has another type")

    def _reads(self, reader: Type, writer: Type, place: str) -> bool:
        before = set(self._seen)
        try:
            self.check(reader, writer, place)
        except ValueError:
            # What was taken as good on the way may not be.
            self._seen = before
            return False
        return True

    def _check_record(self, reader: Record, writer: Record, place: str) -> None:
        if not _named_alike(reader, writer):
            raise ValueError(f"{place} is a record of another name")
        if (id(reader), id(writer)) in self._seen:
            return
        self._seen.add((id(reader), id(writer)))
        for name, kind in reader.fields.items():
            known = (name, *reader.aliases[name])
            written = next((writer.fields[n] for n in known if n in writer.fields), None)
            if written is not None:
                self.check(kind, written, f"the field {name!r}")
            elif name not in reader.optional:
                raise ValueError(f"the field {name!r} is not in both and has no default")


def _alike(reader: Items, writer: Items) -> bool:
    return reader.keyed == writer.keyed


def _named_alike(reader: Named, writer: Named) -> bool:
    return writer.names[0] in reader.names


def _same_or_wider(reader: Type, writer: Type) -> bool:
    """Tell whether a primitive or named type is another's, or a promotion of it."""
    if isinstance(reader, Enum) and isinstance(writer, Enum):
        unknown = reader.default is None and set(writer.symbols) - set(reader.symbols)
        return _named_alike(reader, writer) and not unknown
    if isinstance(reader, Integer) and isinstance(writer, Integer):
        return reader.bits >= writer.bits
    if isinstance(reader, Floating):
        return isinstance(writer, Integer) or writer in {reader, Floating("<f")}
    if isinstance(reader, Bytes | String) and isinstance(writer, Bytes | String):
        return _same_or_wider_text(reader, writer)
    return reader == writer


def _same_or_wider_text(reader: Bytes | String, writer: Bytes | String) -> bool:
    if isinstance(reader, String) or isinstance(writer, String):
        # Text and bytes are read as each other; what has a size is neither.
        return all(isinstance(kind, String) or kind.size is None for kind in (reader, writer))
    return reader.size == writer.size and (not reader.names or _named_alike(reader, writer))
