"""Links that open titles: what is made, what is refused, what takes over."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.catalog.links import Asked, DeepLink, LinkedOffer, deep_link, deep_links
from shared.catalog.links_templates import (
    Device,
    LinkKind,
    Links,
    TemplateError,
    all_links,
    links_of,
    read_links,
    template_ids,
)
from shared.catalog.platforms import platforms
from shared.catalog.values import ContentType, OfferType

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_IDS = {
    "netflix": "60010514",
    "prime_video": "amzn1.dv.gti.0ab1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d",
    "disney_plus": "0ab1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d",
    "hbo_max": "0ab1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d",
    "hulu": "0ab1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d",
    "apple_tv_plus": "umc.cmc.1234567890abcdefghijklmno",
    "paramount_plus": "Aab12_cdEFgh345",
    "peacock": "0ab1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d",
    "youtube": "dQw4w9WgXcQ",
}
"""One id of the right form for each of the nine platforms; no title's."""
HOSTILE = [
    "javascript:alert(1)", "../../evil", "1234567/../../x", "60010514?next=//evil.example",
    "60010514#Intent;package=evil;end", "60010514 ", "60010514\n", "//evil.example", "%2e%2e",
    "60010514@evil.example", "\uff16\uff10\uff10\uff11\uff10", "",
]  # fmt: skip
SAFE = re.compile(r"[A-Za-z0-9._~%-]*")


def links(platform: str = "netflix") -> Links:
    found = links_of(platform)
    assert found is not None
    return found


def offer(
    listing: str = OWN_IDS["netflix"], link: str | None = None, **more: str | None
) -> LinkedOffer:
    return LinkedOffer(OfferType.SUBSCRIPTION, "US", listing, link, **more)


def opened(
    *offers: LinkedOffer, platform: str = "netflix", out: tuple[str, ...] = (), **asked: object
) -> DeepLink:
    wanted = Asked(content_type=ContentType.MOVIE)
    return deep_link(
        links(platform),
        offers or (offer(OWN_IDS[platform]),),
        replace(wanted, **asked),  # type: ignore[arg-type]
        is_out=lambda template, _device: template in out,
    )


@pytest.mark.parametrize(("platform", "device"), list(product(OWN_IDS, Device)))
def test_every_platform_has_a_link_for_every_device(platform: str, device: Device) -> None:
    found = opened(platform=platform, device=device)

    assert links(platform).platform.has_host(found.web_fallback_url)
    assert found.leads_to == "title"
    assert found.is_supported == (device is not Device.ROKU)
    assert (found.deep_link_url is None) == (device in {Device.WEB, Device.ROKU})
    assert (found.tv_url is None) == (not device.is_tv or device is Device.ROKU)
    assert (found.universal_link is None) == (device not in {Device.IOS, Device.ANDROID})


@pytest.mark.parametrize("platform", list(platforms()))
def test_a_platform_without_anything_usable_leads_to_its_front_page(platform: str) -> None:
    found = opened(offer("\x00", "javascript:alert(1)"), platform=platform)

    assert (found.leads_to, found.is_supported, found.template) == ("platform", False, None)
    assert links(platform).platform.has_host(found.web_fallback_url)
    assert found.web_fallback_url.startswith("https://")


def test_what_the_provider_sent_comes_first() -> None:
    sent = "https://www.netflix.com/title/70131314"
    assert opened(offer("60010514", sent)).web_fallback_url == sent


def test_a_television_is_sent_to_what_plays_at_once() -> None:
    both = offer(
        link="https://www.netflix.com/title/1234567", video_link="https://www.netflix.com/watch/7"
    )
    assert opened(both, device=Device.ANDROID_TV).tv_url == "https://www.netflix.com/watch/7"
    assert opened(both, device=Device.IOS).deep_link_url == "https://www.netflix.com/title/1234567"


def test_a_foreign_listing_is_never_taken_for_the_platforms_own_id() -> None:
    told_by_link = offer("tm84618", "https://www.netflix.com/us/title/70131314")
    out = ("netflix.provider",)

    assert (
        opened(told_by_link, out=out).web_fallback_url == "https://www.netflix.com/title/70131314"
    )
    assert opened(offer("tm84618")).leads_to == "platform"


def test_an_id_in_a_link_is_more_trusted_than_a_listing() -> None:
    both = offer("11111111", "https://www.netflix.com/title/22222222")
    assert "22222222" in opened(both, out=("netflix.provider",)).web_fallback_url


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "Deeplinks available for paid plans only.",
        "https://www.netflix.com/",
        "https://www.netflix.com",
        "https://www.netflix.com/title/undefined",
        "https://www.netflix.com/title/{id}",
        "https://www.netflix.com.evil.example/title/1",
        "https://evilnetflix.com/title/1",
        "https://www.netflix.com@evil.example/title/1",
        "https://user:pw@www.netflix.com/title/1",
        "https://www.netflix.com:8443/title/1",
        "https://www.netflix.com\\@evil.example/title/1",
        "https://www.netflix.com/title/1\r\nSet-Cookie: a=b",
        "https://[www.netflix.com/title/1",
        "https://www.netflix.com:port/title/1",
        "//www.netflix.com/title/1",
        "ftp://www.netflix.com/title/1",
        "data:text/html,https://www.netflix.com/title/1",
        "https://www.netflix.com/title/" + "1" * 2000,
    ],
)
def test_a_link_that_does_not_lead_to_a_page_of_the_platform_is_refused(link: str) -> None:
    assert links().provider_link(link) is None


def test_plain_http_is_made_secure() -> None:
    assert links().provider_link("http://netflix.com/title/1") == "https://netflix.com/title/1"


