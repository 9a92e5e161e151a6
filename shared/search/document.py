"""A title as retrieval sees it: the text that is embedded, and the point in the vector index."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.search.maturity import RESTRICTED
from shared.search.ports import Datapoint, Vector

PEOPLE_IN_TEXT = 5
MODEL = "model"
"""Namespace of the model that made a point's vector: what two made is never compared."""


@dataclass(frozen=True)
class Document:
    """What there is to say about a title.

    Attributes:
        offers: ``platform:REGION`` tokens of what can be watched now.
        people: Directors and actors, most important first.
    """

    id: UUID
    title: str
    content_type: str
    release_year: int | None
    overview: str | None
    genres: Sequence[str]
    themes: Sequence[str]
    people: Sequence[str]
    offers: Sequence[str]
    average_rating: float | None
    quality: float
    maturity_rank: int | None = None


def embedding_text(document: Document) -> str:
    """Return ``title (year) | type | genres | themes | people | overview``."""
    year = f" ({document.release_year})" if document.release_year else ""
    parts = [
        f"{document.title}{year}",
        document.content_type,
        ", ".join(document.genres),
        ", ".join(document.themes),
        ", ".join(document.people[:PEOPLE_IN_TEXT]),
        document.overview or "",
    ]
    return " | ".join(part for part in parts if part)


def text_hash(text: str) -> str:
    """Return the fingerprint by which a change of the embedded text is known, 32 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def datapoint(document: Document, vector: Vector, model: str) -> Datapoint:
    """Return the point for the index: restricts carry what filters ask for, and whose vector it is.

    Args:
        document: The title.
        vector: Its vector.
        model: What made the vector.
    """
    platforms = sorted({offer.partition(":")[0] for offer in document.offers})
    regions = sorted({offer.partition(":")[2] for offer in document.offers})
    rank = document.maturity_rank
    numbers = {"quality": round(document.quality * 1000)}
    if document.release_year is not None:
        numbers["year"] = document.release_year
    if document.average_rating is not None:
        numbers["rating"] = round(document.average_rating * 10)
    return Datapoint(
        id=str(document.id),
        vector=vector,
        restricts={
            "genre": list(document.genres),
            "type": [document.content_type],
            "platform": platforms,
            "region": regions,
            "platform_region": sorted(set(document.offers)),
            "maturity": [str(RESTRICTED if rank is None else rank)],
            MODEL: [model],
        },
        numbers=numbers,
    )
