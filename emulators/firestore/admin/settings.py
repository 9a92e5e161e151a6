"""Settings of fields: which single-field indexes they have, and which of them ends a document.

A field has its own settings, or those of the map around it, of its collection group (``*``), or of
the database (``__default__``), which has every field ascending, descending and as an array, in
the scope of a collection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from emulators.core import errors
from emulators.firestore import fields
from emulators.firestore import names as places
from emulators.firestore.admin import names
from emulators.firestore.admin.messages import Field, Index
from emulators.firestore.admin.names import FieldName
from emulators.firestore.planning.definitions import COLLECTION, GROUP, Kind, part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.core.journal import Journal
    from emulators.core.methods import Proto
    from emulators.firestore.fields import FieldPath

SPACE = "firestore.field"
Modes: TypeAlias = "frozenset[tuple[Kind, bool]]"
"""How a field is indexed by itself, each for one collection or for a group of them."""
AUTOMATIC: Modes = frozenset(
    (kind, False) for kind in (Kind.ASCENDING, Kind.DESCENDING, Kind.CONTAINS)
)
MOST_OFFSET_SECONDS = 2_147_483_647
_TTL = "ttlConfig:*"
_OVERRIDDEN = ("indexConfig.usesAncestorConfig:false", "indexConfig.usesAncestorConfig=false")


class Settings:
    """The settings of all fields that have some of their own.

    Args:
        journal: Where they are kept.

    Attributes:
        changes: How often any was changed.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept: dict[FieldName, Proto] = {
            names.field(name): Field.FromString(body) for name, body in journal.load(SPACE)
        }
        self._modes: dict[FieldName, Modes] = {}
        self.changes = 0

    def get(self, name: FieldName) -> Proto:
        """Return the settings of a field, its own or those that it has from others."""
        shown = Field(name=str(name))
        source = self._source(name)
        kept = self._kept.get(source)
        config = shown.index_config
        config.SetInParent()
        if kept is None:
            _index(config, AUTOMATIC)
        else:
            config.indexes.MergeFrom(kept.index_config.indexes)
        for each in config.indexes:
            each.fields[0].field_path = str(name).partition("/fields/")[2]
        if source != name:
            config.uses_ancestor_config = True
            config.ancestor_field = str(source)
        if name in self._kept and self._kept[name].HasField("ttl_config"):
            shown.ttl_config.CopyFrom(self._kept[name].ttl_config)
        return shown

    def modes(self, root: str, collection: str, path: FieldPath) -> Modes:
        """Return how a field is indexed by itself."""
        name = FieldName(root, collection, path)
        if not self._kept:
            return AUTOMATIC
        if name not in self._modes:
            kept = self._kept.get(self._source(name))
            self._modes[name] = AUTOMATIC if kept is None else modes(kept)
        return self._modes[name]

    def _source(self, name: FieldName) -> FieldName:
        """Return whose settings of indexes a field has."""
        path = name.path or ()
        around = [name._replace(path=path[:end]) for end in range(len(path) - 1, 0, -1)]
        chain = [name, *around, name._replace(path=None)]
        default = FieldName(name.root, names.DEFAULTS, None)
        own = (each for each in chain if each in self._kept)
        return next((each for each in own if self._kept[each].HasField("index_config")), default)

    def all(self, parent: str, wanted: str) -> list[Proto]:
        """Return the fields of a collection group, or of all, that a filter asks for, by name.

        Raises:
            EmulatorError: INVALID_ARGUMENT, or UNIMPLEMENTED: no such filter.
        """
        root, collection = names.group(parent)
        terms = [each.strip() for each in wanted.split(" OR ")]
        if unknown := [each for each in terms if each not in {*_OVERRIDDEN, _TTL}]:
            if not wanted:
                raise errors.invalid_argument(
                    f"filter must ask for fields of their own settings: {_OVERRIDDEN[0]} or {_TTL}."
                )
            raise errors.unimplemented(f"ListFieldsRequest.filter {unknown[0]} is not supported.")
        of_root = [each for each in self._kept if each.root == root]
        found = [each for each in of_root if collection in {names.ANY, each.collection}]
        asked = [each for each in found if self._is_asked(each, terms)]
        return [self.get(each) for each in sorted(asked, key=str)]

    def _is_asked(self, name: FieldName, terms: list[str]) -> bool:
        kept = self._kept[name]
        own = kept.HasField("index_config") and not set(terms).isdisjoint(_OVERRIDDEN)
        return own or (kept.HasField("ttl_config") and _TTL in terms)

    def overridden(self, root: str) -> Iterator[tuple[FieldName, Modes]]:
        """Yield the fields that have indexes of their own settings."""
        for name, kept in self._kept.items():
            if name.root == root and kept.HasField("index_config"):
                yield name, modes(kept)

    def expiring(self, root: str) -> Iterator[tuple[FieldName, int]]:
        """Yield the fields that end documents, and how many seconds after their time."""
        for name, kept in self._kept.items():
            if name.root == root and kept.HasField("ttl_config"):
                yield name, kept.ttl_config.expiration_offset.seconds

    def update(self, said: Proto, mask: Iterable[str]) -> tuple[Proto, Proto]:
        """Change the settings of a field; returns them as they were and as they are.

        Raises:
            EmulatorError: INVALID_ARGUMENT, or FAILED_PRECONDITION: another field of the
                collection group ends documents.
        """
        name = names.field(said.name)
        if name.collection != names.DEFAULTS:
            places.check_id(name.collection, said.name)
        before, asked = self.get(name), _asked(mask)
        made = Field(name=str(name))
        made.MergeFrom(self._kept.get(name, made))
        if "index_config" in asked:
            made.ClearField("index_config")
            if said.HasField("index_config"):
                made.index_config.SetInParent()
                _index(made.index_config, _modes_of(said.index_config, name))
        if "ttl_config" in asked:
            made.ClearField("ttl_config")
            if said.HasField("ttl_config"):
                self._check_ttl(name, said.ttl_config)
                made.ttl_config.CopyFrom(said.ttl_config)
                made.ttl_config.state = Field.TtlConfig.ACTIVE
        self._keep(name, made)
        return before, self.get(name)

    def _check_ttl(self, name: FieldName, said: Proto) -> None:
        offset = said.expiration_offset
        if offset.nanos or not 0 <= offset.seconds <= MOST_OFFSET_SECONDS:
            raise errors.invalid_argument(
                "ttl_config.expiration_offset must be whole seconds from 0 to "
                f"{MOST_OFFSET_SECONDS}."
            )
        if name.path in {None, (fields.NAME,)}:
            raise errors.invalid_argument(f"ttl_config is of one field of documents, not {name}.")
        for other, _ in self.expiring(name.root):
            if other.collection == name.collection and other != name:
                raise errors.failed_precondition(
                    f"ttl_config: collection group {name.collection} has one already, of {other}."
                )

    def _keep(self, name: FieldName, made: Proto) -> None:
        self._modes.clear()
        self.changes += 1
        if made.HasField("index_config") or made.HasField("ttl_config"):
            self._kept[name] = made
            self._journal.put(SPACE, str(name), made.SerializeToString())
        elif self._kept.pop(name, None) is not None:
            self._journal.put(SPACE, str(name), None)

    def forget(self, root: str) -> None:
        """Forget the settings of a database."""
        for name in [each for each in self._kept if each.root == root]:
            self._keep(name, Field())


