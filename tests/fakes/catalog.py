"""A catalogue made by rule: the same hundreds of items every time, plus a few everybody knows."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from shared.adapters.sql.ingest.store import IngestStore, PageInput
from shared.catalog.item import CanonicalItem
from shared.catalog.values import GENRES
from shared.kernel import ids
from shared.kernel.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MADE = 160
_OFFERS = ("subscription", "free", "ads", "rental", "purchase")
_FIRST = ("Silent", "Crimson", "Broken", "Golden", "Hidden", "Frozen", "Distant", "Electric")
_SECOND = ("Harbor", "Garden", "Empire", "River", "Letters", "Machine", "Winter", "Horizon")


def known(title: str, number: int, *, region: str = "US", **traits: Any) -> CanonicalItem:  # noqa: ANN401 - fields of the item
    """Return one item on Netflix unless told otherwise."""
    fields: dict[str, Any] = {
        "platform": "netflix",
        "content_type": "movie",
        "release_year": 2000,
        "genres": ("Drama",),
        "offers": ({"type": "subscription"},),
        "popularity": 0.5,
        **traits,
    }
    raw_uri = f"{fields['platform']}-{region}/1.json.gz#{number}"
    source = {"provider": "test", "fetched_at": NOW, "raw_uri": raw_uri}
    return CanonicalItem.model_validate(
        {"source": source, "platform_content_id": f"k{number}", "region": region, "title": title}
        | fields
    )


def famous() -> list[CanonicalItem]:
    """Return titles that tests name."""
    return [
        known("Amélie", 1, release_year=2001, overview="A shy waitress in Montmartre helps others"),
        known("The Matrix", 2, release_year=1999, overview="A hacker learns that reality is a lie"),
        known("Arrival", 3, release_year=2016, overview="A linguist speaks with heptapods"),
        known(
            "Heat",
            4,
            release_year=1995,
            credits=({"name": "Michael Mann", "role": "director"},),
            overview="A thief and a detective",
        ),
        known("नमस्ते लंदन", 5, release_year=2007),
    ]


def split_offer() -> list[CanonicalItem]:
    """Return one title on Netflix in the US and on Hulu in Canada, and on nothing else."""
    same: dict[str, Any] = {"release_year": 2011, "external_ids": {"imdb": "tt9000011"}}
    return [
        known("Divided Lands", 6, **same),
        known("Divided Lands", 6, region="CA", platform="hulu", **same),
    ]


def made(seed: int = 7) -> list[CanonicalItem]:
    """Return `MADE` titles, each on one or two platforms and in one or two regions."""
    random = Random(seed)
    items: list[CanonicalItem] = []
    for number in range(100, 100 + MADE):
        traits = {
            "content_type": random.choice(["movie", "series"]),
            "release_year": random.randint(1980, 2025),
            "runtime_minutes": random.randint(60, 200),
            "genres": tuple(random.sample(sorted(GENRES)[:6], 2)),
            "user_rating": random.randint(20, 95) / 10,
            "vote_count": 100,
            "popularity": round(random.random(), 3),
            "external_ids": {"imdb": f"tt8{number:06}"},
        }
        title = f"{random.choice(_FIRST)} {random.choice(_SECOND)} {number}"
        for platform in random.sample(["netflix", "hulu", "disney_plus"], random.randint(1, 2)):
            for region in random.sample(["US", "CA"], random.randint(1, 2)):
                offers = ({"type": random.choice(_OFFERS)},)
                items.append(
                    known(title, number, region=region, platform=platform, offers=offers, **traits)
                )
    return items


def ingest(engine: Engine, items: Sequence[CanonicalItem]) -> None:
    """Store items the way the product does, a page per platform and region."""
    pages: dict[tuple[str, str], list[CanonicalItem]] = defaultdict(list)
    for item in items:
        pages[item.platform, item.region].append(item)
    for (platform, region), found in pages.items():
        for start in range(0, len(found), 100):
            raw_uri = f"{platform}-{region}/{start}.json.gz"
            cause = Event(
                event_id=ids.named(raw_uri),
                event_type="title.normalized",
                occurred_at=NOW,
                correlation_id="test",
                data={},
            )
            page = PageInput(cause, "run", raw_uri, platform, region, found[start : start + 100])
            outcome = IngestStore(engine).ingest_page(page)
            assert outcome.set_aside == 0
