"""The emulator's own routes: what is refused as in production, and ``firestore.indexes.json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

from emulators.core import errors
from emulators.firestore.admin import names
from emulators.firestore.admin.messages import Field
from emulators.firestore.planning import files
from emulators.firestore.planning.definitions import Part, is_single

if TYPE_CHECKING:
    from emulators.firestore.admin.resources import Resources
    from emulators.firestore.admin.settings import Modes
    from emulators.firestore.fields import FieldPath

    _Place: TypeAlias = "tuple[str, FieldPath | None]"

STRICT = "/emulator/v1/strict"
INDEXES = "/emulator/v1/projects/{project}/databases/{database}/indexes"
_KEYS = {"collectionGroup", "fieldPath", "ttl", "indexes"}


def routes(resources: Resources) -> list[web.RouteDef]:
    """Return the routes."""
    own = Routes(resources)
    return [
        web.get(STRICT, own.strict),
        web.put(STRICT, own.set_strict),
        web.get(INDEXES, own.indexes),
        web.put(INDEXES, own.set_indexes),
        web.delete(INDEXES, own.forget),
    ]


class Routes:
    """Answers the emulator's own requests.

    Args:
        resources: What they are about.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def strict(self, _request: web.Request) -> web.Response:
        """Answer with what is refused as in production: ``{"indexes", "write_rate"}``."""
        return web.json_response(asdict(self._resources.strict))

    async def set_strict(self, request: web.Request) -> web.Response:
        """Switch what is refused on or off; what is not named stays as it is."""
        said, strict = await _json(request), self._resources.strict
        if not isinstance(said, dict) or said.keys() - asdict(strict).keys():
            raise errors.invalid_argument("The body must have indexes and write_rate alone.")
        for name, value in said.items():
            if not isinstance(value, bool):
                raise errors.invalid_argument(f"{name} must be true or false.")
        for name, value in said.items():
            setattr(strict, name, value)
        return web.json_response(asdict(strict))

    async def indexes(self, request: web.Request) -> web.Response:
        """Answer with the indexes that queries needed, as ``firestore.indexes.json`` has them."""
        root = _root(request)
        needed = self._resources.needed.of(root)
        composites = [index for index in needed if not is_single(index.parts)]
        return web.json_response(files.written(composites, self._overrides(root)))

    def _overrides(self, root: str) -> list[dict[str, Any]]:
        settings = self._resources.settings
        found: dict[_Place, Modes] = {
            (name.collection, name.path): modes for name, modes in settings.overridden(root)
        }
        ending: set[_Place] = {(name.collection, name.path) for name, _ in settings.expiring(root)}
        for index in self._resources.needed.of(root):
            if is_single(index.parts):
                part, place = index.parts[0], (index.collection, index.parts[0].path)
                known = found.get(place, settings.modes(root, *place))
                found[place] = known | {(part.kind, index.group)}
        for other in ending - found.keys():
            found[other] = settings.modes(root, other[0], other[1] or ())
        ordered = sorted(found, key=str)
        return [_override(each, found[each], ends=each in ending) for each in ordered]

    async def set_indexes(self, request: web.Request) -> web.Response:
        """Make the indexes and settings of a ``firestore.indexes.json`` that are not there yet."""
        root = _root(request)
        self._resources.database(root)
        composites, overrides = files.read(await _json(request))
        fields = [_field(root, each, number) for number, each in enumerate(overrides)]
        added = [each for each in composites if each not in self._resources.indexes.of(root)]
        for index in dict.fromkeys(added):
            self._resources.indexes.add(root, index)
        for field in fields:
            self._resources.set_field(field, ())
        await self._resources.commit()
        return web.json_response({"indexes": len(set(added)), "fieldOverrides": len(fields)})

    async def forget(self, request: web.Request) -> web.Response:
        """Forget which indexes queries needed; those that were made stay."""
        self._resources.needed.forget(_root(request))
        await self._resources.commit()
        return web.json_response({})


def _root(request: web.Request) -> str:
    place = request.match_info
    return f"projects/{place['project']}/databases/{place['database']}"


async def _json(request: web.Request) -> object:
    try:
        return await request.json()
    except ValueError as error:
        raise errors.invalid_argument(f"the body is not JSON: {error}") from error


def _override(place: _Place, modes: Modes, *, ends: bool) -> dict[str, Any]:
    collection, path = place
    shown = names.FieldName("", collection, path).written
    ordered = sorted(modes, key=lambda each: (each[1], each[0].value))
    indexes = [
        {**files.mode(Part((), kind)), "queryScope": files.scope(group=group)}
        for kind, group in ordered
    ]
    made = {"collectionGroup": collection, "fieldPath": shown, "indexes": indexes}
    return {**made, "ttl": True} if ends else made


def _field(root: str, said: dict[str, Any], number: int) -> Any:  # noqa: ANN401 - a message
    """Return the Field that an entry of ``fieldOverrides`` says."""
    place = f"fieldOverrides[{number}]"
    if unknown := sorted(said.keys() - _KEYS):
        raise errors.invalid_argument(f"{place} has {unknown[0]}, which is not known.")
    collection, path = said.get("collectionGroup"), said.get("fieldPath")
    listed = said.get("indexes", [])
    if not isinstance(collection, str) or not isinstance(path, str) or not isinstance(listed, list):
        raise errors.invalid_argument(
            f"{place} must have collectionGroup and fieldPath, and may have a list of indexes."
        )
    made = Field(name=f"{root}/collectionGroups/{collection}/fields/{path}")
    names.field(made.name)
    made.index_config.SetInParent()
    for at, each in enumerate(listed):
        made.index_config.indexes.append(_index(each, f"{place}.indexes[{at}]"))
    if said.get("ttl", False):
        made.ttl_config.SetInParent()
    return made


def _index(said: object, place: str) -> Any:  # noqa: ANN401 - a message
    given = files.entry(said, place)
    mode = {key: value for key, value in given.items() if key != "queryScope"}
    whole = {"queryScope": given.get("queryScope", "COLLECTION"), "fields": [mode]}
    return files.message(whole, {"queryScope", "fields"}, place)
