"""What a platform tells: that a title came, changed or went (spec/ingestion §4.4)."""

import hashlib
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from shared.catalog.item import PlatformId, Region
from shared.catalog.texts import country
from shared.catalog.values import ContentType
from shared.catalog.webhooks.signing import WINDOW
from shared.kernel.errors import FieldIssue, InvalidInputError, MalformedError

LONGEST_KEY = 200
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Kind(StrEnum):
    """What happened to a title on its platform."""

    ADDED = "content_added"
    UPDATED = "content_updated"
    REMOVED = "content_removed"


def _region(given: object) -> object:
    return (country(given) or given) if isinstance(given, str) else given


def _type(given: object) -> object:
    known = isinstance(given, str) and given.lower() in set(ContentType)
    return given.lower() if known and isinstance(given, str) else ContentType.UNKNOWN.value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is outside the years 1 to 9999") from None


def _printable(given: str) -> str:
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in given):  # noqa: PLR2004 - C0 and DEL
        raise ValueError("has a control character")
    return given


Listing = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printable)]


class Payload(BaseModel):
    """The title, by the platform's own id; a field we do not know is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    content_id: Listing
    title: str | None = Field(default=None, min_length=1, max_length=500)
    content_type: Annotated[ContentType, BeforeValidator(_type)] = ContentType.UNKNOWN
    regions: tuple[Annotated[Region, BeforeValidator(_region)], ...] = Field(
        default=(), max_length=250
    )
    overview: str | None = Field(default=None, max_length=20_000)
    year: int | None = Field(default=None, ge=1870, le=2100)
    runtime: int | None = Field(default=None, gt=0, le=6000)


class Notice(BaseModel):
    """One notice, as its body says it.

    Attributes:
        timestamp: When it happened, by the platform's clock; a later one wins over an earlier.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_type: Kind
    platform: PlatformId
    timestamp: Annotated[AwareDatetime, AfterValidator(_in_utc)]
    payload: Payload


def read_notice(body: bytes) -> tuple[Notice, dict[str, Any]]:
    """Return a notice and the JSON object that it was read from.

    Raises:
        MalformedError: The body is no JSON object.
        InvalidInputError: Naming every field that is not acceptable.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"the body is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise MalformedError("the body is no JSON object")
    try:
        return Notice.model_validate(said), said
    except ValidationError as error:
        raise InvalidInputError("the notice is not acceptable", issues=_issues(error)) from None


def _issues(error: ValidationError) -> list[FieldIssue]:
    return [
        FieldIssue(".".join(map(str, e["loc"])) or "body", e["type"].replace("_", "-"), e["msg"])
        for e in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def check(notice: Notice, *, platform: str, now: datetime) -> None:
    """Return where a notice belongs to the path it came by and does not speak of the future.

    Raises:
        InvalidInputError: Naming the field.
    """
    if notice.platform != platform:
        message = f"is {notice.platform!r}, the path says {platform!r}"
        issue = FieldIssue("platform", "mismatch", message)
        raise InvalidInputError("the notice is of another platform", issues=[issue])
    if notice.timestamp - now > WINDOW:
        # A later notice wins: one from the future would silence the platform until then.
        issue = FieldIssue("timestamp", "future", f"is more than {WINDOW.seconds} s ahead")
        raise InvalidInputError("the notice is of the future", issues=[issue])


def key_of(notice: Notice, said: dict[str, Any], idempotency_key: str = "") -> bytes:
    """Return what two deliveries of one notice share: a SHA-256 (spec/ingestion §5.10).

    Args:
        notice: As read.
        said: The object it was read from; its payload counts whole, whatever the order of keys.
        idempotency_key: The sender's own name for it, which then counts instead of the payload.

    Raises:
        MalformedError: The idempotency key is not printable ASCII, or longer than 200 characters.
    """
    if idempotency_key:
        if _KEY.fullmatch(idempotency_key) is None:
            raise MalformedError(f"x-idempotency-key is not 1 to {LONGEST_KEY} printable letters")
        parts = [notice.platform.encode(), b"key", idempotency_key.encode()]
    else:
        canonical = orjson.dumps(said["payload"], option=orjson.OPT_SORT_KEYS)
        parts = [notice.platform.encode(), notice.event_type.encode(), canonical]
    # No platform and no type has this character, so parts cannot run into each other.
    return hashlib.sha256(b"\x1f".join(parts)).digest()
