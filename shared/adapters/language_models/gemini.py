"""Questions read by a Gemini model of Vertex AI, over its REST surface.

Reference: ``projects.locations.publishers.models.generateContent`` of the Vertex AI API, v1; the
form of the answer is a ``Schema``, a part of OpenAPI 3.0 in which null is a property of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.prompt import (
    MOST_TOKENS,
    TEMPERATURE,
    answer_schema,
    as_data,
    instructions,
)
from shared.search.languagemodel.question import ReadQuestion, read_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.adapters.language_models.calling import ModelApi

DEFAULT_MODEL = "gemini-2.5-flash-lite"


def gemini_url(base_url: str, *, project: str, location: str, model: str) -> str:
    """Return the address of a published model's call."""
    place = f"projects/{project}/locations/{location}"
    return f"{base_url}/v1/{place}/publishers/google/models/{model}:generateContent"


class Gemini:
    """`shared.search.languagemodel.ports.LanguageModel` by one call a question."""

    def __init__(self, api: ModelApi) -> None:
        self._api = api
        self.name = api.name

    def read(self, text: str) -> ReadQuestion:
        """Return what ``text`` asks for.

        Raises:
            ExhaustedError: The project's quota is spent.
            UnavailableError: No answer in time, or not of the form.
            AppError: The model refused.
        """
        return read_question(self._text(self._api.post(_request(text))))

    def _text(self, answer: Mapping[str, Any]) -> str:
        try:
            parts = answer["candidates"][0]["content"]["parts"]
            return "".join(part["text"] for part in parts if not part.get("thought"))
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise UnavailableError(f"{self.name} answered without text") from error


def _request(text: str) -> dict[str, Any]:
    return {
        "systemInstruction": {"parts": [{"text": instructions()}]},
        "contents": [{"role": "user", "parts": [{"text": as_data(text)}]}],
        "generationConfig": {
            "temperature": TEMPERATURE,
            "maxOutputTokens": MOST_TOKENS,
            "responseMimeType": "application/json",
            "responseSchema": _schema(answer_schema()),
        },
    }


def _schema(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON Schema of ours as a ``Schema``."""
    types = given["type"] if isinstance(given["type"], list) else [given["type"]]
    found: dict[str, Any] = {"type": types[0].upper()}
    if "null" in types:
        found["nullable"] = True
    if "enum" in given:
        found["enum"] = [value for value in given["enum"] if value is not None]
    if "items" in given:
        found["items"] = _schema(given["items"])
    if "properties" in given:
        properties = {name: _schema(each) for name, each in given["properties"].items()}
        found |= {"properties": properties, "propertyOrdering": list(properties)}
        found["required"] = given["required"]
    return found
