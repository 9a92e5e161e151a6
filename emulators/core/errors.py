"""Errors of emulated services, and their form on gRPC and on REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import json_format
from google.rpc import status_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

# https://cloud.google.com/apis/design/errors#handling_errors
HTTP_STATUS = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
    grpc.StatusCode.UNAUTHENTICATED: 401,
}


class EmulatorError(Exception):
    """A call failed in a way the caller is told about.

    Attributes:
        status: The canonical code.
        message: What the caller reads.
        details: Messages of ``google.rpc`` (ErrorInfo, RetryInfo, …) that travel with it.
    """

    def __init__(
        self, status: grpc.StatusCode, message: str, details: tuple[Message, ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


def not_found(message: str) -> EmulatorError:
    """The resource named in the request does not exist."""
    return EmulatorError(grpc.StatusCode.NOT_FOUND, message)


def already_exists(message: str) -> EmulatorError:
    """The resource to be created is there already."""
    return EmulatorError(grpc.StatusCode.ALREADY_EXISTS, message)


def invalid_argument(message: str) -> EmulatorError:
    """The request can never succeed as it is."""
    return EmulatorError(grpc.StatusCode.INVALID_ARGUMENT, message)


def failed_precondition(message: str) -> EmulatorError:
    """The resource is in a state that forbids the call."""
    return EmulatorError(grpc.StatusCode.FAILED_PRECONDITION, message)


def unimplemented(message: str) -> EmulatorError:
    """The method or field is not supported here; the message names it."""
    return EmulatorError(grpc.StatusCode.UNIMPLEMENTED, message)


def aborted(message: str) -> EmulatorError:
    """A concurrent change won."""
    return EmulatorError(grpc.StatusCode.ABORTED, message)


def deadline_exceeded(message: str) -> EmulatorError:
    """The call took longer than it may."""
    return EmulatorError(grpc.StatusCode.DEADLINE_EXCEEDED, message)


def permission_denied(message: str) -> EmulatorError:
    """The caller is known and not allowed."""
    return EmulatorError(grpc.StatusCode.PERMISSION_DENIED, message)


def unauthenticated(message: str) -> EmulatorError:
    """The caller is not known."""
    return EmulatorError(grpc.StatusCode.UNAUTHENTICATED, message)


def unavailable(message: str) -> EmulatorError:
    """The service cannot answer now; trying again may help."""
    return EmulatorError(grpc.StatusCode.UNAVAILABLE, message)


def resource_exhausted(message: str) -> EmulatorError:
    """A quota or limit is used up."""
    return EmulatorError(grpc.StatusCode.RESOURCE_EXHAUSTED, message)


def internal(message: str) -> EmulatorError:
    """The emulator itself is at fault."""
    return EmulatorError(grpc.StatusCode.INTERNAL, message)


def to_status(error: EmulatorError) -> status_pb2.Status:
    """The error as ``google.rpc.Status``, details packed as Any."""
    status = status_pb2.Status(code=error.status.value[0], message=error.message)
    for detail in error.details:
        status.details.add().Pack(detail)
    return status


async def abort(context: grpc.aio.ServicerContext[Any, Any], error: EmulatorError) -> None:
    """End a gRPC call with ``error``; its details travel in ``grpc-status-details-bin``."""
    trailing: tuple[tuple[str, bytes], ...] = ()
    if error.details:
        trailing = (("grpc-status-details-bin", to_status(error).SerializeToString()),)
    await context.abort(error.status, error.message, trailing)


def to_rest(error: EmulatorError) -> tuple[int, dict[str, Any]]:
    """The error as HTTP status and Google's JSON error body."""
    code = HTTP_STATUS[error.status]
    body: dict[str, Any] = {"code": code, "message": error.message, "status": error.status.name}
    if error.details:
        body["details"] = json_format.MessageToDict(to_status(error))["details"]
    return code, {"error": body}
