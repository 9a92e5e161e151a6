"""Ways in are counted where they are used, whichever function it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.runtime import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.identity_house import House


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    metrics.reset()
    yield
    metrics.reset()


def counted(name: str) -> dict[str, float]:
    """Return the samples of a counter by their one label."""
    return {
        next(iter(sample.labels.values())): sample.value
        for family in metrics.collected()
        for sample in family.samples
        if sample.name == name
    }


async def test_log_ins_are_counted_by_how_they_ended_and_tokens_by_how_they_came_about(
    accounts: AccountsHouse,
) -> None:
    await accounts.member()
    for _ in range(2):
        assert (await accounts.log_in(password="not this one")).status == 401  # noqa: S106 - of tests
    await accounts.tokens()

    assert counted("auth_login_attempts_total") == {"wrong": 2, "proven": 1}
    assert counted("auth_token_issued_total") == {"sign_in": 1}


async def test_refreshes_are_counted_and_those_of_a_copied_token_too(identity: House) -> None:
    begun = identity.start()
    assert (await identity.refresh(begun.refresh_token)).status == 200
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE refresh_token SET used_at = used_at - interval '1 hour'"))

    assert (await identity.refresh(begun.refresh_token)).status == 400

    assert counted("auth_token_issued_total") == {"refresh_token": 1}
    assert counted("auth_refresh_reuse_total") == {"local": 1}
