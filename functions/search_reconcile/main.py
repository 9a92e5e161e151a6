"""Job: compare every point of the vector index with its title, have the wrong ones made again."""

import logging
from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.reconciling import tell, wrong_points
from shared.adapters.sql.every_title import every_title
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import jobs
from shared.search.drift import Drift

logger = logging.getLogger(__name__)
clock = SystemClock()
ids = TimeOrderedIds(clock)


class Options(BaseModel):
    """Options of one run; `check` says what is wrong and leaves it so."""

    model_config = ConfigDict(extra="forbid")

    check: bool = False


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, str | int]:
    """Tell `search_index` of each title whose point is wrong; nothing about the title changed."""
    model, publisher = _model(), PubSubPublisher()
    counted: Counter[str] = Counter()
    for titles in every_title():
        wrong = wrong_points(titles, model, clock)
        counted.update({"titles": len(titles)} | Counter(map(str, wrong.values())))
        if wrong and not options.check:
            tell(publisher, [*wrong], event_id=ids.new(), now=clock.now())
    found = {each.value: counted[each] for each in Drift}
    if any(found.values()):
        logger.warning("search.index-differs", extra={"model": model, **found})
    return {"model": model, "titles": counted["titles"], **found}


def _model() -> str:
    return read_card(connect.addresses().artifacts_dir / "models" / "minilm").model
