"""A plan of Terraform as its steps read it: ``terraform show -json``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Json = dict[str, Any]


class PlanError(Exception):
    """There is no plan, or it is not one that could be applied."""


@dataclass(frozen=True)
class Resource:
    """One resource as it will be after the plan was applied.

    Attributes:
        address: Where it stands in the configuration.
        kind: Its type, like ``google_storage_bucket``.
        values: Its known arguments.
        unknown: Where ``values`` will get more, in the same shape, ``True`` at each such place.
    """

    address: str
    kind: str
    values: Json = field(repr=False)
    unknown: Json = field(repr=False, default_factory=dict)

    def block(self, name: str) -> Json:
        """Return the first block of a name; empty where there is none."""
        found = self.values.get(name) or [{}]
        return found[0] or {}

    def will_have(self, name: str) -> bool:
        """Tell whether an argument has a value now, or gets one that is not known yet."""
        return bool(self.values.get(name)) or bool(self.unknown.get(name))


@dataclass(frozen=True)
class Plan:
    """What Terraform would do."""

    document: Json = field(repr=False)

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every managed resource of every module that is there afterwards."""
        unknown = {
            one["address"]: one["change"].get("after_unknown") or {}
            for one in self.document.get("resource_changes", [])
        }
        root = self.document.get("planned_values", {}).get("root_module", {})
        return tuple(
            Resource(one["address"], one["type"], one["values"], unknown.get(one["address"], {}))
            for one in _resources(root)
            if one["mode"] == "managed"
        )

    def of(self, *kinds: str) -> list[Resource]:
        """Return the resources of these types."""
        return [one for one in self.resources if one.kind in kinds]

    def variable(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what a variable of the root module was given, None where there is none."""
        return self.document.get("variables", {}).get(name, {}).get("value")

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Outputs of the root module that are known before anything is made."""
        found = self.document.get("planned_values", {}).get("outputs", {})
        return {name: one["value"] for name, one in found.items() if "value" in one}

    @property
    def removed(self) -> list[Resource]:
        """What the plan destroys, for good or to make it anew, as it is before."""
        return [
            Resource(one["address"], one["type"], one["change"].get("before") or {})
            for one in self.document.get("resource_changes", [])
            if "delete" in one["change"]["actions"]
        ]


def read(file: Path) -> Plan:
    """Return the plan in ``file``.

    Raises:
        PlanError: It cannot be read, went wrong or plans nothing.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"{file}: {error}") from None
    if not isinstance(document, dict) or document.get("errored"):
        raise PlanError(f"{file}: not a plan that could be applied")
    plan = Plan(document)
    if not plan.resources:
        raise PlanError(f"{file}: plans no resource at all")
    return plan


def _resources(module: Json) -> Iterator[Json]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)
