"""Job: build the edges between titles."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.sql.graph.store import SqlGraph, nodes
from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.search.graph.build import Builder

clock = SystemClock()


class Options(BaseModel):
    """There are none."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, Any]:
    """Build every title's edges and put them in place, some hundred titles at a time.

    Who runs it again finishes what was begun: what is already as it should be is not written.
    """
    model = read_card(connect.addresses().artifacts_dir / "models" / "minilm").model
    titles, graph = list(nodes(model)), SqlGraph(clock)
    written = sum(graph.keep(block) for block in Builder(titles).blocks())
    return {"model": model, "titles": len(titles), "written": written, "gone": graph.forget()}
