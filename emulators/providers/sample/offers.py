"""Generated offers: which service has a title, where, how, at what price and until when.

Nothing here is true of the real services; the links only have the form theirs have.
"""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final
from uuid import UUID

from emulators.providers.catalog import Offer, Quality
from emulators.providers.platforms import OptionType
from emulators.providers.sample.facts import Known

DAY: Final = 86_400
CLASSIC_BEFORE: Final = 1990
DIGITAL_SINCE: Final = 2000
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

FLAT: Final = {
    "netflix": 22,
    "prime": 18,
    "disney": 10,
    "hbo": 13,
    "hulu": 12,
    "apple": 6,
    "paramount": 12,
    "peacock": 10,
}
STORES: Final = {"apple": 0.65, "prime": 0.6, "youtube": 0.5}
SHARES: Final = {"us": (1, 2, 2), "gb": (0, 1, 2), "de": (0, 1, 2)}
PRICES: Final = {
    ("us", "rent"): ("2.99", "3.99", "4.99", "5.99"),
    ("us", "buy"): ("7.99", "9.99", "12.99", "14.99", "19.99"),
    ("gb", "rent"): ("2.49", "3.49", "4.49"),
    ("gb", "buy"): ("4.99", "7.99", "9.99", "13.99"),
    ("de", "rent"): ("2.98", "3.99", "4.99"),
    ("de", "buy"): ("6.99", "9.98", "11.99", "13.99"),
}
CHANNELS: Final = {
    "hbo": (("prime", "hbomaxus"), ("hulu", "hbo")),
    "paramount": (("prime", "paramountplus"), ("apple", "tvs.sbd.1000070")),
}
AMAZON: Final = {"us": "www.amazon.com", "gb": "www.amazon.co.uk", "de": "www.amazon.de"}
LANGUAGES: Final = {
    "en": "eng", "ja": "jpn", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "it": "ita",
    "hi": "hin", "zh": "zho", "pt": "por", "tr": "tur", "sv": "swe", "da": "dan", "no": "nor",
    "fi": "fin", "pl": "pol", "ru": "rus", "cs": "ces", "nl": "nld", "he": "heb", "th": "tha",
    "fa": "fas", "is": "isl", "id": "ind", "hu": "hun", "ar": "ara", "ps": "pus", "te": "tel",
    "ta": "tam", "bn": "ben", "eu": "eus", "el": "ell", "ro": "ron",
}  # fmt: skip
LOCAL: Final = {"us": ("spa-419", "fra-CAN"), "gb": ("cym",), "de": ("deu", "tur")}


def offers(title: Known, country: str, seed: str) -> tuple[Offer, ...]:
    """Return the offers of one title in one country; times count from the catalogue's epoch."""
    # A repeatable sequence per title and country: one title's offers never move another's.
    random = Random(f"{seed}:{title.imdb_id}:{country}")  # noqa: S311
    made = [*_flat(title, country, random), *_stores(title, country, random)]
    if country == "us" and not any(offer.present(0) for offer in made):
        made.append(_offer(title, ("netflix", "subscription"), country, random=random))
    unique = {offer.key: offer for offer in made}
    return tuple(sorted(unique.values(), key=lambda offer: offer.key))


def _flat(title: Known, country: str, random: Random) -> Iterator[Offer]:
    for service in _services(title, random)[: random.choice(SHARES[country])]:
        kind: OptionType = "subscription"
        if service == "peacock" and happens(random, 0.25):
            kind = "free"
        yield _timed(_offer(title, (service, kind), country, random=random), random)
        yield from _channel(title, service, country, random=random)
    if happens(random, 0.2 if title.year < CLASSIC_BEFORE else 0.06):
        yield _timed(_offer(title, ("youtube", "free"), country, random=random), random)


def _services(title: Known, random: Random) -> list[str]:
    """Return the services in a random order that favours those a title suits."""
    weights = dict(FLAT)
    if {"family", "animation"} & set(title.genres):
        weights["disney"] *= 4
    if "horror" in title.genres:
        weights["disney"] = 1
    return sorted(weights, key=lambda service: random.random() ** (1 / weights[service]))[::-1]


def _channel(title: Known, service: str, country: str, *, random: Random) -> Iterator[Offer]:
    for host, addon in CHANNELS.get(service, ()):
        if happens(random, 0.25):
            made = _offer(title, (host, "addon"), country, random=random)
            yield made.model_copy(update={"addon": addon})


def _stores(title: Known, country: str, random: Random) -> Iterator[Offer]:
    series = title.show_type == "series"
    for service, chance in STORES.items():
        if not happens(random, chance / 2 if series else chance):
            continue
        for kind in _sales(series=series):
            made = _timed(_offer(title, (service, kind), country, random=random), random)
            # A series is often sold by the season only, and then has no price of its own.
            if not series or happens(random, 0.6):
                made = _priced(made, PRICES[country, kind], random)
            yield made


