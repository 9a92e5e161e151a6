"""Clients of the services we stand on, one per process, made when first asked for.

The edge says where services are (`configure`); an adapter asks here and never reads a setting.
Heavy libraries are imported inside the factories, so a function pays only for what it reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from shared.adapters import pools
from shared.kernel.errors import UnavailableError
from shared.kernel.once import one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

POOL_SIZE = 4
"""Most connections of one process, half of them each engine's; Terraform counts with it."""
POOL_TIMEOUT_SECONDS = 5
REDIS_CONNECTIONS = 50
"""Most of one event loop. A command takes at most 250 ms, so 200 callers are through after four
turns: a second, less than the 1.25 s after which a caller takes Redis for lost."""
REDIS_CONNECT_SECONDS, REDIS_ANSWER_SECONDS = 1.0, 0.25
"""Longest that one waits for Redis (spec/gateway §4)."""
CONNECT_TIMEOUT_SECONDS = 5
EXECUTIONS = "https://workflowexecutions.googleapis.com"


@dataclass(frozen=True)
class Addresses:
    """Where everything is.

    Attributes:
        project: Google Cloud project id.
        location: Region of the regional services.
        database_url: SQLAlchemy URL, or empty where `database_instance` is used.
        database_instance: Cloud SQL connection name ``project:region:instance``, or empty.
        database_user: IAM user of the instance.
        redis_url: ``redis://`` or ``rediss://`` URL, or empty.
        redis_auth: Reference of its password in Secret Manager, or empty.
        redis_ca: Certificate of its authority, PEM, or empty.
        raw_dir: Mounted folder of raw provider pages.
        artifacts_dir: Mounted folder of models and snapshots.
        function_url: Address template of a function, with ``{service}`` in it.
        vertex_url: Base address of Vertex AI's REST surface.
        provider_url: Base address of the Streaming Availability API.
        provider_key: Reference of its key in Secret Manager.
        provider_plans: What replaces the limits of providers, JSON by provider, or empty.
        tmdb_url: Base address of TMDB's API.
        tmdb_key: Reference of its access token, or empty.
        watchmode_url: Base address of Watchmode's API.
        watchmode_key: Reference of its key, or empty.
        youtube_url: Base address of YouTube's Data API.
        youtube_key: Reference of its key, or empty.
        youtube_channels: Ids of the channels whose videos are brought in.
        secret_manager: ``host:port`` of an emulator, empty for Google's.
        executions_url: Base address of the Workflows Executions API.
        language_model: Whose model reads questions, ``gemini``, ``openai`` or empty for nobody's.
        language_model_name: Its name there, or empty.
        language_model_url: Base address of the service, or empty for the provider's own.
        language_model_key: Reference of OpenAI's key, or empty.
        mail_url: Where mail is handed in, a server or a folder.
        mail_key: Reference of the password there, or empty.
        mail_sender: Value of ``From``.
        mail_pages: Address of the pages that links in mails lead to, or empty.
        vector_index: Numeric id of the Vector Search index.
        vector_endpoint: Numeric id of the index endpoint.
        neighbors_url: Base address that answers for the nearest; a public endpoint has its own.
        deployed_index: Id under which the index is deployed there.
        routes_file: The gateway's route table, made from the manifests.
    """

    project: str
    location: str
    database_url: str
    database_instance: str
    database_user: str
    redis_url: str
    redis_auth: str
    redis_ca: str
    raw_dir: Path
    artifacts_dir: Path
    function_url: str
    vertex_url: str
    provider_url: str
    provider_key: str
    provider_plans: str
    tmdb_url: str
    tmdb_key: str
    watchmode_url: str
    watchmode_key: str
    youtube_url: str
    youtube_key: str
    youtube_channels: tuple[str, ...]
    secret_manager: str
    executions_url: str
    language_model: str
    language_model_name: str
    language_model_url: str
    language_model_key: str
    mail_url: str
    mail_key: str
    mail_sender: str
    mail_pages: str
    vector_index: str
    vector_endpoint: str
    neighbors_url: str
    deployed_index: str
    routes_file: Path


_source: list[Callable[[], Addresses]] = []


def configure(source: Callable[[], Addresses]) -> None:
    """Say where addresses come from; `source` is called once, at the first use."""
    _source[:] = [source]


@cache
def addresses() -> Addresses:
    """Return where everything is.

    Raises:
        UnavailableError: `configure` was never called.
    """
    if not _source:
        raise UnavailableError("no addresses were configured for this process")
    return _source[0]()


def close() -> None:
    """Close every client and forget it, for tests; `redis_async` is its event loop's to close."""
    pools.close()
    for client in (_redis, _redis_once):
        if client.cache_info().currsize:
            client().close()
    for made in (addresses, _engine, _reads, _redis, _redis_once, redis_async):
        made.cache_clear()


