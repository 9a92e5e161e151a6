"""Pages of a household: its profiles, what may be seen and when, and the PIN that guards it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.catalog.values import GENRES
from shared.identity.household import most_of
from shared.identity.household_wishes import NewProfile, ProfileChange, WhichProfile
from shared.identity.parental_wishes import ControlsChange, PinTry
from shared.identity.parental_wishes import shown as controls_shown
from shared.identity.step_up import must_be_fresh
from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.kernel.principal import RATINGS
from shared.runtime.household import HouseholdRules
from shared.runtime.household_acts import CHANGE, PIN_TOKEN, known, shown_by
from shared.runtime.pages import go, tried
from shared.runtime.pages_member import ONCE, wish_of
from shared.runtime.pages_register import TICKED, shown_again

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.household import HouseholdProfile
    from shared.identity.parental import Controls
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

HOUSEHOLD = "/account/household"
PROFILE = "/account/household/profile"
CONTROLS = "/account/parental-controls"
PIN = "/account/pin"
GENRE = "genre:"
"""Begins the name of each genre's own field."""
ANY = {"": "Everything"}
CEILINGS = {**ANY, **{rating: f"Up to {rating}" for rating in RATINGS}}
SAID = {
    "added": "The profile is there.",
    "changed": "It is kept. Devices know it within seconds.",
    "pin": "The PIN is set.",
    "removed": "The profile is gone, and signed out wherever it was.",
    "unpinned": "There is no PIN any more.",
}
"""What was done just before, by the word that the address has for it."""


@dataclass
class HouseholdPages:
    """Profiles, parental controls, PIN."""

    desk: PageDesk
    members: Members

    @cached_property
    def rules(self) -> HouseholdRules:
        """What the endpoints of households ask, too."""
        accounts = self.desk.rules
        return HouseholdRules(self.desk.clock, accounts.publisher, accounts.hasher)

    def show_household(self, request: Request) -> Reply:
        """Show the profiles, and the form of a new one."""
        return self._household(self.members.of(request), dict(request.pairs).get("done", ""))

    def submit_household(self, request: Request) -> Reply:
        """Add a profile."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            wish = known(wish_of(NewProfile, sent, **_limits(sent)))
            self.members.take_form(member, sent)
            made = str(self.rules.ids.new())
            self.rules.desk.add(wish, shown_by(member.request, ADD, profile=made), made)
            return go(f"{HOUSEHOLD}?done=added")

        return tried(request, work, lambda wrong: self._household(member, sent=sent, wrong=wrong))

    def _household(
        self,
        member: Member,
        done: str = "",
        *,
        sent: Mapping[str, str] | None = None,
        wrong: Wrong | None = None,
    ) -> Reply:
        found = self.rules.profiles.all_of(member.caller.sub)
        return member.page(
            "household",
            wrong=wrong,
            notice=SAID.get(done, ""),
            profiles=found,
            most=most_of(member.caller.tier),
            carried={ONCE: self.members.form_for(member)},
            typed=shown_again(sent),
            ceilings=CEILINGS,
            genres=GENRES,
        )

    def show_profile(self, request: Request) -> Reply:
        """Show one profile, to be changed or removed."""
        member, which = self.members.of(request), request.query(WhichProfile).id
        return self._profile(member, which)

    def submit_profile(self, request: Request) -> Reply:
        """Change a profile, or remove it."""
        member, sent = self.members.sending(request)
        which = wish_of(WhichProfile, sent).id

        def work() -> Reply:
            shown = self._with_pin(member, sent)
            if sent.get("do") == "remove":
                self.rules.desk.remove(which, shown_by(shown, REMOVE, profile=which))
                return go(f"{HOUSEHOLD}?done=removed")
            wish = known(wish_of(ProfileChange, sent, name=sent.get("name", ""), **_limits(sent)))
            act = shown_by(shown, EDIT, profile=which, fields=wish.fields())
            self.rules.desk.change(which, wish, act)
            return go(f"{HOUSEHOLD}?done=changed")

        return tried(
            request, work, lambda wrong: self._profile(member, which, sent=sent, wrong=wrong)
        )

    def _profile(
        self,
        member: Member,
        which: str,
        *,
        sent: Mapping[str, str] | None = None,
        wrong: Wrong | None = None,
    ) -> Reply:
        found = self.rules.profiles.one_of(member.caller.sub, which)
        return member.page(
            "household_profile",
            wrong=wrong,
            profile=found,
            typed=_typed_of(found) if sent is None else shown_again(sent),
            pinned=self._controls(member).pin_hash is not None,
            ceilings=CEILINGS,
            genres=GENRES,
        )

    def show_controls(self, request: Request) -> Reply:
        """Show what holds for the whole account."""
        return self._settings(self.members.of(request), dict(request.pairs).get("done", ""))

    def submit_controls(self, request: Request) -> Reply:
        """Change it; to let more be seen, the PIN has to be among the fields."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            wish = known(wish_of(ControlsChange, _settings_of(sent), **_controls(sent)))
            self._change(member, sent, wish)
            return go(f"{CONTROLS}?done=changed")

        return tried(request, work, lambda wrong: self._settings(member, sent=sent, wrong=wrong))

    def _settings(
        self,
        member: Member,
        done: str = "",
        *,
        sent: Mapping[str, str] | None = None,
        wrong: Wrong | None = None,
    ) -> Reply:
        kept = self._controls(member)
        return member.page(
            "parental_controls",
            wrong=wrong,
            notice=SAID.get(done, ""),
            typed=_typed_controls(kept) if sent is None else shown_again(sent),
            pinned=kept.pin_hash is not None,
            ceilings=CEILINGS,
            genres=GENRES,
        )

    def show_pin(self, request: Request) -> Reply:
        """Ask for a new PIN; for a first one, who asks proves who they are."""
        member = self.members.of(request)
        if self._controls(member).pin_hash is None:
            must_be_fresh(member.caller, self.desk.clock.now())
        return self._pin(member, None)

    def submit_pin(self, request: Request) -> Reply:
        """Set the PIN, or take it away."""
        member, sent = self.members.sending(request)
        taken_away = sent.get("do") == "remove"

        def work() -> Reply:
            wish = ControlsChange(pin=None) if taken_away else _new_pin(sent)
            self._change(member, sent, wish)
            return go(f"{CONTROLS}?done={'unpinned' if taken_away else 'pin'}")

        return tried(request, work, lambda wrong: self._pin(member, wrong))

    def _pin(self, member: Member, wrong: Wrong | None) -> Reply:
        pinned = self._controls(member).pin_hash is not None
        return member.page("pin", wrong=wrong, pinned=pinned)

    def _controls(self, member: Member) -> Controls:
        return self.rules.controls.find(member.caller.sub)

    def _change(self, member: Member, sent: Mapping[str, str], wish: ControlsChange) -> None:
        shown = self._with_pin(member, sent)
        by = shown_by(shown, CHANGE, fields=wish.fields())
        self.rules.pins.change(wish, by.pin_token, by.caller, by.noted)

    def _with_pin(self, member: Member, sent: Mapping[str, str]) -> Request:
        """Return what a member asks, with the proof that they know the PIN where they typed it.

        Raises:
            PinWrongError: It is another.
            PinUnsetError: There is none to know.
            TooManyTriesError: Too many were wrong.
        """
        if "pin" not in sent:
            return member.request
        pin = wish_of(PinTry, sent).pin.get_secret_value()
        token = self.rules.pins.verify(pin, member.act, member.caller)
        headers = {**member.request.headers, PIN_TOKEN: token}
        return member.request._replace(headers=headers)


