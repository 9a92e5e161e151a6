"""Job: try records again that were set aside."""

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.providers.replaying import Replayer
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.raw_pages import RawFolder
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import jobs

clock = SystemClock()


class Options(BaseModel):
    """Of which run, or of which provider; all that is set aside where neither is named."""

    model_config = ConfigDict(extra="forbid")

    run_id: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,199})?$")
    provider: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{1,59})?$")


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, int]:
    """Read them where they lie, and send on what can be taken in now."""
    raw, ids = RawFolder(connect.addresses().raw_dir), TimeOrderedIds(clock)
    replayer = Replayer(connect.engine(), PubSubPublisher(), raw, clock, ids)
    return asdict(replayer.replay(run_id=options.run_id, provider=options.provider))
