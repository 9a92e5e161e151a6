"""What a handler is given and what it gives: no type of the framework among them."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, get_origin
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ValidationError

from shared.gateway.ports import Repeated
from shared.kernel.errors import MalformedError
from shared.kernel.principal import ANONYMOUS, Principal
from shared.runtime.problems import invalid_input

EXACT = 1 << 53
"""Up to here every integer is a double of its own (RFC 8259 §6)."""

_NONE: Mapping[str, str] = MappingProxyType({})
Model = TypeVar("Model", bound=BaseModel)
Answers = TypeVar("Answers", bound=Callable[..., Any])


class Request(NamedTuple):
    """One request, read whole.

    Attributes:
        method: Upper case.
        path: As the caller sent it, without the service's own prefix.
        params: Values of the path template.
        headers: Names in lower case.
        body: Raw bytes.
        target: Path and query as they stood in the request line.
        request_id: Accepted from the caller where it has the right form, else new.
        deadline: Monotonic second after which nobody waits for the answer, or None.
        principal: Who calls, verified; nobody where the route does not look at the caller.
        peer: Address at the other end of the connection.
    """

    method: str
    path: str
    params: Mapping[str, str] = _NONE
    headers: Mapping[str, str] = _NONE
    body: bytes = b""
    target: str = ""
    request_id: str = ""
    deadline: float | None = None
    principal: Principal = ANONYMOUS
    peer: str = ""

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """Query parameters in order, repeated ones repeated."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def query(self, model: type[Model]) -> Model:
        """Return the query and path parameters as ``model``.

        A field that takes several values may be repeated or written with commas.

        Raises:
            InvalidInputError: Naming every field that is not acceptable.
        """
        given: dict[str, Any] = dict(self.params)
        for name, value in self.pairs:
            found = model.model_fields.get(name)
            if found is not None and get_origin(found.annotation) in {tuple, list}:
                given.setdefault(name, []).extend(v for v in value.split(",") if v)
            else:
                given[name] = value
        try:
            return model.model_validate(given)
        except ValidationError as error:
            raise invalid_input(error, "query") from None

    def json(self, model: type[Model]) -> Model:
        """Return the body as ``model``; a value of another JSON type is not taken for the field's.

        Raises:
            MalformedError: The body is no JSON.
            InvalidInputError: Naming every field that is not acceptable.
        """
        try:
            given = orjson.dumps(_whole(orjson.loads(self.body)))
        except orjson.JSONDecodeError as error:
            raise MalformedError(f"the body is not JSON: {error}") from None
        except (RecursionError, orjson.JSONEncodeError):  # read to 1,024 levels, written to 254
            raise MalformedError("the body is nested too deep") from None
        try:
            return model.model_validate_json(given, strict=True)
        except ValidationError as error:
            raise invalid_input(error, "body") from None


class Reply(NamedTuple):
    """One answer.

    Attributes:
        media_type: Empty where `headers` say it, or there is nothing to say it of.
        stream: Sent piece by piece as it comes, instead of `body`; closed when the caller is gone.
        repeated: Its head as it went out before, where this is the same answer again.
    """

    body: bytes = b""
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = _NONE
    media_type: str = "application/json"
    stream: AsyncGenerator[bytes] | None = None
    repeated: Repeated | None = None


@dataclass(frozen=True)
class Link:
    """An operation that an answer leads to (OpenAPI 3.1 §4.8.20).

    Attributes:
        operation: Its name.
        parameters: By name, a runtime expression that says where in the answer the value stands.
    """

    operation: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class describes:  # noqa: N801 - stands above a function, as a decorator
    """Say what an operation takes and gives, for docs/openapi.json; None where it has none.

    Attributes:
        body_optional: A request without a body is good too.
        form: Of a body that is a form (`shared.runtime.forms`).
        file: Field of a form that brings a file (`shared.runtime.uploads`), empty for none.
        headers: Fields that a request must have, each with the pattern of its value.
        refusals: Statuses of problems beside those that follow from manifest and models.
    """

    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = HTTPStatus.OK
    media_type: str = "application/json"
    links: Mapping[str, Link] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    refusals: Sequence[int] = ()
    form: type[BaseModel] | None = None
    file: str = ""
    body_optional: bool = False

    def __call__(self, handler: Answers) -> Answers:
        """Return the handler, with this to be read off it."""
        handler.described = self  # type: ignore[attr-defined]
        return handler


def reply(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:  # noqa: ANN401 - whatever JSON can say
    """Return ``value`` (a model, dataclass, mapping or list) as JSON."""
    body = orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    return Reply(body=body, status=status, headers=headers or {})


def _whole(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return JSON with 7.0 as 7: its fraction is zero, so it is an integer (JSON Schema §6.1.1)."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT:
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever orjson does not know
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
