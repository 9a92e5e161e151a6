"""``mail.requested`` → one letter; each hour, codes that ended long ago are forgotten."""

from functools import cache, partial

from shared.adapters import connect, probes
from shared.adapters.mail import mailer_at
from shared.adapters.sealing import sealer
from shared.adapters.secrets import secret
from shared.adapters.sql.identity.accounts_letters import KEY, LetterWriter
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events

clock = SystemClock()


@cache
def writer() -> LetterWriter:
    """Return what writes this process's letters."""
    at = connect.addresses()
    mailer = mailer_at(at.mail_url, at.mail_sender, partial(secret, at.mail_key), clock=clock)
    return LetterWriter(connect.engine(), mailer, partial(sealer, KEY), clock, at.mail_pages)


@events.consumer(probes.database)
def handle(event: Event) -> None:
    """Send the letter that an event asks for; on schedule, forget old codes."""
    if event.event_type == events.TICK:
        writer().purge()
    else:
        writer().deliver(event)
