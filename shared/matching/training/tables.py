"""Learned tables as files, with what they were learned from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from shared.matching.background import Background
from shared.matching.evaluation.records import Labelled
from shared.matching.facts import Facts, facts_of
from shared.matching.training.catalogs import Entry
from shared.matching.training.counting import count_background
from shared.matching.training.evidence import Evidence, evidence_of, people_evidence
from shared.matching.training.learn import learn
from shared.matching.weights import Weights

DIGITS = 4
METHOD = (
    "Log-odds of levels of agreement (Fellegi and Sunter 1969), then logistic regression around"
    " them; people from catalogs that name them. Made by the job matching_evaluate --learn-into;"
    " see docs/matching.md."
)


def learned_tables(
    records: Sequence[Labelled], groups: Sequence[Sequence[Entry]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tables ``background`` and ``weights`` that labelled records teach.

    Args:
        records: Only confirmed ones of the learning half count.
        groups: Entries of catalogs that share a name, with people.
    """
    taught = [(one.entity, facts_of(one.item)) for one in records if one.confirmed and not one.half]
    common = count_background(taught)
    evidence = evidence_of(taught, common)
    people = people_evidence(groups, common)
    about = {
        "method": METHOD,
        "records": len(taught),
        "pairs": {"one": _pairs(evidence, same=True), "two": _pairs(evidence, same=False)},
        "people_pairs": people.total(),
    }
    return _background(common, taught), _weights(learn(evidence, people), about)


def _pairs(evidence: Evidence, *, same: bool) -> int:
    return sum(n for (_, one), n in evidence.items() if one is same)


def _background(common: Background, taught: Sequence[tuple[str, Facts]]) -> dict[str, Any]:
    about = "Titles by word, and genres that stand together oftener than by chance."
    return {
        "about": about,
        "records": len(taught),
        "titles": common.titles,
        "kin": sorted(common.kin),
        "words": dict(common.words),
    }


def _weights(weights: Weights, about: dict[str, Any]) -> dict[str, Any]:
    levels = {
        name: {level: round(weight, DIGITS) for level, weight in found.items()}
        for name, found in weights.levels.items()
    }
    return {"about": about, "prior": round(weights.prior, DIGITS), "levels": levels}


def write_tables(folder: Path, **tables: Mapping[str, Any]) -> None:
    """Write tables by name, as the product reads them."""
    for name, table in tables.items():
        text = orjson.dumps(table, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (folder / f"{name}.json").write_bytes(text)
