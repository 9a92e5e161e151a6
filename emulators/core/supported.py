"""What becomes of every field of every request: used, without effect, or refused by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulators.core.methods import Proto


@dataclass(frozen=True)
class Fields:
    """The fields of one package's messages, by what becomes of them.

    Messages are named without the package; the fields of one are parted by blanks.

    Attributes:
        package: ``google.pubsub.v1.``, with its dot.
        used: Fields that make a difference to what happens or is answered.
        refused: Fields that are answered with an error that names them.
        without_effect: Fields that change nothing in production either, with the reason; ``name``
            of every message, or ``Message.name`` of one.
        why_refused: How the refusal is called in the tables.
    """

    package: str
    used: Mapping[str, str]
    refused: Mapping[str, str] = field(default_factory=dict)
    without_effect: Mapping[str, str] = field(default_factory=dict)
    why_refused: str = "UNIMPLEMENTED"

    def refuse(self, message: Proto) -> None:
        """Refuse a message with a field that is not supported.

        Raises:
            EmulatorError: UNIMPLEMENTED, naming it.
        """
        name = self.short(message.DESCRIPTOR)
        refused = self.refused.get(name, "").split()
        for said, _ in message.ListFields():
            if said.name in refused:
                raise errors.unimplemented(f"{name}.{said.name} is not supported here")

    def short(self, descriptor: Proto) -> str:
        """Return a message's name as the tables have it."""
        return str(descriptor.full_name).removeprefix(self.package)

    def is_used(self, message: str, name: str) -> bool:
        """Tell whether a field makes a difference."""
        return name in self.used.get(message, "").split()

    def is_refused(self, message: str, name: str) -> bool:
        """Tell whether a field is answered with an error."""
        return name in self.refused.get(message, "").split()

    def reason(self, message: str, name: str) -> str | None:
        """Return why a field is without effect; None where it is not."""
        return self.without_effect.get(f"{message}.{name}", self.without_effect.get(name))

    def of_request(self, descriptor: Proto, seen: set[str]) -> Iterator[tuple[str, str]]:
        """Yield message and name of every field of a request and of what it holds.

        What only a field that is not used could hold is left out, as are entries of maps and
        messages of other packages.

        Args:
            descriptor: Of the request.
            seen: Messages that were told before; those told now are added.
        """
        name = self.short(descriptor)
        if not descriptor.full_name.startswith(self.package) or name in seen:
            return
        is_entry = descriptor.GetOptions().map_entry
        seen.add(name)
        for each in descriptor.fields:
            # Python's clients write type_ where the service says type.
            known = str(each.name).rstrip("_")
            if not is_entry:
                yield name, known
            if each.message_type is not None and (is_entry or self.is_used(name, known)):
                yield from self.of_request(each.message_type, seen)
