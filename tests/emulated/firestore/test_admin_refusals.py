"""What the admin service does not support is sent, field by field, and refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from google.cloud.firestore_admin_v1.services.firestore_admin.transports.grpc import (
    FirestoreAdminGrpcTransport,
)

from emulators.core.methods import methods
from emulators.firestore.admin.servicer import FirestoreAdminServicer
from emulators.firestore.admin.supported import ADMIN, OPERATIONS, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.core.methods import Method, Proto
    from tests.emulated.firestore.conftest import Lab

pytestmark = pytest.mark.differs("the admin service is not there")
METHODS = methods(FirestoreAdminGrpcTransport)
SERVED = [each for name, each in METHODS.items() if hasattr(FirestoreAdminServicer, name)]


def filled(message: Proto, field: Proto, number: int | None = None) -> None:
    """Set a field to something, an enumeration to a number."""
    place = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        place["a"] = "b"
    elif field.message_type is not None:
        place.SetInParent()
    elif field.type == field.TYPE_STRING:
        setattr(message, field.name, "x")
    else:
        setattr(message, field.name, 1 if number is None else number)


def wrong(message: Proto) -> Iterator[str]:
    """Yield the name of what is not supported while it is set, one after the other."""
    table = OPERATIONS if message.DESCRIPTOR.full_name.startswith("google.long") else ADMIN
    name = table.short(message.DESCRIPTOR)
    for field in message.DESCRIPTOR.fields:
        known = field.name.rstrip("_")
        said = f"{name}.{known}"
        if table.is_refused(name, known):
            filled(message, field)
            yield said
            message.ClearField(field.name)
        for number in [] if said not in VALUES else field.enum_type.values_by_number:
            if number not in VALUES[said]:
                filled(message, field, number)
                yield f"{said} {field.enum_type.values_by_number[number].name}"
                message.ClearField(field.name)
        if field.message_type is not None and table.is_used(name, known):
            inner = getattr(message, field.name)
            yield from wrong(inner.add() if field.is_repeated else inner)
            message.ClearField(field.name)


async def answer(lab: Lab, method: Method, request: Proto) -> str:
    """Return how a call is refused."""
    call = lab.wire._channel.unary_unary(
        method.path, method.request.SerializeToString, method.response.FromString
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call(request)
    return f"{refused.value.code().name} {refused.value.details()}"


async def test_each_field_and_value_that_is_not_supported_is_refused_by_name(lab: Lab) -> None:
    for method in SERVED:
        request = method.request()
        for name in wrong(request):
            told = await answer(lab, method, request)
            assert told.startswith(f"UNIMPLEMENTED {name} is not"), name


async def test_each_method_that_is_not_supported_is_refused_by_name(lab: Lab) -> None:
    others = METHODS.keys() - {each.name for each in SERVED}
    assert others
    for name in others:
        told = await answer(lab, METHODS[name], METHODS[name].request())
        assert told.startswith(f"UNIMPLEMENTED google.firestore.admin.v1.FirestoreAdmin.{name}")


def test_something_is_refused_at_any_depth() -> None:
    request = METHODS["CreateIndex"].request()
    found = list(wrong(request))
    assert "Index.IndexField.search_config" in found
    assert "Index.query_scope COLLECTION_RECURSIVE" in found
