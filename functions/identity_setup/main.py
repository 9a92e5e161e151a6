"""Job: register the product's own applications at an environment's addresses, and appoint somebody.

The first administrator cannot be made by one. Whoever may run jobs of the environment appoints an
account that has verified its address; the next refresh of its sessions says so.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.secrets import secret
from shared.adapters.sql.identity import appointing, clients
from shared.identity.accounts_wishes import Email
from shared.identity.clients_redirects import RedirectUri
from shared.identity.own_clients import MOBILE_URIS, SECRET, WEB_URIS, own_clients
from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.runtime.audit import system_event

ACTOR = "identity-setup"


class Options(BaseModel):
    """Where our applications are, and who is to be administrator; nobody by default."""

    model_config = ConfigDict(extra="forbid")

    web_uri: tuple[RedirectUri, ...] = WEB_URIS
    mobile_uri: tuple[RedirectUri, ...] = MOBILE_URIS
    administrator: Email | None = None


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Say what is registered by now; a second run changes nothing."""
    place = f"projects/{connect.addresses().project}/secrets/{SECRET}/versions/latest"
    ours = own_clients(secret(place), web_uris=options.web_uri, mobile_uris=options.mobile_uri)
    clients.register(connect.engine(), ours, now=SystemClock().now())
    return {"clients": [client.client_id for client in ours], "appointed": _appointed(options)}


def _appointed(options: Options) -> str | None:
    if options.administrator is None:
        return None
    act = system_event(ACTOR, "USER_CHANGE", resource_type="user", details={"role": "admin"})
    return appointing.appoint(connect.engine(), options.administrator, act, now=SystemClock().now())
