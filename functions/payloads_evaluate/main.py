"""Job: measure what is kept of recorded answers, a folder per family of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.catalog.coverage.families import measure_folder
from shared.runtime import jobs


class Options(BaseModel):
    """Where the answers lie: ``data/<family>/**/*.json`` or ``.json.gz``."""

    model_config = ConfigDict(extra="forbid")

    data: Path


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Measure every family, and say what was not kept."""
    found = measure_folder(options.data)
    return {
        "families": {name: tally.summary() for name, tally in found.items()},
        "details": {name: tally.details() for name, tally in found.items()},
    }
