"""Forms of answers: checked as the services check them, and filled with what was read.

Two dialects are spoken: JSON Schema as OpenAI takes it in strict mode, and the part of OpenAPI 3.0
that Vertex AI calls ``Schema``. Both come to the same form here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from emulators.core.errors import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Json = dict[str, Any]
STRICT_KEYS: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "description"}
)
SCHEMA_KEYS: Final = frozenset(
    {
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "nullable",
        "propertyOrdering",
        "description",
        "format",
    }
)
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_EMPTY: Final[Mapping[str, Callable[[], Any]]] = {
    "string": str,
    "number": float,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


@dataclass(frozen=True)
class Form:
    """What an answer has to look like.

    Attributes:
        type: Lower case, one of JSON's.
        nullable: Null will do.
        enum: Values to choose from; empty for any.
        items: Of an array.
        properties: Of an object, in their order.
    """

    type: str
    nullable: bool = False
    enum: tuple[str, ...] = ()
    items: Form | None = None
    properties: Mapping[str, Form] = field(default_factory=dict)

    def choices(self) -> dict[str, tuple[str, ...]]:
        """Return the values of every list that names its values, by property."""
        return dict(self._choices())

    def _choices(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, each in self.properties.items():
            if each.items is not None and each.items.enum:
                yield name, each.items.enum
            yield from each._choices()  # noqa: SLF001 - the same class

    def filled(self, value: object) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Return ``value`` in this form: what does not fit is left out."""
        if value is None and self.nullable:
            return None
        if self.type == "object":
            given = value if isinstance(value, dict) else {}
            return {name: each.filled(given.get(name)) for name, each in self.properties.items()}
        if self.type == "array" and self.items is not None:
            listed = value if isinstance(value, list) else []
            return [self.items.filled(each) for each in listed if self.items.takes(each)]
        return value if self.takes(value) else self._nothing()

    def takes(self, value: object) -> bool:
        """Tell whether a value is of the type, and one to choose from."""
        if isinstance(value, bool) and self.type != "boolean":
            return False  # to Python it is a number
        return isinstance(value, _TYPES[self.type]) and (not self.enum or value in self.enum)

    def _nothing(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        return self.enum[0] if self.enum else None if self.nullable else _EMPTY[self.type]()


def strict_form(schema: object, at: str = "schema") -> Form:
    """Return the form of a JSON Schema that is fit for strict mode.

    Raises:
        EmulatorError: INVALID_ARGUMENT; it is not, and why.
    """
    given = _known(schema, STRICT_KEYS, at)
    types = given.get("type")
    names = [each for each in (types if isinstance(types, list) else [types]) if each != "null"]
    nullable = isinstance(types, list) and "null" in types
    properties = given.get("properties", {})
    if names == ["object"] and (
        given.get("additionalProperties") is not False
        or set(given.get("required", ())) != set(properties)
    ):
        raise invalid_argument(
            f"{at}: every property is to be required and 'additionalProperties' to be false"
        )
    return _form(given, (names, nullable, at), strict_form)


def openapi_form(schema: object, at: str = "responseSchema") -> Form:
    """Return the form of Vertex AI's ``Schema``.

    Raises:
        EmulatorError: INVALID_ARGUMENT; it is none, and why.
    """
    # Protobuf's JSON takes names written either way, and the official client writes this one so.
    given = _known(schema, SCHEMA_KEYS | {"property_ordering"}, at)
    if not str(given.get("type", "")).isupper():
        raise invalid_argument(f"{at}.type: a type is written in capitals")
    name = str(given["type"]).lower()
    return _form(given, ([name], bool(given.get("nullable")), at), openapi_form)


def _known(schema: object, keys: frozenset[str], at: str) -> Json:
    if not isinstance(schema, dict):
        raise invalid_argument(f"{at} is no object")
    unknown = sorted(set(schema) - keys)
    if unknown:
        raise invalid_argument(f"{at}.{unknown[0]} is not supported")
    return schema


def _form(
    given: Json, told: tuple[list[Any], bool, str], inner: Callable[[object, str], Form]
) -> Form:
    names, nullable, at = told
    if len(names) != 1 or names[0] not in _EMPTY:
        raise invalid_argument(f"{at}.type is none of {', '.join(_EMPTY)}")
    properties = given.get("properties", {})
    return Form(
        type=names[0],
        nullable=nullable,
        enum=tuple(value for value in given.get("enum", ()) if value is not None),
        items=inner(given["items"], f"{at}.items") if "items" in given else None,
        properties={name: inner(each, f"{at}.{name}") for name, each in properties.items()},
    )
