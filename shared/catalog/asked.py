"""What may be asked of the catalogue, where no limit of a viewer's is among it."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.catalog.item import PlatformId, Region


class AvailabilityParameters(BaseModel):
    """Offers of which title, where, on which platform (none: all), and how sure at least."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    region: Region
    platform: PlatformId | None = None
    min_confidence: float = Field(default=0, ge=0, le=1)


class NoParameters(BaseModel):
    """Nothing to say."""

    model_config = ConfigDict(extra="forbid")
