"""/auth/oauth: signing in by Google, GitHub, Apple and others; /api/v1/auth/identities."""

from functools import cache

from shared.adapters import probes
from shared.identity.federation_answers import (
    BeginFederation,
    Brought,
    BroughtBack,
    LinkedAccount,
    LinkedAccounts,
    LinkStart,
    WhichProvider,
)
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.account_acts import acts_of
from shared.runtime.federation import PRIVATE, FederationDesk, shown
from shared.runtime.forms import form
from shared.runtime.viewer import authorize

clock = SystemClock()
desk = cache(lambda: FederationDesk(clock))


@http.describes(query=BeginFederation, status=303, media_type="")
async def begin_federation(request: http.Request) -> http.Reply:
    """Send a browser to a provider."""
    asked = request.query(BeginFederation)
    begun = desk().begin(request, asked.provider, back=asked.return_to, link=asked.link)
    return await shown(request, begun)


@http.describes(query=BroughtBack, status=303, media_type="")
async def finish_federation(request: http.Request) -> http.Reply:
    """Let in whom a provider vouches for."""
    brought = request.query(BroughtBack)
    return await shown(request, desk().finish(request, brought.provider, brought.given()))


@http.describes(query=WhichProvider, form=Brought, status=303, media_type="")
async def finish_posted_federation(request: http.Request) -> http.Reply:
    """Do the same where the provider lets the browser post its answer, as Apple does."""
    which, brought = request.query(WhichProvider), Brought(**form(request))
    return await shown(request, desk().finish(request, which.provider, brought.given()))


@http.describes(answer=LinkedAccounts)
def list_identities(request: http.Request) -> http.Reply:
    """Answer with the accounts elsewhere that open the caller's own."""
    found = desk().identities.of(request.principal.sub)
    items = [LinkedAccount(**vars(one)) for one in found]
    return http.reply(LinkedAccounts(items=items), headers=PRIVATE)


@http.describes(query=WhichProvider, answer=LinkStart, refusals=(404,))
def add_identity(request: http.Request) -> http.Reply:
    """Give the caller's browser leave to add an account elsewhere."""
    which, user = request.query(WhichProvider).provider, desk().proven(request)
    return http.reply(LinkStart(location=desk().ticket(which, user)), headers=PRIVATE)


@http.describes(query=WhichProvider, status=204, media_type="", refusals=(404, 409))
def remove_identity(request: http.Request) -> http.Reply:
    """Let an account elsewhere open the caller's own no more."""
    which, user = request.query(WhichProvider).provider, desk().proven(request)
    desk().recognition.remove(which, user, acts_of(request))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


handle = http.resource(
    __file__, begin_federation, finish_federation, finish_posted_federation,
    list_identities, add_identity, remove_identity,
    authorize=authorize, probes=[probes.database, probes.redis],
)  # fmt: skip
