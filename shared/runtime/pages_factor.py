"""Pages on which a browser shows a second factor, or a passkey alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from shared.identity.browser import FormForgedError, form_token
from shared.identity.factors import APP, PASSKEY, FactorPendingError, FactorWrongError
from shared.identity.factors_waiting import PREFIX
from shared.identity.pages_return import SIGN_IN
from shared.identity.pages_texts import missing
from shared.identity.throttle import TooManyTriesError
from shared.kernel.errors import MalformedError
from shared.runtime import browser
from shared.runtime.account_acts import acts_of
from shared.runtime.forms import form
from shared.runtime.pages import Wrong, go, known, page
from shared.runtime.pages_desk import FACTOR, onward_of, targets, waiting_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.pages_return import Onward
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages_desk import PageDesk

ALONE = "/auth/sign-in/passkey"
SECOND = "/auth/sign-in/factor/passkey"
BACKUP = "backup"
CODE = "Enter the code"
WAYS = {APP: "Use a code of your app", PASSKEY: "Use a passkey", BACKUP: "Use a backup code"}
_TOLD = (FactorWrongError, TooManyTriesError, FormForgedError)


@dataclass(frozen=True)
class FactorPages:
    """Codes, backup codes and passkeys."""

    desk: PageDesk

    def show(self, request: Request) -> Reply:
        """Ask for a code, where a first proof waits for it."""
        given = dict(request.pairs)
        onward = onward_of(given)
        if not _token(request):
            return go(f"{SIGN_IN}{onward.query}")
        if given.get("by") == PASSKEY or given.get("ways") == PASSKEY:
            return go(f"{SECOND}{onward.query}")
        return self._form(request, given, onward)

    def submit(self, request: Request) -> Reply:
        """Judge a code, and sign in."""
        sent = form(request)
        onward = onward_of(sent)
        try:
            browser.must_be_own(request, sent)
            if sent.get("code", "").strip():
                return self._pass(request, sent)
            wrong = Wrong(missing(code=CODE))
        except FactorPendingError as error:
            return _again(Wrong.of(error, request), onward)
        except _TOLD as error:
            wrong = Wrong.of(error, request)
        return self._form(request, sent, onward, wrong=wrong)

    def _pass(self, request: Request, sent: Mapping[str, str]) -> Reply:
        step, act, onward = self.desk.factors.second_step, acts_of(request), onward_of(sent)
        check = step.by_backup if sent.get("by") == BACKUP else step.by_code
        passed = check(_token(request), sent["code"].strip(), act)
        return self.desk.enter(request, passed.proof, onward)

    def _form(
        self,
        request: Request,
        given: Mapping[str, str],
        onward: Onward,
        *,
        wrong: Wrong | None = None,
    ) -> Reply:
        cookie, kept = known(request)
        ways = [way for way in given.get("ways", "").split() if way in {APP, PASSKEY}] or [APP]
        by = BACKUP if given.get("by") == BACKUP or APP not in ways else APP
        carried = {**onward.carried, "ways": " ".join(ways)}
        others = {
            f"{FACTOR}?{urlencode({**carried, 'by': way})}": WAYS[way]
            for way in (*ways, BACKUP)
            if way != by
        }
        return page(
            "factor",
            wrong=wrong,
            headers=kept,
            forms=targets(waiting_for(request, onward)),
            csrf=form_token(cookie),
            carried=carried,
            by=by,
            others=others,
            query=onward.query,
        )

    def show_passkey(self, request: Request) -> Reply:
        """Ask for a passkey as the only proof."""
        onward = onward_of(dict(request.pairs))
        return self._ask(request, self.desk.factors.by_passkey.begin(), onward, alone=True)

    def show_second_passkey(self, request: Request) -> Reply:
        """Ask for a passkey beside a password."""
        onward, token = onward_of(dict(request.pairs)), _token(request)
        if not token:
            return go(f"{SIGN_IN}{onward.query}")
        options = self.desk.factors.second_step.begin_passkey(token)
        return self._ask(request, options, onward, alone=False)

    def _ask(
        self, request: Request, options: Mapping[str, Any], onward: Onward, *, alone: bool
    ) -> Reply:
        cookie, kept = known(request)
        return page(
            "passkey",
            headers=kept,
            forms=targets(waiting_for(request, onward)),
            csrf=form_token(cookie),
            carried=onward.carried,
            options=orjson.dumps(options).decode(),
            action=ALONE if alone else SECOND,
            others={f"{SIGN_IN if alone else FACTOR}{onward.query}": "Another way"},
        )

    def submit_passkey(self, request: Request) -> Reply:
        """Sign in whose passkey was shown."""
        sent = browser.own_form(request)
        proof = self.desk.factors.by_passkey.prove(answer_of(sent), acts_of(request))
        return self.desk.enter(request, proof, onward_of(sent))

    def submit_second_passkey(self, request: Request) -> Reply:
        """Join a passkey to the password that was shown before."""
        sent, act = browser.own_form(request), acts_of(request)
        step = self.desk.factors.second_step
        passed = step.by_passkey(_token(request), answer_of(sent), act)
        return self.desk.enter(request, passed.proof, onward_of(sent))


def _again(wrong: Wrong, onward: Onward) -> Reply:
    """Say that the first proof is over."""
    where = {f"{SIGN_IN}{onward.query}": "Sign in"}
    return page("message", wrong=wrong, title="Sign in again", text="", onward=where)


def _token(request: Request) -> str:
    """Return what names the first proof of a browser: its cookie, until the second one is there."""
    cookie = browser.cookie_of(request)
    return cookie if cookie.startswith(PREFIX) else ""


def answer_of(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return what a passkey said.

    Raises:
        MalformedError: It is no JSON object.
    """
    try:
        found = orjson.loads(sent.get("answer", ""))
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise MalformedError("the answer of the passkey cannot be read")
    return found
