"""From what a record tells to items: one per platform, content id and region.

A title that none of our platforms carries is still worth what is known of it: it becomes the
provider's own listing, without offers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.catalog.genres import map_genres
from shared.catalog.item import CanonicalItem
from shared.catalog.money import minor_units
from shared.catalog.platforms import Platform, content_id_of_link, is_original, web_link
from shared.catalog.raw import (
    ALL_PLATFORMS,
    ALL_REGIONS,
    FieldError,
    RawPage,
    RecordError,
    Unconfigured,
    first_issue,
    source_of,
)
from shared.catalog.services import Service
from shared.catalog.values import ContentType, OfferType

Part = CanonicalItem | RecordError
_QUALITIES = {"sd": "sd", "hd": "hd", "qhd": "qhd", "uhd": "uhd", "4k": "uhd", "_4k": "uhd"}


@dataclass(frozen=True)
class Carried:
    """One way to watch on one of our platforms.

    Attributes:
        service: Whose it is.
        region: Where.
        offer: Fields of `shared.catalog.item.Offer`.
        path: Where the record says so.
        more: Fields of the item that are true of this platform only.
    """

    service: Service
    region: str
    offer: Mapping[str, Any]
    path: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What a record tells of one title.

    Attributes:
        own_id: The provider's own id, with what keeps its kinds apart (``movie/550``).
        fields: Fields of the item that are the same everywhere.
        genres: Names as the source has them; mapped once, here.
        themes: Keywords and tags.
        carried: Ways to watch.
        by_region: Fields that differ by region.
        unconfigured: Path and service of ways to watch that are on none of our platforms.
        wrong: Ways to watch that cannot be used.
        region: What country the record is of, where it says so.
        part: Place in the record, where it holds several titles.
    """

    own_id: str
    fields: Mapping[str, Any]
    genres: Sequence[str] = ()
    themes: Sequence[str] = ()
    carried: Sequence[Carried] = ()
    by_region: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unconfigured: Sequence[tuple[str, str]] = ()
    wrong: Sequence[FieldError] = ()
    region: str = ""
    part: str = ""


Listing = tuple[str, str, str]
Carry = Callable[[Service], Carried]


def items_of(page: RawPage, raw_uri: str, index: int, told: Told) -> Iterator[Part]:
    """Yield the items of a title and what was set aside of it."""
    for path, service in told.unconfigured:
        message = f"service {service!r} is none of our platforms"
        yield Unconfigured(index, path, message, told.part, service=service)
    for error in told.wrong:
        yield RecordError(index, error.field, error.message, told.part)
    if not told.fields.get("title"):
        yield RecordError(index, "title", "is missing", told.part)
        return
    groups = _groups(page, told)
    for key, ways in groups.items():
        yield _item(page, raw_uri, index, told, key=key, ways=ways)


def _groups(page: RawPage, told: Told) -> dict[Listing, list[Carried]]:
    """Return the ways to watch by listing; regions without any have the provider's own listing."""
    found: dict[Listing, list[Carried]] = {}
    for way in told.carried:
        platform = way.service.platform
        if wanted(page, way.region) and page.platform in {ALL_PLATFORMS, "", platform.id}:
            key = (platform.id, content_id(page.provider, told.own_id, way), way.region)
            found.setdefault(key, []).append(way)
    if page.platform not in {ALL_PLATFORMS, "", page.provider}:
        return found
    served = {region for _, _, region in found}
    regions = [r for r in told.by_region if wanted(page, r) and r not in served]
    if not found and not regions:
        regions = [told.region or page.region]
    own = {(page.provider, told.own_id, region): list[Carried]() for region in regions}
    return {**found, **own}


def wanted(page: RawPage, region: str) -> bool:
    """Tell whether a page is about a region."""
    return page.region in {ALL_REGIONS, region}


def content_id(provider: str, own_id: str, way: Carried) -> str:
    """Return the platform's own id; ``provider:id`` where no link tells it."""
    links = (way.offer.get("link"), way.offer.get("video_link"))
    found = (content_id_of_link(way.service.platform.id, link) for link in links if link)
    return next((own for own in found if own), f"{provider}:{own_id}")


