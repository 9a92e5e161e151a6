"""The token endpoint, and what belongs to it: RFC 6749, 7009, 7662, 8414, 9728 and 7517."""

from shared.adapters import probes
from shared.identity.protocol import metadata, resource_metadata
from shared.identity.protocol_answers import (
    GivenToken,
    IssuerMetadata,
    KeySet,
    ResourceMetadata,
    TokenForm,
    Tokens,
    WhatItIs,
)
from shared.runtime import http, issuing, oauth

HOUR = {"cache-control": "public, max-age=3600"}


@http.describes(form=TokenForm, answer=Tokens)
def issue_token(request: http.Request) -> http.Reply:
    """Answer a grant: the code of a browser or of a device that was let in, or a refresh token."""
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
    made = issuing.issuer()
    return http.reply(metadata(made.name, made.signer.algorithm), headers=HOUR)


@http.describes(answer=IssuerMetadata)
def describe_provider(request: http.Request) -> http.Reply:
    """Say the same to those who look for OpenID Connect."""
    return describe_issuer(request)


@http.describes(answer=ResourceMetadata)
def describe_resource(_request: http.Request) -> http.Reply:
    """Say who lets callers of this API in."""
    return http.reply(resource_metadata(issuing.issuer().name), headers=HOUR)


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
    describe_provider,
    describe_resource,
    list_keys,
    probes=[probes.database, probes.redis, oauth.secrets],
)
