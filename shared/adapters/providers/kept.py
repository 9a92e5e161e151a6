"""Answers of providers that are used again for a while, kept beside the raw pages (spec §5.8).

One file a question below ``kept-answers/`` of the raw folder, so that all workers share them and
none is lost with Redis. A kept answer costs no call. Past its time it is never used as it is: where
the provider gave a validator (RFC 9110 §8.8) it is asked whether the answer still holds, else for
all of it. What cannot be read or written is asked for as if nothing were kept.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from shared.kernel.errors import MalformedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.adapters.raw_pages import RawFolder
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

FOLDER = "kept-answers"
REFUSED = "unreadable-answers"
MOST_KEPT = 1 << 20
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


@dataclass(frozen=True)
class Question:
    """One call.

    Attributes:
        call: Its kind, by which it is priced and kept.
    """

    call: str
    path: str
    query: Mapping[str, str]


WHOLE = {"title": "id", "title_with_sources": "id", "show": "id", "filters": "shows"}
"""What an answer must have to be used again, by kind of call: one that says it failed has not."""


@dataclass(frozen=True)
class Told:
    """What a provider told, and when.

    Attributes:
        at: When it was told, None just now.
    """

    answer: Mapping[str, Any]
    at: datetime | None = None


class KeptAnswer(BaseModel):
    """An answer as it lies in its file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    told_at: AwareDatetime
    answer: dict[str, Any]
    etag: str = ""
    last_modified: str = ""

    def validators(self) -> dict[str, str]:
        """Return the headers that it came with by which it can be told from another."""
        given = {"etag": self.etag, "last-modified": self.last_modified}
        return {name: value for name, value in given.items() if value}

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask whether the answer still holds; none without validators."""
        return {_CONDITIONS[name]: value for name, value in self.validators().items()}


@dataclass(frozen=True)
class KeptAnswers:
    """What one key of one provider was told.

    Attributes:
        folder: The raw folder.
        owner: Provider, its address, and the reference of the key.
        lasts: Seconds that an answer may be used, by kind of call; others are not kept.
        not_before: What was told earlier is not used at all, None where anything may be.
    """

    folder: RawFolder
    clock: Clock
    owner: tuple[str, str, str]
    lasts: Mapping[str, float] = field(default_factory=dict)
    not_before: datetime | None = None

    def read(self, question: Question) -> KeptAnswer | None:
        """Return what is kept of an earlier call, its time over or not; None where nothing is."""
        if not self.lasts.get(question.call):
            return None
        try:
            found = self.folder.read_json(self._place(question))
            kept = None if found is None else KeptAnswer.model_validate(found)
        except (MalformedError, UnavailableError, ValidationError) as error:
            self._lost(question, error)
            return None
        too_old = kept and self.not_before and kept.told_at < self.not_before
        return None if too_old else kept

    def holds(self, question: Question, kept: KeptAnswer) -> bool:
        """Tell whether an answer may be used as it is; one from a time to come may not."""
        age = self.clock.now() - kept.told_at
        return timedelta() <= age < timedelta(seconds=self.lasts[question.call])

    def keep(
        self, question: Question, answer: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        """Keep what was told just now, in the place of what was there; a failure is only logged.

        What is no whole answer to a call of its kind is not kept.

        Args:
            question: What was asked.
            answer: All of it.
            headers: It came with; its validators are kept, too.
        """
        if not self.lasts.get(question.call) or not answer.get(WHOLE.get(question.call, "id")):
            return
        kept = {
            "owner": self.owner[0],
            "path": question.path,
            "query": question.query,
            "told_at": self.clock.now(),
            "etag": headers.get("etag", ""),
            "last_modified": headers.get("last-modified", ""),
            "answer": answer,
        }
        try:
            self.folder.write_json(self._place(question), kept)
        except UnavailableError as error:
            self._lost(question, error)

    def set_aside(self, content: bytes) -> str:
        """Keep what nobody could read, the same once a day; return where, nothing if it cannot be.

        Args:
            content: An answer's body; what is beyond `MOST_KEPT` bytes is left out.
        """
        name = hashlib.sha256(content).hexdigest()[:32]
        place = f"{REFUSED}/{self.owner[0]}/{self.clock.now():%Y-%m-%d}/{name}.json.gz"
        said = {"bytes": len(content), "body": content[:MOST_KEPT].decode("utf-8", "replace")}
        try:
            self.folder.write_json(place, {"owner": self.owner[0], **said})
        except UnavailableError as error:
            self._lost(Question("", place, {}), error)
            return ""
        return place

    def _place(self, question: Question) -> str:
        asked = [*self.owner, question.path, sorted(question.query.items())]
        name = hashlib.sha256(orjson.dumps(asked)).hexdigest()
        return f"{FOLDER}/{self.owner[0]}/{name[:2]}/{name}.json.gz"

    def _lost(self, question: Question, error: Exception) -> None:
        told = {"provider": self.owner[0], "path": question.path, "detail": str(error)[:300]}
        logger.warning("kept_answer.lost", extra=told)