@given(st.text(max_size=60) | st.from_regex(r"https?://[^ ]{0,40}netflix\.com[^ ]{0,40}"))
@example("https://www.netflix.com/title/1")
def test_whatever_a_provider_sends_only_the_platforms_own_https_hosts_come_out(link: str) -> None:
    found = links().provider_link(link)
    if found is not None:
        parts = urlsplit(found)
        assert parts.scheme == "https"
        assert f".{parts.netloc}".lower().endswith(".netflix.com")
        assert found.isascii()
        assert found.isprintable()


def filled(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield what every template makes of a text when any text counts as an id."""
    for found in all_links().values():
        for template in found.templates:
            anything = replace(template, own_id=re.compile(r"(?s).*"))
            link = anything.filled(text, "DE")
            assert link is not None
            yield template.text.replace("{country}", "de"), link, template.id


@given(st.text(max_size=50))
@example("javascript:alert(1)")
@example("a/b?c#d;e&f=g h\\i")
def test_no_text_escapes_its_place_in_any_template(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return  # a lone surrogate has no form in an address
    for template, link, name in filled(text):
        before, after = template.split("{id}")
        inside = link.removeprefix(before).removesuffix(after)

        assert link == before + inside + after, name
        assert SAFE.fullmatch(inside), name
        assert unquote(inside) == text


@pytest.mark.parametrize(("platform", "own_id"), list(product(OWN_IDS, HOSTILE)))
def test_an_id_of_another_form_makes_no_link(platform: str, own_id: str) -> None:
    found = links(platform).templates
    assert [template.id for template in found if template.filled(own_id, "US")] == []


@pytest.mark.parametrize("country", ["us", "USA", "", "U/", "\uff35\uff33", "US\n"])
def test_a_country_of_another_form_makes_no_link(country: str) -> None:
    own_id = OWN_IDS["apple_tv_plus"]
    assert [t for t in links("apple_tv_plus").templates if t.filled(own_id, country)] == []


def test_the_country_of_the_offer_is_in_the_page() -> None:
    german = LinkedOffer(OfferType.SUBSCRIPTION, "DE", OWN_IDS["apple_tv_plus"])
    assert "/de/video/" in opened(german, platform="apple_tv_plus").web_fallback_url


def test_series_and_films_have_pages_of_their_own_where_the_platform_has() -> None:
    def page(kind: ContentType) -> str:
        return opened(platform="paramount_plus", content_type=kind).web_fallback_url

    assert "/movies/" in page(ContentType.MOVIE)
    assert "/shows/" in page(ContentType.SERIES)
    assert "/movies/" in page(ContentType.UNKNOWN)


def test_a_start_is_appended_only_where_the_platform_documents_one() -> None:
    video = opened(platform="youtube", start_seconds=90)
    assert video.web_fallback_url == "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=90s"
    assert video.start_position_applied

    film = opened(platform="disney_plus", start_seconds=90)
    assert "90" not in film.web_fallback_url
    assert not film.start_position_applied


def test_a_link_that_begins_where_asked_comes_before_one_that_was_sent() -> None:
    sent = offer("dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ")

    assert opened(sent, platform="youtube").template == "youtube.provider"
    assert opened(sent, platform="youtube", start_seconds=5).template == "youtube.page"


def test_without_the_app_a_phone_has_the_page_and_a_television_nothing() -> None:
    phone = opened(device=Device.ANDROID, installed={"hulu"})
    assert (phone.deep_link_url, phone.is_supported) == (None, False)
    assert phone.universal_link == phone.web_fallback_url

    assert opened(device=Device.TVOS, installed=()).tv_url is None
    assert opened(device=Device.TVOS, installed={"netflix"}).is_supported


def test_the_next_template_takes_over_from_one_that_is_out() -> None:
    ways: list[str] = []
    while (found := opened(device=Device.ANDROID, out=tuple(ways))).deep_link_url:
        assert found.template is not None
        ways.append(found.template)

    assert ways == ["netflix.page", "netflix.intent", "netflix.app"]
    assert (found.web_fallback_url, found.leads_to) == ("https://www.netflix.com/", "platform")


def test_links_come_in_the_order_of_offers_and_unknown_platforms_have_none() -> None:
    offers = {"hulu": [offer()], "rewind_tv": [offer()], "netflix": [offer()]}
    found = deep_links(offers, Asked(), is_out=lambda _template, _device: False)
    assert [each.platform for each in found] == ["hulu", "netflix"]


def test_names_of_templates_are_unlike_and_say_whose_they_are() -> None:
    every = [t.id for found in all_links().values() for t in found.templates]
    assert len(every) == len(set(every))
    assert {name.partition(".")[0] for name in template_ids()} == set(platforms())
    assert not [name for name in every if name.endswith(".provider")]


def test_pages_are_on_hosts_of_the_platform_and_schemes_are_not_claimed_to_be_proven() -> None:
    for found in all_links().values():
        assert found.platform.has_host(found.home)
        for template in found.templates:
            page = template.kind is LinkKind.UNIVERSAL
            assert page == template.text.startswith("https://")
            assert page or template.verified_on is None


def entry(**changes: object) -> dict[str, object]:
    usual = {
        "name": "x",
        "kind": "universal",
        "on": ["web"],
        "template": "https://netflix.com/{id}",
    }
    return {"netflix": {"links": [{**usual, **changes}]}}


@pytest.mark.parametrize(
    "wrong",
    [
        entry(template="https://www.netflix.com/title"),
        entry(template="https://www.netflix.com/{id}/{user}"),
        entry(template="https://evil.example/{id}"),
        entry(template="http://www.netflix.com/{id}"),
        entry(template="javascript:{id}", kind="app"),
        {"rewind_tv": {"links": []}},
    ],
)
def test_a_template_that_cannot_be_used_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(TemplateError, match=r"netflix\.x|rewind_tv"):
        read_links(wrong)
