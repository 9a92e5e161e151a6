"""Why a leaf is not in the items: reasons that are checked on the record, never assumed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.catalog.coverage.leaves import Leaf, parent, written
from shared.catalog.coverage.units import Unit
from shared.catalog.feeds import fields as f
from shared.catalog.feeds.tmdb_parts import MAX_CREDITS, MOST_IMAGES
from shared.catalog.genres import MAX_GENRES, map_genres
from shared.catalog.raw import ALL_REGIONS, RecordError, Unconfigured
from shared.catalog.services import service_of
from shared.catalog.values import ContentType

_OF_OFFERS = ("offers.", "platform", "region", "series", "updated_at")
_NONE = "0 is what the source writes for none"
_ALPHA_2 = 2


def reason_of(leaf: Leaf, field: str, unit: Unit, problems: Sequence[RecordError]) -> str:
    """Return why a leaf was set aside, as far as that can be told; empty where it cannot."""
    check = _CHECKS.get(field)
    found = check(leaf, unit) if check else ""
    return found or _problem(leaf, field, problems)


def _problem(leaf: Leaf, field: str, problems: Sequence[RecordError]) -> str:
    # The older shapes of one provider are told in the words of the newest.
    path = written(leaf.path).replace("streamingInfo.", "streamingOptions.", 1)
    within = [p for p in problems if p.field and path.startswith(p.field)]
    if within:
        return _told(within[0])
    if not field.startswith(_OF_OFFERS):
        return ""
    beside = f"{written(leaf.path[:-1])}."
    near = [p for p in problems if isinstance(p, Unconfigured) and p.field.startswith(beside)]
    if near:
        return _told(near[0])
    # Some shapes are told in other words than they were given in; the service's name is in both.
    named = [p for p in problems if isinstance(p, Unconfigured)]
    ours = [p for p in named if p.service in leaf.path or p.part]
    return _told(ours[0]) if ours else ""


def _told(problem: RecordError) -> str:
    if isinstance(problem, Unconfigured):
        return f"service {problem.service} is none of our platforms"
    return f"{problem.field.split('[')[0]}: {problem.message[:80]}"


def _link(leaf: Leaf, unit: Unit) -> str:
    if not str(leaf.value).lower().startswith(("http://", "https://")):
        return "a placeholder is no link"
    holder = parent(unit.record, leaf.path)
    others = [v for v in holder.values() if v != leaf.value] if isinstance(holder, Mapping) else []
    links = {str(offer.link) for item in unit.items(ALL_REGIONS) for offer in item.offers}
    return "the offer has its link of another device" if links & set(map(str, others)) else ""


def _moment(leaf: Leaf, _unit: Unit) -> str:
    if leaf.value in {0, "0"}:
        return _NONE
    found = f.moment("at")({"at": leaf.value})
    return "" if found else f"no credible time (after {f.LATEST_YEAR})"


def _currency(leaf: Leaf, unit: Unit) -> str:
    holder = parent(unit.record, leaf.path)
    amounts = ("retail_price", "retailPriceValue", "price", "amount")
    priced = isinstance(holder, Mapping) and any(holder.get(name) for name in amounts)
    return "" if priced else "a currency without a price"


def _price(leaf: Leaf, unit: Unit) -> str:
    if leaf.value == 0:
        return _NONE
    holder = parent(unit.record, leaf.path)
    kind = str(f.at(holder, "type"))
    return "a price of what needs none" if kind in {"sub", "free", "tve"} else ""


def _genre(leaf: Leaf, unit: Unit) -> str:
    mapped = map_genres((str(leaf.value),), platform=unit.provider)
    if not (mapped.genres or mapped.themes):
        return "a name that says nothing of a genre"
    full = any(len(item.genres) == MAX_GENRES for item in unit.items(ALL_REGIONS))
    return f"beyond the {MAX_GENRES} genres of a title" if full else ""


def _image(leaf: Leaf, unit: Unit) -> str:
    steps = [str(step) for step in leaf.path]
    if steps[-1] == "original":
        return "a picture of untold size, there in told sizes, too"
    if {"horizontalPoster", "verticalBackdrop"} & set(steps):
        return "another cut of a picture that is kept"
    if any(isinstance(step, int) and step >= MOST_IMAGES for step in leaf.path):
        return f"beyond the {MOST_IMAGES} best pictures of a kind"
    holder = parent(unit.record, leaf.path)
    urls = [leaf.value, f.at(holder, "url")]
    return "a picture that says there is none" if any("no_" in str(url) for url in urls) else ""


def _credit(leaf: Leaf, unit: Unit) -> str:
    holder: Any = parent(unit.record, leaf.path)
    if unit.provider == "youtube":
        return "the owner of the list" if f.at(holder, "playlistId") else ""
    named = str(f.at(holder, "name") or f.at(holder, "full_name"))
    credited = {credit.name for item in unit.items(ALL_REGIONS) for credit in item.credits}
    crew = "crew" in leaf.path or f.at(holder, "type") == "Crew"
    if crew and (leaf.path[-1] in {"job", "role"} or named not in credited):
        return f"no role of ours, or beyond the makers kept: {f.at(holder, 'job') or leaf.value}"
    full = any(len(item.credits) == MAX_CREDITS for item in unit.items(ALL_REGIONS))
    return f"beyond the {MAX_CREDITS} credits kept" if full else ""


def _certificate(leaf: Leaf, unit: Unit) -> str:
    if isinstance(leaf.value, int):
        return "" if leaf.value > 0 else "an age that is none"
    if leaf.path[-1] != "iso_3166_1":
        said = f.certificate(leaf.value)
        return "another certificate of the country stands" if said else "says that there is none"
    entry = parent(unit.record, leaf.path)
    dates = entry.get("release_dates") or ()
    given = [entry.get("rating"), *(f.at(date, "certification") for date in dates)]
    if not any(f.certificate(value) for value in given if value):
        return "a country without a certificate"
    if len(str(leaf.value)) != _ALPHA_2:
        return "a part of a country"
    return "another certificate of the country stands"


def _rating(leaf: Leaf, unit: Unit) -> str:
    if not leaf.value:
        return "0 where nobody has rated"
    holder = parent(unit.record, leaf.path)
    kind = str(f.at(holder, "provider_type") or "")
    if kind and kind != "imdb:score":
        return f"a score of another kind ({kind.split(':', maxsplit=1)[0]})"
    return "another source's rating stands" if leaf.path[-1] == "tmdbRating" else ""


def _date(leaf: Leaf, unit: Unit) -> str:
    on_list = "playlistItem" in str(unit.record.get("kind", ""))
    return "the day it was put on a list" if on_list and leaf.path[-1] == "publishedAt" else ""


def _id(leaf: Leaf, unit: Unit) -> str:
    types = {item.content_type for item in unit.items(ALL_REGIONS)}
    if ContentType.EPISODE in types or ContentType.SEASON in types:
        return "a number of TMDB's for a part, of neither movies nor series"
    unsaid = types == {ContentType.UNKNOWN} and "tmdb" in str(leaf.path[-1]).lower()
    return "a number of TMDB's without its kind" if unsaid else ""


def _own_id(leaf: Leaf, unit: Unit) -> str:
    if "playlistItem" in str(f.at(unit.record, "kind")) and leaf.path == ("id",):
        return "the number of a list's entry, not of the video"
    own = f"{unit.provider}:"
    linked = not any(i.platform_content_id.startswith(own) for i in unit.items(ALL_REGIONS))
    return "the platform's own id stands, read from its link" if linked else ""


def _length(leaf: Leaf, unit: Unit) -> str:
    if leaf.value == 0:
        return _NONE
    serial = any(item.series for item in unit.items(ALL_REGIONS))
    return "what the platform has of it stands" if serial else "the state of a movie"


def _service(leaf: Leaf, unit: Unit) -> str:
    """Look for what else in the object names the same service."""
    holder = parent(unit.record, leaf.path)
    others = {k: str(v) for k, v in holder.items() if k != leaf.path[-1] and v}
    named = [others.get(name, "") for name in ("provider_name", "name", "clearName")]
    numbers = [others.get(name, "") for name in ("provider_id", "source_id", "packageId")]
    known = [service_of(unit.provider, "", name) for name in named if name]
    known += [service_of(by, number) for number in numbers for by in ("tmdb", unit.provider)]
    return "the service is told by another name or number" if any(known) else ""


def _kind(leaf: Leaf, _unit: Unit) -> str:
    return "a whole title, which goes without saying" if leaf.value == "show" else ""


def _title(leaf: Leaf, unit: Unit) -> str:
    holder = parent(unit.record, leaf.path)
    titled = any(f.at(holder, path) for path in ("title", "data.title", "data.name"))
    return "" if titled else "a language without a title of its own"


def _seen(leaf: Leaf, unit: Unit) -> str:
    service = service_of("justwatch", str(leaf.path[-1]))
    if service is None:
        return "a date under a short name that is none of our services"
    carried = {item.platform: item.updated_at for item in unit.items(ALL_REGIONS)}
    latest = carried.get(service.platform.id)
    if latest is None:
        return "a date of a platform that carries the title no longer"
    return "an earlier date of the platform" if str(leaf.value) < latest.isoformat() else ""


def _zero(leaf: Leaf, _unit: Unit) -> str:
    return _NONE if leaf.value == 0 else ""


_CHECKS: Mapping[str, Callable[[Leaf, Unit], str]] = {
    "credits": _credit,
    "external_ids": _id,
    "genres": _genre,
    "images": _image,
    "maturity": _certificate,
    "offers.available_from": _moment,
    "offers.currency": _currency,
    "offers.expires_at": _moment,
    "offers.link": _link,
    "offers.price": _price,
    "offers.video_link": _link,
    "platform_content_id": _own_id,
    "content_type": _kind,
    "platform": _service,
    "popularity": _zero,
    "release_date": _date,
    "runtime_minutes": _zero,
    "series": _length,
    "titles": _title,
    "updated_at": _seen,
    "user_rating": _rating,
    "vote_count": _zero,
}
