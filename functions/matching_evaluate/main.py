"""Job: measure how well titles are matched, on labelled data; or learn the weights from it."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, DirectoryPath, model_validator

from shared.matching.evaluation.clean import clean_folders, evaluate_clean
from shared.matching.evaluation.drift import evaluate_drift
from shared.matching.evaluation.records import read_labelled
from shared.matching.evaluation.resolution import evaluate_records
from shared.matching.training.bars import learned_bars_of
from shared.matching.training.catalogs import namesakes
from shared.matching.training.tables import learned_tables, write_tables
from shared.runtime import jobs


class Options(BaseModel):
    """Labelled records in `data`; or two snapshots of a catalog, `before` and `after`.

    `learn_into` is a folder that receives the tables which `data` and the `catalog` teach;
    `learn_bars_into` receives the bars for joining stored titles, which follow from those tables.
    """

    model_config = ConfigDict(extra="forbid")

    data: DirectoryPath | None = None
    before: DirectoryPath | None = None
    after: DirectoryPath | None = None
    catalog: DirectoryPath | None = None
    learn_into: DirectoryPath | None = None
    learn_bars_into: DirectoryPath | None = None

    @model_validator(mode="after")
    def _one_task(self) -> Self:
        if (self.data is None) == (self.before is None or self.after is None):
            raise ValueError("give either data, or before and after")
        if self.learn_into and not (self.data and self.catalog):
            raise ValueError("learn_into needs data and catalog")
        if self.learn_bars_into and not self.data:
            raise ValueError("learn_bars_into needs data")
        return self


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Measure, or learn."""
    if options.before and options.after:
        return evaluate_drift(options.before, options.after, perf_counter)
    data = options.data or Path()
    if options.learn_into and options.catalog:
        background, weights = learned_tables(
            read_labelled(data).records, namesakes(options.catalog)
        )
        write_tables(options.learn_into, background=background, weights=weights)
        return {**weights["about"], "written": str(options.learn_into)}
    if options.learn_bars_into:
        bars = learned_bars_of(read_labelled(data).records)
        write_tables(options.learn_bars_into, bars=bars)
        return {**bars["about"], "bars": bars["bars"], "written": str(options.learn_bars_into)}
    clean = {path.name: evaluate_clean(path, perf_counter) for path in clean_folders(data)}
    return {**evaluate_records(data, perf_counter), **({"clean": clean} if clean else {})}
