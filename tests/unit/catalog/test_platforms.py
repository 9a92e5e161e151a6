"""Platforms as configuration: codes, tiers, identifiers in links, links from identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.platforms import (
    app_link,
    content_id_of_link,
    platform_of_code,
    platforms,
    service_code,
    tier_of,
    web_link,
)
from shared.catalog.values import ContentType, OfferType

UUID = "46bb93b7-0ee0-43b4-ac55-c6c93f872359"


@pytest.mark.parametrize(
    ("code", "platform"),
    [
        ("netflix", "netflix"),
        ("prime", "prime_video"),
        ("disney", "disney_plus"),
        ("hbo", "hbo_max"),
        ("max", "hbo_max"),
        ("hulu", "hulu"),
        ("apple", "apple_tv_plus"),
        ("paramount", "paramount_plus"),
        ("peacock", "peacock"),
        ("youtube", "youtube"),
    ],
)
def test_service_code_finds_its_platform(code: str, platform: str) -> None:
    found = platform_of_code(code)

    assert found is not None
    assert found.id == platform


def test_code_of_a_platform_is_what_the_provider_calls_it() -> None:
    assert [service_code(name) for name in ("prime_video", "hbo_max", "mubi")] == [
        "prime",
        "hbo",
        "mubi",
    ]


@pytest.mark.parametrize(
    ("platform", "link", "content_id"),
    [
        ("netflix", "https://www.netflix.com/title/81240831/", "81240831"),
        ("netflix", "https://www.netflix.com/watch/81240831", "81240831"),
        (
            "prime_video",
            "https://www.primevideo.com/region/eu/detail/0PDMSYHCVK7Q1S490IF1FBHE5E/ref=atv_dp",
            "0PDMSYHCVK7Q1S490IF1FBHE5E",
        ),
        ("prime_video", "https://www.amazon.co.uk/gp/video/detail/B0PPAXHYTZ/", "B0PPAXHYTZ"),
        (
            "prime_video",
            f"https://app.primevideo.com/detail?gti=amzn1.dv.gti.{UUID}",
            f"amzn1.dv.gti.{UUID}",
        ),
        ("disney_plus", f"https://www.disneyplus.com/browse/entity-{UUID}", UUID),
        ("disney_plus", "https://www.disneyplus.com/movies/coco/db9orsI5O4gC", "db9orsI5O4gC"),
        ("hbo_max", f"https://play.max.com/video/watch/{UUID}", UUID),
        ("hulu", f"https://www.hulu.com/movie/palm-springs-{UUID}", UUID),
        (
            "apple_tv_plus",
            "https://tv.apple.com/in/movie/300/umc.cmc.5vjx5opa0msewnaidhpn7qk85?playableId=1",
            "umc.cmc.5vjx5opa0msewnaidhpn7qk85",
        ),
        (
            "paramount_plus",
            "https://www.paramountplus.com/movies/PN1W0UGYVTUZ1J88/",
            "PN1W0UGYVTUZ1J88",
        ),
        ("paramount_plus", "https://www.paramountplus.com/shows/yellowjackets/", "yellowjackets"),
        ("peacock", f"https://www.peacocktv.com/watch/asset/movies/x/{UUID}", UUID),
        ("youtube", "https://www.youtube.com/watch?v=OeeSOWKJBPC", "OeeSOWKJBPC"),
        ("youtube", "https://youtu.be/OeeSOWKJBPC", "OeeSOWKJBPC"),
    ],
)
def test_link_tells_the_platforms_own_id(platform: str, link: str, content_id: str) -> None:
    assert content_id_of_link(platform, link) == content_id


@pytest.mark.parametrize(
    ("platform", "link"),
    [
        ("netflix", "https://evil.example/title/81240831"),
        ("netflix", "https://netflix.com.evil.example/title/81240831"),
        ("netflix", "https://www.netflix.com/title/81240831;x=1"),
        ("netflix", "javascript:alert(1)//netflix.com/title/81240831"),
        ("netflix", "https://www.netflix.com/browse"),
        ("netflix", "https://[/title/81240831"),
        ("mubi", "https://mubi.com/films/heat"),
    ],
)
def test_link_that_is_not_the_platforms_own_tells_nothing(platform: str, link: str) -> None:
    assert content_id_of_link(platform, link) is None


@pytest.mark.parametrize("platform", platforms())
@pytest.mark.parametrize(
    "hostile",
    [
        "../../admin",
        "a b",
        "javascript:alert(1)",
        "81240831/../x",
        "81240831?x=1",
        "81240831#x",
        "{country}",
        "sa:9096",
        "jw:tm84618",
        "h:4dd2c17252b9aeb05093e12e",
        "imdb:tt0133093",
        "",
        "81240831\n",
    ],
)
def test_foreign_or_hostile_id_makes_no_link(platform: str, hostile: str) -> None:
    assert web_link(platform, hostile, region="US", content_type=ContentType.MOVIE) is None
    assert app_link(platform, hostile) is None


@given(st.sampled_from(list(platforms())), st.text(max_size=60))
def test_no_id_reaches_beyond_its_place_in_the_template(platform: str, content_id: str) -> None:
    link = web_link(platform, content_id, region="US", content_type=ContentType.SERIES)

    assert link is None or link.count("/") == platforms()[platform].web_series.count("/")


def test_links_follow_region_and_type() -> None:
    umc = "umc.cmc.5vjx5opa0msewnaidhpn7qk85"

    assert web_link("apple_tv_plus", umc, region="GB", content_type=ContentType.MOVIE) == (
        f"https://tv.apple.com/gb/video/{umc}"
    )
    assert web_link("paramount_plus", "evil", region="US", content_type=ContentType.SERIES) == (
        "https://www.paramountplus.com/shows/evil"
    )
    assert app_link("netflix", "81240831") == "netflix://title/81240831"
    assert web_link("netflix", "81240831", region="U/", content_type=ContentType.MOVIE) is None


@pytest.mark.parametrize(
    ("platform", "offer", "flags", "tier"),
    [
        ("netflix", OfferType.SUBSCRIPTION, set(), "standard"),
        ("netflix", OfferType.SUBSCRIPTION, {"ads"}, "ads"),
        ("crunchyroll", OfferType.SUBSCRIPTION, set(), "standard"),
        ("hbo_max", OfferType.SUBSCRIPTION, {"ads"}, "ad-supported"),
        ("hbo_max", OfferType.SUBSCRIPTION, set(), "ad-free"),
        ("hulu", OfferType.SUBSCRIPTION, {"ads", "live"}, "live-tv"),
        ("hulu", OfferType.ADS, set(), "ad-supported"),
        ("apple_tv_plus", OfferType.SUBSCRIPTION, set(), "premium"),
        ("paramount_plus", OfferType.SUBSCRIPTION, {"showtime", "ads"}, "showtime"),
        ("paramount_plus", OfferType.SUBSCRIPTION, {"ads"}, "essential"),
        ("peacock", OfferType.SUBSCRIPTION, {"premiumplus", "premium"}, "premium-plus"),
        ("peacock", OfferType.SUBSCRIPTION, set(), "premium"),
        ("peacock", OfferType.FREE, set(), "free"),
        ("netflix", OfferType.RENTAL, set(), None),
        ("youtube", OfferType.FREE, set(), None),
    ],
)
def test_tier_follows_the_first_rule_that_matches(
    platform: str, offer: OfferType, flags: set[str], tier: str | None
) -> None:
    assert tier_of(platforms()[platform], offer, flags=frozenset(flags)) == tier
