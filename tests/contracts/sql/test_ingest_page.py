"""One page of items: resolved, merged and written in one transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters.sql.ingest.page import RacedError
from shared.adapters.sql.runs import Runs
from shared.catalog.item import Credit, Image, Maturity, Offer, Series
from shared.catalog.values import (
    ContentType,
    CreditRole,
    ExternalIdType,
    ImageKind,
    OfferType,
    Quality,
)
from shared.kernel.errors import ConflictError, UnavailableError
from tests.contracts.sql.conftest import RUN
from tests.unit.matching.items import NOON, bare, item, stream

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

IMDB, TMDB = ExternalIdType.IMDB, ExternalIdType.TMDB_MOVIE
TAKE_IMDB = (
    "INSERT INTO external_id SELECT 'imdb', 'tt0113277', id, 1, 'other worker', now() FROM content"
)
RENTAL = Offer(type=OfferType.RENTAL, quality=Quality.UHD, price_minor=399, currency="USD")


def rich(platform: str = "netflix", listing: str = "1", **changes: Any) -> Any:  # noqa: ANN401 - an item
    """Return the film Heat with everything an item can say."""
    given = {
        "original_title": "Heat",
        "titles": {"de": "Heat", "sv": "Jaktens hetta"},
        "overview": "A group of high-end thieves feel the heat from the police.",
        "themes": ("heist",),
        "moods": ("tense",),
        "external_ids": {IMDB: "tt0113277", TMDB: "949"},
        "offers": (stream(audio=("en", "de"), subtitles=("en",)), RENTAL),
        "images": (Image(kind=ImageKind.POSTER, width=480, url="https://img.example/h.jpg"),),
        "maturity": Maturity(system="MPA", value="R"),
        "user_rating": 8.3,
        "vote_count": 700_000,
        "popularity": 0.123456,
        "series": Series(status="released"),
    }
    return item(platform, listing, **{**given, **changes})


def test_the_same_page_twice_changes_nothing(catalog: Catalog) -> None:
    page = (rich(), bare("hulu", "2", "Ronin", release_year=1998), rich("hulu", "3"))
    catalog.take(*page)
    before = catalog.everything()
    catalog.clock.advance(timedelta(days=1))

    again = catalog.take(*page)

    assert (again.resolved, again.created, again.updated, again.outbox) == (3, (), (), ())
    assert catalog.everything() == before


def test_the_same_title_merged_again_by_another_listing_changes_no_field(catalog: Catalog) -> None:
    catalog.take(rich())
    before = catalog.rows("SELECT updated_at, content_hash FROM content")
    catalog.clock.advance(timedelta(days=1))

    again = catalog.take(rich("hulu", "2"))

    assert again.updated == ()
    assert catalog.rows("SELECT updated_at, content_hash FROM content") == before


def test_the_same_event_twice_is_taken_in_once(catalog: Catalog) -> None:
    catalog.take(rich(), name="event")
    again = catalog.take(rich(), name="event")

    assert again.repeated
    assert Runs(catalog.engine).report(RUN).stored == 1


def test_a_film_known_by_other_ids_on_three_platforms_is_one_title(catalog: Catalog) -> None:
    catalog.take(item("netflix", "1", external_ids={IMDB: "tt0113277"}))
    catalog.take(item("hulu", "2", external_ids={TMDB: "949"}))
    catalog.take(bare("hbo_max", "3"))

    assert catalog.count("content") == 1
    assert catalog.rows("SELECT platform FROM platform_listing ORDER BY 1") == [
        ("hbo_max",), ("hulu",), ("netflix",),
    ]  # fmt: skip
    assert catalog.count("availability") == 3


def test_listings_of_one_new_title_meet_within_a_page(catalog: Catalog) -> None:
    outcome = catalog.take(
        item("netflix", "1", external_ids={IMDB: "tt0113277"}),
        item("hulu", "2", external_ids={TMDB: "949"}),
        bare("hbo_max", "3"),
    )
    assert (outcome.resolved, len(outcome.created), catalog.count("content")) == (3, 1, 1)


def test_a_remake_and_a_series_of_the_same_name_are_titles_of_their_own(catalog: Catalog) -> None:
    catalog.take(item("netflix", "1"))
    catalog.take(item("netflix", "2", release_year=2013))
    catalog.take(item("netflix", "3", content_type=ContentType.SERIES))

    assert catalog.count("content") == 3


def test_a_similar_title_is_found_in_the_database(catalog: Catalog) -> None:
    catalog.take(item(title="Harry Potter and the Sorcerer's Stone", release_year=2001))
    catalog.take(item("hulu", "2", title="Harry Potter & The Sorcerers Stones", release_year=2002))

    assert catalog.rows("SELECT method FROM platform_listing ORDER BY platform") == [
        ("title",), ("new",),
    ]  # fmt: skip


def test_ids_of_two_titles_are_held_for_review(catalog: Catalog) -> None:
    catalog.take(item("netflix", "1", external_ids={IMDB: "tt0113277"}))
    catalog.take(
        item("netflix", "2", title="Ronin", release_year=1998, external_ids={TMDB: "8195"})
    )
    known = catalog.rows("SELECT id_type, id_value, content_id FROM external_id ORDER BY 1")

    torn = catalog.take(item("hulu", "9", external_ids={IMDB: "tt0113277", TMDB: "8195"}))

    assert len(torn.created) == 1
    assert (
        catalog.rows("SELECT reason, status FROM review_item") == [("ids-disagree", "pending")] * 2
    )
    assert catalog.rows("SELECT DISTINCT content_id FROM review_item") == [torn.created]
    assert catalog.rows("SELECT id_type, id_value, content_id FROM external_id ORDER BY 1") == known


def test_offers_of_a_held_item_never_reach_the_title_its_wrong_id_names(catalog: Catalog) -> None:
    first = catalog.take(item("netflix", "1", external_ids={IMDB: "tt0113277"}))

    catalog.take(
        bare("hulu", "9", "Paddington", release_year=2014, external_ids={IMDB: "tt0113277"})
    )

    held = catalog.rows("SELECT platform, content_id FROM availability WHERE platform = 'hulu'")
    assert held[0][1] != first.created[0]
    assert catalog.rows("SELECT id_type, score < .5 FROM review_item") == [("imdb", True)]


def test_every_field_is_read_back_as_it_was_written(catalog: Catalog) -> None:
    catalog.take(rich())

    fields = "title, original_title, release_year, average_rating, vote_count, maturity_rank"
    assert catalog.rows(f"SELECT {fields} FROM content") == [  # noqa: S608 - fields of ours
        ("Heat", "Heat", 1995, 8.3, 700_000, 3)
    ]
    assert catalog.rows("SELECT person_key, role FROM credit ORDER BY ord") == [
        ("michael mann", "director"), ("al pacino", "actor"),
    ]  # fmt: skip
    assert catalog.rows("SELECT locale FROM content_title ORDER BY 1") == [
        ("de",),
        ("main",),
        ("sv",),
    ]
    assert catalog.rows("SELECT source, 'title' = ANY (fields) FROM field_source") == [
        ("streaming_availability", True)
    ]
    assert catalog.rows(
        "SELECT audio, subtitles FROM availability WHERE offer_type = 'subscription'"
    ) == [(["en", "de"], ["en"])]


def test_search_words_are_folded_and_weighted(catalog: Catalog) -> None:
    catalog.take(
        rich(
            title="Amélie & Señor",
            release_year=2001,
            external_ids={},
            credits=(Credit(name="Jean-Pierre Jeunet", role=CreditRole.DIRECTOR),),
        )
    )

    ((words,),) = catalog.rows("SELECT search_tsv::text FROM content")

    for lexeme in ("'amelie':1A", "'senor'", "'jeunet'", "'heist'", "'jaktens'"):
        assert lexeme in words
    assert any(word.startswith("'jeunet'") and word.endswith("B") for word in words.split())
    assert any(word.startswith("'thieves'") and word[-1].isdigit() for word in words.split())


def test_a_poorer_source_blanks_nothing(catalog: Catalog) -> None:
    catalog.take(rich())
    before = catalog.rows("SELECT content_hash FROM content")

    catalog.take(bare("hulu", "2", provider="generic"))

    assert catalog.rows("SELECT content_hash FROM content") == before
    assert catalog.rows(
        "SELECT average_rating, vote_count, popularity_score > .12 FROM content"
    ) == [(8.3, 700_000, True)]


def test_an_unknown_rating_stays_unknown(catalog: Catalog) -> None:
    catalog.take(item())
    catalog.take(item("hulu", "2", themes=("heist",)))

    assert catalog.rows("SELECT average_rating, vote_count, popularity_score FROM content") == [
        (None, None, 0.5)
    ]


def test_a_real_change_is_written_and_announced_once(catalog: Catalog) -> None:
    (content_id,) = catalog.take(rich()).created
    catalog.clock.advance(timedelta(hours=2))

    changed = catalog.take(rich(overview="Longer. " * 20, fetched_at=NOON + timedelta(hours=2)))

    assert changed.updated == (content_id,)
    assert catalog.rows("SELECT updated_at > created_at FROM content") == [(True,)]
    (event,) = catalog.announced("content.updated")
    assert event.data["content_ids"] == [str(content_id)]


def test_a_bad_item_is_set_aside_and_its_page_stored(catalog: Catalog) -> None:
    good = [bare("netflix", str(n), f"Title {n}") for n in range(99)]
    bad = bare("netflix", "bad", "Nul", overview="a\x00b")

    outcome = catalog.take(*good[:40], bad, *good[40:])

    assert (outcome.resolved, outcome.set_aside, catalog.count("content")) == (99, 1, 99)
    ((stage, raw_uri, error),) = catalog.rows("SELECT stage, raw_uri, error FROM ingest_error")
    assert (stage, raw_uri) == ("resolve", bad.source.raw_uri)
    assert "\\u0000" in error or "Unicode" in error
    report = Runs(catalog.engine).report(RUN)
    assert (report.stored, report.set_aside) == (99, 1)

    replayed = catalog.take(bad.model_copy(update={"overview": "ab"}))

    assert len(replayed.created) == 1


def test_an_offer_that_goes_and_comes_back_is_told_each_time(catalog: Catalog) -> None:
    for hours, offers in enumerate([(stream(), RENTAL), (stream(),), (stream(), RENTAL)]):
        catalog.take(rich(offers=offers, fetched_at=NOON + timedelta(hours=hours)))

    said = ("offer_type", "was_available", "is_available")
    told = [
        [tuple(change[name] for name in said) for change in event.data["changes"]]
        for event in catalog.announced("availability.changed")
    ]
    assert [sorted(changes) for changes in told] == [
        [("rental", False, True), ("subscription", False, True)],
        [("rental", True, False)],
        [("rental", False, True)],
    ]
    assert catalog.count("availability") == 2
    assert catalog.count("availability WHERE ended_at IS NOT NULL") == 0


def test_seeing_an_offer_again_is_no_change_but_is_noted(catalog: Catalog) -> None:
    catalog.take(rich())

    catalog.take(rich(fetched_at=NOON + timedelta(hours=5)))

    assert len(catalog.announced("availability.changed")) == 1
    assert catalog.rows("SELECT DISTINCT last_seen - first_seen FROM availability") == [
        (timedelta(hours=5),)
    ]


def test_an_older_observation_is_ignored(catalog: Catalog) -> None:
    catalog.take(rich(fetched_at=NOON))
    before = catalog.everything()

    late = catalog.take(rich(title="Hot", offers=(), fetched_at=NOON - timedelta(hours=1)))

    assert late.resolved == 1
    assert catalog.everything() == before


def test_offers_of_one_region_do_not_end_those_of_another(catalog: Catalog) -> None:
    catalog.take(rich(region="US"), rich(region="GB"))

    catalog.take(rich(region="GB", offers=(), fetched_at=NOON + timedelta(hours=1)))

    assert catalog.rows(
        "SELECT region, count(*) FROM availability WHERE ended_at IS NULL GROUP BY 1"
    ) == [("US", 2)]


def test_an_offer_two_listings_share_lives_until_neither_brings_it(catalog: Catalog) -> None:
    catalog.take(rich(listing="hd"), rich(listing="uhd"))
    catalog.take(rich(listing="uhd", offers=(), fetched_at=NOON + timedelta(hours=1)))

    catalog.take(rich(listing="hd", fetched_at=NOON + timedelta(hours=2)))

    assert catalog.count("availability WHERE ended_at IS NULL") == 2


def test_a_page_that_met_another_starts_again(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []
    write = type(catalog.store)._write

    def race_once(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the method
        attempts.append(1)
        if len(attempts) == 1:
            raise RacedError("somebody was here")
        return write(*given, **named)

    monkeypatch.setattr(type(catalog.store), "_write", race_once)

    assert catalog.take(rich()).resolved == 1
    assert len(attempts) == 2


def test_an_id_taken_behind_our_back_is_noticed(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.take(item("hulu", "1", title="Ronin", release_year=1998))
    decide = catalog.store._decide
    taken: list[int] = []

    def decide_late(*given: Any) -> Any:  # noqa: ANN401 - as the method
        if not taken:
            with catalog.engine.begin() as connection:
                taken.append(connection.execute(text(TAKE_IMDB)).rowcount)
        return decide(*given)

    monkeypatch.setattr(catalog.store, "_decide", decide_late)
    outcome = catalog.take(item(external_ids={IMDB: "tt0113277"}))

    assert outcome.resolved == 1
    assert catalog.rows("SELECT reason FROM review_item") == [("id-contradicts-year",)]


def test_a_database_that_is_gone_is_said_to_be_unavailable(
    catalog: Catalog,
    postgres: Any,  # noqa: ANN401 - the server
) -> None:
    name = catalog.engine.url.database
    postgres.query(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    postgres.query(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - ours
    )

    with pytest.raises((UnavailableError, ConflictError)):
        catalog.take(rich())
