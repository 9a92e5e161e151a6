"""/api/v1/auth/mfa and /step-up: second factors, and proving again who one is."""

from collections.abc import Iterable

from shared.adapters import probes
from shared.adapters.totp_picture import qr_png
from shared.identity.accounts_wishes import Tokens
from shared.identity.factors_answers import BackupCodes, Enrollment, SteppedUp
from shared.identity.factors_judge import Typed
from shared.identity.factors_wishes import FactorCode, FirstCode, OwnFactor, StepUpWish
from shared.runtime import http
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.factors import rules, secrets
from shared.runtime.viewer import authorize

PRIVATE = {"cache-control": "no-store"}


@http.describes(body=OwnFactor, body_optional=True, answer=Enrollment, refusals=(409, 429))
def enroll_factor(request: http.Request) -> http.Reply:
    """Make the secret of an authenticator app; one that is there is replaced by its own code."""
    made = rules().own.enroll(request.principal, _typed(request), acts_of(request))
    shown = {"otpauth_uri": made.address, "secret": made.secret, "qr_png": qr_png(made.address)}
    return http.reply(Enrollment(**shown), headers=PRIVATE)


@http.describes(body=FirstCode, answer=BackupCodes, refusals=(404, 429))
def verify_factor(request: http.Request) -> http.Reply:
    """Put an authenticator app to use by its first code; the answer holds the backup codes."""
    code = request.json(FirstCode).code
    return _shown(rules().own.activate(request.principal, code, acts_of(request)))


@http.describes(body=FactorCode, answer=Tokens, refusals=(401, 403, 429))
def challenge_factor(request: http.Request) -> http.Reply:
    """Finish a sign-in by a code of an authenticator app, or by a backup code."""
    wish, act = request.json(FactorCode), acts_of(request)
    passed = rules().second_step.by_typed(wish.mfa_token, wish.typed, act)
    return http.reply(
        vars(rules().signing_in.finish(passed, act, visitor_of(request))), headers=PRIVATE
    )


@http.describes(body=OwnFactor, body_optional=True, status=204, media_type="", refusals=(404, 429))
def remove_factor(request: http.Request) -> http.Reply:
    """Take the authenticator app off."""
    rules().own.remove(request.principal, _typed(request), acts_of(request))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(body=OwnFactor, body_optional=True, answer=BackupCodes, refusals=(404, 429))
def make_backup_codes(request: http.Request) -> http.Reply:
    """Make new backup codes; those there were are none any more."""
    return _shown(rules().own.renew_backups(request.principal, _typed(request), acts_of(request)))


@http.describes(body=StepUpWish, answer=SteppedUp, refusals=(403, 429))
def step_up(request: http.Request) -> http.Reply:
    """Prove again who the user is; the answer is a token that says so."""
    again, where = request.json(StepUpWish).again, visitor_of(request)
    token = rules().step_up.prove(request.principal, again, acts_of(request), where)
    return http.reply(SteppedUp(access_token=token), headers=PRIVATE)


def _typed(request: http.Request) -> Typed:
    return request.json(OwnFactor).typed if request.body else Typed()


def _shown(codes: Iterable[str]) -> http.Reply:
    return http.reply(BackupCodes(backup_codes=list(codes)), headers=PRIVATE)


handle = http.resource(
    __file__, enroll_factor, verify_factor, challenge_factor, remove_factor, make_backup_codes,
    step_up, authorize=authorize, probes=[probes.database, secrets, probes.pubsub, probes.redis],
)  # fmt: skip
