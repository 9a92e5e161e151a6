"""The journal's values as text that can be read, compared and edited, and back.

A value is written in the first form that gives it back: ``proto`` and ``datapoint`` where its space
says so, then ``json``, ``text``, ``base64``. Messages come back equal, all else byte by byte.
"""

from __future__ import annotations

import base64
import importlib
import json
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format
from google.protobuf.message import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.core.methods import Proto

_MESSAGES: Final[Mapping[str, str]] = {
    "pubsub.topic": "google.pubsub_v1.types:Topic",
    "pubsub.subscription": "google.pubsub_v1.types:Subscription",
    "pubsub.message": "google.pubsub_v1.types:PubsubMessage",
    "pubsub.snapshot": "google.pubsub_v1.types:Snapshot",
    "pubsub.schema": "google.pubsub_v1.types:Schema",
    "pubsub.policy": "google.iam.v1.policy_pb2:Policy",
    "firestore.document": "google.cloud.firestore_v1.types:Document",
    "firestore.database": "google.cloud.firestore_admin_v1.types:Database",
    "firestore.index": "google.cloud.firestore_admin_v1.types:Index",
    "firestore.field": "google.cloud.firestore_admin_v1.types:Field",
    "firestore.needed": "google.cloud.firestore_admin_v1.types:Index",
    "firestore.operation": "google.longrunning.operations_pb2:Operation",
    "secret_manager.secret": "google.cloud.secretmanager_v1.types:Secret",
    "secret_manager.version": "google.cloud.secretmanager_v1.types:SecretVersion",
    "vertex.operation": "google.longrunning.operations_pb2:Operation",
}
"""Message types by space; a space that is missing here, or holds something else, is still kept."""

# Whose messages the Any fields of others hold.
_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "firestore.operation": ("google.cloud.firestore_admin_v1.types",),
    "vertex.operation": ("google.cloud.aiplatform_v1.types",),
}

DATAPOINTS: Final = "vertex.datapoint/"
FORMS: Final = ("proto", "datapoint", "json", "text", "base64")


class CodecError(ValueError):
    """A value cannot be read; the message begins with the field."""


def readable(space: str, value: bytes) -> tuple[str, Any]:
    """Return the form and the readable content of a value."""
    kind = _message(space)
    if kind is not None and (told := _of_proto(kind, value)) is not None:
        return "proto", told
    if space.startswith(DATAPOINTS):
        return "datapoint", _of_datapoint(value)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "base64", base64.b64encode(value).decode()
    try:
        content = json.loads(text)
    except ValueError:
        return "text", text
    # Somebody's own bytes stay as they are: JSON that we would write otherwise is text.
    own = isinstance(content, dict | list) and _json(content) == value
    return ("json", content) if own else ("text", text)


def written(space: str, form: str, content: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the value that `readable` made readable.

    Raises:
        CodecError: It is none.
    """
    try:
        if form == "proto":
            return _to_proto(space, content)
        if form == "datapoint":
            return _to_datapoint(content)
        if form == "json":
            return _json(content)
        if form == "base64":
            return base64.b64decode(content, validate=True)
    except (ValueError, TypeError, KeyError, json_format.ParseError) as error:
        raise CodecError(f"{form}: {error}") from error
    if not isinstance(content, str):
        raise CodecError(f"{form}: is no text")
    return content.encode()


def _json(content: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _message(space: str) -> Proto | None:
    place = _MESSAGES.get(space)
    if place is None:
        return None
    for told in _TOLD.get(space, ()):
        importlib.import_module(told)
    module, _, name = place.partition(":")
    found: Proto = getattr(importlib.import_module(module), name, None)
    return found.pb() if hasattr(found, "pb") else found


def _of_proto(kind: Proto, value: bytes) -> Any | None:  # noqa: ANN401 - any JSON
    try:
        message = kind.FromString(value)
        told = json_format.MessageToDict(message, preserving_proto_field_name=True)
        same = json_format.ParseDict(told, kind()) == message
    except (DecodeError, TypeError, ValueError):
        return None
    return told if same else None


def _to_proto(space: str, content: Any) -> bytes:  # noqa: ANN401 - any JSON
    kind = _message(space)
    if kind is None:
        raise CodecError(f"proto: the values of {space} are no messages")
    message = json_format.ParseDict(content, kind())
    return bytes(message.SerializeToString(deterministic=True))


def _of_datapoint(value: bytes) -> dict[str, Any]:
    stored = importlib.import_module("emulators.vertex.datapoint")
    vector, traits = stored.unpack(value)
    return {"traits": json.loads(traits), "vector": vector.tolist()}


def _to_datapoint(content: Any) -> bytes:  # noqa: ANN401 - any JSON
    stored, numpy = (
        importlib.import_module("emulators.vertex.datapoint"),
        importlib.import_module("numpy"),
    )
    traits = json.dumps(content["traits"], separators=(",", ":"), ensure_ascii=False).encode()
    stored.unpack_traits(traits)
    vector = numpy.asarray(content["vector"], dtype=numpy.float32)
    if vector.ndim != 1:
        raise CodecError("datapoint: its vector is no list of numbers")
    packed: bytes = stored.pack(vector, traits)
    return packed