def modes(field: Proto) -> Modes:
    """Return how a field with settings is indexed by itself."""
    return frozenset(map(mode, field.index_config.indexes))


def mode(index: Proto) -> tuple[Kind, bool]:
    """Return how an index of one field holds it, and whether for a group of collections."""
    said = Index.IndexField()
    said.CopyFrom(index.fields[0])
    said.field_path = "a"  # whose it is does not matter here, and * is no path
    return part(said).kind, index.query_scope == GROUP


def _index(config: Proto, made: Modes) -> None:
    for kind, group in sorted(made, key=lambda mode: (mode[1], list(Kind).index(mode[0]))):
        index = config.indexes.add(
            query_scope=GROUP if group else COLLECTION, state=Index.READY, density=Index.SPARSE_ALL
        )
        # What it is of is said by whoever shows it.
        field = index.fields.add(field_path=names.EVERY_FIELD)
        if kind is Kind.CONTAINS:
            field.array_config = Index.IndexField.CONTAINS
        else:
            field.order = Index.IndexField.Order.Value(kind.value)


def _asked(mask: Iterable[str]) -> set[str]:
    known = {"index_config", "ttl_config"}
    asked = {path.partition(".")[0] for path in mask} or known
    if asked - known:
        raise errors.invalid_argument(
            f"update_mask: {min(asked - known)} of a field cannot change: index_config and "
            "ttl_config can."
        )
    return asked


def _modes_of(config: Proto, name: FieldName) -> Modes:
    own = str(name).partition("/fields/")[2]
    found = set()
    for index in config.indexes:
        if len(index.fields) != 1 or index.fields[0].field_path not in {"", own}:
            raise errors.invalid_argument(f"index_config.indexes must be of the field {own} alone.")
        if index.query_scope not in {COLLECTION, GROUP}:
            raise errors.invalid_argument("index_config.indexes.query_scope must be specified.")
        found.add(mode(index))
    if any(kind is Kind.VECTOR for kind, _ in found):
        raise errors.invalid_argument(
            f"index_config.indexes: a vector_config of {own} needs a composite index."
        )
    if len(found) != len(config.indexes):
        raise errors.invalid_argument(f"index_config.indexes of {own} has one more than once.")
    return frozenset(found)
