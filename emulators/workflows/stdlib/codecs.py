"""``base64``, ``hash`` and ``json``."""

import base64
import binascii
import hashlib
import hmac
import json

from emulators.workflows.errors import type_error, value_error
from emulators.workflows.stdlib.registry import boolean_of, bytes_of, function, map_of, text_of
from emulators.workflows.values import Value, from_json, to_json, type_name

ALGORITHMS = ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")
INDENT = "  "


@function("base64.encode", "data", padding=True)
def base64_encode(data: Value, padding: Value) -> str:
    """Return bytes as base64 text."""
    text = base64.b64encode(bytes_of(data, "base64.encode: data")).decode()
    return text if boolean_of(padding, "base64.encode: padding") else text.rstrip("=")


@function("base64.decode", "data", padding=True)
def base64_decode(data: Value, padding: Value) -> bytes:
    """Return the bytes of base64 text."""
    text = text_of(data, "base64.decode: data")
    if not boolean_of(padding, "base64.decode: padding"):
        text += "=" * (-len(text) % 4)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise value_error(f"base64.decode: {error}") from error


@function("hash.compute_checksum", "data", "algorithm")
def compute_checksum(data: Value, algorithm: Value) -> bytes:
    """Return the digest of bytes."""
    digest = hashlib.new(_algorithm(algorithm), usedforsecurity=False)
    digest.update(bytes_of(data, "hash.compute_checksum: data"))
    return digest.digest()


@function("hash.compute_hmac", "key", "data", "algorithm")
def compute_hmac(key: Value, data: Value, algorithm: Value) -> bytes:
    """Return the keyed digest of bytes."""
    secret = bytes_of(key, "hash.compute_hmac: key")
    message = bytes_of(data, "hash.compute_hmac: data")
    return hmac.new(secret, message, _algorithm(algorithm)).digest()


def _algorithm(value: Value) -> str:
    name = text_of(value, "hash: algorithm")
    if name not in ALGORITHMS:
        raise value_error(f"hash: unknown algorithm {name!r}")
    return name.lower()


@function("json.decode", "data")
def json_decode(data: Value) -> Value:
    """Return the value of JSON bytes or text."""
    if isinstance(data, str | bytes):
        return from_json(data)
    raise type_error(f"json.decode: data must be bytes or a string, not {type_name(data)}")


@function("json.encode", "data", indent=None)
def json_encode(data: Value, indent: Value) -> bytes:
    """Return a value as JSON bytes."""
    return json_encode_to_string(data, indent).encode()


@function("json.encode_to_string", "data", indent=None)
def json_encode_to_string(data: Value, indent: Value) -> str:
    """Return a value as JSON text, indented when asked."""
    compact = to_json(data)
    if indent is None or indent is False:
        return compact
    prefix, step = _indentation(indent)
    text = json.dumps(data, ensure_ascii=False, indent=step)
    return text.replace("\n", "\n" + prefix)


def _indentation(indent: Value) -> tuple[str, str]:
    if isinstance(indent, dict):
        fields = map_of(indent, "json.encode: indent")
        prefix = text_of(fields.get("prefix", ""), "json.encode: prefix")
        return prefix, text_of(fields.get("indent", INDENT), "json.encode: indent")
    boolean_of(indent, "json.encode: indent")
    return "", INDENT
