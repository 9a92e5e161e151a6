"""A history on an emulator and on the model, side by side; whatever differs is an error."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.emulated.firestore.model import (
    EPOCH,
    NAME,
    Model,
    answer,
    find,
    name_key,
    number,
    of_number,
    stamp,
    target,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.emulated.firestore.model import Document, Documents, Fields, Value
    from tests.emulated.firestore.wire import Wire

Body = dict[str, Any]
SINCE = 1_700_000_000_000_000
"""Microseconds; times that histories write lie before."""
LATE = 2**62


def shown(value: Any) -> Value:  # noqa: ANN401 - a message
    """Return a value's message in the form of the model."""
    kind = value.WhichOneof("value_type")
    held = getattr(value, kind)
    if kind == "double_value":
        return of_number(float(held))
    first, *rest = kind.split("_")
    return {first + "".join(map(str.title, rest)): _SHOWN.get(kind, lambda held: held)(held)}


_SHOWN: dict[str, Callable[[Any], Any]] = {
    "null_value": lambda _: None,
    "integer_value": str,
    "timestamp_value": lambda held: stamp(micros(held)),
    "bytes_value": lambda held: b64encode(held).decode(),
    "reference_value": lambda held: "$D/" + held.partition("/documents/")[2],
    "geo_point_value": lambda held: {"latitude": held.latitude, "longitude": held.longitude},
    "array_value": lambda held: {"values": list(map(shown, held.values))},
    "map_value": lambda held: {"fields": fields(held.fields)},
}


def fields(held: Any) -> Fields:  # noqa: ANN401 - a map of messages
    """Return fields in the form of the model."""
    return {name: shown(each) for name, each in held.items()}


