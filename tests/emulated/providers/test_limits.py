"""Keys, limits and injected faults."""

from pathlib import Path

import grpc
import pytest

from emulators.core.faults import Rule
from emulators.providers.limits import Plan
from tests.emulated.providers.conftest import KEY, NOON, Providers


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Missing X-RapidAPI-Key"),
        ({"X-RapidAPI-Key": "stolen"}, "Invalid X-RapidAPI-Key"),
        ({"X-RapidAPI-Key": "local-"}, "Invalid X-RapidAPI-Key"),
    ],
)
async def test_a_missing_or_unknown_key_is_refused(
    start: Providers, headers: dict[str, str], message: str
) -> None:
    provider = await start()

    status, body, _ = await provider.ask("/genres", headers=headers)

    assert (status, body) == (401, {"message": message})


async def test_a_key_waits_as_long_as_it_is_told_and_is_served_again(start: Providers) -> None:
    provider = await start(plan=Plan(per_minute=2))
    provider.clock.advance(15)
    for _ in range(2):
        await provider.get("/genres")

    status, body, headers = await provider.ask("/genres")
    other, _, _ = await provider.ask("/genres", headers={"X-RapidAPI-Key": "local-other"})

    assert (status, headers["Retry-After"]) == (429, "45")
    assert body == {"message": "You have exceeded the rate limit per minute"}
    assert headers["X-RateLimit-Remaining"] == "0"
    assert other == 200
    provider.clock.advance(44)
    assert (await provider.ask("/genres"))[0] == 429
    provider.clock.advance(1)
    assert (await provider.ask("/genres"))[0] == 200


async def test_answers_say_what_is_left_and_a_refusal_costs_nothing(start: Providers) -> None:
    provider = await start(plan=Plan(per_minute=2, per_month=10))

    seen = [(await provider.ask("/genres"))[2] for _ in range(4)]

    assert [h["X-RateLimit-Requests-Remaining"] for h in seen] == ["9", "8", "8", "8"]
    assert (seen[0]["X-RateLimit-Limit"], seen[0]["X-RateLimit-Remaining"]) == ("2", "1")
    assert seen[0]["X-RateLimit-Reset"] == "60"
    assert seen[0]["X-RateLimit-Requests-Limit"] == "10"


async def test_a_spent_month_survives_a_restart_and_ends_with_the_month(
    start: Providers, tmp_path: Path
) -> None:
    journal = tmp_path / "emulators.sqlite"
    first = await start(journal=journal, plan=Plan(per_month=1))
    await first.get("/genres")
    await start.stop()

    provider = await start(journal=journal, plan=Plan(per_month=1))
    status, body, headers = await provider.ask("/genres")

    assert (status, body) == (429, {"message": "You have exceeded the monthly quota"})
    july = 1_782_864_000
    assert int(headers["Retry-After"]) == july - NOON
    provider.clock.advance(july - NOON)
    assert (await provider.ask("/genres"))[0] == 200


async def test_a_key_can_be_given_a_plan_of_its_own(start: Providers) -> None:
    provider = await start()

    status, _ = await provider.send("PUT", "/_mg/keys/local-key", {"per_minute": 1})
    answers = [(await provider.ask("/genres"))[0] for _ in range(2)]

    assert (status, answers) == (200, [200, 429])


async def test_injected_errors_reach_the_client_in_the_service_s_own_form(
    start: Providers,
) -> None:
    provider = await start()
    provider.faults.add(Rule("error", "providers", "genres", remaining=1))
    provider.faults.add(
        Rule("error", "providers", "get_show", status=grpc.StatusCode.RESOURCE_EXHAUSTED)
    )

    failed = await provider.ask("/genres")
    throttled = await provider.ask("/shows/1", headers=KEY)

    assert failed[:2] == (503, {"message": "injected fault"})
    assert (await provider.ask("/genres"))[0] == 200
    assert (throttled[0], throttled[2]["Retry-After"]) == (429, "1")
