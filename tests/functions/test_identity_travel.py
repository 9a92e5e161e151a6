"""Sign-ins from where nobody can have got to since the last one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters import connect
from shared.runtime import metrics
from tests.fakes.accounts_house import EMAIL, PASSWORD
from tests.fakes.identity_house import rows
from tests.functions.test_identity_tally import counted

if TYPE_CHECKING:
    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.edge import Answer

BERLIN, TOKYO = "52.52,13.405", "35.6762,139.6503"
WISH = {"email": EMAIL, "password": PASSWORD}


async def enter(house: AccountsHouse, place: str) -> Answer:
    """Sign in from somewhere."""
    headers = {"x-client-place": place} if place else {}
    answer = await house.ask("POST", "/api/v1/auth/login", WISH, headers=headers)
    assert answer.status == 200, answer.body
    return answer


def ages(house: AccountsHouse) -> list[timedelta]:
    """Return how old the proofs of live sessions are said to be, in order of their beginning."""
    found = rows(
        "SELECT authenticated_at FROM token_family WHERE status = 'active' ORDER BY created_at"
    )
    return [house.clock.now() - at for (at,) in found]


@pytest.mark.behavior("identity:5.6:travel")
async def test_a_sign_in_from_too_far_away_is_no_fresh_proof_and_the_mailbox_is_told(
    accounts: AccountsHouse,
) -> None:
    metrics.reset()
    await accounts.member()
    await enter(accounts, BERLIN)
    accounts.clock.advance(timedelta(minutes=30))
    await enter(accounts, TOKYO)

    at_home, far = ages(accounts)
    assert far > timedelta(minutes=5)
    assert at_home == timedelta(minutes=30)
    (mail,) = await accounts.delivered()
    assert mail["subject"] == "Somebody signed in from far away"
    acts: list[Any] = rows("SELECT action FROM audit.audit_log")
    assert ("USER_FAR_SIGN_IN",) in acts
    assert counted("auth_impossible_travel_total") == {"local": 1}


async def test_a_slow_traveller_and_one_of_whom_nobody_says_where_are_let_in_as_ever(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    for place, wait in ((BERLIN, 0), ("", 0), (TOKYO, 13), ("nowhere", 0)):
        accounts.clock.advance(timedelta(hours=wait))
        await enter(accounts, place)
        assert ages(accounts)[-1] == timedelta(0)
    assert await accounts.delivered() == []


async def test_a_place_is_kept_to_a_tenth_of_a_degree_and_for_a_day(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    await enter(accounts, BERLIN)

    (key,) = connect.redis().scan_iter("auth:last_place:*")
    kept = connect.redis().get(key)
    assert isinstance(kept, bytes)
    assert kept.split(b" ")[:2] == [b"52.5", b"13.4"]
    assert 0 < int(str(connect.redis().ttl(key))) <= 26 * 3600
