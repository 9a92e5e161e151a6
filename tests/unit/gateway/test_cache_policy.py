"""What may be kept, for whom, for how long and under which key (RFC 9111)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.cache_control import directives, initial_age, lifetime, stale_windows
from shared.gateway.cache_policy import (
    Asked,
    Freshness,
    Scope,
    advertised,
    entry_of,
    freshness,
    invalidates,
    may_look_up,
    may_store,
)
from shared.gateway.conditional import etag_of
from shared.gateway.ports import Answer, Entry
from shared.gateway.vary import base_key, tags_of, variant_key

NOW = 1_767_225_600.0
ID = "0190a0b0-0000-7000-8000-00000000000A"
HEAT = Asked("GET", f"/api/v1/content/{ID}", cache_seconds=300)
ADA = Scope("ada", "premium", "16")
ANSWER = Answer(200, {"content-type": "application/json"}, b'{"title":"Heat"}')
WORDS = st.text(st.sampled_from("ab%é&=+ "), max_size=4)


def saying(cache_control: str, **more: str) -> Answer:
    return Answer(200, {"cache-control": cache_control, **more}, b"{}")


def kept(asked: Asked, answer: Answer, *, seed: int = 0) -> Entry | None:
    return entry_of(asked, answer, asked_at=NOW, now=NOW, random=Random(seed))


def test_directives_are_read_as_the_grammar_has_them() -> None:
    found = directives('Public, MAX-AGE="60" ,max-age=90, private="a, no-store", x=1')

    assert found == {
        "public": "",
        "max-age": "60",
        "private": "a, no-store",
        "x": "1",
    }


def test_a_broken_field_still_forbids() -> None:
    assert "no-store" in directives('max-age="60, no-store')


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        (HEAT, True),
        (replace(HEAT, method="HEAD"), True),
        (replace(HEAT, method="POST"), False),
        (replace(HEAT, cache_seconds=0), False),
        (replace(HEAT, path="/api/v1/user/history"), False),
        (replace(HEAT, path="/api/v1/users/me"), False),
        (replace(HEAT, path="/api/v1/sync/state"), False),
        (replace(HEAT, path="/api/v1/admin/users"), False),
        (replace(HEAT, path="/auth/keys"), False),
        (replace(HEAT, headers={"cache-control": "no-cache, no-store, max-age=0"}), True),
        (replace(HEAT, headers={"pragma": "no-cache"}), True),
    ],
)
def test_reads_of_cached_routes_may_be_looked_up_and_no_client_can_change_it(
    asked: Asked, *, may: bool
) -> None:
    assert may_look_up(asked) is may


@pytest.mark.parametrize(
    ("answer", "may"),
    [
        (ANSWER, True),
        (replace(ANSWER, status=404), False),
        (replace(ANSWER, status=203), False),
        (replace(ANSWER, status=206), False),
        (replace(ANSWER, headers={"set-cookie": "a=1"}), False),
        (replace(ANSWER, body=b"x" * (1 << 20)), True),
        (replace(ANSWER, body=b"x" * ((1 << 20) + 1)), False),
        (saying("no-store"), False),
        (saying("public, No-Store"), False),
        (saying("private"), False),
        (saying('private="x-name"'), False),
        (saying("no-cache"), False),
        (saying("public, max-age=60"), True),
        (saying("public", vary="*"), False),
        (saying("public", vary="accept, *"), False),
        (saying("public", vary="accept-language"), True),
    ],
)
def test_only_what_everybody_may_have_is_kept_for_everybody(answer: Answer, *, may: bool) -> None:
    assert may_store(HEAT, answer) is may


@pytest.mark.parametrize(
    ("said", "may"),
    [
        ("", False),
        ("max-age=60", False),
        ("public, max-age=60", True),
        ("s-maxage=60", True),
        ("must-revalidate, max-age=60", True),
    ],
)
def test_an_answer_to_authorization_is_shared_only_where_it_says_so(
    said: str, *, may: bool
) -> None:
    """RFC 9111 §3.5."""
    asked = replace(HEAT, headers={"authorization": "Bearer t"})

    assert may_store(asked, saying(said)) is may


def test_a_private_answer_is_kept_for_its_viewer_alone() -> None:
    asked = replace(HEAT, headers={"authorization": "Bearer t"}, scope=ADA)

    assert may_store(asked, saying("private, max-age=60"))
    assert not may_store(asked, saying("private, no-store"))


@pytest.mark.parametrize(
    ("headers", "shared", "expected"),
    [
        ({"cache-control": "max-age=60, s-maxage=10"}, True, 10),
        ({"cache-control": "max-age=60, s-maxage=10"}, False, 60),
        ({"cache-control": "max-age=60", "expires": "0"}, True, 60),
        ({"cache-control": "max-age=soon"}, True, 0),
        ({"cache-control": "max-age=-1"}, True, 0),
        ({"cache-control": "max-age=99999999999999"}, True, 1 << 31),
        ({"expires": "0"}, True, 0),
        ({"expires": "Thu, 01 Jan 2026 00:01:00 GMT"}, True, 60),
        (
            {
                "expires": "Thu, 01 Jan 2026 00:01:00 GMT",
                "date": "Thu, 01 Jan 2026 00:00:30 GMT",
            },
            True,
            30,
        ),
        ({"cache-control": "public"}, True, None),
    ],
)
def test_a_lifetime_is_read_in_the_order_of_rfc_9111_section_4_2_1(
    headers: dict[str, str], *, shared: bool, expected: float | None
) -> None:
    assert lifetime(headers, shared=shared, received=NOW) == expected


def test_age_counts_from_the_question_not_from_the_answer() -> None:
    """RFC 9111 §4.2.3: corrected_initial_age."""
    date = {"date": "Wed, 31 Dec 2025 23:59:50 GMT"}

    assert initial_age({"age": "5"}, asked=NOW - 2, received=NOW) == 7
    assert initial_age(date, asked=NOW - 2, received=NOW) == 10


@given(st.integers(0, 1 << 32))
def test_routes_end_within_a_tenth_of_their_time_and_never_after_what_was_said(seed: int) -> None:
    silent, spoken = kept(HEAT, ANSWER, seed=seed), kept(HEAT, saying("max-age=290"), seed=seed)

    assert silent is not None
    assert spoken is not None
    assert 270 <= silent.fresh_seconds <= 330
    assert spoken.fresh_seconds <= 290


def test_what_is_stale_on_arrival_is_not_kept() -> None:
    assert kept(HEAT, saying("max-age=60", age="60")) is None
    assert kept(HEAT, saying("max-age=0")) is None


def test_an_entry_has_a_tag_and_nothing_of_its_connection() -> None:
    given_headers = {
        "connection": "close, x-hop",
        "x-hop": "1",
        "age": "1",
        "x-request-id": "r",
        "x-cache-tags": "b",
        "content-type": "text/plain",
    }

    entry = kept(HEAT, Answer(200, given_headers, b"Heat"))

    assert entry is not None
    assert entry.answer.headers == {"content-type": "text/plain", "etag": etag_of(b"Heat")}
    assert entry.tags[1:] == (ID.lower(), "b")


def test_a_services_own_entity_tag_stays_and_a_head_gets_none() -> None:
    own = kept(HEAT, Answer(200, {"etag": 'W/"1"'}, b"Heat"))
    head = kept(replace(HEAT, method="HEAD"), Answer(200, {}, b""))

    assert own is not None
    assert own.answer.headers["etag"] == 'W/"1"'
    assert head is not None
    assert "etag" not in head.answer.headers


@pytest.mark.parametrize(
    ("said", "shared", "expected"),
    [
        ("", True, (30, 3600)),
        ("max-age=60", True, (30, 3600)),
        ("stale-while-revalidate=5, stale-if-error=0", True, (5, 0)),
        ("stale-if-error=99999", True, (30, 3600)),
        ("must-revalidate, stale-if-error=60", True, (0, 0)),
        ("s-maxage=60", True, (0, 0)),
        ("s-maxage=60", False, (30, 3600)),
        ("proxy-revalidate", True, (0, 0)),
        ("proxy-revalidate", False, (30, 3600)),
    ],
)
def test_stale_answers_serve_where_nothing_forbids_it(
    said: str, *, shared: bool, expected: tuple[float, float]
) -> None:
    assert stale_windows({"cache-control": said}, shared=shared) == expected


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (59.9, Freshness.FRESH),
        (60, Freshness.RENEWING),
        (89.9, Freshness.RENEWING),
        (90, Freshness.ON_ERROR),
        (3659, Freshness.ON_ERROR),
        (3660, Freshness.GONE),
    ],
)
def test_an_entry_is_good_for_less_as_time_goes(seconds: float, state: Freshness) -> None:
    entry = Entry(ANSWER, NOW, 60)
    assert freshness(entry, shared=True, now=NOW + seconds) is state


def test_browsers_are_told_a_minute_and_shared_caches_what_is_left_to_us() -> None:
    assert advertised(Entry(ANSWER, NOW, 310.5), shared=True) == "public, max-age=60, s-maxage=310"
    assert advertised(Entry(ANSWER, NOW, 310.5), shared=False) == "private, max-age=60"
    assert advertised(Entry(ANSWER, NOW, 9), shared=True) == "public, max-age=9, s-maxage=9"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(HEAT, query="a=1&b=2"), True),
        (replace(HEAT, query="b=2&a=1&utm_source=mail&UTM_X=1"), True),
        (replace(HEAT, query="b=2&%61=1"), True),
        (replace(HEAT, query="a=1&b=2", path=f"/api/v1/%63ontent/{ID}"), True),
        (replace(HEAT, query="a=1&b=2", headers={"cache-control": "no-cache"}), True),
        (replace(HEAT, query="a=1&b=2&b=3"), False),
        (replace(HEAT, query="a=1&b=2", method="HEAD"), False),
        (replace(HEAT, query="a=1&b=2", scope=ADA), False),
        (replace(HEAT, query="a=1&b=2", path=f"/api/v1/content/{ID}/"), False),
    ],
)
def test_one_question_has_one_key_in_all_its_spellings(other: Asked, *, same: bool) -> None:
    assert (base_key(other) == base_key(replace(HEAT, query="a=1&b=2"))) is same


def test_a_private_key_holds_viewer_tier_and_rating() -> None:
    scopes = [ADA, replace(ADA, subject="bob"), replace(ADA, tier="free"), Scope("ada", "", "")]
    scopes.append(replace(ADA, max_rating="18"))

    assert len({base_key(replace(HEAT, scope=scope)) for scope in scopes}) == len(scopes)


def test_the_order_of_a_repeated_parameters_values_counts() -> None:
    assert base_key(replace(HEAT, query="a=1&a=2")) != base_key(replace(HEAT, query="a=2&a=1"))


@given(st.dictionaries(WORDS, WORDS, max_size=3), st.dictionaries(WORDS, WORDS, max_size=3))
def test_two_sets_of_fields_share_a_variant_exactly_where_they_agree(
    first: dict[str, str], second: dict[str, str]
) -> None:
    names = sorted({*first, *second})
    same = all(_stripped(first, name) == _stripped(second, name) for name in names)

    assert (variant_key("k", names, first) == variant_key("k", names, second)) is same


def _stripped(fields: dict[str, str], name: str) -> str | None:
    value = fields.get(name)
    return None if value is None else value.strip()


def test_language_tags_have_no_case_and_no_blanks() -> None:
    german = [{"accept-language": text} for text in ("de-DE, en;q=.8", " DE-de,en; q=.8")]
    keys = {variant_key("k", ["accept-language"], headers) for headers in german}

    assert len(keys) == 1
    assert variant_key("k", ["accept-language"], {}) not in keys


def test_an_answer_whose_tags_cannot_be_relied_on_is_not_kept() -> None:
    many = ",".join(f"t{number}" for number in range(128))

    assert tags_of(HEAT, {"x-cache-tags": "a b"}) is None
    assert tags_of(HEAT, {"x-cache-tags": many}) is None
    assert kept(HEAT, saying("public", **{"x-cache-tags": many})) is None


def test_a_write_makes_what_is_kept_of_its_path_untrue_unless_it_failed() -> None:
    """RFC 9111 §4.4."""
    put = replace(HEAT, method="PUT", also_cached=True)

    assert invalidates(put, Answer(204, {}, b""))
    assert not invalidates(put, Answer(409, {}, b""))
    assert not invalidates(replace(put, method="OPTIONS"), Answer(204, {}, b""))
    assert not invalidates(replace(put, also_cached=False), Answer(204, {}, b""))
