"""Links as the API documents them, and reports of what they came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.catalog.links_health import LinkOutcome
from shared.catalog.links_templates import Device, template_ids
from shared.catalog.values import OfferType

if TYPE_CHECKING:
    from pydantic.config import JsonDict

_EXAMPLE: JsonDict = {
    "platform": "netflix",
    "deep_link_url": "https://www.netflix.com/title/60010514",
    "universal_link": "https://www.netflix.com/title/60010514",
    "tv_url": None,
    "web_fallback_url": "https://www.netflix.com/title/60010514",
    "leads_to": "title",
    "is_supported": True,
    "start_position_applied": False,
    "template": "netflix.provider",
    "availability": "subscription",
}


class DeepLinkAnswer(BaseModel):
    """How a title is opened on one platform.

    Attributes:
        deep_link_url: Opens the platform's app at the title.
        universal_link: The same by the address of a web page.
        tv_url: The same on a television.
        web_fallback_url: A page for every browser, always there.
        leads_to: What that page is of.
        is_supported: The device can open the title itself.
        start_position_applied: The link begins where it was asked to.
        template: What to name in a report of what the link came to.
        availability: The best terms.
    """

    model_config = ConfigDict(
        extra="forbid", defer_build=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    platform: str
    deep_link_url: str | None
    universal_link: str | None
    tv_url: str | None
    web_fallback_url: str
    leads_to: Literal["title", "platform"]
    is_supported: bool
    start_position_applied: bool
    template: str | None
    availability: OfferType


class LinkList(BaseModel):
    """Links by platform, best terms first."""

    model_config = ConfigDict(
        extra="forbid", defer_build=True, json_schema_extra={"examples": [{"items": [_EXAMPLE]}]}
    )

    items: list[DeepLinkAnswer]


def _known(template: str) -> str:
    if template not in template_ids():
        raise ValueError("no link is made by a template of this name")
    return template


TemplateName = Annotated[
    str,
    Field(max_length=100, json_schema_extra={"enum": sorted(template_ids())}),
    AfterValidator(_known),
]


class OutcomeReport(BaseModel):
    """What a link came to on a viewer's device.

    Attributes:
        report_id: Made by the client; a report that is sent twice counts once.
        template: As the answer with the link named it.
        device: On what it was opened.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "report_id": "7b1f6c1e-3c63-4f0a-9a55-0d8f5a4f2c11",
                    "template": "netflix.provider",
                    "device": "ios",
                    "outcome": "opened",
                }
            ]
        },
    )

    report_id: UUID
    template: TemplateName
    device: Device
    outcome: LinkOutcome


class OutcomeReceipt(BaseModel):
    """What became of a report.

    Attributes:
        counted: It is a vote on whether the template works: that of a viewer who is known, the
            first of its kind in the week.
    """

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        json_schema_extra={"examples": [{"status": "accepted", "counted": True}]},
    )

    status: Literal["accepted", "duplicate"]
    counted: bool
