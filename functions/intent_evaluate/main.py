"""Job: measure how well questions are read, on labelled ones; or learn a tagger from them."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, DirectoryPath, FilePath, model_validator

from shared.kernel.clock import SystemClock
from shared.runtime import jobs
from shared.search.intent.evaluation.corpora import sentences_of
from shared.search.intent.evaluation.corpus import Judged, evaluate_folder
from shared.search.intent.tagger.files import write_tagger
from shared.search.intent.training.learn import learn


class Options(BaseModel):
    """Labelled questions in `data`, a file per corpus, and in `test` those to be judged on.

    Or `learn`: one file of questions, from which a tagger is written to the file `into`.
    """

    model_config = ConfigDict(extra="forbid")

    data: DirectoryPath | None = None
    test: FilePath | DirectoryPath | None = None
    learn: FilePath | None = None
    into: Path | None = None

    @model_validator(mode="after")
    def _one_task(self) -> Self:
        if (self.data is None) == (self.learn is None):
            raise ValueError("give either data, or learn and into")
        if (self.learn is None) != (self.into is None) or (self.learn and self.test):
            raise ValueError("learn goes with into, and test with data")
        return self


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Measure, or learn."""
    if options.learn and options.into:
        tagger = learn(sentences_of(options.learn))
        write_tagger(options.into, tagger)
        return {"features": len(tagger.index), "written": str(options.into)}
    judged = Judged(perf_counter, thread_time, SystemClock().now().year)
    return evaluate_folder(options.data or Path(), options.test, judged)