ADD, EDIT, REMOVE = "USER_PROFILE_ADD", "USER_PROFILE_CHANGE", "USER_PROFILE_REMOVE"
_PLAIN = ("timezone", "viewing_start", "viewing_end", "content_rating_limit")


def _new_pin(sent: Mapping[str, str]) -> ControlsChange:
    """Return the wish for another PIN.

    Raises:
        InvalidInputError: It is none.
    """
    try:
        return wish_of(ControlsChange, {"pin": sent.get("new_pin", "")})
    except InvalidInputError:
        issue = FieldIssue("new_pin", "digits", "enter 4 to 8 digits")
        raise InvalidInputError("the new PIN is none", issues=[issue]) from None


def _limits(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return what of a profile's form is no text as it stands."""
    return {
        "is_child": sent.get("is_child") == TICKED,
        "max_rating": sent.get("max_rating"),
        "blocked_genres": _blocked(sent),
    }


def _settings_of(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: sent[name] for name in _PLAIN if name in sent}


def _controls(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return what of the form of controls is no text as it stands; an empty limit is none."""
    nothing = {name: None for name in _PLAIN if name not in sent and name != "timezone"}
    return {**nothing, "enabled": sent.get("enabled") == TICKED, "blocked_genres": _blocked(sent)}


def _blocked(sent: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(GENRE) for name in sent if name.startswith(GENRE))


def _typed_of(profile: HouseholdProfile) -> dict[str, str]:
    """Return a profile as its form would have brought it."""
    said = {"name": profile.name, "language": profile.language, "max_rating": profile.max_rating}
    child = {"is_child": TICKED} if profile.is_child else {}
    return {**said, **child, **{GENRE + genre: TICKED for genre in profile.blocked_genres}}


def _typed_controls(kept: Controls) -> dict[str, str]:
    """Return controls as their form would have brought them."""
    found = controls_shown(kept)
    said = {name: getattr(found, name) or "" for name in _PLAIN}
    enabled = {"enabled": TICKED} if kept.enabled else {}
    return {**said, **enabled, **{GENRE + genre: TICKED for genre in kept.blocked_genres}}
