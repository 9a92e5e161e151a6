"""Titles on their way into retrieval: vectors where the text changed, points where anything did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from pydantic import BaseModel, ValidationError

from shared.catalog.quality import Completeness, quality
from shared.kernel.errors import InvalidInputError
from shared.kernel.events import Event
from shared.search.document import Document, datapoint, embedding_text, text_hash
from shared.search.ports import Datapoint, Embedder, Vector

FLOATS = np.dtype("<f4")
"""How a vector is kept: float32, little endian."""

SERIES_TYPES = frozenset({"series", "season"})


@dataclass(frozen=True)
class Entry:
    """A title with the state of its vector.

    Attributes:
        alive: Neither deleted nor merged into another.
        vector: None where there is none yet.
        vector_model: Model that made `vector`.
        vector_text_hash: Fingerprint of the text it was made from.
    """

    document: Document
    alive: bool
    completeness: Completeness
    checked_at: datetime
    vector: Vector | None
    vector_model: str | None
    vector_text_hash: str | None

    def needs_vector(self, model: str) -> bool:
        """Tell whether the text or the model is another than the vector's."""
        if not self.alive:
            return False
        made = (self.vector_model, self.vector_text_hash)
        return made != (model, text_hash(embedding_text(self.document)))


@dataclass(frozen=True)
class NewVector:
    """A vector to keep, with the fingerprint of its text."""

    text_hash: str
    vector: Vector


def new_vectors(entries: Sequence[Entry], embedder: Embedder) -> dict[UUID, NewVector]:
    """Return vectors for the titles whose text or model changed, embedded in one call."""
    stale = [entry for entry in entries if entry.needs_vector(embedder.model)]
    if not stale:
        return {}
    texts = [embedding_text(entry.document) for entry in stale]
    vectors = embedder.embed(texts, "document")
    return {
        entry.document.id: NewVector(text_hash(text), vector)
        for entry, text, vector in zip(stale, texts, vectors, strict=True)
    }


def qualities(entries: Sequence[Entry], now: datetime) -> dict[UUID, float]:
    """Return each living title's quality, 0 to 1."""
    return {
        entry.document.id: quality(
            entry.completeness,
            days_since_checked=max(0.0, (now - entry.checked_at).total_seconds() / 86_400),
        )
        for entry in entries
        if entry.alive
    }


class _Titles(BaseModel):
    content_ids: list[UUID]


def titles_of(event: Event) -> list[UUID]:
    """Return the titles an event speaks of.

    Raises:
        InvalidInputError: It names none, or something that is no id; no repetition mends that.
    """
    try:
        return _Titles.model_validate(event.data).content_ids
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, issue["loc"])) for issue in error.errors())
        raise InvalidInputError(f"{event.event_type} is not acceptable: {fields}") from None


def index_changes(
    entries: Sequence[Entry], asked: Sequence[UUID], model: str
) -> tuple[list[Datapoint], list[str]]:
    """Return the points to upsert and the ids to remove so that the index says what SQL says.

    Args:
        entries: What SQL says now about ``asked``; ids it does not know are removed.
        asked: Titles that may have changed.
        model: Model of this index; a vector of another is never put in, and its title is left as
            the index has it until `new_vectors` caught up.
    """
    known = {entry.document.id: entry for entry in entries}
    points = [
        datapoint(entry.document, entry.vector, model)
        for entry in entries
        if entry.alive and entry.vector is not None and entry.vector_model == model
    ]
    dead = [str(id_) for id_ in asked if id_ not in known or not known[id_].alive]
    return points, dead


def to_entry(row: Mapping[str, Any]) -> Entry:
    """Return the entry that a row of ``search_documents.sql`` says; vectors come as bytes."""
    images = row["images"] or []
    posters = [image["width"] for image in images if image["kind"] == "poster"]
    has_runtime = row["runtime_minutes"] is not None
    vector = row["vector"]
    return Entry(
        document=Document(
            id=UUID(row["id"]),
            title=row["title"],
            content_type=row["content_type"],
            release_year=row["release_year"],
            overview=row["overview"],
            genres=row["genres"] or [],
            themes=row["themes"] or [],
            people=row["people"] or [],
            offers=row["offers"] or [],
            average_rating=row["average_rating"],
            quality=row["quality_score"] or 0.0,
            maturity_rank=row["maturity_rank"],
        ),
        alive=row["alive"],
        completeness=Completeness(
            description_length=len(row["overview"] or ""),
            poster_width=max(posters, default=0),
            has_backdrop=any(image["kind"] == "backdrop" for image in images),
            has_year=row["release_year"] is not None,
            has_runtime=None if row["content_type"] in SERIES_TYPES else has_runtime,
            genres=len(row["genres"] or []),
            has_rating=row["average_rating"] is not None,
            vote_count=row["vote_count"],
            external_ids=row["external_ids"],
        ),
        checked_at=datetime.fromisoformat(row["checked_at"]),
        vector=None if vector is None else np.frombuffer(vector, FLOATS).astype(np.float32),
        vector_model=row["vector_model"],
        vector_text_hash=row["vector_text_hash"],
    )
