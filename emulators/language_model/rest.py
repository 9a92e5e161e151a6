"""Two wires over one model: Vertex AI's ``generateContent`` and OpenAI's chat completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from emulators.core import errors
from emulators.language_model.schemas import openapi_form, strict_form
from emulators.language_model.store import Mode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulators.core.context import Context
    from emulators.core.faults import Faults
    from emulators.language_model.store import Store

NAME: Final = "language_model"
GENERATE, COMPLETE = "GenerateContent", "CreateChatCompletion"
_MODEL: Final = (
    "/{version:v1|v1beta1}/projects/{project}/locations/{location}/publishers/google/models/"
    "{model}:generateContent"
)
_OPENAI_TYPES: Final = {401: "invalid_request_error", 429: "rate_limit_exceeded"}
_BYTES_A_TOKEN: Final = 4

Json = dict[str, Any]


class Wires:
    """Handlers of both services, and of the calls that make the model misbehave."""

    def __init__(self, store: Store, context: Context) -> None:
        self._store = store
        self._faults: Faults = context.faults
        self._clock = context.clock

    def routes(self) -> list[web.RouteDef]:
        """Return every route."""
        return [
            web.post(_MODEL, self._handler(GENERATE, self._generate, _google_error)),
            web.post(
                "/v1/chat/completions", self._handler(COMPLETE, self._complete, _openai_error)
            ),
            web.put("/_mg/behavior", self._behave),
            web.get("/_mg/asked", self._asked),
        ]

    def _handler(
        self,
        method: str,
        answer: Callable[[web.Request, Json], Json],
        refused: Callable[[errors.EmulatorError], web.Response],
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        self._faults.know(NAME, {method: "http"})

        async def handle(request: web.Request) -> web.Response:
            try:
                await self._faults.before(NAME, method)
                body = answer(request, _parsed(await request.read()))
                await self._faults.after(NAME, method)
            except errors.EmulatorError as error:
                return refused(error)
            return _json(200, body)

        return handle

    def _generate(self, request: web.Request, body: Json) -> Json:
        config = body.get("generationConfig", {})
        schema = config.get("responseSchema")
        if schema is not None and config.get("responseMimeType") != "application/json":
            raise errors.invalid_argument("responseSchema needs the MIME type application/json")
        prompt = "".join(p.get("text", "") for p in _last(body, "contents").get("parts", ()))
        text = self._store.answer(prompt, None if schema is None else openapi_form(schema))
        parts = {"candidates": [_candidate(text)]}
        usage = {"promptTokenCount": _tokens(prompt), "candidatesTokenCount": _tokens(text or "")}
        usage["totalTokenCount"] = sum(usage.values())
        return {**parts, "usageMetadata": usage, "modelVersion": request.match_info["model"]}

    def _complete(self, request: web.Request, body: Json) -> Json:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise errors.unauthenticated("You didn't provide an API key.")
        prompt = str(_last(body, "messages").get("content", ""))
        text = self._store.answer(prompt, _asked_form(body))
        message = {"role": "assistant", "content": text, "refusal": None if text else "I can't."}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        usage = {"prompt_tokens": _tokens(prompt), "completion_tokens": _tokens(text or "")}
        return {
            "id": f"chatcmpl-{len(self._store.asked)}",
            "object": "chat.completion",
            "created": int(self._clock.now()),
            "model": body.get("model", ""),
            "choices": [choice],
            "usage": {**usage, "total_tokens": sum(usage.values())},
        }

    async def _behave(self, request: web.Request) -> web.Response:
        told = _parsed(await request.read())
        if told.get("mode") not in set(Mode):
            raise errors.invalid_argument(f"mode is none of {', '.join(Mode)}")
        remaining = told.get("remaining")
        if remaining is not None and (not isinstance(remaining, int) or remaining < 1):
            raise errors.invalid_argument("remaining is a whole number from 1, or null")
        self._store.behave(Mode(told["mode"]), remaining=remaining)
        return _json(200, {"mode": self._store.mode, "remaining": self._store.remaining})

    async def _asked(self, _request: web.Request) -> web.Response:
        return _json(200, {"asked": list(self._store.asked)})


def _asked_form(body: Json) -> Any:  # noqa: ANN401 - a form or None
    wanted = body.get("response_format") or {"type": "text"}
    if wanted.get("type") != "json_schema":
        return None
    described = wanted.get("json_schema", {})
    if not described.get("strict"):
        raise errors.unimplemented("response_format.json_schema.strict: false is not supported")
    return strict_form(described.get("schema"))


def _candidate(text: str | None) -> Json:
    if text is None:
        return {"finishReason": "SAFETY", "index": 0}
    content = {"role": "model", "parts": [{"text": text}]}
    return {"content": content, "finishReason": "STOP", "index": 0}


def _last(body: Json, name: str) -> Json:
    given = body.get(name)
    if not isinstance(given, list) or not given or not isinstance(given[-1], dict):
        raise errors.invalid_argument(f"{name} is empty")
    last: Json = given[-1]
    return last


def _parsed(raw: bytes) -> Json:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise errors.invalid_argument(f"Invalid JSON payload received: {error}") from error
    if not isinstance(body, dict):
        raise errors.invalid_argument("Invalid JSON payload received: an object was expected")
    return body


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // _BYTES_A_TOKEN)


def _google_error(error: errors.EmulatorError) -> web.Response:
    return _json(*errors.to_rest(error))


def _openai_error(error: errors.EmulatorError) -> web.Response:
    status = errors.HTTP_STATUS[error.status]
    kind = _OPENAI_TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")  # noqa: PLR2004
    body = {"message": error.message, "type": kind, "param": None, "code": None}
    headers = {"Retry-After": "20"} if status == web.HTTPTooManyRequests.status_code else None
    return _json(status, {"error": body}, headers)


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/json", headers=headers
    )
