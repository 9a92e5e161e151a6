"""Services of aggregators, and the platforms that they are."""

import pytest

from shared.catalog.platforms import configuration, platforms
from shared.catalog.services import PROVIDERS, service_of
from shared.catalog.values import OfferType


@pytest.mark.parametrize(
    ("provider", "code", "name", "platform", "offer", "tier"),
    [
        ("tmdb", "8", "Netflix", "netflix", OfferType.SUBSCRIPTION, None),
        ("tmdb", "119", "Amazon Prime Video", "prime_video", OfferType.SUBSCRIPTION, None),
        ("tmdb", "10", "Amazon Video", "prime_video", OfferType.PURCHASE, None),
        ("tmdb", "2", "Apple TV", "apple_tv_plus", OfferType.PURCHASE, None),
        ("tmdb", "350", "Apple TV Plus", "apple_tv_plus", OfferType.SUBSCRIPTION, None),
        ("tmdb", "1899", "Max", "hbo_max", OfferType.SUBSCRIPTION, None),
        ("tmdb", "520", "Discovery+", "discovery_plus", OfferType.SUBSCRIPTION, None),
        ("tmdb", "613", "Freevee", "freevee", OfferType.ADS, None),
        ("tmdb", "305", "Crave Starz", "crave", OfferType.ADDON, "starz"),
        ("tmdb", "", "Shudder Amazon Channel", "prime_video", OfferType.ADDON, "shudder"),
        (
            "tmdb",
            "",
            "Paramount Plus Apple TV Channel ",
            "apple_tv_plus",
            OfferType.ADDON,
            "paramount plus",
        ),
        ("justwatch", "tbv", "", "tubi", OfferType.ADS, None),
        ("justwatch", "mxx", "", "hbo_max", OfferType.SUBSCRIPTION, None),
        ("watchmode", "387", "HBO MAX", "hbo_max", OfferType.SUBSCRIPTION, None),
        ("watchmode", "", "ESPN+", "espn_plus", OfferType.SUBSCRIPTION, None),
        ("watchmode", "", "Paramount+", "paramount_plus", OfferType.SUBSCRIPTION, None),
        ("watchmode", "444", "", "paramount_plus", OfferType.SUBSCRIPTION, None),
        ("watchmode", "389", "", "peacock", OfferType.SUBSCRIPTION, None),
        ("watchmode", "371", "Apple TV", "apple_tv_plus", OfferType.SUBSCRIPTION, None),
        ("ott_details", "plutotv", "", "pluto_tv", OfferType.ADS, None),
        ("ott_details", "amazonimdbtv", "", "freevee", OfferType.ADS, None),
        ("ott_details", "amazonshowtime", "", "prime_video", OfferType.ADDON, "showtime"),
        ("ott_details", "crunchyroll", "", "crunchyroll", OfferType.SUBSCRIPTION, None),
        ("watchmode", "", "BBC iPlayer", "bbc_iplayer", OfferType.FREE, None),
        ("watchmode", "", "Twitch", "twitch", OfferType.FREE, None),
    ],
)
def test_service_is_a_platforms_plan_store_or_channel(
    provider: str, code: str, name: str, platform: str, offer: OfferType, tier: str | None
) -> None:
    found = service_of(provider, code, name)

    assert found is not None
    assert (found.platform.id, found.offer, found.tier) == (platform, offer, tier)


@pytest.mark.parametrize(
    ("provider", "code", "name"),
    [
        ("tmdb", "3", "Google Play Movies"),
        ("tmdb", "632", "Showtime Roku Premium Channel"),
        ("watchmode", "307", "VUDU"),
        ("justwatch", "amazing", "Amazing"),
        ("ott_details", "rokuchannel", "rokuchannel"),
        ("watchmode", "8", ""),
        ("tmdb", "", ""),
    ],
)
def test_service_that_is_not_configured_is_nobodys(provider: str, code: str, name: str) -> None:
    assert service_of(provider, code, name) is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_code_of_a_provider_belongs_to_two_services(provider: str) -> None:
    codes = [
        str(code)
        for entry in configuration()
        for service in entry.get("services", ())
        for code in service.get(provider, ())
    ]

    assert len(codes) == len(set(codes))


def test_plan_with_ads_has_a_tier_of_its_own() -> None:
    plain, ads = service_of("tmdb", "8"), service_of("tmdb", "1796")

    assert plain is not None
    assert ads is not None
    tiers = [service.tier_for(OfferType.SUBSCRIPTION) for service in (plain, ads)]
    assert tiers == ["standard", "ads"]


def test_platforms_that_were_missing_are_there_by_configuration() -> None:
    wanted = {
        "discovery_plus",
        "tubi",
        "pluto_tv",
        "crunchyroll",
        "espn_plus",
        "crave",
        "bbc_iplayer",
        "freevee",
        "twitch",
    }

    assert wanted <= set(platforms())
    assert {"hbo", "max", "hbo_max"} <= {*platforms()["hbo_max"].codes}
