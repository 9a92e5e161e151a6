"""Job: build the snapshot of the catalog that searches keep in memory."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.resident import CHANGES_KEPT, FORMAT, SNAPSHOT
from shared.adapters.snapshots import write_snapshot
from shared.adapters.sql.resident.changes import SqlChanges
from shared.adapters.sql.resident.rows import SqlRows
from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.search.resident.catalog import MOST_TITLES, few_enough
from shared.search.resident.part import Part

clock = SystemClock()
most = MOST_TITLES


class Options(BaseModel):
    """There are none."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, Any]:
    """Build and put in place; of a catalog that is too large there is none, and SQL carries it."""
    began, read_at = perf_counter(), clock.now()
    artifacts = connect.addresses().artifacts_dir
    path = artifacts / SNAPSHOT
    model = read_card(artifacts / "models" / "minilm").model
    titles = few_enough(SqlRows(model).all(), most)
    summary: dict[str, Any] = {"titles": len(titles), "written": bool(len(titles) <= most)}
    if len(titles) > most:
        path.unlink(missing_ok=True)
    else:
        about = {"format": FORMAT, "model": model, "read_at": read_at.timestamp()}
        summary["version"] = write_snapshot(path, Part.build(titles).arrays(), about)
        summary["bytes"] = path.stat().st_size
    # Not before: whoever follows an older snapshot may still need them.
    summary["purged"] = SqlChanges(clock).purge(read_at - CHANGES_KEPT)
    return summary | {"seconds": round(perf_counter() - began, 1)}
