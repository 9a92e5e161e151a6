"""/api/v1/auth/passkeys: registering passkeys, signing in with one, and looking after them."""

from shared.adapters import probes
from shared.identity.accounts_wishes import Tokens
from shared.identity.passkeys_answers import PasskeyList, PasskeyMade, PasskeyOptions, PasskeyView
from shared.identity.passkeys_wishes import (
    AskPasskey,
    NewPasskey,
    PasskeyName,
    ShowPasskey,
    WhichPasskey,
)
from shared.runtime import http
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.factors import rules, secrets
from shared.runtime.viewer import authorize

PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=PasskeyOptions, refusals=(409,))
def begin_registration(request: http.Request) -> http.Reply:
    """Ask the browser for a new passkey."""
    options = rules().own_passkeys.begin(request.principal, acts_of(request))
    return http.reply(PasskeyOptions(public_key=options), headers=PRIVATE)


@http.describes(body=NewPasskey, answer=PasskeyMade, status=201, refusals=(409,))
def finish_registration(request: http.Request) -> http.Reply:
    """Keep a new passkey; backup codes come with an account's first second factor."""
    wish, act, desk = request.json(NewPasskey), acts_of(request), rules().own_passkeys
    found = desk.finish(request.principal, wish.credential, wish.name or "", act)
    return http.reply(PasskeyMade.of(*found), status=201, headers=PRIVATE)


@http.describes(body=AskPasskey, body_optional=True, answer=PasskeyOptions, refusals=(401, 404))
def begin_authentication(request: http.Request) -> http.Reply:
    """Ask the browser for a passkey: any, the caller's, or that of a sign-in's second step."""
    wish = request.json(AskPasskey) if request.body else AskPasskey()
    options = rules().by_passkey.begin(wish.mfa_token or "", request.principal)
    return http.reply(PasskeyOptions(public_key=options), headers=PRIVATE)


@http.describes(body=ShowPasskey, answer=Tokens, refusals=(401, 403))
def finish_authentication(request: http.Request) -> http.Reply:
    """Begin a session by a passkey, alone or after a password."""
    wish, where = request.json(ShowPasskey), visitor_of(request)
    tokens = rules().by_passkey.finish(wish, acts_of(request), where)
    return http.reply(vars(tokens), headers=PRIVATE)


@http.describes(answer=PasskeyList)
def list_passkeys(request: http.Request) -> http.Reply:
    """Answer with the caller's passkeys."""
    return http.reply(PasskeyList.of(rules().own_passkeys.of(request.principal)), headers=PRIVATE)


@http.describes(query=WhichPasskey, body=PasskeyName, answer=PasskeyView, refusals=(404,))
def rename_passkey(request: http.Request) -> http.Reply:
    """Give a passkey another name."""
    which, name = request.query(WhichPasskey).id, request.json(PasskeyName).name
    found = rules().own_passkeys.rename(request.principal, which, name)
    return http.reply(PasskeyView.of(found), headers=PRIVATE)


@http.describes(query=WhichPasskey, status=204, media_type="", refusals=(404,))
def remove_passkey(request: http.Request) -> http.Reply:
    """Forget a passkey."""
    which, act = request.query(WhichPasskey).id, acts_of(request)
    rules().own_passkeys.remove(request.principal, which, act)
    return http.Reply(status=204, headers=PRIVATE, media_type="")


handle = http.resource(
    __file__, begin_registration, finish_registration, begin_authentication,
    finish_authentication, list_passkeys, rename_passkey, remove_passkey,
    authorize=authorize, probes=[probes.database, secrets, probes.pubsub, probes.redis],
)  # fmt: skip
