"""The names of the catalog, by which searches are understood, from the suggestions' snapshot."""

from collections.abc import Callable

from shared.adapters import connect
from shared.adapters.snapshots import Snapshot, WatchedSnapshot
from shared.search.understanding.ports import Names
from shared.search.understanding.renewed import Renewed

SNAPSHOT = "search/dictionary.snapshot"
"""As in `shared.search.suggest.index`, which is loaded with the snapshot."""


def catalog_names() -> Callable[[], Names | None]:
    """Return what gives the names of the newest snapshot, None before there is any.

    They are loaded, and renewed, in a thread behind the requests.
    """
    watched = WatchedSnapshot(lambda: connect.addresses().artifacts_dir / SNAPSHOT, _names)

    def newest() -> Names | None:
        loaded = watched.current()
        return None if loaded is None else loaded.value

    return Renewed(newest)


def _names(snapshot: Snapshot) -> Names:
    from shared.search.suggest.index import Suggester  # noqa: PLC0415 - 60 ms, with rapidfuzz
    from shared.search.understanding.names import CatalogNames  # noqa: PLC0415

    return CatalogNames(Suggester.from_arrays(snapshot.arrays, snapshot.about))
