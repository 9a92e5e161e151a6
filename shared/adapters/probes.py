"""Whether a dependency answers: one function for each, named as manifests name it under ``health``.

Each returns when the dependency did what we need of it, and raises `UnavailableError` otherwise.
A ``main.py`` hands over those it declares, so a bundle installs no client that it does not use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.search.ports import Embedder

CALL_SECONDS = 2.0


def database() -> None:
    """Return when PostgreSQL answered ``SELECT 1``.

    Raises:
        UnavailableError: It did not.
    """
    from sqlalchemy import text  # noqa: PLC0415 - 140 ms, only where SQL is reached

    from shared.adapters.sql.statement import translated  # noqa: PLC0415

    with translated("database"), connect.reads().connect() as connection:
        connection.execute(text("SELECT 1"))


def redis() -> None:
    """Return when Redis answered PING.

    Raises:
        UnavailableError: It did not.
    """
    from redis.exceptions import RedisError  # noqa: PLC0415 - 130 ms, only where Redis is reached

    try:
        connect.redis().ping()
    except RedisError as error:
        raise UnavailableError(f"redis did not answer: {error}") from error


def pubsub() -> None:
    """Return when Pub/Sub answered anything about a topic.

    A publisher may not read topics (``roles/pubsub.publisher`` has ``topics.publish`` alone), and
    none needs to be there: a refusal is an answer too.

    Raises:
        UnavailableError: There was no answer.
    """
    from google.api_core import exceptions  # noqa: PLC0415 - 190 ms, only where events are sent

    from shared.adapters import pubsub as publishing  # noqa: PLC0415

    try:
        client = publishing._client()  # noqa: SLF001 - the one client of this process
        topic = client.topic_path(connect.addresses().project, "health")
        client.get_topic(topic=topic, timeout=CALL_SECONDS, retry=None)
    except (exceptions.NotFound, exceptions.PermissionDenied):
        return
    except exceptions.GoogleAPIError as error:
        raise UnavailableError(f"pub/sub did not answer: {error}") from error


def vector_index() -> None:
    """Return when the index that is deployed answered a read of a point that is not there.

    Raises:
        UnavailableError: It did not.
    """
    from shared.adapters.vector_search import ask  # noqa: PLC0415 - with its client

    ask("readIndexDatapoints", {"ids": ["health"]})


def embedder(made: Callable[[], Embedder]) -> Callable[[], None]:
    """Return the probe of a process's own embedder: it must embed one word.

    Args:
        made: Returns the embedder, loading it where nobody did before.
    """

    def embedder() -> None:
        made().embed(["ready"], "query")

    return embedder


def secrets(*references: str) -> Callable[[], None]:
    """Return the probe of secrets: each must have been read, which happens once in a process."""

    def secrets() -> None:
        from shared.adapters.secrets import secret  # noqa: PLC0415 - 190 ms

        for reference in references:
            secret(reference)

    return secrets
