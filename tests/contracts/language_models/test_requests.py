"""What is sent, held against the services' own descriptions of it, and who is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import orjson
import pytest
from google.cloud.aiplatform_v1.types import GenerateContentRequest
from google.protobuf import json_format

from emulators.language_model.service import endpoint
from shared.adapters.language_models import calling
from shared.adapters.language_models.calling import ModelApi
from shared.adapters.language_models.chosen import Chosen, chosen_readings
from shared.adapters.language_models.gemini import Gemini
from shared.adapters.language_models.openai import OpenAi
from shared.kernel.clock import FixedClock
from shared.kernel.errors import AppError, UnavailableError
from shared.search.languagemodel.race import Happened, Raced
from tests.contracts.providers.serving import served
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = "something gloomy about frozen towns"


def sent(
    read: type[Gemini | OpenAi], content: bytes = b"", status: int = 200
) -> tuple[httpx2.Request, Any, AppError]:
    """Return the request that a question makes, its body, and why it has no answer.

    Args:
        read: Who asks.
        content: Of the answer.
        status: Likewise.
    """
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(status, content=content)

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        headers = {"authorization": "Bearer key"}
        api = ModelApi("any", "http://127.0.0.1/model", lambda: headers, lambda: client)
        model = Gemini(api) if read is Gemini else OpenAi(api, "small")
        with pytest.raises(AppError) as caught:
            model.read(QUESTION)
    return seen[0], orjson.loads(seen[0].content), caught.value


def test_gemini_is_asked_in_the_words_of_its_own_messages() -> None:
    request, body, _ = sent(Gemini)

    message = GenerateContentRequest.pb(GenerateContentRequest())
    json_format.ParseDict(body, message)  # refuses a field that it does not know
    schema = message.generation_config.response_schema
    assert request.headers["authorization"] == "Bearer key"
    assert list(schema.property_ordering) == list(schema.required)
    assert schema.properties["filters"].properties["year_from"].nullable
    assert abs(message.generation_config.temperature - 0.3) < 1e-6
    assert QUESTION in message.contents[0].parts[0].text
    assert QUESTION not in message.system_instruction.parts[0].text


def test_openai_is_asked_for_a_strict_form_and_keeps_nothing() -> None:
    request, body, _ = sent(OpenAi)

    assert request.headers["authorization"] == "Bearer key"
    assert (body["model"], body["temperature"], body["store"]) == ("small", 0.3, False)
    assert body["response_format"]["json_schema"]["strict"]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert QUESTION in body["messages"][1]["content"]


@pytest.mark.parametrize("read", [Gemini, OpenAi])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"choices": [], "candidates": []}',
        b'{"choices": 1}',
        b'{"choices": [{"message": 1}], "candidates": [{"content": {"parts": ["x"]}}]}',
        b'{"candidates": [{"content": {"parts": [{"text": 7}]}}]}',
    ],
)
def test_an_envelope_that_holds_no_text_is_no_answer(
    read: type[Gemini | OpenAi], content: bytes
) -> None:
    _, _, error = sent(read, content)
    assert isinstance(error, UnavailableError)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"error": "full"}'])
def test_a_refusal_without_a_reason_is_one(content: bytes) -> None:
    _, _, error = sent(OpenAi, content, status=503)
    assert error.message == "any answered 503: without a reason"


def test_a_key_that_cannot_be_read_costs_the_reading_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[Happened] = []
    with surroundings("", tmp_path, monkeypatch):
        raced = chosen_readings(Chosen("openai"), FixedClock(), count=happened.append)
        assert raced is not None
        look = raced(QUESTION)
        raced._pool.shutdown()
        calling.close()
    assert look.pending
    assert happened == [Happened.MISS, Happened.FAILED]


def test_without_a_provider_nobody_is_asked() -> None:
    assert chosen_readings(Chosen(), FixedClock(), count=lambda _: None) is None


def test_a_chosen_model_reads_behind_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[Happened] = []
    with served(endpoint) as model, surroundings("", tmp_path, monkeypatch) as at:
        assert at.redis_url == ""
        chosen = Chosen("gemini", url=model.url, timeout_seconds=30)
        raced = chosen_readings(chosen, FixedClock(), count=happened.append)
        assert isinstance(raced, Raced)
        assert raced(QUESTION).pending
        raced._pool.shutdown()  # waits until the question was read
        calling.close()

        found = raced(QUESTION).reading
    assert found is not None
    assert found.mood == ("dark",)
    assert happened == [Happened.MISS, Happened.READ, Happened.HIT]
