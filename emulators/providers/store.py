"""The catalogue as it is and will be: titles, their offers over time, changes made by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulators.core import errors
from emulators.core.clock import Clock
from emulators.core.journal import Journal
from emulators.providers.catalog import Offer, OfferKey, Quality, Title
from emulators.providers.platforms import ADDONS, COUNTRIES, GENRES, SERVICES, OptionType

DAY: Final = 86_400
TITLES: Final = "providers.title"
META: Final = "providers.meta"


class OfferChange(BaseModel):
    """One change of a title's offers, as `POST /_mg/changes` takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["add", "update", "remove"]
    show: str
    country: str
    service: str
    type: OptionType
    addon: str = ""
    price: str | None = Field(default=None, pattern=r"^\d+(\.\d{1,2})?$")
    quality: Quality | None = None
    link: str | None = None
    video_link: str | None = None
    audios: tuple[str, ...] | None = None
    subtitles: tuple[str, ...] | None = None
    available_since: int | None = None
    expires_on: int | None = None

    @property
    def key(self) -> OfferKey:
        """The offer it is about, within the show and country."""
        return (self.service, self.type, self.addon)


class Store:
    """Titles by id. Changes are put in the journal; the caller commits it.

    Args:
        clock: Tells what is present, past and to come.
        journal: Keeps the epoch and every title that was changed.
        titles: The catalogue, its times counted from the epoch.
    """

    def __init__(self, clock: Clock, journal: Journal, titles: Iterable[Title]) -> None:
        self._clock = clock
        self._journal = journal
        self.epoch = self._kept_epoch()
        self._titles: dict[str, Title] = {}
        self._ids: dict[str, str] = {}
        for title in titles:
            self._place(checked(title.shifted(self.epoch)))
        for _, value in journal.load(TITLES):
            self._place(Title.model_validate_json(value))

    def now(self) -> float:
        """Return the time of the clock, in unix seconds."""
        return self._clock.now()

    def titles(self) -> Iterable[Title]:
        """Return every title, in no order to rely on."""
        return self._titles.values()

    def title(self, name: str) -> Title:
        """Return the title of an own, IMDb or TMDb id.

        Raises:
            EmulatorError: NOT_FOUND when there is none.
        """
        found = self._ids.get(name)
        if found is None:
            raise errors.not_found("Not Found")
        return self._titles[found]

    def put_title(self, title: Title) -> None:
        """Add or replace a title; its times count from the epoch.

        Raises:
            EmulatorError: It names an unknown country, service, addon or genre, or has an id of
                another title.
        """
        placed = checked(title.shifted(self.epoch))
        for name in (placed.imdb_id, placed.tmdb_id):
            if name and self._ids.get(name, placed.id) != placed.id:
                raise errors.already_exists(f"{name} is show {self._ids[name]}")
        self._keep([placed])

    def apply(self, changes: Sequence[OfferChange]) -> int:
        """Apply all changes, in order, or none; return the moment they count from.

        Raises:
            EmulatorError: One cannot be applied; the message says which and why.
        """
        now = int(self.now())
        changed: dict[str, Title] = {}
        for number, change in enumerate(changes):
            show = self.title(change.show)
            try:
                after = changed_title(changed.get(show.id, show), change, now)
                changed[show.id] = checked(after)
            except errors.EmulatorError as error:
                raise errors.EmulatorError(
                    error.status, f"changes.{number}: {error.message}"
                ) from error
        self._keep(changed.values())
        return now

    def _keep(self, titles: Iterable[Title]) -> None:
        for title in titles:
            self._place(title)
            self._journal.put(TITLES, title.id, title.model_dump_json().encode())

    def _place(self, title: Title) -> None:
        before = self._titles.get(title.id)
        for name in (before.imdb_id, before.tmdb_id) if before else ():
            self._ids.pop(name, None)
        self._titles[title.id] = title
        self._ids.update((name, title.id) for name in (title.id, title.imdb_id, title.tmdb_id))
        self._ids.pop("", None)

    def _kept_epoch(self) -> int:
        """Return the midnight the catalogue's times count from: that of the very first start."""
        kept = dict(self._journal.load(META)).get("epoch")
        if kept is not None:
            return int(json.loads(kept))
        epoch = int(self.now()) // DAY * DAY
        self._journal.put(META, "epoch", json.dumps(epoch).encode())
        return epoch


