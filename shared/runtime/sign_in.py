"""Signing in, joined with the issuer of this product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.redis.challenges import RedisChallenges
from shared.adapters.redis.places import RedisPlaces
from shared.adapters.sql.identity.factors_needs import SqlNeeds
from shared.identity.accounts_sign_in import Doors
from shared.identity.places import Journeys
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import issuing
from shared.runtime.account_acts import verified_mail_only
from shared.runtime.auth_counted import CountedSignIn

if TYPE_CHECKING:
    from shared.identity.accounts_sign_in import SignIn
    from shared.runtime.accounts import AccountRules

WAITING = "mfa"
"""Under which sign-ins wait in Redis."""


def sign_in(rules: AccountRules) -> SignIn:
    """Return what opens sessions.

    Raises:
        UnavailableError: No issuer is named, or its keys cannot be read.
    """
    return CountedSignIn(
        accounts=rules.accounts,
        hasher=rules.hasher,
        throttle=rules.throttle,
        doors=Doors(issuing.sessions(), SqlNeeds(), RedisChallenges(WAITING)),
        clock=rules.clock,
        journeys=Journeys(RedisPlaces(), TimeOrderedIds(rules.clock)),
        verified_mail_only=verified_mail_only(),
    )
