"""What the query of a REST request says, for the message and for Google's front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.core import errors

if TYPE_CHECKING:
    from multidict import MultiMapping

    from emulators.core.methods import Proto

# https://cloud.google.com/apis/docs/system-parameters: these change nothing that is answered here.
_WITHOUT_EFFECT = frozenset(
    {
        "access_token",
        "key",
        "oauth_token",
        "prettyPrint",
        "quotaUser",
        "uploadType",
        "upload_protocol",
        "userIp",
        "userProject",
        "$.xgafv",
        "xgafv",
    }
)
_REFUSED = frozenset({"callback", "fields"})
_FORMATS = frozenset({"json", "sse"})
_BOOLEANS = {"true": True, "false": False}


def content(query: MultiMapping[str], message: Proto) -> dict[str, Any]:
    """Return what a query says about a message, in the form of JSON.

    Args:
        query: Names are paths (``mask.fieldPaths``); a name that comes twice is a list.
        message: The message, empty.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming what is wrong; UNIMPLEMENTED, for a parameter of
            Google's front end that is not supported.
    """
    found: dict[str, Any] = {}
    for name in dict.fromkeys(query):
        if not _is_system(name, query[name]):
            _put(found, name.split("."), query.getall(name), message.DESCRIPTOR)
    return found


def enums_as_numbers(query: MultiMapping[str]) -> bool:
    """Tell whether values of enums are to be numbers."""
    return any("enum-encoding=int" in query.get(name, "") for name in ("$alt", "alt"))


def _is_system(name: str, value: str) -> bool:
    plain = name.removeprefix("$")
    if plain in _REFUSED:
        raise errors.unimplemented(f"the query parameter {name} is not supported here")
    if plain == "alt" and value.partition(";")[0] not in _FORMATS:
        raise errors.unimplemented(f"{name}={value} is not supported here, but json and sse are")
    return plain == "alt" or plain in _WITHOUT_EFFECT or name in _WITHOUT_EFFECT


def _put(found: dict[str, Any], path: list[str], values: list[str], descriptor: Proto) -> None:
    field = _field(descriptor, path[0])
    if field is None:
        raise errors.invalid_argument(
            f'Invalid JSON payload received. Unknown name "{path[0]}": Cannot bind query '
            f"parameter. Field '{path[0]}' could not be found in request message."
        )
    if len(path) > 1:
        inner = found.setdefault(path[0], {})
        if not isinstance(inner, dict):
            raise errors.invalid_argument(f"Invalid value at '{path[0]}': it is given twice")
        _put(inner, path[1:], values, field.message_type)
        return
    coerced = [_coerce(field, value) for value in values]
    found[path[0]] = coerced if field.is_repeated else coerced[-1]


def _field(descriptor: Proto, name: str) -> Proto:
    if descriptor is None:
        return None
    return descriptor.fields_by_camelcase_name.get(name) or descriptor.fields_by_name.get(name)


def _coerce(field: Proto, value: str) -> str | bool | int:
    if field.type == field.TYPE_BOOL:
        if value.lower() not in _BOOLEANS:
            raise errors.invalid_argument(f"Invalid value at '{field.name}' (TYPE_BOOL), {value!r}")
        return _BOOLEANS[value.lower()]
    if field.type == field.TYPE_ENUM and value.lstrip("-").isdigit():
        return int(value)
    return value
