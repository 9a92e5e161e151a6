"""How an account leaves, comes back and takes its data: the rules, joined with what they need."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sealing import IDENTITY, sealer
from shared.adapters.sql.identity.export import SqlExports
from shared.adapters.sql.identity.life import SqlLife
from shared.adapters.sql.identity.privacy import SqlPrivacyPreferences
from shared.identity.accounts import Told
from shared.identity.deletion import AccountLeavingError
from shared.identity.deletion_wishes import ExportAsked
from shared.identity.export import asked
from shared.identity.mail import Asked, requested
from shared.identity.own_applications import must_be_at_home
from shared.identity.privacy import shown
from shared.identity.step_up import must_be_fresh, must_be_self
from shared.kernel.ids import TimeOrderedIds
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.audit import audit_event
from shared.runtime.sign_in import sign_in

if TYPE_CHECKING:
    from datetime import datetime

    from shared.identity.accounts_sign_in import SignIn
    from shared.identity.deletion_wishes import Restore
    from shared.identity.privacy import PrivacyChange, PrivacyShown
    from shared.runtime.accounts import AccountRules
    from shared.runtime.messages import Request


class LifeDesk:
    """What the endpoints of leaving ask.

    Args:
        rules: Of accounts, with the clock.
    """

    def __init__(self, rules: AccountRules) -> None:
        self._rules, self._clock = rules, rules.clock
        self._ids = TimeOrderedIds(rules.clock)

    def privacy(self, request: Request) -> PrivacyShown:
        """Return what the caller lets be kept and used."""
        return shown(self._privacy.of(request.principal.sub))

    def decide(self, request: Request, change: PrivacyChange) -> PrivacyShown:
        """Keep what the caller decides on that, and return what holds then."""
        must_be_self(request.principal)
        wish, user = change.wish(), request.principal.sub
        details = {purpose.value: granted for purpose, granted in wish.items()}
        noted = audit_event(
            request, request.principal, "PREFERENCE_CHANGE",
            resource_type="privacy", resource_id=user, details=details,
        )  # fmt: skip
        if wish:
            self._privacy.decide(user, wish, Told(noted))
        return self.privacy(request)

    def leave(self, request: Request) -> datetime:
        """Let the caller's account be deleted, and mail how to have it back; returns when."""
        who, now = request.principal, self._clock.now()
        must_be_at_home(who)
        must_be_fresh(who, now)
        letter = requested(Asked.DELETION, self._ids.new(), now, user_id=who.sub)
        told = Told(acts_of(request)("DATA_DELETE", who.sub), [letter])
        return self._life.leave(who.sub, now, told)

    def restore(self, request: Request, wish: Restore) -> None:
        """Give an account back; where there is nothing to give back, nothing changes.

        Raises:
            CredentialsError: Address and password do not belong together.
            MailTokenUnknownError: No mail of ours carried the code.
            MailTokenSpentError: It was used, or its time is over.
        """
        act, now = acts_of(request), self._clock.now()
        if wish.token is not None:
            typed = wish.token.get_secret_value()
            self._life.restore_by_mail(typed, now, lambda user: Told(act("USER_RESTORE", user)))
        elif wish.email is not None and wish.password is not None:
            try:
                self._sign_in.prove(
                    wish.email, wish.password.get_secret_value(), act, visitor_of(request)
                )
            except AccountLeavingError as error:
                told = Told(act("USER_RESTORE", error.user_id))
                self._life.restore(error.user_id, now, told)

    def export(self, request: Request) -> ExportAsked:
        """Have a copy built of what is kept of the caller."""
        who, now, export_id = request.principal, self._clock.now(), self._ids.new()
        must_be_at_home(who)
        event = asked(export_id, who.sub, now)
        told = Told(acts_of(request)("DATA_EXPORT", who.sub), [event])
        self.exports.ask(export_id, who.sub, now, told)
        return ExportAsked(id=str(export_id))

    def download(self, request: Request, token: str) -> bytes:
        """Return a copy to who has the code of its mail."""
        owner, content = self.exports.download(token, self._clock.now())
        self._rules.accounts.ask(Told(acts_of(request)("DATA_EXPORT", owner)))
        return content

    @cached_property
    def exports(self) -> SqlExports:
        """Copies as they are kept."""
        return SqlExports(self._rules.publisher, lambda: sealer(IDENTITY))

    @cached_property
    def _privacy(self) -> SqlPrivacyPreferences:
        return SqlPrivacyPreferences(RedisRevocations(), self._clock)

    @cached_property
    def _life(self) -> SqlLife:
        return SqlLife(self._rules.publisher, RedisRevocations())

    @cached_property
    def _sign_in(self) -> SignIn:
        return sign_in(self._rules)
