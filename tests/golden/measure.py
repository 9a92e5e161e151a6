"""How well the running product answers the golden questions."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.search.evaluation.metrics import DEPTH, mean, ndcg
from tests.e2e.cloud import within
from tests.golden.questions import FOLDER, grades, questions, sample

if TYPE_CHECKING:
    from typing import Any

    from tests.e2e.cloud import Cloud

RECORDED = FOLDER / "recorded.json"
ALLOWED_LOSS = 0.02
"""Share of the recorded figure that may be lost (spec/discovery §6, Evaluation)."""
PATIENCE_SECONDS = 20
IMDB = "SELECT CAST(content_id AS text), id_value FROM external_id WHERE id_type = 'imdb'"


@dataclass(frozen=True)
class Measured:
    """NDCG@10, over all questions and by kind."""

    ndcg: float
    by_kind: dict[str, float]


def measure(cloud: Cloud) -> Measured:
    """Ask every question through the public door."""
    titles, imdb = sample(), dict(tuple(row) for row in cloud.rows(IMDB))
    found: dict[str, list[float]] = defaultdict(list)
    for question in questions():
        ranking = [imdb.get(id_, id_) for id_ in _answers(cloud, question.text)]
        found[question.kind].append(ndcg(ranking, grades(question, titles)))
    every = [value for values in found.values() for value in values]
    return Measured(mean(every), {kind: mean(values) for kind, values in found.items()})


def _answers(cloud: Cloud, text: str) -> list[str]:
    """Return the ids of the first titles; an answer that lacks a source is asked for again."""

    def whole() -> dict[str, Any]:
        answer = cloud.search(q=text, page_size=DEPTH)
        return {} if answer["degraded"] else answer

    answer = within(PATIENCE_SECONDS, whole, f"{text!r} with every source")
    return [result["content"]["id"] for result in answer["results"]]


def recorded() -> float:
    """Return the figure that is to be held."""
    return float(json.loads(RECORDED.read_text(encoding="utf-8"))["ndcg_at_10"])


def record(measured: Measured) -> None:
    """Make this the figure that is to be held."""
    RECORDED.write_text(json.dumps({"ndcg_at_10": measured.ndcg}) + "\n", encoding="utf-8")
