"""Who may have which scopes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.device import chosen
from shared.identity.scopes import SCOPES, USER_SCOPES, granted, parse, permitted, roles_of
from shared.kernel.principal import ADMIN_SCOPE, Role

SOME = st.lists(st.sampled_from([*SCOPES, "read:everything"]))


@pytest.mark.behavior("identity:5.8:decision")
@given(SOME, SOME)
def test_what_is_granted_was_allowed_and_asked_for_in_one_order(
    asked: list[str], allowed: list[str]
) -> None:
    found = granted(asked, allowed=allowed)

    assert set(found) == set(SCOPES) & set(allowed) & (set(asked) or set(SCOPES))
    assert list(found) == sorted(set(found), key=SCOPES.index)


def test_administrators_alone_may_have_the_scope_of_administrators() -> None:
    for role in Role:
        assert (ADMIN_SCOPE in permitted([role])) == (role is Role.ADMIN)
    assert permitted(roles_of("admin")) == SCOPES
    for role in (Role.USER, Role.PREMIUM, Role.FAMILY_ADMIN):
        assert permitted(roles_of(role)) == USER_SCOPES


@pytest.mark.behavior("identity:5.8:decision")
def test_strangers_and_unknown_roles_may_have_none() -> None:
    assert permitted([]) == permitted(["anonymous", "creator"]) == ()


def test_every_account_is_a_user_beside_what_else_it_is() -> None:
    assert roles_of("user") == ("user",)
    assert roles_of("premium") == ("user", "premium")


def test_a_list_of_scopes_has_each_once() -> None:
    assert parse(" read:content  write:ratings read:content ") == ("read:content", "write:ratings")
    assert parse("") == ()


def test_a_device_gets_what_it_asked_for_where_nothing_less_is_said() -> None:
    assert chosen(None, ("read:content", "write:ratings")) == ("read:content", "write:ratings")
    assert chosen(["write:ratings"], ("read:content", "write:ratings")) == ("write:ratings",)
