"""Job: measure how good the answers of search are, over a corpus in an empty catalogue."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, DirectoryPath, FilePath

from shared.adapters import connect
from shared.adapters.corpus import corpus_names, corpus_resident, load_corpus
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.embeddings.remembered import RememberedVectors
from shared.adapters.searching import served_search
from shared.catalog.item import CanonicalItem
from shared.kernel.clock import SystemClock
from shared.matching.evaluation import files
from shared.runtime import jobs
from shared.search.evaluation.corpus import CORPUS, read_corpus
from shared.search.evaluation.evaluate import Films, evaluate_search
from shared.search.ports import Embedder

clock = SystemClock()
THREADS = 2


class Options(BaseModel):
    """A folder shaped like that of the search data; other films than its own; kept vectors."""

    model_config = ConfigDict(extra="forbid")

    data: DirectoryPath
    corpus: FilePath | None = None
    vectors: Path | None = None


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Load, measure."""
    model = connect.addresses().artifacts_dir / "models" / "minilm"
    began = perf_counter()
    corpus = read_corpus(options.corpus or files.find(options.data, CORPUS), clock.now())
    items = corpus.items
    ids = _loaded(items, OnnxEmbedder.load(model, THREADS), options.vectors)
    loaded = perf_counter() - began
    films = Films.of(items, ids)
    embedder, names = OnnxEmbedder.load(model), corpus_names(clock)
    catalog = corpus_resident(embedder.model)
    search = served_search(lambda: embedder, lambda: names, lambda: catalog, clock)
    found = evaluate_search(search, films, options.data, perf_counter)
    left_out = len(corpus.left_out)
    return {"films": len(items), "left_out": left_out, "load_seconds": round(loaded), **found}


def _loaded(
    items: Sequence[CanonicalItem], embedder: Embedder, folder: Path | None
) -> dict[str, str]:
    if folder is None:
        return load_corpus(items, embedder, clock)
    remembered = RememberedVectors(embedder, folder)
    try:
        return load_corpus(items, remembered, clock)
    finally:
        remembered.keep()
