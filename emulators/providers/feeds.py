"""Pages of shows and of changes.

A cursor names the next item, so a walk stays whole while other items come and go.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from emulators.core import errors
from emulators.providers.catalog import Offer, Title
from emulators.providers.platforms import ADDONS, SERVICES
from emulators.providers.queries import ChangesQuery, SearchQuery, in_catalogs, matches
from emulators.providers.shows import Json, View, addon_info, service_info, show
from emulators.providers.store import Store

SHOWS_A_PAGE: Final = 20
CHANGES_A_PAGE: Final = 25

Item = TypeVar("Item")


class Sortable(Protocol):
    """What pages are ordered by."""

    def __lt__(self, other: Any, /) -> bool: ...  # noqa: ANN401 - the protocol of tuples


@dataclass(frozen=True)
class Event:
    """An offer appears, changes or goes at a moment."""

    timestamp: int
    title: Title
    offer: Offer

    @property
    def key(self) -> tuple[int, int, str, str, str]:
        """Where it stands in the feed; one change a moment, show and kind of offer."""
        return (self.timestamp, int(self.title.id), *self.offer.key)


def search_page(store: Store, query: SearchQuery) -> Json:
    """Return one page of the shows that match."""
    now = store.now()
    found = [title for title in store.titles() if matches(title, query, now)]

    def key(title: Title) -> tuple[str | int, int]:
        return (_order_value(title, query), int(title.id))

    page, following = _page(
        sorted(found, key=key, reverse=query.descending),
        key=key,
        start=_parse_show_cursor(query),
        size=SHOWS_A_PAGE,
        descending=query.descending,
    )
    view = View(now, query.country, query.granularity)
    cursor = f"{following.id}:{_order_value(following, query)}" if following else None
    return {"shows": [show(title, view) for title in page], **_more(cursor)}


def changes_page(store: Store, query: ChangesQuery) -> Json:
    """Return one page of changes, with the shows they are about as they are now."""
    now = store.now()
    events = {event.key: event for event in _events(store.titles(), query, now)}
    ordered = [events[key] for key in sorted(events, reverse=query.descending)]
    page, following = _page(
        ordered,
        key=lambda event: event.key,
        start=_parse_change_cursor(query.cursor),
        size=CHANGES_A_PAGE,
        descending=query.descending,
    )
    view = View(now, query.country)
    cursor = ":".join(map(str, following.key)) if following else None
    return {
        "changes": [change(event, query) for event in page],
        "shows": {event.title.id: show(event.title, view) for event in page},
        **_more(cursor),
    }


def change(event: Event, query: ChangesQuery) -> Json:
    """Return an event as a change object."""
    offer = event.offer
    addon = {"addon": addon_info(ADDONS[offer.service, offer.addon])} if offer.addon else {}
    return {
        "changeType": query.change_type,
        "itemType": "show",
        "showId": event.title.id,
        "showType": event.title.show_type,
        "service": service_info(SERVICES[offer.service], query.country),
        "streamingOptionType": offer.type,
        **addon,
        "timestamp": event.timestamp,
        "link": offer.link,
    }


def _events(titles: Iterable[Title], query: ChangesQuery, now: float) -> Iterator[Event]:
    if query.item_type != "show":
        return
    for title in titles:
        if query.show_type not in {None, title.show_type}:
            continue
        for offer in title.offers.get(query.country, ()):
            if in_catalogs(offer, query.catalogs):
                for moment in moments(offer, query.change_type, now):
                    if query.since <= moment <= query.until:
                        yield Event(moment, title, offer)


def moments(offer: Offer, change_type: str, now: float) -> set[int]:
    """Return when ``offer`` has, or will have, a change of this type."""
    ends = {offer.ends} if offer.ends is not None else set()
    past: dict[str, set[int]] = {
        "new": {offer.starts},
        "removed": ends,
        "updated": {offer.starts, *ends, *offer.updates()},
    }
    if change_type in past:
        return {moment for moment in past[change_type] if moment <= now}
    if change_type == "expiring":
        return ends if offer.present(now) else set()
    return {offer.starts} if offer.starts > now else set()


def _order_value(title: Title, query: SearchQuery) -> str | int:
    if query.order_by == "original_title":
        return title.original_title
    if query.order_by == "release_date":
        return title.year
    return title.rating if query.order_by == "rating" else title.popularity


def _page(
    items: Sequence[Item],
    *,
    key: Callable[[Item], Sortable],
    start: Sortable | None,
    size: int,
    descending: bool,
) -> tuple[Sequence[Item], Item | None]:
    """Return the items from ``start`` on, and the one after them if there is one."""
    first = 0
    if start is not None:
        before = [k < start if not descending else start < k for k in map(key, items)]
        first = sum(before)
    following = items[first + size] if first + size < len(items) else None
    return items[first : first + size], following


def _more(cursor: str | None) -> Json:
    return {"hasMore": False} if cursor is None else {"hasMore": True, "nextCursor": cursor}


def _parse_show_cursor(query: SearchQuery) -> tuple[str | int, int] | None:
    if not query.cursor:
        return None
    number, separator, value = query.cursor.partition(":")
    textual = query.order_by == "original_title"
    try:
        place = (value if textual else int(value), int(number))
    except ValueError:
        raise errors.invalid_argument(f"invalid cursor: {query.cursor}") from None
    if not separator:
        raise errors.invalid_argument(f"invalid cursor: {query.cursor}")
    return place


def _parse_change_cursor(cursor: str) -> tuple[int, int, str, str, str] | None:
    if not cursor:
        return None
    try:
        timestamp, show_id, service, kind, addon = cursor.split(":")
        return (int(timestamp), int(show_id), service, kind, addon)
    except ValueError:
        raise errors.invalid_argument(f"invalid cursor: {cursor}") from None