def engine() -> Engine:
    """Return the engine for transactions; connections are not shared between threads."""
    return one(_engine)


def reads() -> Engine:
    """Return the engine for single statements: no transaction around them, nothing to reset."""
    return one(_reads)


@cache
def _engine() -> Engine:
    return _make_engine(pool_reset_on_return="rollback")


@cache
def _reads() -> Engine:
    return _make_engine(isolation_level="AUTOCOMMIT", pool_reset_on_return=None)


def _broken(context: ExceptionContext) -> None:
    """Take an error of the system for a lost connection.

    pg8000 lets one through as it is where the server has reset the connection, SQLAlchemy does not
    know it for what it is, and the dead connection would be handed out once more.
    """
    if isinstance(context.original_exception, OSError):
        context.is_disconnect = True


def _make_engine(**options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own options
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - 140 ms, only for SQL

    at = addresses()
    pool = {"pool_size": POOL_SIZE // 2, "max_overflow": 0, "pool_timeout": POOL_TIMEOUT_SECONDS}
    shared = {**pool, "pool_recycle": 1800, **options}
    if at.database_instance:
        creator = _cloud_sql_creator(at)
        made = create_engine("postgresql+pg8000://", creator=creator, **shared)
    else:
        made = create_engine(at.database_url, connect_args=_arguments(at.database_url), **shared)
    event.listen(made, "handle_error", _broken)
    return pools.watched(made)


def _arguments(database_url: str) -> dict[str, Any]:
    """Return what pg8000 is told of a connection, besides where it leads to.

    It would read all certificates of this machine for each one, 20 ms that a database on the same
    machine does not need.
    """
    from sqlalchemy import make_url  # noqa: PLC0415 - as above

    arguments = {"timeout": CONNECT_TIMEOUT_SECONDS, "tcp_keepalive": True}
    try:
        here = ip_address(make_url(database_url).host or "").is_loopback
    except ValueError:  # a name
        here = False
    return arguments | ({"ssl_context": False} if here else {})


def _cloud_sql_creator(at: Addresses) -> Callable[[], Any]:
    from google.cloud.sql.connector import Connector, IPTypes  # noqa: PLC0415 - 350 ms

    connector = Connector(ip_type=IPTypes.PRIVATE, refresh_strategy="lazy")

    def connect() -> Any:  # noqa: ANN401 - a pg8000 connection, which has no types
        return connector.connect(
            at.database_instance,
            "pg8000",
            user=at.database_user,
            db="media_gateway",
            enable_iam_auth=True,
        )

    return connect


def redis() -> Redis:
    """Return the Redis client; commands wait at most 250 ms."""
    return one(_redis)


def redis_once() -> Redis:
    """Return a client whose commands are tried once, for who has something else to fall back on."""
    return one(_redis_once)


@cache
def _redis() -> Redis:
    from redis import Redis  # noqa: PLC0415 - 130 ms, only where Redis is reached

    return Redis.from_url(_redis_url(), **_redis_options())


@cache
def _redis_once() -> Redis:
    from redis import Redis  # noqa: PLC0415 - as above
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return Redis.from_url(_redis_url(), retry=Retry(NoBackoff(), 0), **_redis_options())


@cache
def redis_async() -> AsyncRedis:
    """Return the Redis client of the event loop, as `redis`."""
    # 130 ms, only where Redis is reached
    from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    from shared.adapters.redis import COMMAND_SECONDS  # noqa: PLC0415 - that one's modules ask here

    # The client repeats ten times by itself, which makes seconds of a refusal; callers degrade.
    pool = BlockingConnectionPool.from_url(
        _redis_url(),
        max_connections=REDIS_CONNECTIONS,
        timeout=COMMAND_SECONDS,  # who waits for a connection has not found that Redis is gone
        retry=Retry(NoBackoff(), 0),
        **_redis_options(),
    )
    return Redis.from_pool(pool)


def _redis_url() -> str:
    url = addresses().redis_url
    if not url:
        raise UnavailableError("redis is not configured: set MEDIA_GATEWAY_REDIS_URL")
    return url


def _redis_options() -> dict[str, Any]:
    from shared.adapters.secrets import secret  # noqa: PLC0415 - it asks this module for addresses

    at = addresses()
    options: dict[str, Any] = {
        "socket_timeout": REDIS_ANSWER_SECONDS,
        "socket_connect_timeout": REDIS_CONNECT_SECONDS,
    }
    if at.redis_auth:
        options["password"] = secret(at.redis_auth)
    if at.redis_ca:
        options["ssl_ca_data"] = at.redis_ca
    return options
