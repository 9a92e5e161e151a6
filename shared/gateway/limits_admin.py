"""Limits as administrators see and change them: a tier's, or those of a class of routes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.gateway.limits import standard_tables
from shared.kernel.errors import FieldIssue, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RESOURCE = "rate-limit"
Kind = Literal["tier", "class"]
TIER: Kind = "tier"
CLASS: Kind = "class"
_TABLES: dict[Kind, str] = {TIER: "tiers", CLASS: "classes"}
_FIELDS = {
    TIER: frozenset({"second", "minute", "hour", "day", "burst"}),
    CLASS: frozenset({"limit", "window_seconds", "burst"}),
}
Count = Annotated[int, Field(ge=1, le=10_000_000)]


class WhichLimit(BaseModel):
    """Which tier or class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=64)]


class LimitChange(BaseModel):
    """What differs from what was shipped; what is left out does not.

    Attributes:
        second: Requests of a tier; `minute`, `hour` and `day` likewise.
        limit: Requests of a class in `window_seconds`.
        burst: How many may come at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    second: Count | None = None
    minute: Count | None = None
    hour: Count | None = None
    day: Count | None = None
    limit: Count | None = None
    window_seconds: Count | None = None
    burst: Count | None = None


class RateLimit(BaseModel):
    """The limits of a tier or class.

    Attributes:
        shipped: As in limits.toml.
        changed: What is in force in its place.
        changed_at: When that was said, None where nothing is changed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "premium",
                    "kind": "tier",
                    "shipped": {"second": 50, "minute": 1000, "burst": 100},
                    "changed": {"minute": 2000},
                    "changed_at": "2026-01-01T00:00:00Z",
                }
            ]
        },
    )

    name: str
    kind: Kind
    shipped: dict[str, int]
    changed: dict[str, int] = {}
    changed_at: datetime | None = None


class RateLimits(BaseModel):
    """Every tier and class."""

    model_config = ConfigDict(extra="forbid")

    items: list[RateLimit]


def listed(changed: Mapping[str, tuple[dict[str, int], datetime]]) -> list[RateLimit]:
    """Return every tier and class, with what was changed of it by name."""
    return [
        RateLimit(name=name, kind=kind, shipped=_numbers(row), **_change(changed.get(name)))
        for kind, table in _TABLES.items()
        for name, row in standard_tables()[table].items()
    ]


def checked(name: str, wish: LimitChange) -> dict[str, int]:
    """Return what is to differ of a tier or class.

    Raises:
        NotFoundError: There is neither of this name.
        InvalidInputError: It has no such number, or nothing is to differ.
    """
    kind, said = kind_of(name), wish.model_dump(exclude_none=True)
    issues = [
        FieldIssue(field, "not-a-limit", f"a {kind} has {', '.join(sorted(_FIELDS[kind]))}")
        for field in sorted(said.keys() - _FIELDS[kind])
    ]
    if not said:
        issues = [FieldIssue("body", "missing", "say at least one number")]
    if issues:
        raise InvalidInputError("the change is not acceptable", issues=issues)
    return said


def kind_of(name: str) -> Kind:
    """Return whether a name is of a tier or of a class.

    Raises:
        NotFoundError: It is of neither.
    """
    for kind, table in _TABLES.items():
        if name in standard_tables()[table]:
            return kind
    raise NotFoundError(f"there is no tier or class {name}")


def document(changed: Iterable[tuple[str, dict[str, int]]]) -> dict[str, Any]:
    """Return changes as `shared.gateway.live_limits.Changes` has them; without any, nothing.

    What is not shipped any more is left out: one unknown name would make the whole unreadable.
    """
    found: dict[str, Any] = {}
    for name, said in changed:
        for kind, table in _TABLES.items():
            if name in standard_tables()[table]:
                kept = {field: n for field, n in said.items() if field in _FIELDS[kind]}
                found.setdefault(table, {})[name] = kept
    return found


def _numbers(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if type(value) is int}


def _change(found: tuple[dict[str, int], datetime] | None) -> dict[str, Any]:
    return {} if found is None else {"changed": found[0], "changed_at": found[1]}
