"""What searches publish conforms to their topic's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.search.analytics.published import performed_event
from shared.search.filters import Filters
from tests.fakes.searches import kept, performed
from tests.unit.terraform.test_schemas import messages, parse

if TYPE_CHECKING:
    from tests.unit.terraform.test_schemas import Parse

__all__ = ["messages", "parse"]  # fixtures of the other file

EVERY = Filters.model_validate(
    {
        "genres": ["Drama"],
        "genre_match": "all",
        "blocked_genres": ["Horror"],
        "content_rating_limit": "PG",
        "allow_unrated": True,
        "platforms": ["netflix"],
        "region": ["US", "CA"],
        "content_types": ["movie"],
        "availability_types": ["free"],
        "free_only": True,
        "year_from": 1990,
        "year_to": 1999,
        "years": ["1990s"],
        "min_runtime": 80,
        "max_runtime": 120,
        "min_rating": 5.5,
        "max_rating": 9.5,
        "ratings": ["Good"],
        "languages": ["en", "pt-BR"],
        "keywords": ["heist", "cop"],
        "creators": ["Michael Mann"],
        "min_data_quality_score": 0.5,
        "leaving_days": 7,
        "added_days": 30,
    }
)
SAID: dict[str, Any] = {"degraded": ("vector",), "ranking_version": 3, "variant": "bold"}


@pytest.mark.parametrize("said", [{}, {"filters": EVERY, "cache_hit": True, **SAID}])
def test_a_search_conforms_whatever_was_asked_for(parse: Parse, said: dict[str, Any]) -> None:
    search = kept(performed("Heat", "ann", **said))
    found = parse(performed_event(search, "request")).data

    assert found.query_hash == search.query_hash.hex()
    assert (found.sealed_text, found.result_count) == (search.sealed_text, 10)
    assert (found.filters.keywords, list(found.filters.region)) == (
        (2, ["US", "CA"]) if said else (0, [])
    )


def test_the_full_filters_say_everything_filters_can_say() -> None:
    assert EVERY.model_fields_set == set(Filters.model_fields)