def happens(random: Random, probability: float) -> bool:
    """Tell, by chance, whether something of this probability happens."""
    return random.random() < probability


def _sales(*, series: bool) -> Sequence[OptionType]:
    return ("buy",) if series else ("buy", "rent")


def _offer(title: Known, how: tuple[str, OptionType], country: str, *, random: Random) -> Offer:
    service, kind = how
    link, video = links(title, service, country)
    return Offer(
        service=service,
        type=kind,
        link=link,
        video_link=video,
        quality=_quality(title, random),
        audios=_audios(title, country, random),
        subtitles=_subtitles(title, country, random),
        starts=-random.randint(32 * DAY, 900 * DAY),
    )


def _quality(title: Known, random: Random) -> Quality | None:
    if happens(random, 0.05):
        return None
    choices: tuple[Quality, ...] = (
        ("hd", "uhd") if title.year >= DIGITAL_SINCE else ("sd", "hd", "hd")
    )
    return random.choice((*choices, *choices, "qhd"))


def _audios(title: Known, country: str, random: Random) -> tuple[str, ...]:
    spoken = dict.fromkeys((LANGUAGES.get(title.language, "eng"), "eng"))
    if country == "de" or happens(random, 0.3):
        spoken.setdefault(LOCAL[country][0])
    return tuple(sorted(spoken))


def _subtitles(title: Known, country: str, random: Random) -> tuple[str, ...]:
    """Return languages; ``:cc`` marks closed captions."""
    local = random.sample(LOCAL[country], random.randint(0, len(LOCAL[country])))
    original = LANGUAGES.get(title.language, "eng")
    return tuple(sorted(dict.fromkeys(("eng:cc", f"{original}", *local))))


def _timed(offer: Offer, random: Random) -> Offer:
    """Let some offers have begun lately, lie ahead, end soon or have ended."""
    lives: dict[str, tuple[str, Sequence[int]]] = {
        "begun": ("starts", range(-30, 0)),
        "upcoming": ("starts", range(1, 26)),
        "ended": ("ends", range(-28, 0)),
        "ending": ("ends", (1, 2, 3, 5, 6, 7, 12, 20, 45)),
    }
    life = random.choices(("lasting", *lives), weights=(78, 6, 3, 2, 11))[0]
    moment = random.randint(0, DAY - 1)
    if life not in lives:
        return offer
    field, days = lives[life]
    return offer.model_copy(update={field: random.choice(days) * DAY + moment})


def _priced(offer: Offer, amounts: Sequence[str], random: Random) -> Offer:
    """Give the offer a price, and one in twelve another one some days ago or ahead."""
    first = random.choice(amounts)
    prices = [(offer.starts, first)]
    if happens(random, 1 / 12):
        second = random.choice([amount for amount in amounts if amount != first])
        moment = random.choice((-20, -9, -4, 1, 2, 5, 11)) * DAY + random.randint(0, DAY - 1)
        prices += [(moment, second)] if moment > offer.starts else []
    return offer.model_copy(update={"prices": tuple(prices)})


def links(title: Known, service: str, country: str) -> tuple[str, str]:
    """Return the page and, where there is one, the video of a title: made-up ids, real forms."""
    random = Random(f"{title.imdb_id}:{service}")  # noqa: S311 - ids of a sample, not secrets
    kind = "movie" if title.show_type == "movie" else "show"
    number = str(random.randint(70_000_000, 81_999_999))
    code = "".join(random.choices(ALPHABET[:26] + ALPHABET[52:62], k=25))
    uuid = str(UUID(int=random.getrandbits(128), version=4))
    slug = re.sub(r"[^a-z0-9]+", "-", title.title.lower()).strip("-") or kind
    video = "".join(random.choices(ALPHABET, k=11))
    forms = {
        "netflix": (
            f"https://www.netflix.com/title/{number}/",
            f"https://www.netflix.com/watch/{number}",
        ),
        "prime": (f"https://{AMAZON[country]}/gp/video/detail/B0{code[:8]}/ref=atv_dp", ""),
        "disney": (f"https://www.disneyplus.com/video/{uuid}",) * 2,
        "hbo": (f"https://play.max.com/video/watch/{uuid}",) * 2,
        "hulu": (f"https://www.hulu.com/watch/{uuid}",) * 2,
        "apple": (f"https://tv.apple.com/{country}/{kind}/{slug}/umc.cmc.{code.lower()}", ""),
        "paramount": (f"https://www.paramountplus.com/{kind}s/{code[:16]}/", ""),
        "peacock": (f"https://www.peacocktv.com/watch/{uuid}",) * 2,
        "youtube": (f"https://www.youtube.com/watch?v={video}",) * 2,
    }
    return forms[service]
