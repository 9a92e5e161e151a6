"""/api/v1/auth/api-keys: keys for a user's programs, and what the gateway trades them for."""

from functools import cache

from shared.adapters import probes
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.api_keys import SqlApiKeys
from shared.identity import api_keys_wishes as wishes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.api_keys import KeyDesk
from shared.runtime.issuing import issuer
from shared.runtime.viewer import authorize

clock = SystemClock()
desk = cache(lambda: KeyDesk(SqlApiKeys(RedisRevocations()), clock))
PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=wishes.ApiKeyList)
def list_api_keys(request: http.Request) -> http.Reply:
    """Answer with the caller's live keys, the newest first."""
    items = [wishes.ApiKey(**vars(key)) for key in desk().of(request)]
    return http.reply(wishes.ApiKeyList(items=items), headers=PRIVATE)


@http.describes(query=wishes.WhichApiKey, answer=wishes.ApiKey)
def get_api_key(request: http.Request) -> http.Reply:
    """Answer with a key of the caller's."""
    found = desk().one(request, request.query(wishes.WhichApiKey).id)
    return http.reply(wishes.ApiKey(**vars(found)), headers=PRIVATE)


@http.describes(body=wishes.NewApiKey, answer=wishes.MadeApiKey, status=201, refusals=(403, 409))
def create_api_key(request: http.Request) -> http.Reply:
    """Make a key; it is shown this once."""
    made, key = desk().make(request, request.json(wishes.NewApiKey))
    return http.reply(wishes.MadeApiKey(**vars(made), key=key), status=201, headers=PRIVATE)


@http.describes(
    query=wishes.WhichApiKey, body=wishes.Rotation, body_optional=True,
    answer=wishes.MadeApiKey, status=201, refusals=(403, 409),
)  # fmt: skip
def rotate_api_key(request: http.Request) -> http.Reply:
    """Make a key in the place of another, which goes on for a while."""
    wish = request.json(wishes.Rotation) if request.body else wishes.Rotation()
    made, key = desk().rotate(request, request.query(wishes.WhichApiKey).id, wish)
    return http.reply(wishes.MadeApiKey(**vars(made), key=key), status=201, headers=PRIVATE)


@http.describes(query=wishes.WhichApiKey, status=204, media_type="", refusals=(403,))
def revoke_api_key(request: http.Request) -> http.Reply:
    """End a key of the caller's."""
    desk().revoke(request, request.query(wishes.WhichApiKey).id)
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(body=wishes.KeyDigest, answer=wishes.TradedKey)
def trade_api_key(request: http.Request) -> http.Reply:
    """Give the gateway a short token for the digest of a key."""
    return http.reply(desk().trade(request.json(wishes.KeyDigest)), headers=PRIVATE)


def secrets() -> None:
    """Make sure that tokens can be signed."""
    issuer()


handle = http.resource(
    __file__, list_api_keys, get_api_key, create_api_key, rotate_api_key, revoke_api_key,
    trade_api_key, authorize=authorize, probes=[probes.database, probes.redis, secrets],
)  # fmt: skip