def micros(time: Any) -> int:  # noqa: ANN401 - a message
    """Return a Timestamp as microseconds."""
    return int(time.seconds * 1_000_000 + time.nanos // 1000)


def name(document: Any) -> str:  # noqa: ANN401 - a message
    """Return a document's path below the root."""
    return str(document.name.partition("/documents/")[2])


def request_time(told: Iterable[Iterable[Value]], time: int) -> int:
    """Return the time of a request, of which the server tells where a transform asks for it.

    It is a whole millisecond, not behind the time of the commit.
    """
    for value in (each for one in told for each in one if "timestampValue" in each):
        when = datetime.strptime(value["timestampValue"], "%Y-%m-%dT%H:%M:%S.%f%z")
        now = round((when - EPOCH).total_seconds() * 1000) * 1000
        if now > SINCE:
            assert now <= time
            return now
    return 0


class Play:
    """One history: writes are done on both, and what is asked is compared.

    Args:
        wire: To an emulator, with a database that is empty.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire, self.model = wire, Model()

    async def commit(self, writes: Sequence[Body], transaction: str = "") -> None:
        """Do writes; what they answer is what the model makes of them."""
        body: Body = {"database": "$R", "writes": list(writes)}
        if transaction:
            body["transaction"] = transaction
        refusal = self.model.refusal(writes)
        answer = await self.wire.call("Commit", body)
        if refusal:
            assert isinstance(answer, str), (writes, refusal)
            assert answer.startswith(refusal), (writes, answer)
            return
        assert not isinstance(answer, str), (writes, answer)
        self._committed(writes, answer)

    def _committed(self, writes: Sequence[Body], answer: Any) -> None:  # noqa: ANN401 - a message
        time = micros(answer.commit_time)
        assert not self.model.before or time > self.model.before[-1][0]
        told = [[shown(each) for each in one.transform_results] for one in answer.write_results]
        assert self.model.commit(writes, time, request_time(told, time)) == told, writes

    async def transact(self, writes: Sequence[Body] | None) -> None:
        """Read everything in a transaction, then write, or end it without where there is None."""
        begun = await self.wire.call("BeginTransaction", {"database": "$R"})
        transaction = b64encode(begun.transaction).decode()
        await self._documents(self.model.documents, {"transaction": transaction})
        if writes is None:
            body = {"database": "$R", "transaction": transaction}
            assert not isinstance(await self.wire.call("Rollback", body), str)
        else:
            await self.commit(writes, transaction)

    async def batch(self, writes: Sequence[Body]) -> None:
        """Do writes each by itself, of one document the first; each answer is the model's."""
        first = list({target(each): each for each in reversed(writes)}.values())
        answer = await self.wire.call("BatchWrite", {"database": "$R", "writes": first})
        assert not isinstance(answer, str), answer
        for write, result, status in zip(first, answer.write_results, answer.status, strict=True):
            code = {"": 0, "NOT_FOUND": 5, "ALREADY_EXISTS": 6}[self.model.refusal([write])]
            assert status.code == code, (write, status)
            if not code:
                told = [[shown(each) for each in result.transform_results]]
                now = request_time(told, LATE)
                assert self.model.commit([write], LATE, now) == told
        self.model.before.clear()  # the times of a batch are not told

    async def list_all(self, size: int) -> None:
        """Compare the documents of each collection, and the collections, page by page."""
        there = self.model.documents
        for parent in ("", "c/a", "d/a"):
            for collection in ("c", "d"):
                whole = f"{parent}/{collection}".strip("/")
                missing = {cut(each, whole) for each in there} - {"", *there}
                found = [each for each in there if cut(each, whole) == each]
                at = {"parent": f"$D/{parent}".rstrip("/"), "collectionId": collection}
                listed = await self._pages(at, size)
                assert [name(each) for each in listed] == sorted(found, key=name_key)
                assert [fields(each.fields) for each in listed] == [
                    there[each] for each in sorted(found, key=name_key)
                ]
                listed = await self._pages(at | {"showMissing": True}, size)
                assert [name(e) for e in listed] == sorted({*found, *missing}, key=name_key)
            ids = await self.wire.call("ListCollectionIds", {"parent": f"$D/{parent}".rstrip("/")})
            below = [each for each in there if each.startswith(f"{parent}/" if parent else "")]
            at_depth = len(parent.split("/")) if parent else 0
            assert list(ids.collection_ids) == sorted({e.split("/")[at_depth] for e in below})

    async def _pages(self, body: Body, size: int) -> list[Any]:
        listed: list[Any] = []
        token = ""
        while True:
            said = body | {"pageSize": size, "pageToken": token}
            page = await self.wire.call("ListDocuments", said)
            assert not isinstance(page, str), page
            assert len(page.documents) <= size
            listed.extend(page.documents)
            token = page.next_page_token
            if not token:
                return listed

    async def everything(self) -> None:
        """Compare every document, as it is and as it was after each commit."""
        await self._documents(self.model.documents, {})
        for at, documents in self.model.before:
            await self._documents(documents, {"readTime": stamp(at)})

    async def _documents(self, documents: Documents, how: Body) -> None:
        body = {"database": "$R", "documents": [f"$D/{each}" for each in documents], **how}
        body["documents"].append("$D/never/there")
        answers = await self.wire.call("BatchGetDocuments", body)
        assert not isinstance(answers, str), answers
        found = {name(e.found): fields(e.found.fields) for e in answers if e.found.name}
        assert found == documents, how

    async def ask(self, query: Mapping[str, Any], at: int | None = None) -> None:
        """Compare the results of a query, now or at a time, whole and projected, and counted."""
        documents = self.model.documents if at is None else self.model.at(at)
        expected = answer(query, documents)
        body = asked(query)
        if at is not None:
            body["readTime"] = stamp(at)
        answers = await self.wire.call("RunQuery", body)
        assert not isinstance(answers, str), (query, answers)
        found = [(name(e.document), fields(e.document.fields)) for e in answers if e.document.name]
        assert found == [(each.path, each.fields) for each in expected], query
        await self._aggregate(query, body, expected)
        if at is None and NAME not in repr(query):
            await self.add_up(query)
        body["structuredQuery"]["select"] = {"fields": [{"fieldPath": "m.x"}]}
        answers = await self.wire.call("RunQuery", body)
        part = [fields(e.document.fields) for e in answers if e.document.name]
        assert part == [projected(each.fields) for each in expected], query

    async def _aggregate(
        self, query: Mapping[str, Any], body: Body, expected: Sequence[Document]
    ) -> None:
        over: Body = {"structuredQuery": body["structuredQuery"]}
        when = {"readTime": body["readTime"]} if "readTime" in body else {}
        request = {"parent": body["parent"], **when}
        said = {**over, "aggregations": [{"count": {}, "alias": "n"}]}
        (counted,) = await self.wire.call(
            "RunAggregationQuery", request | {"structuredAggregationQuery": said}
        )
        assert counted.result.aggregate_fields["n"].integer_value == len(expected), query

    async def add_up(self, query: Mapping[str, Any]) -> None:
        """Compare the sum and the average of ``x``, which a query without order is ordered by."""
        body = asked(query)
        of_x = {"field": {"fieldPath": "x"}}
        said = [{"alias": "sum", "sum": of_x}, {"alias": "avg", "avg": of_x}]
        both = {"structuredQuery": body["structuredQuery"], "aggregations": said}
        request = {"parent": body["parent"], "structuredAggregationQuery": both}
        answers = await self.wire.call("RunAggregationQuery", request)
        assert not isinstance(answers, str), (query, answers)
        (found,) = answers
        order = [*query["orderBy"], {**of_x, "direction": "ASCENDING"}]
        numbers = small_numbers(answer({**query, "orderBy": order}, self.model.documents))
        if numbers is None:
            return
        result = found.result.aggregate_fields
        assert shown(result["sum"]) == of_number(sum(numbers)), query
        mean = of_number(sum(numbers) / len(numbers)) if numbers else {"nullValue": None}
        assert shown(result["avg"]) == mean, query


def cut(path: str, collection: str) -> str:
    """Return the document of a collection that is, or is above, another; empty where none is."""
    depth = len(collection.split("/"))
    parts = path.split("/")
    return "/".join(parts[: depth + 1]) if parts[:depth] == collection.split("/") else ""


def asked(query: Mapping[str, Any]) -> Body:
    """Return a query as a request of RunQuery."""
    parent = f"$D/{query['parent']}".rstrip("/")
    return {"parent": parent, "structuredQuery": {k: v for k, v in query.items() if k != "parent"}}


def projected(held: Fields) -> Fields:
    """Return the field ``m.x`` alone."""
    value = find(held, "m.x")
    return {} if value is None else {"m": {"mapValue": {"fields": {"x": value}}}}


def small_numbers(documents: Iterable[Document]) -> list[float] | None:
    """Return the numbers in ``x``; None where a sum of them would not be exact."""
    held = [each.fields["x"] for each in documents]
    found = [number(each) for each in held if {"integerValue", "doubleValue"} & each.keys()]
    return found if all(abs(each) < 2**40 for each in found) else None
