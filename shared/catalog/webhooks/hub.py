"""YouTube's notices, pushed by a hub (WebSub, W3C Recommendation of 23 January 2018).

The hub proves that it knows our secret by an HMAC over the body (§7.1); it signs no time, so a feed
can be sent again, which changes nothing: its entries are known by their own times.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from xml.parsers import expat

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.catalog.webhooks.notice import Kind, Notice, check, key_of
from shared.catalog.webhooks.receiving import Delivery, Receiver, Source, Taken
from shared.catalog.webhooks.registration import HUB_PLATFORM
from shared.catalog.webhooks.signing import SignatureInvalidError, SignatureMissingError
from shared.kernel.errors import InvalidInputError, MalformedError

SIGNATURE = "x-hub-signature"
HUB_SIGNED = {"X-Hub-Signature": "^(sha1|sha256|sha384|sha512)=[0-9A-Fa-f]{40,128}$"}
"""What the hub's request must carry."""
MOST_ENTRIES = 50
DEEPEST = 32
"""Levels of a feed; Atom needs four."""
FRESH = timedelta(hours=1)
"""An entry that was updated later than this after it came out is an update."""
_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9A-Fa-f]{40,128})")
_ATOM = "http://www.w3.org/2005/Atom"
_YOUTUBE = "http://www.youtube.com/xml/schemas/2015"
_TOMBSTONE = "http://purl.org/atompub/tombstones/1.0"
_ENTRY, _DELETED = f"{_ATOM} entry", f"{_TOMBSTONE} deleted-entry"
_FIELDS = {
    f"{_YOUTUBE} videoId": "video",
    f"{_ATOM} title": "title",
    f"{_ATOM} published": "published",
    f"{_ATOM} updated": "updated",
}
_VIDEO = "yt:video:"


class Challenge(BaseModel):
    """What a hub asks before it subscribes us, or says that it does not (WebSub §5.2, §5.3)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mode: Literal["subscribe", "unsubscribe", "denied"] = Field(alias="hub.mode")
    topic: str = Field(alias="hub.topic", max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")
    challenge: str = Field(default="", alias="hub.challenge", max_length=1024)
    lease_seconds: int | None = Field(default=None, alias="hub.lease_seconds", ge=1, le=31_536_000)
    reason: str = Field(default="", alias="hub.reason", max_length=500)


def receive_feed(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> list[Taken]:
    """Take a feed that the hub pushed, each entry once; errors as of `Receiver.receive`."""

    def read(source: Source) -> list[Delivery]:
        verify_hub(headers, body, secrets=[receiver.secret(one) for one in source.secret_refs])
        now = receiver.clock.now()
        return receiver.believed(
            HUB_PLATFORM,
            body,
            lambda: [_delivery(notice, said, body, now) for notice, said in read_feed(body)],
        )

    return receiver.judged(HUB_PLATFORM, body, read)


def verify_hub(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str]) -> None:
    """Return where the hub knew one of our live secrets.

    Raises:
        SignatureMissingError: There is no signature.
        SignatureInvalidError: It is of another secret or body.
    """
    given = headers.get(SIGNATURE, "")
    if not given:
        raise SignatureMissingError(f"the request has no {SIGNATURE}")
    found = _SIGNATURE.fullmatch(given)
    method, claimed = (found[1], found[2].lower()) if found else ("sha256", "")
    digests = [
        hmac.new(one.encode(), body, getattr(hashlib, method)).hexdigest() for one in secrets
    ]
    fitting = [hmac.compare_digest(digest, claimed) for digest in digests]
    if not any(fitting):
        raise SignatureInvalidError("the hub's signature is not good")


def read_feed(body: bytes) -> list[tuple[Notice, dict[str, Any]]]:
    """Return the notices of an Atom feed, each with what its key is made of.

    Raises:
        MalformedError: The body is no XML, has a document type, or nests too deep.
        InvalidInputError: It has too many entries, or one that lacks what a notice needs.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise MalformedError(f"the feed is not XML: {error}") from None
    return [_notice(entry) for entry in reader.entries]


class _Reader:
    """Collects entries; anything that could be expanded ends the reading."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []
        self._path: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    @staticmethod
    def _refuse(*_: object) -> None:
        raise MalformedError("the feed has a document type; none is read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise MalformedError(f"the feed has more than {DEEPEST} levels")
        if len(self._path) == 2 and name in {_ENTRY, _DELETED}:  # noqa: PLR2004 - below the root
            if len(self.entries) == MOST_ENTRIES:
                raise InvalidInputError(f"the feed has more than {MOST_ENTRIES} entries")
            self.entries.append({})
        if name == _DELETED and len(self._path) == 2:  # noqa: PLR2004 - likewise
            gone = attributes.get("ref", "").removeprefix(_VIDEO)
            self.entries[-1] |= {
                "gone": "yes",
                "video": gone,
                "updated": attributes.get("when", ""),
            }

    def _end(self, _name: str) -> None:
        self._path.pop()

    def _text(self, text: str) -> None:
        field = _FIELDS.get(self._path[-1])
        inside = len(self._path) == 3 and self._path[1] == _ENTRY  # noqa: PLR2004 - of an entry
        if field and inside:
            self.entries[-1][field] = self.entries[-1].get(field, "") + text


def _notice(entry: Mapping[str, str]) -> tuple[Notice, dict[str, Any]]:
    payload: dict[str, Any] = {"content_id": entry.get("video", "").strip()}
    if title := entry.get("title", "").strip():
        payload["title"] = title
    updated = entry.get("updated", "").strip()
    said = {
        "event_type": _kind(entry, updated),
        "platform": HUB_PLATFORM,
        "timestamp": updated,
        "payload": payload,
    }
    try:
        notice = Notice.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInputError(f"an entry lacks what a notice needs: {where}") from None
    # The hub signs no time: the entry's own tells a later change from the same one again.
    return notice, {**said, "payload": {**payload, "updated": updated}}


def _kind(entry: Mapping[str, str], updated: str) -> str:
    if "gone" in entry:
        return Kind.REMOVED.value
    try:
        since = datetime.fromisoformat(updated) - datetime.fromisoformat(entry["published"].strip())
    except (KeyError, ValueError, TypeError):
        return Kind.ADDED.value
    return Kind.UPDATED.value if since > FRESH else Kind.ADDED.value


def _delivery(notice: Notice, said: dict[str, Any], body: bytes, now: datetime) -> Delivery:
    check(notice, platform=HUB_PLATFORM, now=now)
    return Delivery(notice, key_of(notice, said), body, now)
