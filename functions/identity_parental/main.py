"""/api/v1/users/me/parental-controls: what a whole account may see, and the PIN that guards it."""

from functools import cache

from shared.adapters import probes
from shared.adapters.pubsub import PubSubPublisher
from shared.identity.parental_pin import LIFE
from shared.identity.parental_wishes import (
    ControlsChange,
    ControlsShown,
    PinToken,
    PinTry,
    shown,
)
from shared.identity.step_up import must_be_self
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.account_acts import acts_of
from shared.runtime.household_acts import CHANGE, known, shown_by
from shared.runtime.pins import PinRules
from shared.runtime.viewer import authorize

clock = SystemClock()
rules = cache(lambda: PinRules(clock, PubSubPublisher()))
PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=ControlsShown)
def get_controls(request: http.Request) -> http.Reply:
    """Answer with what holds for the account; never with its PIN."""
    return http.reply(shown(rules().controls.find(request.principal.sub)), headers=PRIVATE)


@http.describes(body=ControlsChange, answer=ControlsShown, refusals=(404,))
def change_controls(request: http.Request) -> http.Reply:
    """Change it; to let more be seen, or to change the PIN, that has to be shown."""
    wish = known(request.json(ControlsChange))
    by = shown_by(request, CHANGE, fields=wish.fields())
    found = rules().pins.change(wish, by.pin_token, by.caller, by.noted)
    return http.reply(shown(found), headers=PRIVATE)


@http.describes(body=PinTry, answer=PinToken, refusals=(404, 429))
def verify_pin(request: http.Request) -> http.Reply:
    """Answer with what shows for five minutes that this session knows the PIN."""
    pin = request.json(PinTry).pin.get_secret_value()
    must_be_self(request.principal)
    token = rules().pins.verify(pin, acts_of(request), request.principal)
    given = PinToken(pin_token=token, expires_in=int(LIFE.total_seconds()))
    return http.reply(given, headers=PRIVATE)


handle = http.resource(
    __file__, get_controls, change_controls, verify_pin,
    authorize=authorize, probes=[probes.database, probes.pubsub, probes.redis],
)  # fmt: skip