def checked(title: Title) -> Title:
    """Return ``title``.

    Raises:
        EmulatorError: INVALID_ARGUMENT for a country, service, addon or genre that does not exist.
    """
    known: Mapping[str, object]
    for name, values, known in (
        ("country", title.offers, COUNTRIES),
        ("genre", title.genres, GENRES),
        ("service", {o.service for offers in title.offers.values() for o in offers}, SERVICES),
    ):
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise errors.invalid_argument(f"show {title.id}: {name} {unknown[0]!r} is not known")
    for offers in title.offers.values():
        for offer in offers:
            _check_addon(offer)
    return title


def _check_addon(offer: Offer) -> None:
    known = (offer.service, offer.addon) in ADDONS
    if known != (offer.type == "addon") or (offer.addon and not known):
        raise errors.invalid_argument(
            f"addon: {offer.service} has no {offer.type} offer through {offer.addon!r}"
        )


def changed_title(title: Title, change: OfferChange, now: int) -> Title:
    """Return ``title`` with one change of its offers made at ``now``."""
    if change.country not in COUNTRIES:
        raise errors.invalid_argument(f"country: {change.country!r} is not known")
    offers = list(title.offers.get(change.country, ()))
    current = next((o for o in offers if o.key == change.key and _lasts(o, now)), None)
    if change.action == "add":
        if current:
            raise errors.already_exists(f"{title.id} has this offer since {current.starts}")
        offers.append(_new_offer(title, change, now))
    elif current is None:
        raise errors.not_found(f"{title.id} has no such offer in {change.country}")
    else:
        offers.remove(current)
        offers += _after(current, change, now)
    return title.model_copy(update={"offers": {**title.offers, change.country: tuple(offers)}})


def _lasts(offer: Offer, now: int) -> bool:
    return offer.ends is None or offer.ends > now


def _after(offer: Offer, change: OfferChange, now: int) -> list[Offer]:
    """Return what an update or removal leaves of ``offer``."""
    if change.action == "update":
        return [_updated(offer, change, now)]
    # An offer taken back before it began was never there.
    return [offer.model_copy(update={"ends": now})] if offer.starts <= now else []


def _new_offer(title: Title, change: OfferChange, now: int) -> Offer:
    starts = now if change.available_since is None else change.available_since
    link, video_link = _links(title, change)
    return Offer(
        service=change.service,
        type=change.type,
        addon=change.addon,
        link=link,
        video_link=video_link,
        quality=change.quality,
        audios=change.audios or ("eng",),
        subtitles=change.subtitles or (),
        prices=((starts, change.price),) if change.price else (),
        starts=starts,
        ends=change.expires_on,
    )


def _links(title: Title, change: OfferChange) -> tuple[str, str]:
    """Return the links given, or those of another offer of the same title and service."""
    if change.link:
        return change.link, change.video_link or ""
    others = [*title.offers.get(change.country, ()), *sum(title.offers.values(), ())]
    for offer in others:
        if offer.service == change.service:
            return offer.link, offer.video_link
    raise errors.invalid_argument(f"link: {title.id} has no other link on {change.service}")


def _updated(offer: Offer, change: OfferChange, now: int) -> Offer:
    given = change.model_fields_set
    fields = {"quality", "link", "video_link", "audios", "subtitles"} & given
    update: dict[str, object] = {name: getattr(change, name) for name in fields}
    if change.price:
        past = tuple(price for price in offer.prices if price[0] < now)
        update["prices"] = (*past, (max(now, offer.starts), change.price))
    if "expires_on" in given:
        update["ends"] = change.expires_on
    if change.available_since is not None and offer.starts > now:
        update["starts"] = change.available_since
    touched = tuple(dict.fromkeys((*offer.touched, now)))
    return offer.model_copy(update={**update, "touched": touched})
