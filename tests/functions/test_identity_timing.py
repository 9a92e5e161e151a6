"""Whether the time of an answer tells who has an account; it must be anybody's guess."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from emulators.managed.redis import Redis, temporary_redis
from shared.adapters import connect
from shared.adapters.password_hashing import Argon2Hasher
from tests.fakes.accounts_house import PASSWORD, AccountsHouse, accounts_house

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PAIRS = 150
MEMBERS = text(
    "INSERT INTO app_user (id, email, email_verified, password_hash, name, region, language,"
    " created_at) SELECT gen_random_uuid(), 'known' || n || '@example.com', TRUE, :kept, 'Nora',"
    " '', 'en', now() FROM generate_series(0, :many) AS n"
)


@pytest.fixture
def house(
    connected: connect.Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AccountsHouse]:
    """The functions, with the hasher of every day and as many members as are asked for."""
    assert connected.database_url
    server: Redis
    with temporary_redis() as server, accounts_house(monkeypatch, server.url, tmp_path) as made:
        hasher: Any = Argon2Hasher()
        made.use(hasher)
        with connect.engine().begin() as connection:
            connection.execute(MEMBERS, {"kept": hasher.hash(PASSWORD), "many": PAIRS})
        yield made


def advantage(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how often one of the first takes longer than one of the second (Mann, Whitney)."""
    longer = sum(a > b for a in first for b in second)
    return longer / (len(first) * len(second))


async def times(house: AccountsHouse, path: str, said: dict[str, str]) -> list[list[float]]:
    """Return how long answers take for known and for unknown addresses, asked in turn."""
    found: list[list[float]] = [[], []]
    for number in range(PAIRS):
        for place, name in enumerate(("known", "unknown")):
            email = f"{name}{number}@example.com"
            where = {"x-client-network": f"10.{place}.0.{number}"}
            before = perf_counter()
            await house.ask("POST", path, {**said, "email": email}, headers=where)
            found[place].append(perf_counter() - before)
    return found


CASES: list[tuple[str, dict[str, str]]] = [
    ("/api/v1/auth/login", {"password": "a wrong password"}),
    ("/api/v1/auth/password/forgot", {}),
    ("/api/v1/auth/resend-verification", {}),
]


@pytest.mark.behavior("attacks:account:enumeration-by-time")
@pytest.mark.soak
@pytest.mark.parametrize(("path", "said"), CASES)
async def test_the_time_of_an_answer_tells_no_account_apart(
    house: AccountsHouse, path: str, said: dict[str, str]
) -> None:
    known, unknown = await times(house, path, said)
    assert 0.4 < advantage(known, unknown) < 0.6
