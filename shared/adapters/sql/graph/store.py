"""The graph as it is kept: read from the catalog, made what it is now, walked."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import orjson

from shared.adapters import connect
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array, statement, translated
from shared.kernel.clock import Clock, SystemClock
from shared.search.graph.build import Builder, Node
from shared.search.graph.edges import SOURCES
from shared.search.indexing import FLOATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.search.graph.edges import Neighbors
    from shared.search.ports import Vector

NODES = statement(__file__, "nodes")
KEEP = statement(__file__, "keep")
KEEP_FRANCHISES = statement(__file__, "keep_franchises")
FORGET = statement(__file__, "forget")
PAGE = 1000


def nodes(model: str, *, page: int = PAGE) -> Iterator[Node]:
    """Yield every living title that can stand for itself, in the order of ids, page by page.

    Args:
        model: Of the vectors that count; titles with another's have none.
        page: Titles of one statement.

    Raises:
        UnavailableError: The database does not answer.
    """
    after = str(UUID(int=0))
    while True:
        bound = {"after": after, "most": page, "model": model}
        (found,) = read(NODES(), bound, what="titles of the graph")
        rows = orjson.loads(found.found)
        if not rows:
            return
        yield from map(_node, rows)
        after = rows[-1]["id"]


class SqlGraph:
    """Tables ``content_edge`` and ``content_franchise``, written a block of titles at a time.

    A block is one transaction, so that a reader finds each title's edges as they were or as they
    are, never some of them; who runs it again changes nothing.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def keep(self, block: Sequence[Neighbors]) -> int:
        """Make the edges and franchises of these titles what is given; return edges written.

        Raises:
            UnavailableError: The database does not answer.
        """
        shared = {"titles": array(of.src for of in block), "now": self._clock.now()}
        with translated("edges"), connect.engine().begin() as connection:
            written = connection.execute(KEEP(), {**shared, **_edges(block)}).rowcount
            connection.execute(KEEP_FRANCHISES(), {**shared, **_members(block)})
        return written

    def rebuild(self, model: str) -> dict[str, int]:
        """Make every title's edges what they are now, some hundred titles at a time.

        Whoever runs it again finishes what was begun: what is as it should be is not written.

        Args:
            model: Of the vectors that count.

        Returns:
            How many titles there are, and how many edges were written and went.
        """
        titles = list(nodes(model))
        written = sum(self.keep(block) for block in Builder(titles).blocks())
        return {"titles": len(titles), "written": written, "gone": self.forget()}

    @staticmethod
    def forget() -> int:
        """Take out titles that were deleted or merged; return how many edges went."""
        with translated("edges"), connect.engine().begin() as connection:
            return connection.execute(FORGET()).rowcount


def _edges(block: Sequence[Neighbors]) -> dict[str, str]:
    pairs = [(of.src, edge) for of in block for edge in of.edges]
    return {
        "src": array(src for src, _ in pairs),
        "dst": array(edge.dst for _, edge in pairs),
        "types": array(edge.type for _, edge in pairs),
        "weights": array(edge.weight for _, edge in pairs),
        "sources": array(SOURCES[edge.type] for _, edge in pairs),
    }


def _members(block: Sequence[Neighbors]) -> dict[str, str]:
    members = [of for of in block if of.franchise]
    return {
        "members": array(of.src for of in members),
        "franchises": array(of.franchise for of in members),
        "called": array(f'"{of.called or ""}"' for of in members),  # folded: letters and spaces
    }


def _node(row: dict[str, Any]) -> Node:
    return Node(
        id=row["id"],
        title=row["title"],
        directors=tuple(row["directors"]),
        cast=tuple(row["actors"]),
        themes=tuple(row["themes"]),
        vector=_vector(row["vector"]),
        described=row["described"],
    )


def _vector(written: str | None) -> Vector | None:
    if written is None:
        return None
    return np.frombuffer(base64.b64decode(written), FLOATS).astype(np.float32)
