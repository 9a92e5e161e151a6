"""Under which key an answer is kept, and by which tags it is found again."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.gateway.cache_policy import Asked

TAGS_HEADER = "x-cache-tags"
"""Ids that a service's answer depends on, with commas between; it goes no further than the door."""
MOST_TAGS = 128
"""An answer with more is not kept: nothing could be relied on to purge it."""

_TAG = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(rb"[A-Za-z0-9._~-]")
_CASELESS = frozenset({"accept", "accept-charset", "accept-encoding", "accept-language"})


def normal_path(path: str) -> str:
    """Return a path in the one form that all its spellings have (RFC 3986 §6.2.2)."""
    return _ESCAPE.sub(_escape, path) if "%" in path else path


def _escape(found: re.Match[str]) -> str:
    byte = unquote_to_bytes(found[0])
    return byte.decode() if _UNRESERVED.fullmatch(byte) else found[0].upper()


def normal_query(query: str) -> list[tuple[str, str]]:
    """Return the parameters that count, by name; a repeated one keeps its values' order.

    ``utm_*`` says where a link was found and changes no answer. Latin-1 keeps every byte apart.
    """
    pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    kept = [(name, value) for name, value in pairs if not name.lower().startswith("utm_")]
    return sorted(kept, key=lambda pair: pair[0])


def base_key(asked: Asked) -> str:
    """Return the key of what is asked for, before any request header is looked at."""
    scope = asked.scope
    whose = [scope.subject, scope.tier, scope.max_rating] if scope else None
    return _digest([asked.method, normal_path(asked.path), normal_query(asked.query), whose])


def variant_key(base: str, names: Sequence[str], headers: Mapping[str, str]) -> str:
    """Return the key of one variant (RFC 9111 §4.1); `base` where nothing varies.

    A field that is not there matches only one that is not there either.
    """
    if not names:
        return base
    return _digest([base, [[name, _normal_value(name, headers.get(name))] for name in names]])


def _normal_value(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    found = value
    for separator in ",;":  # white space around them says nothing (RFC 9110 §5.6.1)
        found = separator.join(part.strip() for part in found.split(separator))
    return found.lower() if name in _CASELESS else found


def vary_names(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the request headers an answer depends on, lower case, sorted, each once."""
    names = {name.strip().lower() for name in headers.get("vary", "").split(",")}
    return tuple(sorted(names - {""}))


def resource_tag(asked: Asked) -> str:
    """Return the tag of everything kept for one URI, whoever it is kept for."""
    return "uri:" + _digest([normal_path(asked.path), normal_query(asked.query)])


def tags_of(asked: Asked, headers: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the tags of an answer, None where they cannot be relied on.

    They are the ids in its path, those its service named, and the URI itself.
    """
    named = [tag.strip() for tag in headers.get(TAGS_HEADER, "").split(",")]
    named = [tag for tag in named if tag]
    if not all(_TAG.fullmatch(tag) for tag in named):
        return None
    ids = [part.lower() for part in asked.path.split("/") if _ID.fullmatch(part)]
    found = tuple(dict.fromkeys([resource_tag(asked), *ids, *named]))
    return found if len(found) <= MOST_TAGS else None


def _digest(value: object) -> str:
    return sha256(orjson.dumps(value)).hexdigest()
