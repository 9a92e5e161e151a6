"""Texts as vectors by Vertex AI's text embedding models, over the REST surface.

Reference: ``projects.locations.publishers.models.predict`` of the Vertex AI API, v1, with the
instances of ``text-embedding-005``. A request takes at most 250 texts and 20,000 tokens, a text at
most 2,048 tokens; what is longer is cut by the service. Nothing is repeated here: the error's kind
says whether repeating helps, and the steps that embed are repeated as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import orjson

from shared.adapters.refusals import refusal
from shared.kernel.errors import UnavailableError
from shared.kernel.vectors import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import httpx2

Vectors = npt.NDArray[np.float32]
Kind = Literal["query", "document"]

BATCH_TEXTS: Final = 100
BATCH_TOKENS: Final = 20_000
TEXT_TOKENS: Final = 2_048
BYTES_PER_TOKEN: Final = 3  # on the safe side: English has about 4, Chinese 3
BLANK: Final = "untitled"  # the service refuses a text without content
TASKS: Final[dict[Kind, str]] = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}


@dataclass(frozen=True)
class VertexModel:
    """Which published model answers, and where.

    Attributes:
        base_url: Address of the service, ``https://us-central1-aiplatform.googleapis.com``.
        project: Google Cloud project id.
        location: Region, ``us-central1``.
        name: The published model; its name carries its version.
        dimension: Numbers asked for; a shorter vector is the start of the longer one.
    """

    base_url: str
    project: str
    location: str
    name: str = "text-embedding-005"
    dimension: int = 768

    @property
    def url(self) -> str:
        """Address of the model's predict method."""
        place = f"projects/{self.project}/locations/{self.location}"
        return f"{self.base_url}/v1/{place}/publishers/google/models/{self.name}:predict"


class VertexEmbedder:
    """`shared.search.ports.Embedder` by a model of Vertex AI: one request per 100 texts."""

    def __init__(
        self, model: VertexModel, client: httpx2.Client, token: Callable[[], str] | None
    ) -> None:
        """Use a client whose timeout is the caller's.

        Args:
            model: Which model, and where.
            client: Made and closed by the caller.
            token: Gives a valid access token for each request; None where none is asked for.
        """
        self.model = f"{model.name}@{model.dimension}"
        self.dimension = model.dimension
        self._url = model.url
        self._client = client
        self._token = token

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return one vector of unit length per text, in the order of the texts.

        A text without words has a vector too, the one of a fixed word.

        Args:
            texts: Any number, any language.
            kind: Queries and documents are embedded differently, into one space.

        Returns:
            Shape ``(len(texts), dimension)``, float32.

        Raises:
            UnavailableError: The service did not answer, or not with vectors.
            ExhaustedError: The project's quota is spent.
            AppError: The service refused; the kind follows from its status.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows in _batches(texts):
            vectors[rows] = self._predict(texts[rows], kind)
        return _unit(vectors)

    def _predict(self, texts: Sequence[str], kind: Kind) -> Vectors:
        instances = [{"content": _content(text), "task_type": TASKS[kind]} for text in texts]
        parameters = {"outputDimensionality": self.dimension, "autoTruncate": True}
        answer = self._post({"instances": instances, "parameters": parameters})
        try:
            predictions = orjson.loads(answer)["predictions"]
            values = [prediction["embeddings"]["values"] for prediction in predictions]
            vectors = np.array(values, dtype=np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise UnavailableError(f"{self.model} answered without vectors: {error!r}") from error
        if vectors.shape != (len(texts), self.dimension):
            raise UnavailableError(
                f"{self.model} answered with shape {vectors.shape} for {len(texts)} texts"
            )
        return vectors

    def _post(self, body: dict[str, Any]) -> bytes:
        import httpx2  # noqa: PLC0415 - 60 ms, and the client's maker has paid them

        headers = {"content-type": "application/json"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token()}"
        try:
            answer = self._client.post(self._url, content=orjson.dumps(body), headers=headers)
        except httpx2.HTTPError as error:
            raise UnavailableError(f"{self.model} did not answer: {error!r}") from error
        if answer.is_success:
            return answer.content
        raise refusal(answer, f"{self.model} answered {answer.status_code}: {answer.text[:300]}")


def _content(text: str) -> str:
    # Half of a surrogate pair, which JSON can carry, cannot be sent: it becomes "?".
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if clean.strip() else BLANK


def _batches(texts: Sequence[str]) -> Iterator[slice]:
    """Cut the texts into runs that one request may carry, by an estimate of their tokens."""
    start, tokens = 0, 0
    for row, text in enumerate(texts):
        size = min(len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1, TEXT_TOKENS)
        if row - start == BATCH_TEXTS or tokens + size > BATCH_TOKENS:
            yield slice(start, row)
            start, tokens = row, 0
        tokens += size
    if start < len(texts):
        yield slice(start, len(texts))


def _unit(vectors: Vectors) -> Vectors:
    """Scale each row to length 1; a row of zeros, which has no direction, gets the first axis."""
    vectors[~vectors.any(axis=1), 0] = 1
    return normalize(vectors)
