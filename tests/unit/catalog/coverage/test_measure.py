"""Whether a leaf of an answer arrives in its items, and why it does not."""

import copy
from typing import Any

import pytest

from shared.catalog.coverage import declared
from shared.catalog.coverage.leaves import changed, leaves, without, written
from shared.catalog.coverage.measure import KEPT, UNKNOWN, verdicts
from shared.catalog.coverage.units import Unit, units
from tests.unit.catalog.feeds.answers import PAYLOADS, answer


def outcomes(provider: str, record: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Return what became of each leaf, by its pattern; the first one of a pattern counts."""
    found = [verdict for unit in units(provider, record) for verdict in verdicts(unit)]
    return {v.pattern: v.outcome for v in reversed(found)}


DETAILS = answer("watchmode/details.json")


def test_leaf_that_changes_the_items_is_kept() -> None:
    found = outcomes("watchmode", DETAILS)

    assert {found[name] for name in ("title", "us_rating", "sources[].price", "year")} == {KEPT}


def test_placeholder_and_service_without_a_platform_are_set_aside_by_reason() -> None:
    only = {**DETAILS, "sources": [DETAILS["sources"][3]]}

    assert outcomes("watchmode", DETAILS)["sources[].ios_url"] == "a placeholder is no link"
    assert outcomes("watchmode", only)["sources[].web_url"] == (
        "service Lantern Play is none of our platforms"
    )


def test_leaf_that_nobody_declared_is_named() -> None:
    found = outcomes("watchmode", {**DETAILS, "mood": {"of_day": "late"}})

    assert [name for name, outcome in found.items() if outcome == UNKNOWN] == ["mood.of_day"]


def test_leaf_that_a_mapper_does_not_read_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.catalog.coverage.measure.field_of", lambda *_: "overview")

    found = outcomes("watchmode", DETAILS)

    assert (found["plot_overview"], found["critic_score"]) == (KEPT, "")


def test_id_and_name_of_one_service_are_kept_though_either_would_do() -> None:
    found = outcomes("watchmode", DETAILS)

    assert (found["sources[].source_id"], found["sources[].name"]) == (KEPT, KEPT)


def test_time_beyond_all_credit_is_set_aside_and_zero_says_nothing() -> None:
    older = answer("streaming_availability_v3/title.json")
    page = answer("streaming_availability_v2/page.json")

    assert outcomes("streaming_availability", older)["streamingInfo.us[].leaving"] == (
        "no credible time (after 2100)"
    )
    kept = outcomes("streaming_availability", page)
    assert kept["backdropURLs.original"] == "a picture of untold size, there in told sizes, too"


def test_part_is_measured_beside_a_title_of_its_id() -> None:
    found = outcomes("tmdb", answer("tmdb/watch-providers.json"))

    assert found["results.US.flatrate[].provider_id"] == KEPT
    assert found["results.DE.buy[].provider_id"] == "service Leuchtkino is none of our platforms"


def test_measuring_leaves_the_record_as_it_was() -> None:
    record = copy.deepcopy(DETAILS)

    list(verdicts(Unit("watchmode", record)))

    assert record == DETAILS


def test_record_without_a_leaf_keeps_the_places_of_a_list() -> None:
    record = {"a": [1, 2], "b": {"c": 3}}

    with without(record, [("a", 0), ("b", "c")]):
        taken = copy.deepcopy(record)
    with changed(record, ("a", 1), "x"):
        other = copy.deepcopy(record)

    assert (taken, other) == ({"a": [None, 2], "b": {}}, {"a": [1, "x"], "b": {"c": 3}})
    assert record == {"a": [1, 2], "b": {"c": 3}}


def test_every_leaf_has_its_path_and_pattern() -> None:
    found = list(leaves({"a": [{"b": 1}, []], "c": {}}))

    assert [written(leaf.path) for leaf in found] == ["a[0].b", "a[1]", "c"]
    assert [leaf.pattern for leaf in found] == ["a[].b", "a[]", "c"]
    assert [leaf.says_something for leaf in found] == [True, False, False]


@pytest.mark.parametrize(
    ("pattern", "field"),
    [
        ("results.US.rent[].provider_id", "platform"),
        ("production_companies[].name", declared.ASIDE),
        ("created_by[].name", "credits"),
        ("created_by[].gender", declared.ASIDE),
        ("weather", None),
    ],
)
def test_declared_pattern_is_found_the_plainest_first(pattern: str, field: str | None) -> None:
    assert declared.field_of("tmdb", pattern) == field


@pytest.mark.parametrize("file", sorted(PAYLOADS.rglob("*.json")), ids=lambda file: file.stem)
def test_nothing_of_our_own_examples_is_lost_without_a_reason(file: Any) -> None:  # noqa: ANN401 - a path
    name = file.parent.name
    provider = {"youtube_data_v3": "youtube"}.get(name, name.rsplit("_", 1)[0])
    provider = name if name in {"tmdb", "watchmode", "ott_details"} else provider
    provider = "justwatch" if name.startswith("justwatch") else provider

    content = answer(f"{name}/{file.name}")

    for record in content if isinstance(content, list) else [content]:
        assert "" not in outcomes(provider, record).values()
