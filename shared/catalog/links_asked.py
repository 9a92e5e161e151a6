"""What may be asked of the links of a title."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.catalog.item import PlatformId, Region
from shared.catalog.links_templates import Device


class LinkParameters(BaseModel):
    """For which device, in which region (none: any).

    Attributes:
        apps: Platforms whose app the device has; none where nobody knows.
    """

    model_config = ConfigDict(extra="forbid")

    region: Region | None = None
    device: Device = Device.WEB
    apps: tuple[PlatformId, ...] = Field(default=(), max_length=50)
    start_position_seconds: int = Field(default=0, ge=0, le=86_400)


class TitleLinks(LinkParameters):
    """Links of which title, on which platform (none: all)."""

    id: UUID
    platform: PlatformId | None = None


class PlatformLink(LinkParameters):
    """The link of which title on which platform."""

    content_id: UUID
    platform: PlatformId
