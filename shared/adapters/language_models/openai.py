"""Questions read by a model of OpenAI, or of any service that speaks its chat completions.

Reference: ``POST /v1/chat/completions`` of the OpenAI API, with a response format of type
``json_schema``; strict, it takes a part of JSON Schema in which every property is required.
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

DEFAULT_MODEL = "gpt-4o-mini"
BASE_URL = "https://api.openai.com/v1"


def openai_url(base_url: str) -> str:
    """Return the address of the call."""
    return f"{base_url}/chat/completions"


class OpenAi:
    """`shared.search.languagemodel.ports.LanguageModel` by one call a question."""

    def __init__(self, api: ModelApi, model: str) -> None:
        self._api, self._model = api, model
        self.name = api.name

    def read(self, text: str) -> ReadQuestion:
        """Return what ``text`` asks for.

        Raises:
            ExhaustedError: The account's quota is spent.
            UnavailableError: No answer in time, or not of the form.
            AppError: The model refused.
        """
        return read_question(self._text(self._api.post(_request(text, self._model))))

    def _text(self, answer: Mapping[str, Any]) -> str:
        try:
            content = answer["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError) as error:
            raise UnavailableError(f"{self.name} answered without a message") from error
        if not isinstance(content, str):  # null where the model refuses
            raise UnavailableError(f"{self.name} answered without text")
        return content


def _request(text: str, model: str) -> dict[str, Any]:
    form = {"name": "question", "strict": True, "schema": answer_schema()}
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": instructions()},
            {"role": "user", "content": as_data(text)},
        ],
        "temperature": TEMPERATURE,
        "max_completion_tokens": MOST_TOKENS,
        "response_format": {"type": "json_schema", "json_schema": form},
        "store": False,
    }
