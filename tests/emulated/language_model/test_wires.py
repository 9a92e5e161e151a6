"""Both wires of the model: forms, answers, errors; Vertex AI's by its official client."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import grpc
import pytest
import pytest_asyncio
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from emulators.core.faults import Rule
from emulators.language_model.service import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.emulated.conftest import Emulator, ServeEmulator

QUESTION = "something funny like Fargo on hulu from the 90s"
KEY = {"Authorization": "Bearer any"}
YEAR = {"type": ["integer", "null"]}
PLATFORMS = {"type": "array", "items": {"type": "string", "enum": ["hulu", "netflix"]}}


def closed(**properties: object) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    required = list(properties)
    shape = {"type": "object", "properties": properties, "required": required}
    return {**shape, "additionalProperties": False}


FILTERS = closed(platforms=PLATFORMS, year_from=YEAR)
STRICT = closed(
    filters=FILTERS,
    mood={"type": "array", "items": {"type": "string"}},
    confidence={"type": "number"},
)


@dataclass(frozen=True)
class Model:
    """A running model, and a session to ask it with."""

    emulator: Emulator
    session: aiohttp.ClientSession

    async def send(
        self, method: str, path: str, body: object, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Return status and body of a call."""
        url = f"http://{self.emulator.address}{path}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def complete(self, schema: object = STRICT, **more: object) -> tuple[int, Any]:
        """Return status and body of a chat completion of `QUESTION`."""
        form = {"name": "question", "strict": True, "schema": schema}
        body = {
            "model": "small",
            "messages": [{"role": "user", "content": QUESTION}],
            "response_format": {"type": "json_schema", "json_schema": form},
            **more,
        }
        return await self.send("POST", "/v1/chat/completions", body, KEY)


@pytest_asyncio.fixture
async def model(serve_emulator: ServeEmulator) -> AsyncIterator[Model]:
    """One model, well behaved."""
    emulator = await serve_emulator(endpoint)
    async with aiohttp.ClientSession() as session:
        yield Model(emulator, session)


@pytest.fixture
def client(model: Model) -> Iterator[genai.Client]:
    """The official client of Vertex AI's models."""
    made = genai.Client(
        vertexai=True,
        project="media-gateway-local",
        location="us-central1",
        credentials=Credentials("local"),  # type: ignore[no-untyped-call]
        http_options=types.HttpOptions(base_url=f"http://{model.emulator.address}"),
    )
    yield made
    made.close()


async def test_the_official_client_gets_what_its_schema_asks_for(client: genai.Client) -> None:
    listed = types.Schema(type=types.Type.ARRAY, items=types.Schema(type=types.Type.STRING))
    form = types.Schema(
        type=types.Type.OBJECT,
        properties={
            "references": listed,
            "confidence": types.Schema(type=types.Type.NUMBER),
            "unheard_of": types.Schema(type=types.Type.STRING, nullable=True),
        },
    )
    answer = await asyncio.to_thread(
        client.models.generate_content,
        model="small",
        contents=QUESTION,
        config=types.GenerateContentConfig(
            response_mime_type="application/json", response_schema=form, temperature=0.3
        ),
    )

    read = {"references": ["Fargo"], "confidence": 0.9, "unheard_of": None}
    assert json.loads(answer.text or "") == read
    usage = answer.usage_metadata
    assert usage is not None
    assert (usage.prompt_token_count, usage.candidates_token_count) == (12, 16)


async def test_the_official_client_is_told_why_it_is_refused(
    model: Model, client: genai.Client
) -> None:
    spent = grpc.StatusCode.RESOURCE_EXHAUSTED
    model.emulator.context.faults.add(Rule("error", "language_model", status=spent, message="Slow"))

    with pytest.raises(errors.ClientError) as caught:
        await asyncio.to_thread(client.models.generate_content, model="small", contents=QUESTION)
    assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")


async def test_a_completion_fills_a_strict_schema(model: Model) -> None:
    status, answer = await model.complete()

    said = json.loads(answer["choices"][0]["message"]["content"])
    assert status == 200
    assert said == {
        "filters": {"platforms": ["hulu"], "year_from": 1990},
        "mood": ["funny"],
        "confidence": 0.9,
    }
    assert answer["choices"][0]["finish_reason"] == "stop"


async def test_a_schema_that_is_not_fit_for_strict_mode_is_refused(model: Model) -> None:
    unfit: dict[str, object] = {
        "schema: every property is to be required": {**STRICT, "additionalProperties": True},
        "schema.filters: every property is": closed(filters={**FILTERS, "required": []}),
        "schema.minProperties is not supported": {**STRICT, "minProperties": 1},
        "schema.type is none of": {"type": "poem"},
        "schema is no object": "poem",
    }
    for reason, schema in unfit.items():
        status, answer = await model.complete(schema)
        assert status == 400
        assert answer["error"]["message"].startswith(reason)


async def test_openai_asks_for_a_key_and_says_when_to_come_again(model: Model) -> None:
    status, refused = await model.send("POST", "/v1/chat/completions", {})
    assert (status, refused["error"]["type"]) == (401, "invalid_request_error")

    spent = grpc.StatusCode.RESOURCE_EXHAUSTED
    model.emulator.context.faults.add(Rule("error", "language_model", status=spent))
    status, refused = await model.complete()
    assert (status, refused["error"]["type"]) == (429, "rate_limit_exceeded")


async def test_it_misbehaves_for_as_long_as_it_is_told(model: Model) -> None:
    starts = {
        "broken_json": '{"filters": {"platforms"',
        "chatty": "Sure!",
        "other_form": '{"filters": "all',
        "obedient": '{"filters": {"platforms": ["netflix", "hulu", "hulu"]',
        "silent": "None",
    }
    for mode, start in starts.items():
        told = {"mode": mode, "remaining": 1}
        assert await model.send("PUT", "/_mg/behavior", told) == (200, told)
        (_, badly), (_, well) = await model.complete(), await model.complete()

        assert str(badly["choices"][0]["message"]["content"]).startswith(start)
        assert json.loads(well["choices"][0]["message"]["content"])["mood"] == ["funny"]


async def test_an_unknown_behavior_is_refused(model: Model) -> None:
    unknown: list[object] = [{"mode": "well", "remaining": 0}, {"mode": "drunk"}, {}, []]
    for told in unknown:
        status, _ = await model.send("PUT", "/_mg/behavior", told)
        assert status == 400


async def test_what_was_asked_can_be_looked_up(model: Model) -> None:
    await model.complete(
        messages=[{"role": "user", "content": '<question>\n"h\\u003ci"\n</question>'}]
    )
    await model.complete()
    _, seen = await model.send("GET", "/_mg/asked", None)
    assert seen == {"asked": ["h<i", QUESTION]}
