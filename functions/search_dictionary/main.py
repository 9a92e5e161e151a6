"""Job: build the snapshot from which suggestions and spelling are answered."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.embeddings.vocabulary import whole_words
from shared.adapters.snapshots import write_snapshot
from shared.adapters.sql.dictionary.entries import SqlEntries
from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.search.suggest.build import build_suggester
from shared.search.suggest.index import SNAPSHOT

clock = SystemClock()


class Options(BaseModel):
    """There are none."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, Any]:
    """Build and put in place; the same catalogue gives the same version."""
    entries = SqlEntries(clock)
    artifacts = connect.addresses().artifacts_dir
    # A small catalogue lacks most words of its language: "cooking" would be mended to "coming".
    right = {*entries.known_words(), *whole_words(artifacts / "models" / "minilm")}
    suggester = build_suggester(entries, right)
    path = artifacts / SNAPSHOT
    version = write_snapshot(path, suggester.arrays(), suggester.about)
    counted = {name: suggester.about[name] for name in ("entries", "names", "words")}
    return {"version": version, "bytes": path.stat().st_size, **counted}
