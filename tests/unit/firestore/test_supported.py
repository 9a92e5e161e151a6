"""Every field of every request is used, without effect in production too, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.cloud.firestore_v1 import types as firestore
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport

from emulators.core.errors import EmulatorError
from emulators.core.methods import methods
from emulators.firestore import checks
from emulators.firestore.messages import StructuredQuery, TransactionOptions, Value
from emulators.firestore.names import Path
from emulators.firestore.queries.query import Query
from emulators.firestore.supported import IN_PIPELINES, REFUSED, USED, WITHOUT_EFFECT, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.core.methods import Proto
    from emulators.firestore.store import Database

PACKAGE = "google.firestore.v1."
NOT_SERVED = "ExecutePipeline"
ROOT = "projects/p/databases/d"
WriteRequest = firestore.WriteRequest.pb()


def messages(descriptor: Proto, seen: set[str]) -> Iterator[tuple[str, Proto]]:
    """Yield the fields of a message and of what it holds, entries of maps left out."""
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    name = descriptor.full_name.removeprefix(PACKAGE)
    for field in descriptor.fields:
        inner, is_entry = field.message_type, descriptor.GetOptions().map_entry
        if not is_entry:
            yield name, field
        is_used = is_entry or field.name.rstrip("_") in USED.get(name, "").split()
        if is_used and inner is not None and inner.full_name.startswith(PACKAGE):
            yield from messages(inner, seen)


def fields() -> Iterator[tuple[str, str]]:
    """Yield message and name of every field that a client can send to a method that is served."""
    seen: set[str] = set()
    for method in methods(FirestoreGrpcTransport).values():
        if method.path.startswith(f"/{PACKAGE}") and method.name != NOT_SERVED:
            for name, field in messages(method.request.DESCRIPTOR, seen):
                yield name, field.name.rstrip("_")


def filled(kind: Proto, name: str) -> Proto:
    """Return a message with one field."""
    made = kind()
    if made.DESCRIPTOR.fields_by_name[name].message_type is not None:
        getattr(made, name).SetInParent()
    else:
        setattr(made, name, "x")
    return made


def test_every_field_is_used_refused_or_without_effect() -> None:
    unknown = [
        f"{message}.{name}"
        for message, name in fields()
        if name not in USED.get(message, "").split()
        and name not in REFUSED.get(message, "").split()
        and name not in IN_PIPELINES.get(message, "").split()
        and name not in WITHOUT_EFFECT
    ]
    assert unknown == []


def test_every_name_in_the_lists_is_a_field() -> None:
    there = set(fields())
    listed = {
        (m, n) for table in (USED, REFUSED, IN_PIPELINES) for m in table for n in table[m].split()
    }
    assert listed - there == set()
    assert WITHOUT_EFFECT.keys() <= {name for _, name in there}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in (WriteRequest,) for name in REFUSED[kind.DESCRIPTOR.name].split()],
)
def test_a_field_that_is_refused_is_named(kind: Proto, name: str) -> None:
    with pytest.raises(EmulatorError, match=name) as refused:
        refuse(filled(kind, name))
    assert refused.value.status.name == "UNIMPLEMENTED"
    refuse(kind())


@pytest.mark.parametrize("name", IN_PIPELINES["Value"].split())
def test_a_value_of_a_pipeline_is_neither_kept_nor_looked_for(name: str) -> None:
    made = filled(Value, name)
    query = StructuredQuery()
    query.where.field_filter.field.field_path = "a"
    query.where.field_filter.op = 5
    query.where.field_filter.value.CopyFrom(made)

    with pytest.raises(EmulatorError, match=name.upper()):
        checks.value(made, "a", 1)
    with pytest.raises(EmulatorError, match=name.upper()):
        Query(Path(ROOT, ()), query)


async def test_an_optimistic_transaction_is_refused(database: Database) -> None:
    options = TransactionOptions()
    options.read_write.concurrency_mode = TransactionOptions.OPTIMISTIC
    with pytest.raises(EmulatorError, match="OPTIMISTIC") as refused:
        database.begin(options)
    assert refused.value.status.name == "UNIMPLEMENTED"
