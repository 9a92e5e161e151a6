"""Job: measure how often a title is found although a word of it was mistyped."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, DirectoryPath, FilePath

from shared.runtime import jobs
from shared.search.suggest.typos import evaluate_typos


class Options(BaseModel):
    """A folder shaped like that of the search data; and other titles than it names, if any."""

    model_config = ConfigDict(extra="forbid")

    data: DirectoryPath
    corpus: FilePath | None = None


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Measure."""
    return evaluate_typos(options.data, options.corpus, perf_counter)
