"""Every method and field is supported or refused, and docs/emulators.md says which."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from emulators.coverage import SERVICES, Call, Service, every_call, fields_of, tables, updated

PAGE = Path(__file__).parents[3] / "docs" / "emulators.md"
TOLD = [service for service in SERVICES if service.fields]


@pytest.fixture(scope="module")
def found() -> dict[str, list[Call]]:
    return asyncio.run(every_call())


def test_the_page_is_made_of_what_there_is(found: dict[str, list[Call]]) -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert text == updated(text, tables(found)), "`make docs` makes docs/emulators.md again"


@pytest.mark.parametrize("service", TOLD, ids=lambda service: str(service.name))
def test_each_field_is_used_refused_or_without_effect(
    service: Service, found: dict[str, list[Call]]
) -> None:
    ways = {
        f"{message}.{name}": [
            fields.is_used(message, name),
            fields.is_refused(message, name),
            fields.reason(message, name) is not None,
        ]
        for fields, message, name in fields_of(service, found[service.name])
    }

    assert [name for name, way in ways.items() if not any(way)] == []
    assert [name for name, (used, refused, _) in ways.items() if used and refused] == []


@pytest.mark.parametrize("service", TOLD, ids=lambda service: str(service.name))
def test_each_name_in_the_tables_is_a_field(service: Service, found: dict[str, list[Call]]) -> None:
    there = {(f.package, m, n) for f, m, n in fields_of(service, found[service.name])}
    listed = {
        (fields.package, message, name)
        for fields in service.fields
        for table in (fields.used, fields.refused)
        for message, names in table.items()
        for name in names.split()
    }

    assert sorted(listed - there) == []


def test_what_no_emulator_binds_is_told_as_unimplemented(found: dict[str, list[Call]]) -> None:
    calls = {call.method.path: call.is_supported for call in found["pubsub"]}

    assert calls["/google.pubsub.v1.Publisher/Publish"]
    made = tables(found | {"pubsub": [Call(c.method, False, c.has_rest) for c in found["pubsub"]]})
    assert "| `google.pubsub.v1.Publisher.Publish` | gRPC, REST | **UNIMPLEMENTED** |" in made
