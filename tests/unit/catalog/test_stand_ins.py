"""Who takes a part whose provider cannot be asked now."""

from __future__ import annotations

import pytest

from shared.catalog.fetch import KINDS, Fetch
from shared.catalog.quota import limits
from shared.catalog.stand_ins import stand_ins

ALL = frozenset(KINDS)
ORDER = limits().stand_ins["streaming_availability"]


def named(kind: str, configured: frozenset[str] = ALL) -> list[tuple[str, str]]:
    """Return who may stand in for a part of Netflix, and whose platform is asked for."""
    fetch = Fetch("run", "streaming_availability", "netflix", "US", kind)
    return [(one.provider, one.platform) for one in stand_ins(fetch, ORDER, configured)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("catalog", [("watchmode", "netflix"), ("tmdb", "netflix")]),
        ("changes", [("watchmode", "all"), ("tmdb", "all")]),
        ("availability", [("watchmode", "all")]),
    ],
)
def test_order_is_the_specifications_and_only_those_that_have_the_kind_are_asked(
    kind: str, expected: list[tuple[str, str]]
) -> None:
    assert named(kind) == expected


def test_provider_without_a_key_stands_in_for_nobody() -> None:
    assert named("catalog", ALL - {"watchmode"}) == [("tmdb", "netflix")]


def test_run_region_and_kind_stay_what_they_are() -> None:
    fetch = Fetch("run", "watchmode", "hulu", "DE", "catalog")

    (other,) = stand_ins(fetch, ["tmdb"], ALL)

    assert other == Fetch("run", "tmdb", "hulu", "DE", "catalog")


def test_every_stand_in_is_a_provider_that_can_be_fetched_of() -> None:
    assert set(limits().stand_ins) <= ALL
    assert {name for order in limits().stand_ins.values() for name in order} <= ALL
