"""An answer without what belongs to one request alone: its id, and how long it took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import orjson

OWN = ("search_id", "search_time_ms")
"""What is made anew for every request."""
PENDING = "pending"
"""Says beside an answer whether a language model still reads its question."""
IMPRESSIONS = 10
"""Titles that an analytics event names as shown (spec/discovery §4)."""
_CUT = b"\n"
"""Between the head and the rest: JSON as we write it has no line breaks."""


@dataclass(frozen=True)
class Parts:
    """What everybody who asks the same is answered.

    Attributes:
        body: A JSON object without the fields of `OWN`.
        total: How many titles passed.
        shown: Ids of the first results.
        degraded: What did not answer; such an answer is not kept.
        filtered: Filters hold, asked for or read from the words.
        pending: A language model still reads the question: a better answer may follow soon.
    """

    body: bytes
    total: int
    shown: tuple[str, ...]
    degraded: tuple[str, ...]
    filtered: bool
    pending: bool = False

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """Return the parts of what `shared.search.answer.search_answer` made."""
        common = {name: value for name, value in answer.items() if name not in {*OWN, PENDING}}
        results = answer["results"][:IMPRESSIONS]
        return cls(
            body=orjson.dumps(common),
            total=answer["total_count"],
            shown=tuple(str(each["content"]["id"]) for each in results),
            degraded=tuple(answer["degraded"]),
            filtered=bool(answer["query_parsed"]["filters"]),
            pending=bool(answer.get(PENDING)),
        )

    def packed(self) -> bytes:
        """Return them as one value."""
        head = {"total": self.total, "shown": self.shown, "filtered": self.filtered}
        return orjson.dumps(head) + _CUT + self.body

    @classmethod
    def unpacked(cls, value: bytes) -> Self | None:
        """Return what `packed` made; None of anything else."""
        head, _, body = value.partition(_CUT)
        try:
            said = orjson.loads(head)
            total, shown, filtered = said["total"], tuple(said["shown"]), said["filtered"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return None
        whole = body.startswith(b"{") and body.endswith(b"}")
        return cls(body, total, shown, (), filtered) if whole else None

    def answered(self, search_id: UUID, milliseconds: float, **more: str) -> bytes:
        """Return the whole answer to one request, as JSON.

        Args:
            search_id: The request's own.
            milliseconds: How long it took.
            more: What else is the request's own.
        """
        own = {"search_id": search_id, "search_time_ms": round(milliseconds, 1), **more}
        return orjson.dumps(own)[:-1] + b"," + self.body[1:]
