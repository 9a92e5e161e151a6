"""Job: build the edges between titles."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.sql.graph.store import SqlGraph
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()


class Options(BaseModel):
    """There are none."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, Any]:
    """Make every title's edges what they are now."""
    model = read_card(connect.addresses().artifacts_dir / "models" / "minilm").model
    return {"model": model, **SqlGraph(clock).rebuild(model)}
