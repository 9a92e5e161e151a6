"""Other names of routes, and routes that end."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.aliases import ALIASES, Alias, Aliases, Ending

EVERY = Aliases([alias.path for alias in ALIASES])
OLD = "/api/v1/sona/recommendations"


def test_an_old_name_is_sent_to_the_new_one_with_its_query() -> None:
    for method in ("GET", "HEAD"):
        found = EVERY.find(method, f"{OLD}?limit=5&x=%20")
        assert found is not None
        assert (found.redirect, found.target) == (True, "/api/v1/recommendations?limit=5&x=%20")


def test_what_has_a_body_is_answered_under_the_old_name() -> None:
    found = EVERY.find("POST", OLD)
    assert found is not None
    assert (found.redirect, found.target) == (False, "/api/v1/recommendations")


def test_health_is_answered_under_both_names() -> None:
    for old, path in (("/liveness", "/health/live"), ("/ready", "/health/ready")):
        found = EVERY.find("GET", old)
        assert found is not None
        assert (found.redirect, found.target, found.headers) == (False, path, {})


def test_an_alias_exists_where_its_route_does() -> None:
    some = Aliases(["/health/live", "/api/v1/experiments/{experiment_id}/metrics"])
    assert some.find("GET", "/liveness") is not None
    assert some.find("GET", "/api/v1/sona/experiments/7/metrics") is not None
    assert some.find("GET", "/ready") is None
    assert some.find("POST", OLD) is None


@pytest.mark.parametrize("path", ["/", "/health/live", OLD + "/", "/x" + OLD, "/liveness/x"])
def test_another_path_is_no_alias(path: str) -> None:
    assert EVERY.find("GET", path) is None


@given(st.text(min_size=1))
def test_a_parameter_stays_as_it_was_written(identifier: str) -> None:
    written = quote(identifier, safe="{}")
    found = EVERY.find("GET", f"/api/v1/sona/experiments/{written}/metrics?a=/")
    assert found is not None
    assert found.target == f"/api/v1/experiments/{written}/metrics?a=/"


def test_a_route_that_ends_says_since_when_until_when_and_what_then() -> None:
    ending = Ending(date(2026, 1, 1), date(2027, 1, 1), "https://tv.example/changes")
    assert ending.headers() == {
        "deprecation": "@1767225600",
        "sunset": "Fri, 01 Jan 2027 00:00:00 GMT",
        "link": '<https://tv.example/changes>; rel="deprecation"; type="text/html"',
    }
    assert Ending(date(2026, 1, 1)).headers() == {"deprecation": "@1767225600"}


def test_an_alias_that_ends_names_its_successor() -> None:
    ending = Ending(date(2026, 1, 1), link="/changes")
    found = Aliases(["/new/{id}"], [Alias("/old/{id}", "/new/{id}", ending=ending)]).find(
        "GET", "/old/7"
    )
    assert found is not None
    assert found.headers["deprecation"] == "@1767225600"
    assert found.headers["link"].endswith('</new/7>; rel="successor-version"')
    assert 'rel="deprecation"' in found.headers["link"]


def test_callers_have_a_year() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Ending(date(2026, 1, 1), date(2026, 12, 31))
