"""What may stand in the audit log, and what a chain gives away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.kernel.audit import (
    ACTIONS,
    Anchor,
    AuditEvent,
    Gone,
    Link,
    Walk,
    canonical,
    genesis,
    link,
    moment,
    network,
    start,
)
from shared.kernel.ids import CountingIds

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def event(**said: Any) -> AuditEvent:  # noqa: ANN401 - any field
    usual = {"actor_id": "u-1", "actor_type": "user", "action": "AUTH_LOGIN"}
    return AuditEvent.model_validate(
        {"id": CountingIds().new(), "occurred_at": NOON, **usual, **said}
    )


def chained(*entries: bytes) -> list[Link]:
    links: list[Link] = []
    last = genesis("main")
    for number, entry in enumerate(entries, 1):
        made = Link(number, last, link(last, number, entry), entry)
        links.append(made)
        last = made.hash
    return links


def faults(links: list[Link], head: Link, *anchors: Anchor) -> set[str]:
    return broken(links, head, *anchors)


def broken(links: list[Link], head: Link, *anchors: Anchor, gone: Sequence[Gone] = ()) -> set[str]:
    walk = Walk.of(start("main"), Anchor(head.number, head.hash), anchors)
    return {finding.fault for finding in walk.findings(links, gone)}


@pytest.mark.parametrize("action", [*sorted(ACTIONS), "MFA_ENABLED", "API_KEY_REVOKED"])
def test_actions_of_the_specification_are_taken(action: str) -> None:
    assert event(action=action).action == action


@pytest.mark.parametrize("action", ["", "LOGIN", "MFA_", "USER_lower", "USER_A_", "AUTH_LOGIN "])
def test_any_other_action_is_refused(action: str) -> None:
    with pytest.raises(ValidationError, match="no action that is audited"):
        event(action=action)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor_id": ""},
        {"actor_id": "a\nb"},
        {"occurred_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - what is refused
        {"details": {"text": "x" * 8192}},
        {"details": {"number": 2**64}},
        {"outcome": "perhaps"},
        {"resource_type": "DROP TABLE"},
    ],
)
def test_what_cannot_stand_in_an_entry_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        event(**wrong)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_an_entry_written_and_read_is_written_the_same(details: dict[str, Any]) -> None:
    once = canonical(event(details=details).entry())
    assert canonical(orjson.loads(once)) == once


@given(st.text(st.characters(exclude_categories=[]), max_size=2000))
def test_no_user_agent_keeps_an_act_out_of_the_log(agent: str) -> None:
    kept = event(user_agent=agent).user_agent
    assert len(kept) <= 512
    assert "\x00" not in kept


def test_times_of_two_zones_are_written_alike() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert moment(east) == moment(NOON) == "2026-01-01T12:00:00.000000+00:00"


@pytest.mark.parametrize(
    ("ip", "kept"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
    ],
)
def test_an_entry_says_the_network_alone(ip: str, kept: str) -> None:
    assert network(ip_address(ip)) == kept
    assert ip.encode() not in canonical(event(ip=ip).entry())


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=8), st.data())
def test_any_change_of_a_chain_is_found(entries: list[bytes], data: st.DataObject) -> None:
    links = chained(*entries)
    assert faults(links, links[-1]) == set()

    at = data.draw(st.integers(0, len(links) - 1))
    old = links[at]
    changed = Link(old.number, old.prev_hash, old.hash, old.entry + b"!")
    assert "changed" in faults([*links[:at], changed, *links[at + 1 :]], links[-1])
    assert faults([*links[:at], *links[at + 1 :]], links[-1]) == {"missing"}


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=8), st.data())
def test_what_was_removed_in_good_order_is_not_missed_and_nothing_more(
    entries: list[bytes], data: st.DataObject
) -> None:
    links = chained(*entries)
    gone = [data.draw(st.booleans()) for _ in links]
    removed = [Gone(e.number, e.number, e.prev_hash, e.hash) for e in links if gone[e.number - 1]]
    left = [e for e in links if not gone[e.number - 1]]

    assert broken(left, links[-1], gone=removed) == set()

    if left:
        at = data.draw(st.integers(0, len(left) - 1))
        assert broken([*left[:at], *left[at + 1 :]], links[-1], gone=removed) == {"missing"}
    if removed:
        forged = [replace(removed[0], hash=b"x" * 32), *removed[1:]]
        assert broken(left, links[-1], gone=forged) & {"unlinked", "unanchored"}


def test_two_entries_that_change_places_with_numbers_and_hashes_mended_are_found() -> None:
    one, _two, three = chained(b"a", b"b", b"c")
    first = Link(1, one.prev_hash, link(one.prev_hash, 1, b"b"), b"b")
    second = Link(2, first.hash, link(first.hash, 2, b"a"), b"a")

    assert faults([first, second, three], three) == {"unlinked"}


def test_a_chain_made_anew_is_found_by_its_anchor() -> None:
    old, new = chained(b"a", b"b"), chained(b"x", b"y", b"z")

    assert faults(new, new[-1]) == set()
    assert faults(new, new[-1], Anchor(2, old[-1].hash)) == {"unanchored"}


def test_an_end_that_is_not_the_heads_is_found() -> None:
    links = chained(b"a", b"b")
    assert faults(chained(b"a", b"x"), links[-1]) == {"unanchored"}
    assert faults([], links[-1]) == {"missing"}
