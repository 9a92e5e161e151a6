"""The indexes of one database as its queries meet them: used, missing, and remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.firestore.planning.needs import needs, served
from emulators.firestore.planning.refusals import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from emulators.firestore.fields import FieldPath
    from emulators.firestore.planning.definitions import Definition, Kind
    from emulators.firestore.planning.needs import Need
    from emulators.firestore.queries.query import Query

_MOST_KNOWN = 1000


@dataclass
class Strict:
    """What is refused as in production, in all databases.

    Attributes:
        indexes: Queries that lack an index.
        write_rate: More than one sustained write a second to a document.
    """

    indexes: bool = False
    write_rate: bool = False


class Indexed:
    """Which indexes a database has.

    Args:
        composites: Returns its composite indexes.
        modes: Returns how a field of collections of an id is indexed by itself.
        version: Returns what is another whenever either would return something else.
    """

    def __init__(
        self,
        composites: Callable[[], Collection[Definition]],
        modes: Callable[[str, FieldPath], frozenset[tuple[Kind, bool]]],
        version: Callable[[], object],
    ) -> None:
        self.composites, self._modes, self._version = composites, modes, version
        self._known: dict[Need, list[Definition] | None] = {}
        self._known_at: object = None

    def serve(self, need: Need) -> list[Definition] | None:
        """Return the indexes that serve a need, None where none do."""
        now = self._version()
        if now != self._known_at or len(self._known) > _MOST_KNOWN:
            self._known, self._known_at = {}, now
        if need not in self._known:
            self._known[need] = served(
                need, self.composites(), lambda path: self._modes(need.collection, path)
            )
        return self._known[need]


class Planner:
    """Finds the indexes of queries, and remembers which beyond those of every field they need.

    Args:
        root: ``projects/P/databases/D``.
        indexed: The indexes that there are.
        strict: Whether queries that lack one are refused.
        remember: Told of an index that is needed, each time.
    """

    def __init__(
        self,
        root: str,
        indexed: Indexed,
        strict: Strict,
        remember: Callable[[str, Definition], None],
    ) -> None:
        self._root, self._indexed, self._strict = root, indexed, strict
        self._remember = remember

    def check(self, query: Query) -> None:
        """Remember what a query needs, and refuse it where that is asked for and missing.

        Raises:
            EmulatorError: FAILED_PRECONDITION, naming the index.
        """
        lacking = None
        composites = self._indexed.composites()
        for need in needs(query):
            found = self._indexed.serve(need)
            if found is None:
                found, lacking = [need.generated], lacking or need.generated
                self._remember(self._root, need.generated)
            for index in found:
                if index in composites:
                    self._remember(self._root, index)
        if lacking is not None and self._strict.indexes:
            raise missing(self._root, lacking)

    def used(self, query: Query) -> list[Definition]:
        """Return the indexes that serve a query, or would where they are missing, once each."""
        found = [self._indexed.serve(need) or [need.generated] for need in needs(query)]
        return list(dict.fromkeys(index for each in found for index in each))
