"""What links of a title are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.links import LinkedOffer
from shared.catalog.links_health import is_probed
from shared.catalog.links_templates import Device
from shared.catalog.values import ContentType, OfferType
from shared.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy import Engine

OFFERS = statement(__file__, "offers")


@dataclass(frozen=True)
class LinkedTitle:
    """A title and where it can be watched.

    Attributes:
        id: Of what the asked title became.
        maturity_rank: None where nobody rated it.
        offers: By platform, best terms first.
        quarantined: Templates that stopped working, by kind of device.
        day: Today, by which probes are drawn.
    """

    id: str
    content_type: ContentType
    maturity_rank: int | None
    genres: frozenset[str]
    offers: Mapping[str, Sequence[LinkedOffer]]
    quarantined: frozenset[tuple[str, Device]]
    day: date

    def is_out(self, template: str, device: Device) -> bool:
        """Tell whether a template is passed over for this title today."""
        if (template, device) not in self.quarantined:
            return False
        return not is_probed(template, device, self.id, self.day)


class SqlLinkedTitles:
    """Titles as links need them; one statement a call."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def title(
        self, content_id: UUID, *, region: str | None, platform: str | None, device: Device
    ) -> LinkedTitle:
        """Return a title with its live offers.

        Raises:
            ContentNotFoundError: There is no such title.
        """
        now = self._clock.now()
        place = {"region": region, "platform": platform, "device": device.value}
        given = {"id": content_id, "now": now, **place}
        rows = read(OFFERS(), given, what="links", engine=self._engine)
        if not rows:
            raise ContentNotFoundError(f"there is no title {content_id}")
        offers: dict[str, list[LinkedOffer]] = {}
        for said in orjson.loads(rows[0].offers):
            name = said.pop("platform")
            offers.setdefault(name, []).append(
                LinkedOffer(**{**said, "type": OfferType(said["type"])})
            )
        out = orjson.loads(rows[0].quarantined)
        return LinkedTitle(
            id=rows[0].id,
            content_type=ContentType(rows[0].content_type),
            maturity_rank=rows[0].maturity_rank,
            genres=frozenset(rows[0].genres),
            offers=offers,
            quarantined=frozenset((template, Device(on)) for template, on in out),
            day=now.date(),
        )
