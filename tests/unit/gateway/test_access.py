"""Who comes in, from where, and which headers are believed."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.access import Caller, believed, client_network, client_place, enter, is_internal
from shared.gateway.headers import forwarded
from shared.kernel.errors import NotFoundError
from shared.kernel.principal import ANONYMOUS, Kind, Principal, Tier, TokenMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = Principal(Kind.USER, sub="ada", pid="ada", tier=Tier.FREE)


async def knows_ada(auth: str, scopes: Sequence[str], headers: Mapping[str, str]) -> Principal:
    """Take one bearer token, as a validator would."""
    if headers.get("authorization") == "Bearer ada" and "read:history" in scopes:
        return ADA
    if auth == "optional":
        return ANONYMOUS
    raise TokenMissingError("a token is needed")


async def test_a_known_caller_counts_by_name_and_others_by_network() -> None:
    async def come(auth: str, headers: dict[str, str]) -> Caller:
        route = (auth, ("read:history",))
        return await enter(route, headers, network="192.0.2.1", authorize=knows_ada)

    assert (await come("user", {"authorization": "Bearer ada"})).key == "user:ada"
    assert (await come("optional", {})).key == "ip:192.0.2.1"
    with pytest.raises(TokenMissingError):
        await come("user", {})


@pytest.mark.behavior("attacks:asvs:2.10.1")
async def test_a_route_for_functions_is_not_there_for_callers() -> None:
    with pytest.raises(NotFoundError):
        await enter(("service", ()), {}, network="192.0.2.1", authorize=knows_ada)


def test_callers_who_may_see_other_things_share_no_view() -> None:
    assert Caller(ADA, "a").view == Caller(ADA, "b").view
    kids = (
        {"max_rating": "PG"},
        {"blocked_genres": ("Horror",)},
        {"viewing": (NOW, NOW)},
        {"pid": "tomas"},
    )
    views = [Caller(ADA._replace(**said), "a").view for said in kids]
    assert len({Caller(ADA, "a").view, *views}) == 5


FORGED = [
    "x-user-id",
    "X-User-Tier",
    "x_user_id",
    "x-tier",
    "x-internal-bypass",
    "x-serverless-authorization",
    "X-Serverless-Authorization",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "forwarded",
    "x-real-ip",
    "x-goog-authenticated-user-email",
    "x-request-deadline-ms",
    "x-original-url",
]


@pytest.mark.behavior("attacks:proxy:forged-headers")
@pytest.mark.parametrize("name", FORGED)
def test_a_forged_internal_header_is_neither_believed_nor_passed_on(name: str) -> None:
    sent = {name.lower(): "forged", "accept": "text/html"}
    assert believed(sent) == {"accept": "text/html"}
    assert "forged" not in forwarded(sent, request_id="abc", budget_ms=100).values()


@given(
    st.sampled_from(["x-user-", "x-internal-", "x-forwarded-", "x-serverless-"]), st.text("abz-_9")
)
def test_no_header_with_an_internal_name_passes(prefix: str, rest: str) -> None:
    for name in (prefix + rest, (prefix + rest).replace("-", "_"), (prefix + rest).upper()):
        assert is_internal(name)
        assert "forged" not in forwarded({name: "forged"}, request_id="a", budget_ms=9).values()


@pytest.mark.parametrize(
    ("header", "hops", "network"),
    [
        ("198.51.100.7, 35.1.1.1", 2, "198.51.100.7"),
        ("10.0.0.1, 198.51.100.7, 35.1.1.1", 2, "198.51.100.7"),
        ("198.51.100.7", 1, "198.51.100.7"),
        ("198.51.100.7", 2, "192.0.2.1"),
        ("198.51.100.7, 35.1.1.1", 0, "192.0.2.1"),
        ("", 2, "192.0.2.1"),
        ("nonsense, 35.1.1.1", 2, "192.0.2.1"),
        ("198.51.100.7:4711,35.1.1.1", 2, "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6, 35.1.1.1", 2, "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443, 35.1.1.1", 2, "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7, 35.1.1.1", 2, "198.51.100.7"),
    ],
)
def test_only_what_trusted_proxies_appended_says_where_a_caller_is(
    header: str, hops: int, network: str
) -> None:
    assert client_network(header, "192.0.2.1", hops=hops) == network


@given(st.text(), st.ip_addresses())
def test_nothing_a_caller_writes_changes_where_they_are(written: str, address: object) -> None:
    alone = client_network(f"{address}, 35.1.1.1", "192.0.2.1", hops=2)
    assert client_network(f"{written}, {address}, 35.1.1.1", "192.0.2.1", hops=2) == alone


# Below the first prefix lie the addresses of IPv4, which count one by one.
@given(st.integers(1, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_a_household_of_ipv6_is_one_network(prefix: int, one: int, other: int) -> None:
    first, second = (str(ip_address((prefix << 64) | host)) for host in (one, other))
    network = client_network("", first, hops=0)
    if ip_address(first).version == 6 and "/" in network:
        assert network == client_network("", second, hops=0)
        assert ip_address(second) in ip_network(network)


def test_a_connection_without_an_address_is_counted_with_its_like() -> None:
    assert client_network("", "", hops=0) == client_network("x", "socket", hops=1) == "unknown"


@pytest.mark.parametrize(
    ("said", "hops", "place"),
    [
        ("52.52,13.405", 2, "52.52,13.405"),
        ("-33.9,-70.1", 2, "-33.9,-70.1"),
        ("52.52,13.405", 0, ""),
        ("1,2,52.52,13.405", 2, ""),
        ("1,2, 52.52,13.405", 2, ""),
        ("", 2, ""),
        ("Berlin", 2, ""),
    ],
)
def test_a_place_is_believed_of_our_own_edge_alone(said: str, hops: int, place: str) -> None:
    assert client_place(said, hops=hops) == place
    assert believed({"x-edge-place": said, "x_edge_place": said}) == {}
