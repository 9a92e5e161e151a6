"""The RPCs of ``google.firestore.v1.Firestore``, for gRPC and REST alike."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import TYPE_CHECKING

from google.protobuf import empty_pb2
from google.rpc import status_pb2

from emulators.core import errors
from emulators.firestore import fields, listing, names
from emulators.firestore.messages import (
    BatchGetDocumentsResponse,
    BatchWriteResponse,
    BeginTransactionResponse,
    CommitResponse,
    ListCollectionIdsResponse,
    ListDocumentsResponse,
    PartitionQueryResponse,
    RunAggregationQueryResponse,
    RunQueryResponse,
    TransactionOptions,
    Write,
    WriteResult,
)
from emulators.firestore.queries import aggregation, plan
from emulators.firestore.queries.query import Query
from emulators.firestore.reading import Reading
from emulators.firestore.streams import Listening
from emulators.firestore.writes import check, stamp, target
from emulators.firestore.writing import Writing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from emulators.core.binding import ServicerContext
    from emulators.core.methods import Proto
    from emulators.firestore.store import Database, Store

ID_LENGTH = 20
ID_LETTERS = ascii_letters + digits


class FirestoreServicer:
    """``google.firestore.v1.Firestore``.

    Args:
        store: Every database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writing = Writing(store)

    def _of(self, name: str) -> Database:
        return self._store.database(names.parse(name).root)

    # Documents

    async def GetDocument(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a document."""
        path = names.document(request.name)
        reading = await Reading.begin(self._of(request.name), request)
        version = await reading.document(path)
        if version is None:
            raise errors.not_found(f'Document "{request.name}" not found.')
        mask = request.mask.field_paths if request.HasField("mask") else None
        return fields.masked(version.document, mask)

    async def BatchGetDocuments(
        self, request: Proto, _caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        """Yield documents, those that are missing by their names."""
        database = self._store.database(request.database)
        paths = [names.document(name) for name in dict.fromkeys(request.documents)]
        reading = await Reading.begin(database, request)
        if reading.new_transaction:
            yield BatchGetDocumentsResponse(transaction=reading.new_transaction)
        mask = request.mask.field_paths if request.HasField("mask") else None
        found = [(path, await reading.document(path)) for path in paths]
        time = stamp(reading.time)
        for path, version in sorted(found, key=lambda each: each[1] is None):
            if version is None:
                yield BatchGetDocumentsResponse(missing=str(path), read_time=time)
            else:
                shown = fields.masked(version.document, mask)
                yield BatchGetDocumentsResponse(found=shown, read_time=time)

    async def ListDocuments(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of a collection's documents."""
        database = self._of(request.parent)
        reading = await Reading.begin(database, request)
        query = listing.query(request)
        await reading.ask(query)
        found, token = listing.documents(database.data, query, request, reading.at)
        return ListDocumentsResponse(documents=found, next_page_token=token)

    async def CreateDocument(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Add a document, with an id of ours where it brings none."""
        made_id = request.document_id or "".join(
            ID_LETTERS[byte % len(ID_LETTERS)] for byte in self._store.random_bytes(ID_LENGTH)
        )
        path = names.parent(request.parent).child(request.collection_id, made_id)
        for segment in path.segments[-2:]:
            names.check_id(segment, str(path))
        if request.document.name:
            raise errors.invalid_argument("document.name must not be set")
        write = Write(update=request.document)
        write.update.name = str(path)
        write.current_document.exists = False
        return await self._written(write, request)

    async def UpdateDocument(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Change a document, or add it."""
        write = Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return await self._written(write, request)

    async def _written(self, write: Proto, request: Proto) -> Proto:
        database = self._of(write.update.name)
        await database.commit([write])
        version = database.data.find(names.document(write.update.name))
        await self._store.commit()
        if version is None:
            raise errors.aborted("The document was deleted meanwhile.")
        mask = request.mask.field_paths if request.HasField("mask") else None
        return fields.masked(version.document, mask)

    async def DeleteDocument(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a document; one that is not there too, unless it has to be."""
        write = Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        await self._of(request.name).commit([write])
        await self._store.commit()
        return empty_pb2.Empty()

    async def ListCollectionIds(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of the ids of a document's collections."""
        database = self._of(request.parent)
        at = database.time_of(request)
        ids, token = listing.collection_ids(database.data, request, at)
        return ListCollectionIdsResponse(collection_ids=ids, next_page_token=token)

    # Transactions and writes

    async def BeginTransaction(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Begin a transaction."""
        options = request.options if request.HasField("options") else TransactionOptions()
        made = self._store.database(request.database).begin(options)
        return BeginTransactionResponse(transaction=made.id)

    async def Commit(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Do all writes, or none."""
        database = self._store.database(request.database)
        transaction = None
        if request.transaction:
            transaction = database.transactions.find(request.transaction)
        results, time = await database.commit(request.writes, transaction)
        await self._store.commit()
        return CommitResponse(write_results=results, commit_time=stamp(time))

    async def Rollback(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """End a transaction without a change."""
        transactions = self._store.database(request.database).transactions
        transactions.end(transactions.find(request.transaction))
        return empty_pb2.Empty()

    async def BatchWrite(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Do each write by itself, and say of each what became of it."""
        database = self._store.database(request.database)
        for write in request.writes:
            check(write, database.data.root)
        targets = [target(write) for write in request.writes]
        if len(set(targets)) != len(targets):
            raise errors.invalid_argument(
                "Cannot write multiple times to the same document in a batch."
            )
        answer = BatchWriteResponse()
        for write in request.writes:
            result, status = await _alone(database, write)
            answer.write_results.append(result)
            answer.status.append(status)
        await self._store.commit()
        return answer

    async def Write(
        self, requests: AsyncIterator[Proto], _caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        """Do writes as they come on a stream."""
        async for answer in self._writing.answers(requests):
            yield answer

    # Queries

    async def RunQuery(
        self, request: Proto, _caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        """Yield the documents that a query asks for."""
        database = self._of(request.parent)
        if not request.HasField("structured_query"):
            raise errors.invalid_argument("only structured queries are supported")
        query = Query(names.parent(request.parent), request.structured_query)
        reading = await Reading.begin(database, request)
        if reading.new_transaction:
            yield RunQueryResponse(transaction=reading.new_transaction)
        await reading.ask(query)
        explained = request.HasField("explain_options")
        found = []
        if not explained or request.explain_options.analyze:
            found = query.results(database.data, reading.at)
        time = stamp(reading.time)
        for number, document in enumerate(found):
            skipped = 0 if number else request.structured_query.offset
            done = True if number == len(found) - 1 and not explained else None
            yield RunQueryResponse(
                document=document, read_time=time, skipped_results=skipped, done=done
            )
        if explained:
            metrics = plan.of_query(query, request, len(found), reading)
            yield RunQueryResponse(explain_metrics=metrics)
        elif not found:
            yield RunQueryResponse(read_time=time, done=True)

    async def RunAggregationQuery(
        self, request: Proto, _caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        """Yield the aggregations of a query's results."""
        database = self._of(request.parent)
        said = request.structured_aggregation_query
        query = Query(names.parent(request.parent), aggregation.planned(said))
        reading = await Reading.begin(database, request)
        await reading.ask(query)
        answer = RunAggregationQueryResponse(read_time=stamp(reading.time))
        if reading.new_transaction:
            answer.transaction = reading.new_transaction
        explained = request.HasField("explain_options")
        if not explained or request.explain_options.analyze:
            found = aggregation.aggregated(said, query, database.data, reading.at)
            answer.result.CopyFrom(found)
        if explained:
            metrics = plan.of_aggregation(query, request, database.data, reading)
            answer.explain_metrics.CopyFrom(metrics)
        yield answer

    def ExecutePipeline(
        self, request: Proto, _caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        """Refuse: databases are of the Standard edition, and pipelines of the Enterprise one."""
        self._store.database(request.database)
        raise errors.failed_precondition("Pipeline queries are only allowed on ENTERPRISE mode.")

    async def PartitionQuery(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return cursors that part a large query."""
        database = self._of(request.parent)
        at = database.time_of(request)
        found = listing.partitions(database.data, request, at)
        page, token = listing.paged(found, request)
        return PartitionQueryResponse(partitions=page, next_page_token=token)

    async def Listen(
        self, requests: AsyncIterator[Proto], _caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        """Yield what changes, as it does."""
        async for answer in Listening(self._store).answers(requests):
            yield answer


async def _alone(database: Database, write: Proto) -> tuple[Proto, Proto]:
    try:
        (result,), _ = await database.commit([write])
    except errors.EmulatorError as error:
        return WriteResult(), errors.to_status(error)
    return result, status_pb2.Status()
