"""Applications that are registered, and those that describe themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.identity.client_metadata import is_document_url

if TYPE_CHECKING:
    from shared.adapters.oauth.client_documents import ClientDocuments
    from shared.adapters.sql.identity.clients import SqlClients
    from shared.identity.clients import Client
    from shared.kernel.clock import Clock


class ClientDirectory:
    """`shared.identity.clients.Clients` and `shared.identity.authorization_desk.Directory`.

    An application that describes itself is in the database from when its first user allows it
    something, so that nobody fills the table by naming addresses.
    """

    def __init__(self, clients: SqlClients, documents: ClientDocuments, clock: Clock) -> None:
        self._clients, self._documents, self._clock = clients, documents, clock

    def find(self, client_id: str) -> Client | None:
        """Return an application, None where there is none or it is disabled."""
        if not is_document_url(client_id):
            return self._clients.find(client_id)
        return None if self._clients.is_barred(client_id) else self._documents.find(client_id)

    def register(self, client_id: str) -> bool:
        """Make sure an application is registered, one that describes itself too; False if not."""
        found = self.find(client_id)
        if found is None or not is_document_url(client_id):
            return found is not None
        return self._clients.keep(found, self._clock.now())
