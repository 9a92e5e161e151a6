"""Entity tags and If-None-Match, by the tables of RFC 9110."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.conditional import conditioned, etag_of, is_known
from shared.gateway.ports import Answer

OPAQUE = st.text(st.sampled_from("!#abc,;09~é \\"), max_size=8).filter(lambda t: " " not in t)
ANSWER = Answer(
    200,
    {
        "content-type": "application/json",
        "cache-control": "public, max-age=60",
        "etag": '"heat"',
        "vary": "accept-language",
        "age": "7",
        "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    },
    b"{}",
)


def test_an_entity_tag_is_sixteen_bytes_of_sha_256_in_quotes() -> None:
    assert etag_of(b"") == '"47DEQpj8HBSa-_TImW-5JA"'


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ('W/"1"', 'W/"1"', True),
        ('W/"1"', 'W/"2"', False),
        ('W/"1"', '"1"', True),
        ('"1"', '"1"', True),
    ],
)
def test_the_weak_comparison_is_that_of_rfc_9110_section_8_8_3_2(
    first: str, second: str, *, same: bool
) -> None:
    assert is_known(first, second) is same
    assert is_known(second, first) is same


@pytest.mark.parametrize(
    ("given_list", "known"),
    [
        ("*", True),
        (" * ", True),
        ('"ronin", "heat"', True),
        ('"ronin" ,\tW/"heat"', True),
        (', ,"heat",', True),
        ('"ronin,heat"', False),
        ('"rather","than"', False),
        ("heat", False),
        ('"heat', False),
        ('w/"heat"', False),
        ('*, "heat"', False),
        ('"heat" and more', False),
        ("", False),
    ],
)
def test_a_list_knows_what_it_names_and_what_is_no_list_knows_nothing(
    given_list: str, *, known: bool
) -> None:
    assert is_known(given_list, '"heat"') is known


def test_a_star_knows_even_what_has_no_tag() -> None:
    assert is_known("*", None)
    assert not is_known('"heat"', None)


@given(st.lists(OPAQUE, max_size=5), OPAQUE)
def test_a_tag_is_known_exactly_where_the_list_holds_it(tags: list[str], mine: str) -> None:
    named = ", ".join(f'"{tag}"' for tag in tags)

    assert is_known(named, f'"{mine}"') is (mine in tags)


def test_304_repeats_what_rfc_9110_section_15_4_5_asks_for_and_no_more() -> None:
    found = conditioned(ANSWER, {"if-none-match": 'W/"heat"'})

    assert (found.status, found.body) == (304, b"")
    assert set(found.headers) == {"cache-control", "etag", "vary", "age"}


def test_a_date_counts_only_without_a_tag() -> None:
    later = {"if-modified-since": "Fri, 02 Jan 2026 00:00:00 GMT"}
    earlier = {"if-modified-since": "Wed, 31 Dec 2025 00:00:00 GMT"}

    assert conditioned(ANSWER, later).status == 304
    assert conditioned(ANSWER, earlier).status == 200
    assert conditioned(ANSWER, later | {"if-none-match": '"ronin"'}).status == 200
    assert conditioned(ANSWER, {"if-modified-since": "soon"}).status == 200


def test_only_a_success_is_held_back() -> None:
    missing = Answer(404, ANSWER.headers, b"")
    assert conditioned(missing, {"if-none-match": "*"}) is missing


def test_if_match_is_no_business_of_a_cache() -> None:
    assert conditioned(ANSWER, {"if-match": '"ronin"'}) is ANSWER
