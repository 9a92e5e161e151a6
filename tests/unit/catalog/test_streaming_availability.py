"""Shows and changes of Streaming Availability v4 as canonical items."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.catalog.values import ContentType
from tests.unit.catalog.pages import NOON, RAW_URI, normalized, v4_page

RECORDED = (
    Path(__file__).parents[3].parent
    / "shared/data/payloads/streaming_availability_v4/shows_search_in.json"
)


def option(service: str, kind: str = "subscription", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return one streaming option."""
    return {"service": {"id": service}, "type": kind, **more}


def show(*options: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a movie that has these options in the US."""
    given = {
        "itemType": "show",
        "showType": "movie",
        "id": "100001",
        "imdbId": "tt0133093",
        "tmdbId": "movie/603",
        "title": "The Matrix",
        "releaseYear": 1999,
        "genres": [{"id": "scifi", "name": "Science Fiction"}],
        "streamingOptions": {"us": list(options)},
    }
    return {**given, **more}


NETFLIX = option("netflix", link="https://www.netflix.com/title/20557937/")


def test_recorded_show_becomes_exactly_this_record() -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded payloads lie beside the project and are not here")
    first = orjson.loads(RECORDED.read_bytes())["shows"][0]

    (item,) = normalized(v4_page(first, region="IN")).items

    found = item.model_dump(mode="json", exclude_defaults=True, exclude={"images", "overview"})
    assert found == {
        "source": {
            "provider": "streaming_availability",
            "fetched_at": "2026-06-10T12:00:00Z",
            "raw_uri": f"{RAW_URI}#0",
        },
        "platform": "netflix",
        "platform_content_id": "81240831",
        "region": "IN",
        "title": "#Alive",
        "original_title": "#살아있다",
        "content_type": "movie",
        "release_year": 2020,
        "runtime_minutes": 98,
        "genres": ["Action", "Horror"],
        "credits": [
            {"name": "Cho Il", "role": "director"},
            {"name": "Yoo Ah-in", "role": "actor", "order": 1},
            {"name": "Park Shin-hye", "role": "actor", "order": 2},
            {"name": "Lee Hyun-wook", "role": "actor", "order": 3},
            {"name": "Jin So-yeon", "role": "actor", "order": 4},
            {"name": "Kim Hak-seon", "role": "actor", "order": 5},
            {"name": "So Hee-jung", "role": "actor", "order": 6},
            {"name": "Joo Bo-bi", "role": "actor", "order": 7},
        ],
        "external_ids": {"sa": "9096", "imdb": "tt10620868", "tmdb_movie": "614696"},
        "offers": [
            {
                "type": "subscription",
                "tier": "standard",
                "quality": "hd",
                "link": "https://www.netflix.com/title/81240831/",
                "video_link": "https://www.netflix.com/watch/81240831",
                "audio": ["en", "ko"],
                "subtitles": ["en", "ko"],
                "available_from": "2022-03-30T00:29:08Z",
            }
        ],
        "user_rating": 6.4,
    }
    assert [(i.kind, i.width) for i in item.images] == [
        *(("poster", width) for width in (240, 360, 480, 600, 720)),
        *(("backdrop", width) for width in (360, 480, 720, 1080, 1440)),
    ]


def test_recorded_page_keeps_every_offer_of_every_platform() -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded payloads lie beside the project and are not here")
    shows = orjson.loads(RECORDED.read_bytes())["shows"]

    found = normalized(v4_page(*shows, region="IN"))

    known = [o for s in shows for o in s["streamingOptions"]["in"] if o["service"]["id"] != "zee5"]
    assert found.errors == ()
    assert sum(len(item.offers) for item in found.items) == len(known)
    rupees = [o.price_minor for item in found.items for o in item.offers if o.currency == "INR"]
    assert 12000 in rupees


def test_each_platform_and_content_id_gets_its_own_item_with_all_its_offers() -> None:
    prime = "https://www.amazon.com/gp/video/detail/{}/ref=atv_dp"
    page = v4_page(
        show(
            NETFLIX,
            option("prime", "rent", link=prime.format("B000000001"), quality="hd"),
            option("prime", "buy", link=prime.format("B000000001"), quality="uhd"),
            option("prime", "rent", link=prime.format("B000000002")),
        )
    )

    found = normalized(page).items

    assert [(i.platform, i.platform_content_id, len(i.offers)) for i in found] == [
        ("netflix", "20557937", 1),
        ("prime_video", "B000000001", 2),
        ("prime_video", "B000000002", 1),
    ]


def test_page_of_one_platform_gives_that_platforms_items_only() -> None:
    page = v4_page(show(NETFLIX, option("hulu")), platform="hulu")

    assert [item.platform for item in normalized(page).items] == ["hulu"]


def test_service_without_a_platform_is_named_and_fails_nothing() -> None:
    found = normalized(v4_page(show(NETFLIX, option("zee5"))))

    assert [item.platform for item in found.items] == ["netflix"]
    assert found.errors == ()
    assert [(u.service, u.field) for u in found.unconfigured] == [
        ("zee5", "streamingOptions.us[1]")
    ]


def test_page_of_every_country_gives_an_item_for_each() -> None:
    options = {"us": [NETFLIX], "gb": [NETFLIX], "de": [option("zee5")]}

    found = normalized(v4_page(show(streamingOptions=options), region="ZZ"))

    assert [item.region for item in found.items] == ["US", "GB"]


def test_expiry_in_the_far_future_is_no_date() -> None:
    (item,) = normalized(v4_page(show({**NETFLIX, "expiresOn": 17145323400}))).items

    assert item.offers[0].expires_at is None


def test_offers_keep_terms_price_quality_languages_and_dates() -> None:
    rental = option(
        "apple",
        "rent",
        link="https://tv.apple.com/us/movie/x/umc.cmc.abcdefghij0123",
        price={"amount": "3.99", "currency": "USD", "formatted": "3.99 USD"},
        quality="uhd",
        audios=[{"language": "eng"}, {"language": "spa", "region": "419"}],
        subtitles=[
            {"closedCaptions": True, "locale": {"language": "eng"}},
            {"closedCaptions": False, "locale": {"language": "eng"}},
        ],
        availableSince=1767225600,
        expiresOn=1798761600,
    )

    (item,) = normalized(v4_page(show(rental))).items

    (offer,) = item.offers
    assert (offer.type, offer.tier, offer.price_minor, offer.currency) == (
        "rental",
        None,
        399,
        "USD",
    )
    assert (offer.quality, offer.audio, offer.subtitles) == ("uhd", ("en", "es-419"), ("en",))
    assert offer.available_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert offer.expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert item.is_original is False


def test_addon_is_the_tier_of_its_offer() -> None:
    page = v4_page(
        show(option("prime", "addon", addon={"id": "paramountplus", "name": "Paramount+"}))
    )

    (item,) = normalized(page).items

    assert [(o.type, o.tier) for o in item.offers] == [("addon", "paramountplus")]


def test_subscription_catalog_of_apple_is_its_own_work_but_its_store_is_not() -> None:
    subscribed, sold = (
        normalized(v4_page(show(option("apple", kind)))).items[0]
        for kind in ("subscription", "buy")
    )

    assert (subscribed.is_original, sold.is_original) == (True, False)


def test_original_is_a_flag_and_never_a_genre() -> None:
    named = show(option("netflix"), genres=[{"id": "x", "name": "Netflix Original"}])

    (item,) = normalized(v4_page(named)).items

    assert (item.is_original, item.genres, item.themes) == (True, (), ())


def test_listing_without_a_telling_link_is_named_by_the_aggregator_and_gets_no_link() -> None:
    (item,) = normalized(v4_page(show(option("netflix")))).items

    assert item.platform_content_id == "sa:100001"
    assert item.offers[0].link is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"showType": "series"}, ContentType.SERIES),
        ({"showType": None}, ContentType.UNKNOWN),
        ({"showType": "clip"}, ContentType.UNKNOWN),
        ({"itemType": "episode"}, ContentType.EPISODE),
    ],
)
def test_type_that_is_missing_is_unknown_and_never_a_movie(
    given: dict[str, Any], expected: ContentType
) -> None:
    (item,) = normalized(v4_page(show(NETFLIX, **given))).items

    assert item.content_type is expected


@pytest.mark.parametrize(("rating", "expected"), [(64, 6.4), (100, 10.0), (0, None), (None, None)])
def test_rating_is_on_the_scale_of_ten_and_nobodys_vote_is_no_zero(
    rating: int | None, expected: float | None
) -> None:
    (item,) = normalized(v4_page(show(NETFLIX, rating=rating))).items

    assert item.user_rating == expected


@pytest.mark.parametrize(
    ("tmdb", "ids"),
    [
        ("movie/603", {"tmdb_movie": "603"}),
        ("tv/1399", {"tmdb_tv": "1399"}),
        ("", {}),
    ],
)
def test_tmdb_id_keeps_its_namespace(tmdb: str, ids: dict[str, str]) -> None:
    (item,) = normalized(v4_page(show(NETFLIX, tmdbId=tmdb, imdbId=""))).items

    assert item.external_ids == {"sa": "100001", **ids}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": None}, "title"),
        ({"title": 7}, "title"),
        ({"imdbId": "0133093"}, "imdbId"),
        ({"tmdbId": "603"}, "tmdbId"),
        ({"releaseYear": 99}, "release_year"),
        ({"rating": "good"}, "rating"),
        ({"cast": "Keanu Reeves"}, "cast"),
        ({"streamingOptions": {"us": "netflix"}}, "streamingOptions"),
        ({"streamingOptions": {"gb": [NETFLIX]}}, "streamingOptions.us"),
        ({"streamingOptions": {"us": [option("zee5")]}}, "streamingOptions.us"),
        ({"genres": 5}, "genres"),
        ({"imageSet": {"verticalPoster": ["x"]}}, "imageSet.verticalPoster"),
    ],
)
def test_show_that_cannot_be_used_is_set_aside_by_field(given: dict[str, Any], field: str) -> None:
    found = normalized(v4_page(show(NETFLIX, **given), show(NETFLIX)))

    assert [(e.index, e.field) for e in found.errors] == [(0, field)]
    assert [item.source.raw_uri for item in found.items] == [f"{RAW_URI}#1"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "barter"}, "streamingOptions.type"),
        ({"price": {"amount": "cheap", "currency": "USD"}}, "streamingOptions.price.amount"),
        ({"price": {"amount": "3.99"}}, "streamingOptions.price"),
        ({"expiresOn": "soon"}, "streamingOptions.expiresOn"),
        ({"link": "javascript:alert(1)"}, "offers.0.link"),
    ],
)
def test_offer_that_cannot_be_used_costs_its_platform_only(
    given: dict[str, Any], field: str
) -> None:
    found = normalized(v4_page(show(NETFLIX, {**option("hulu"), **given})))

    assert [item.platform for item in found.items] == ["netflix"]
    assert [(e.field, e.pointer(RAW_URI)) for e in found.errors] == [(field, f"{RAW_URI}#0.hulu.1")]


def test_long_overview_is_cut_between_words() -> None:
    (item,) = normalized(v4_page(show(NETFLIX, overview="word " * 400))).items

    assert item.overview is not None
    assert len(item.overview) <= 1000
    assert item.overview.endswith("word…")


def test_title_whose_pictures_cannot_exist_is_sample_data() -> None:
    poster = {"verticalPoster": {"w240": "https://cdn.sample.invalid/1/240.jpg"}}

    invented, real = normalized(v4_page(show(NETFLIX, imageSet=poster), show(NETFLIX))).items

    assert (invented.sample, real.sample) == (True, False)


def change(kind: str, service: str = "netflix", show_id: str = "100001") -> dict[str, Any]:
    """Return one record of the change feed."""
    link = "https://www.netflix.com/title/20557937/"
    return {"changeType": kind, "showId": show_id, "service": {"id": service}, "link": link}


def test_change_leaves_the_offers_of_its_platform_as_they_are_now() -> None:
    page = v4_page(
        change("updated"), kind="changes", shows={"100001": show(NETFLIX, option("hulu"))}
    )

    (item,) = normalized(page).items

    assert (item.platform, len(item.offers), item.source.fetched_at) == ("netflix", 1, NOON)


def test_last_offer_that_was_removed_leaves_an_item_without_offers() -> None:
    page = v4_page(change("removed"), kind="changes", shows={"100001": show()})

    (item,) = normalized(page).items

    assert (item.platform_content_id, item.offers) == ("20557937", ())


@pytest.mark.parametrize(
    ("record", "field"),
    [(change("new", show_id="7"), "showId"), (change("new", service="zee5"), "service.id")],
)
def test_change_of_something_unknown_is_set_aside(record: dict[str, Any], field: str) -> None:
    found = normalized(v4_page(record, kind="changes", shows={"100001": show(NETFLIX)}))

    assert ([e.field for e in found.errors], found.items) == ([field], ())