def _item(
    page: RawPage,
    raw_uri: str,
    index: int,
    told: Told,
    *,
    key: Listing,
    ways: Sequence[Carried],
) -> Part:
    platform_id, own_id, region = key
    part = ".".join(filter(None, (told.part, platform_id, region)))
    regional = told.by_region.get(region, {})
    more = {name: value for way in ways for name, value in way.more.items()}
    shared = {**told.fields, **regional, **more, **_own(told, platform_id, own_id, region, ways)}
    place = {"platform": platform_id, "platform_content_id": own_id, "region": region}
    try:
        return CanonicalItem.model_validate(
            {**shared, **place, "source": source_of(page, raw_uri, index)}
        )
    except FieldError as error:
        return RecordError(index, error.field, error.message, part)
    except ValidationError as error:
        return RecordError(index, *first_issue(error), part)


def _own(
    told: Told, platform_id: str, own_id: str, region: str, ways: Sequence[Carried]
) -> dict[str, Any]:
    """Return the fields that belong to one platform."""
    platform = ways[0].service.platform if ways else None
    mapped = map_genres(tuple(told.genres), platform=platform_id)
    themes = (theme.lower()[:60] for theme in told.themes)
    offers = [_linked(way.offer, platform, own_id, region, told) for way in ways]
    terms = {offer["type"] for offer in offers}
    return {
        "genres": mapped.genres,
        "themes": tuple(dict.fromkeys((*mapped.themes, *themes))),
        "offers": list({repr(sorted(offer.items(), key=str)): offer for offer in offers}.values()),
        "is_original": platform is not None and is_original(platform, told.genres, terms),
    }


def _linked(
    offer: Mapping[str, Any], platform: Platform | None, own_id: str, region: str, told: Told
) -> dict[str, Any]:
    """Return an offer with a link, the platform's own page where the source has none."""
    if offer.get("link") or platform is None:
        return dict(offer)
    kind = told.fields.get("content_type", ContentType.UNKNOWN)
    return {
        **offer,
        "link": web_link(platform.id, own_id, region=region, content_type=kind),
    }


@dataclass
class Ways:
    """Ways to watch, collected: on our platforms, on others, and those that cannot be used."""

    carried: list[Carried] = field(default_factory=list)
    unconfigured: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[FieldError] = field(default_factory=list)

    def add(self, path: str, name: str, service: Service | None, carry: Carry) -> None:
        """Take one way to watch; ``carry`` says how the service offers the title."""
        if service is None:
            self.unconfigured.append((path, name))
            return
        try:
            self.carried.append(carry(service))
        except FieldError as error:
            self.wrong.append(error)


def offer_fields(service: Service, kind: OfferType, link: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of an offer
    """Return the fields of an offer of a service; a placeholder is no link."""
    tier = service.tier_for(kind)
    kind = OfferType.ADDON if service.tier and kind is OfferType.SUBSCRIPTION else kind
    usable = whole_link(service.platform, link)
    return {"type": kind, "tier": tier, "link": usable, **{k: v for k, v in more.items() if v}}


def whole_link(platform: Platform, link: object) -> str | None:
    """Return a link that can be opened, None for a placeholder (``Deeplinks available for …``).

    An id with what another catalog appends to it leads nowhere: the platform's own page replaces
    such a link.
    """
    if not isinstance(link, str) or not link.lower().startswith(("http://", "https://")):
        return None
    suffixed = platform.id_suffix and link.endswith(platform.id_suffix)
    own = content_id_of_link(platform.id, link) if suffixed else None
    if own is None:
        return link
    return web_link(platform.id, own, region="us", content_type=ContentType.UNKNOWN)


def quality(value: object) -> str | None:
    """Return the picture's quality, None for what is no stream's (``bluray``)."""
    return _QUALITIES.get(str(value).lower())


def price(amount: object, currency: object, path: str) -> dict[str, Any]:
    """Return a price in minor units with its currency, nothing where there is no amount.

    Raises:
        FieldError: An amount without a currency, or one that is no money.
    """
    if amount is None or amount == "":
        return {}
    if not isinstance(currency, str) or len(currency) != 3:  # noqa: PLR2004 - ISO 4217
        raise FieldError(path, f"has no currency: {amount!r}")
    try:
        return {"price_minor": minor_units(str(amount), currency), "currency": currency}
    except ValueError as error:
        raise FieldError(path, str(error)) from None
