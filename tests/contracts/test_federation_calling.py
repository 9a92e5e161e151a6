"""Calls of providers: what is no proper answer in time is the provider's failure."""

from __future__ import annotations

from typing import ClassVar

import pytest

from shared.adapters.federation.calling import MOST_BYTES, Call, Caller
from shared.adapters.providers.guarding import own_breakers
from shared.identity.federation import ProviderDownError
from shared.kernel.clock import FixedClock
from tests.fakes.loopback import Silent, loopback


class Scripted(Silent):
    """Answers as its path says, and counts."""

    asked: ClassVar[list[str]] = []
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {
        "/good": (200, b'{"a": 1}'),
        "/refused": (400, b'{"error": "invalid_grant"}'),
        "/text": (200, b"<html>"),
        "/large": (200, b'"' + b"x" * MOST_BYTES + b'"'),
        "/broken": (502, b"{}"),
        "/elsewhere": (302, b"{}"),
    }

    def take(self) -> None:
        """Answer one request."""
        said = self.body().decode() if self.command == "POST" else ""
        self.asked.append(f"{self.command} {self.path} {said}".strip())
        status, body = self.answers[self.path]
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("location", "/good")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    Scripted.asked.clear()


def caller() -> Caller:
    """Return what calls one provider."""
    return Caller(own_breakers(FixedClock(), ["example"]))


async def test_an_answer_is_a_status_and_json_whatever_it_says() -> None:
    with loopback(Scripted) as base:
        good = await caller().json("example", Call(base + "/good", {"code": "a b"}))
        refused = await caller().json("example", Call(base + "/refused"))

    assert good == (200, {"a": 1})
    assert refused == (400, {"error": "invalid_grant"})
    assert Scripted.asked == ["POST /good code=a+b", "GET /refused"]


async def test_nobody_is_followed_elsewhere() -> None:
    with loopback(Scripted) as base:
        found = await caller().json("example", Call(base + "/elsewhere"))

    assert found == (302, {})
    assert Scripted.asked == ["GET /elsewhere"]


@pytest.mark.parametrize("path", ["/text", "/large", "/broken"])
async def test_what_is_no_proper_answer_is_the_providers_failure(path: str) -> None:
    with loopback(Scripted) as base, pytest.raises(ProviderDownError):
        await caller().json("example", Call(base + path))


async def test_where_nobody_listens_is_the_providers_failure() -> None:
    with pytest.raises(ProviderDownError, match="no answer"):
        await caller().json("example", Call("http://127.0.0.1:1/"))


async def test_a_provider_that_failed_five_times_is_not_asked_a_sixth_time() -> None:
    one = caller()
    with loopback(Scripted) as base:
        for _ in range(5):
            with pytest.raises(ProviderDownError):
                await one.json("example", Call(base + "/broken"))

        with pytest.raises(ProviderDownError, match="left alone") as refused:
            await one.json("example", Call(base + "/good"))

    assert refused.value.retry_after_seconds == 30
    assert len(Scripted.asked) == 5
