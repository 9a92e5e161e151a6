"""The token endpoint, and what belongs to it: RFC 6749, 7009, 7662, 8414 and 7517."""

from shared.adapters import probes
from shared.identity.protocol import metadata
from shared.identity.protocol_answers import (
    GivenToken,
    IssuerMetadata,
    KeySet,
    TokenForm,
    Tokens,
    WhatItIs,
)
from shared.runtime import http, issuing, oauth


@http.describes(form=TokenForm, answer=Tokens)
def issue_token(request: http.Request) -> http.Reply:
    """Answer a grant: a refresh token, or the code of a device that was let in."""
    return oauth.token(request)


@http.describes(form=GivenToken, media_type="")
def revoke_token(request: http.Request) -> http.Reply:
    """End a session, or a single access token."""
    return oauth.revoke(request)


@http.describes(form=GivenToken, answer=WhatItIs)
def introspect_token(request: http.Request) -> http.Reply:
    """Say what a token is, to an application that can keep a secret."""
    return oauth.introspect(request)


@http.describes(answer=IssuerMetadata)
def describe_issuer(_request: http.Request) -> http.Reply:
    """Say what is served here, and where."""
    document = metadata(issuing.issuer().name)
    return http.reply(document, headers={"cache-control": "public, max-age=3600"})


@http.describes(answer=KeySet)
def list_keys(_request: http.Request) -> http.Reply:
    """Answer with the public keys of tokens."""
    fresh = {"cache-control": "public, max-age=300"}
    return http.Reply(issuing.keys().public, headers=fresh)


handle = http.resource(
    __file__,
    issue_token,
    revoke_token,
    introspect_token,
    describe_issuer,
    list_keys,
    probes=[probes.database, probes.redis, oauth.secrets],
)
