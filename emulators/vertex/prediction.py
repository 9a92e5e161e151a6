"""Text embedding models, on plain JSON values."""

from __future__ import annotations

import re
from typing import Any

from emulators.core.errors import invalid_argument, not_found
from emulators.vertex.embedding import DIMENSIONS, MAX_TOKENS, count_tokens, embed

MODELS = frozenset({"text-embedding-005"})
MAX_INSTANCES = 250
MAX_REQUEST_TOKENS = 20_000

_MODEL = re.compile(r"projects/[^/]+/locations/[^/]+/publishers/google/models/([^/@]+)(?:@[^/]+)?")
_TASKS = frozenset(
    {
        "RETRIEVAL_QUERY",
        "RETRIEVAL_DOCUMENT",
        "SEMANTIC_SIMILARITY",
        "CLASSIFICATION",
        "CLUSTERING",
        "QUESTION_ANSWERING",
        "FACT_VERIFICATION",
        "CODE_RETRIEVAL_QUERY",
    }
)


def predict(endpoint: str, instances: list[Any], parameters: object) -> dict[str, Any]:
    """Embed the text of each instance.

    Args:
        endpoint: ``projects/P/locations/L/publishers/google/models/M``.
        instances: ``{content, task_type?, title?}`` each.
        parameters: ``{outputDimensionality?, autoTruncate?}`` or None.

    Returns:
        ``predictions``, one per instance, and ``metadata``, as PredictResponse has them.

    Raises:
        EmulatorError: NOT_FOUND for an unknown model, INVALID_ARGUMENT for a bad instance.
    """
    found = _MODEL.fullmatch(endpoint)
    if not found or found[1] not in MODELS:
        raise not_found(f"Publisher Model `{endpoint}` was not found.")
    dimensions, truncate = _parameters(parameters)
    texts = _texts(instances)
    counts = [count_tokens(text) for text in texts]
    _check_tokens(counts, truncate)
    return {
        "predictions": [_prediction(text, dimensions) for text in texts],
        "metadata": {"billableCharacterCount": sum(len("".join(text.split())) for text in texts)},
    }


def _prediction(text: str, dimensions: int) -> dict[str, Any]:
    found = embed(text, dimensions=dimensions)
    statistics = {"token_count": found.token_count, "truncated": found.truncated}
    return {"embeddings": {"values": found.values.tolist(), "statistics": statistics}}


def _parameters(parameters: object) -> tuple[int, bool]:
    if parameters is None:
        return DIMENSIONS, True
    if not isinstance(parameters, dict):
        raise invalid_argument("parameters must be an object")
    dimensions = parameters.get("outputDimensionality", DIMENSIONS)
    truncate = parameters.get("autoTruncate", True)
    whole = isinstance(dimensions, (int, float)) and not isinstance(dimensions, bool)
    if not whole or dimensions != int(dimensions) or not 1 <= dimensions <= DIMENSIONS:
        raise invalid_argument(f"outputDimensionality must be an integer from 1 to {DIMENSIONS}")
    if not isinstance(truncate, bool):
        raise invalid_argument("autoTruncate must be a boolean")
    return int(dimensions), truncate


def _texts(instances: list[Any]) -> list[str]:
    if not 1 <= len(instances) <= MAX_INSTANCES:
        raise invalid_argument(f"{len(instances)} instances; from 1 to {MAX_INSTANCES} are allowed")
    return [_text(instance, place) for place, instance in enumerate(instances)]


def _text(instance: object, place: int) -> str:
    if not isinstance(instance, dict) or not isinstance(instance.get("content"), str):
        raise invalid_argument(f"instances[{place}].content must be a string")
    if not instance["content"].strip():
        raise invalid_argument(f"instances[{place}].content is empty")
    task = instance.get("task_type") or instance.get("taskType") or ""
    if task and task not in _TASKS:
        raise invalid_argument(f"instances[{place}].task_type: {task!r} is unknown")
    title = instance.get("title") or ""
    if title and task != "RETRIEVAL_DOCUMENT":
        raise invalid_argument(f"instances[{place}].title needs task_type RETRIEVAL_DOCUMENT")
    return f"{title} {instance['content']}" if title else str(instance["content"])


def _check_tokens(counts: list[int], truncate: bool) -> None:
    if not truncate and max(counts) > MAX_TOKENS:
        raise invalid_argument(f"a text has {max(counts)} tokens; {MAX_TOKENS} are allowed")
    total = sum(min(count, MAX_TOKENS) for count in counts)
    if total > MAX_REQUEST_TOKENS:
        raise invalid_argument(f"the texts have {total} tokens; {MAX_REQUEST_TOKENS} are allowed")
