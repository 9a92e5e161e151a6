"""Messages as they are on the wire: what the official clients never send, and all of an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import grpc
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.protobuf import json_format

from emulators.core.methods import Method, methods

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

DOCUMENTS = "/documents/"
SECONDS = 20
OWNER = (("authorization", "Bearer owner"),)


class Wire:
    """Calls by gRPC or REST, with bodies in the form of JSON; ``$D`` is the root of documents.

    Args:
        address: ``127.0.0.1:port``.
        root: ``projects/P/databases/D``, which is also ``$R``.
    """

    def __init__(self, address: str, root: str) -> None:
        self._address, self._root = address, root

    async def __aenter__(self) -> Self:
        """Open the channel."""
        self._channel = grpc.aio.insecure_channel(self._address)
        self._http = aiohttp.ClientSession(headers={"Authorization": "Bearer owner"})
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        await self._channel.close(None)
        await self._http.close()

    async def call(self, name: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - a message, or several
        """Return the answer, or all of them; a refusal's code and text where there is none."""
        method, call = self._method(name)
        request = json_format.ParseDict(self._placed(body), method.request())
        try:
            answer = call(request, timeout=SECONDS, metadata=OWNER)
            return [each async for each in answer] if "stream" in method.kind else await answer
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name} {error.details()}"

    async def stream(self, name: str, *bodies: dict[str, Any]) -> Any:  # noqa: ANN401 - an untyped call
        """Return a stream in both directions that requests were written to."""
        method, call = self._method(name)
        opened = call(metadata=OWNER)
        for body in bodies:
            await opened.write(json_format.ParseDict(self._placed(body), method.request()))
        return opened

    def _method(self, name: str) -> tuple[Method, Any]:
        method = methods(FirestoreGrpcTransport)[name]
        call = getattr(self._channel, method.kind)(
            method.path, method.request.SerializeToString, method.response.FromString
        )
        return method, call

    async def rest(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the answer's JSON."""
        url = self._placed(f"http://{self._address}/v1/{path}")
        async with self._http.request(verb, url, json=self._placed(body)) as answer:
            return await answer.json()

    async def write(self, **documents: dict[str, Any]) -> Any:  # noqa: ANN401 - an answer or a refusal
        """Write documents to ``c`` with fields as JSON has them."""
        return await self.commit(
            *({"update": {"name": f"$D/c/{k}", "fields": v}} for k, v in documents.items())
        )

    async def commit(self, *writes: dict[str, Any]) -> Any:  # noqa: ANN401 - an answer or a refusal
        """Do writes."""
        return await self.call("Commit", {"database": "$R", "writes": list(writes)})

    async def run(self, query: dict[str, Any]) -> Any:  # noqa: ANN401 - names or a refusal
        """Return the names of a query's results, without the root; of ``c`` unless it says."""
        body = {"parent": "$D", "structuredQuery": {"from": [{"collectionId": "c"}], **query}}
        answers = await self.call("RunQuery", body)
        if isinstance(answers, str):
            return answers
        found = [each.document.name for each in answers if each.HasField("document")]
        return [name.partition(DOCUMENTS)[2] for name in found]

    def _placed(self, body: Any) -> Any:  # noqa: ANN401 - JSON
        text = json.dumps(body).replace("$D", f"{self._root}/documents").replace("$R", self._root)
        return json.loads(text)


def field(path: str, op: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return the filter of a field."""
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": op, "value": value}}


def both(*filters: dict[str, Any], op: str = "AND") -> dict[str, Any]:
    """Return filters that are joined."""
    return {"compositeFilter": {"op": op, "filters": list(filters)}}


def array(*values: dict[str, Any]) -> dict[str, Any]:
    """Return an array as a value."""
    return {"arrayValue": {"values": list(values)}}


def integer(number: int) -> dict[str, Any]:
    """Return an integer as a value."""
    return {"integerValue": str(number)}


NULL: dict[str, Any] = {"nullValue": None}
NAN: dict[str, Any] = {"doubleValue": "NaN"}
