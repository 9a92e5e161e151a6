"""How weights are learned: recovered where they are known, and made again from fixture data."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.matching.background import background, background_of
from shared.matching.evaluation.records import Labelled
from shared.matching.facts import Facts, facts_of
from shared.matching.features import LEVELS
from shared.matching.training.counting import count_background
from shared.matching.training.evidence import Evidence, evidence_of, people_evidence
from shared.matching.training.learn import learn, log_odds, solve
from shared.matching.training.tables import learned_tables, write_tables
from shared.matching.weights import FILE, logistic, weights_of
from tests.unit.matching.items import bare

if TYPE_CHECKING:
    from pathlib import Path

ROWS = st.lists(st.lists(st.floats(-3, 3), min_size=3, max_size=3), min_size=3, max_size=3)


@given(ROWS, st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_a_solution_solves_its_equations(rows: list[list[float]], right: list[float]) -> None:
    places = range(3)
    matrix = [[sum(r[i] * r[j] for r in rows) + (i == j) for j in places] for i in places]

    found = solve(matrix, right)

    for i in places:
        assert sum(matrix[i][j] * found[j] for j in places) == pytest.approx(right[i], abs=1e-6)


def _generated(pairs: int) -> Evidence:
    """Return pairs whose odds are known: title and year each decide on their own."""
    truth = {"equal-4": 3.0, "close": 0.0, "same": 1.5, "next": -1.5}
    chance = random.Random(5)
    found: Evidence = Counter()
    for _ in range(pairs):
        title, year = chance.choice(("equal-4", "close")), chance.choice(("same", "next"))
        likely = logistic(truth[title] + truth[year] - 1.5)
        found[(("title", title), ("year", year)), chance.random() < likely] += 1
    return found


def test_learned_weights_recover_the_probabilities_that_made_the_pairs() -> None:
    weights = learn(_generated(40_000), Counter())

    for title, year, log_odds_ in (
        ("equal-4", "same", 3.0), ("equal-4", "next", 0.0), ("close", "same", 0.0),
        ("close", "next", -3.0),
    ):  # fmt: skip
        found = weights.probability({"title": title, "year": year})
        assert found == pytest.approx(logistic(log_odds_), abs=0.03)


def test_a_learned_probability_is_the_share_of_pairs_that_are_one() -> None:
    evidence = _generated(5_000)
    weights = learn(evidence, Counter())

    expected = sum(weights.probability(dict(p)) * n for (p, _), n in evidence.items())

    # The score equation of the intercept, which its wide prior hardly moves.
    assert expected == pytest.approx(sum(n for (_, one), n in evidence.items() if one), rel=0.001)


def test_a_level_nobody_met_says_what_its_share_says_and_no_more() -> None:
    evidence: Evidence = Counter({((("year", "same"),), True): 9, ((("year", "same"),), False): 9})

    assert log_odds(evidence)["year", "far"] == 0
    assert log_odds(evidence)["people", "none"] == 0


def test_perfectly_separated_pairs_do_not_run_away() -> None:
    evidence: Evidence = Counter(
        {((("title", "equal-4"),), True): 500, ((("title", "close"),), False): 500}
    )

    levels = learn(evidence, Counter()).levels["title"]

    assert all(math.isfinite(found) and abs(found) < 20 for found in levels.values())
    assert levels["equal-4"] > 0 > levels["close"]


def test_people_are_learned_from_names_that_meet_in_several_catalogs() -> None:
    def entry(catalog: str, year: int, *people: str) -> tuple[str, Facts]:
        return catalog, Facts("movie", ("heat",), year=year, people=frozenset(people))

    group = [
        entry("one", 1995, "mann", "pacino"), entry("two", 1995, "mann", "pacino"),
        entry("three", 2015, "west"), entry("one", 2015, "mann"),
    ]  # fmt: skip

    found = people_evidence([group], background())

    assert found[(("people", "several"),), True] == 1
    assert found[(("people", "none"),), False] == 2
    assert found[(("people", "none"),), True] == 1


def test_pairs_are_learned_from_only_where_names_or_blocks_meet() -> None:
    heat, far = Facts("movie", ("heat",), year=1995), Facts("movie", ("paddington",), year=2014)

    found = evidence_of([("a", heat), ("a", heat), ("b", far)], background())

    assert {(dict(p)["title"][:5], same) for p, same in found} == {("equal", True)}
    assert found.total() == 1


def test_words_and_genres_are_counted_once_per_title() -> None:
    said = Facts("movie", ("red heat",), genres=frozenset({"Crime", "Drama"}))
    records = [(f"title {n}", said) for n in range(6)] + [("title 0", said)] * 9
    others = [(f"other {n}", Facts("movie", ("x",), genres=frozenset({"War"}))) for n in range(20)]

    found = count_background([*records, *others])

    assert found.words["heat"] == 6
    assert found.kin == {("Crime", "Drama")}
    assert found.bits("unheard") > found.bits("heat") > found.bits("x")


def _labelled(count: int) -> list[Labelled]:
    """Return records of titles of two sources, some of which spell the name otherwise."""
    chance = random.Random(11)
    words = [f"{a}{b}" for a in ("am", "be", "co", "du") for b in ("ber", "lin", "sta", "vor")]
    found = []
    for n in range(count):
        name = " ".join(chance.choices(words, k=chance.randint(1, 3)))
        year = chance.randint(1990, 2000)
        for source in ("one", "two"):
            off = year + (chance.random() < 0.1)
            item = bare(source, f"{source}{n}", name, release_year=off, genres=("Drama",))
            found.append(Labelled(item, source, f"tt{n}", confirmed=True))
    return found


def test_the_same_data_makes_the_same_tables_which_the_product_reads(tmp_path: Path) -> None:
    first = learned_tables(_labelled(300), [])
    write_tables(tmp_path, background=first[0], weights=first[1])

    assert learned_tables(_labelled(300), []) == first
    weights = orjson.loads((tmp_path / "weights.json").read_bytes())
    assert weights_of(weights).levels["year"]["same"] > weights_of(weights).levels["year"]["next"]
    common = background_of(orjson.loads((tmp_path / "background.json").read_bytes()))
    assert common.titles == weights["about"]["records"] // 2


def test_nothing_is_learned_from_the_judging_half_nor_from_doubtful_labels() -> None:
    records = _labelled(100)
    judging = [one for one in records if one.half]
    doubtful = [Labelled(one.item, one.source, one.entity, confirmed=False) for one in records]

    assert learned_tables([*records, *doubtful], []) == learned_tables(
        [one for one in records if one not in judging], []
    )


def test_the_shipped_table_has_every_level_and_says_where_it_comes_from() -> None:
    table = orjson.loads(FILE.read_bytes())

    assert {name: tuple(levels) for name, levels in table["levels"].items()} == LEVELS
    assert table["about"]["records"] > 10_000
    assert weights_of(table).prior == table["prior"]


def test_evidence_counts_each_pair_once() -> None:
    records = _labelled(150)

    found = evidence_of(((one.entity, facts_of(one.item)) for one in records), background())

    assert sum(n for (_, same), n in found.items() if same) <= 150
