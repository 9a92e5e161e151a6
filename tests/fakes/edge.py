"""What functions-framework does around a function: loads it by path, hands it requests."""

from __future__ import annotations

import base64
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import ModuleType

    from starlette.responses import Response
    from starlette.types import Message

    from shared.kernel.events import Event

FUNCTIONS = Path(__file__).parents[2] / "functions"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was answered
        """The body, parsed."""
        return orjson.loads(self.body)


def load(folder: str) -> ModuleType:
    """Return a fresh copy of a function's ``main.py``, as the framework loads it."""
    file = FUNCTIONS / folder / "main.py"
    specification = importlib.util.spec_from_file_location("main", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["main"] = module  # as the framework does: pydantic looks generic models up there
    try:
        specification.loader.exec_module(module)
    finally:
        del sys.modules["main"]
    return module


async def ask(
    handle: Callable[[Request], Awaitable[Response]],
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Hand a request to a function, as uvicorn would, and return its answer."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(n.lower().encode(), v.encode()) for n, v in (headers or {}).items()],
        "server": ("127.0.0.1", 80),
        "scheme": "http",
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    response = await handle(Request(scope, receive))
    return Answer(response.status_code, dict(response.headers), bytes(response.body))


def pushed(event: Event) -> bytes:
    """Return the body of a raw push delivery."""
    data = base64.b64encode(event.model_dump_json().encode()).decode()
    return orjson.dumps({"message": {"data": data, "messageId": "1"}, "subscription": "s"})
