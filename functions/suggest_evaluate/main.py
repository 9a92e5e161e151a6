"""Job: measure how soon a title is suggested while its name is typed."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, DirectoryPath, FilePath

from shared.runtime import jobs
from shared.search.suggest.evaluation import evaluate_suggestions


class Options(BaseModel):
    """A folder shaped like that of the search data; and other titles than it names, if any."""

    model_config = ConfigDict(extra="forbid")

    data: DirectoryPath
    corpus: FilePath | None = None


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Measure."""
    return evaluate_suggestions(options.data, options.corpus, perf_counter)
