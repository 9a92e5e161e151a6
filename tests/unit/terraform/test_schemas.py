"""Topics' schemas: what the code publishes conforms, what it does not say is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from functions.manifest import read_all
from shared.adapters.providers.normalizing import FetchedPage, Normalizer
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.ingest.page import Changes, Told
from shared.adapters.sql.ingest.store import IngestStore, PageInput
from shared.catalog.expiry import Leaving, expiring_event, notices, windows
from shared.catalog.fetch import Fetch, fetch_catalog
from shared.catalog.item import (
    CanonicalItem,
    Credit,
    Image,
    Maturity,
    Offer,
    PartOf,
    Series,
    Source,
)
from shared.catalog.lifecycle import deleted_event, merged_events, parted_events
from shared.catalog.raw import Normalized
from shared.catalog.values import (
    ContentType,
    CreditRole,
    ExternalIdType,
    ImageKind,
    OfferType,
    Quality,
)
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.matching.offers import OfferChange
from tests.fakes.edge import load
from tests.unit.catalog.test_fetch import Book, Folder, PagesOfThree

if TYPE_CHECKING:
    from collections.abc import Callable

    Parse = Callable[[Event], Any]

pytest.importorskip("grpc_tools", reason="grpcio-tools compiles the schemas")

SCHEMAS = Path(__file__).parents[3] / "terraform" / "schemas"
CLOCK = FixedClock()
HEAT = UUID("0198c0de-0000-7000-8000-000000000001")
PAGE = FetchedPage(
    run_id="run",
    provider="streaming_availability",
    platform="netflix",
    region="US",
    page=1,
    raw_uri="streaming_availability/netflix-US/run/00001.json.gz",
    count=1,
)
SOURCE = Source(provider="streaming_availability", fetched_at=CLOCK.now(), raw_uri="page#0")
BARE = CanonicalItem(
    source=SOURCE,
    platform="netflix",
    platform_content_id="60",
    region="US",
    title="Heat",
    content_type=ContentType.MOVIE,
)
FULL = CanonicalItem(
    source=SOURCE,
    platform="netflix",
    platform_content_id="60",
    region="US",
    entity_id=HEAT,
    title="Heat",
    original_title="Heat",
    titles={"de": "Heat", "ja": "ヒート"},
    overview="A thief and a detective.",
    content_type=ContentType.SERIES,
    release_year=1995,
    release_date=date(1995, 12, 15),
    runtime_minutes=170,
    genres=("Crime", "Drama"),
    themes=("heist",),
    moods=("tense",),
    countries=("US",),
    credits=(
        Credit(name="Al Pacino", role=CreditRole.ACTOR, character="Vincent Hanna", order=1),
        Credit(name="Michael Mann", role=CreditRole.DIRECTOR),
    ),
    external_ids={ExternalIdType.IMDB: "tt0113277", ExternalIdType.TMDB_MOVIE: "949"},
    offers=(
        Offer(
            type=OfferType.RENTAL,
            tier="premium",
            price_minor=399,
            currency="USD",
            quality=Quality.UHD,
            link="https://example.com/heat",
            video_link="https://example.com/heat/play",
            audio=("en",),
            subtitles=("de", "fr"),
            available_from=CLOCK.now(),
            expires_at=datetime(2026, 6, 1, tzinfo=UTC),
        ),
        Offer(type=OfferType.SUBSCRIPTION),
    ),
    images=(Image(kind=ImageKind.POSTER, width=480, url="https://example.com/heat.jpg"),),
    maturity=Maturity(system="MPA", value="R"),
    user_rating=8.3,
    vote_count=700_000,
    popularity=0.9,
    is_original=True,
    series=Series(seasons=2, episodes=16, status="ended"),
    part_of=PartOf(
        title="Tide", external_ids={ExternalIdType.IMDB: "tt7000001"}, season=2, episode=3
    ),
    sample=True,
    updated_at=CLOCK.now(),
)


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every schema, compiled on its own as Pub/Sub does, by topic."""
    target = tmp_path_factory.mktemp("schemas")
    return {file.stem: _compiled(file, target) for file in sorted(SCHEMAS.glob("*.proto"))}


def _compiled(file: Path, target: Path) -> Any:  # noqa: ANN401 - a class made at run time
    made = target / f"{file.stem}.binpb"
    line = [sys.executable, "-m", "grpc_tools.protoc", f"-I{SCHEMAS}"]
    done = subprocess.run(  # noqa: S603 - our own arguments
        [*line, f"--descriptor_set_out={made}", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes())
    assert [len(one.message_type) for one in found.file] == [1], "one message, without imports"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(found.file[0])
    name = f"{found.file[0].package}.{found.file[0].message_type[0].name}"
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


@pytest.fixture
def parse(messages: dict[str, Any]) -> Parse:
    """Return what takes an event as its topic does: by its schema, refusing unknown fields."""

    def parsed(event: Event) -> Any:  # noqa: ANN401 - a class made at run time
        return json_format.Parse(event.model_dump_json(), messages[event.event_type]())

    return parsed


def _fetched() -> list[Event]:
    book = Book()
    fetch = Fetch("run", "streaming_availability", "all", "US")
    fetch_catalog(fetch, source=PagesOfThree(), raw=Folder(), ledger=book, clock=CLOCK)
    return list(book.events.values())


def _normalized(raw: Path, *items: CanonicalItem) -> Event:
    normalizer = Normalizer(None, None, RawFolder(raw), CLOCK)  # type: ignore[arg-type]
    return normalizer._told(_fetched()[0], PAGE, Normalized(items, ()))


def _ingested(*told: OfferChange) -> dict[str, Event]:
    cause = _fetched()[0]
    place = {"run_id": "run", "platform": "netflix", "region": "US", "raw_uri": PAGE.raw_uri}
    page = PageInput(cause=cause, items=[], unusable=[], **place)
    other = UUID(int=HEAT.int + 1)
    changes = Changes(2, [HEAT], [other], [Told(HEAT, change) for change in told])
    return {event.event_type: event for event in IngestStore(clock=CLOCK)._events(page, changes)}


CAME = OfferChange(
    (OfferType.RENTAL.value, "premium", Quality.UHD.value),
    is_available=True,
    was_available=False,
    price_before=None,
    price_after=399,
    currency="USD",
    expires_at=datetime(2026, 6, 1, tzinfo=UTC),
)
WENT = OfferChange(
    (OfferType.SUBSCRIPTION.value, None, None),
    is_available=False,
    was_available=True,
    price_before=None,
    price_after=None,
    currency=None,
    expires_at=None,
)


def test_every_topic_of_a_manifest_has_a_schema_and_no_other_does(
    messages: dict[str, Any],
) -> None:
    manifests = read_all().values()
    consumed = {topic for one in manifests if one.event for topic in one.event.topics}

    assert set(messages) == consumed | {topic for one in manifests for topic in one.publishes}
    assert messages


def test_the_envelope_of_every_schema_is_that_of_the_kernel(messages: dict[str, Any]) -> None:
    for message in messages.values():
        assert set(message.DESCRIPTOR.fields_by_name) == set(Event.model_fields)


def test_a_fetched_page_conforms(parse: Parse) -> None:
    assert [parse(event).data.page for event in _fetched()] == [1, 2, 3]


@pytest.mark.parametrize("item", [BARE, FULL], ids=["bare", "full"])
def test_a_canonical_item_conforms_whatever_it_says(
    parse: Parse, tmp_path: Path, item: CanonicalItem
) -> None:
    found = parse(_normalized(tmp_path, item)).data.items[0]

    assert found.title == "Heat"
    assert (found.release_year or None) == item.release_year
    assert [offer.price_minor or None for offer in found.offers] == [
        offer.price_minor for offer in item.offers
    ]


def test_the_full_item_says_everything_an_item_can_say() -> None:
    assert set(FULL.model_dump(exclude_defaults=True)) == set(CanonicalItem.model_fields)
    assert set(FULL.offers[0].model_dump(exclude_defaults=True)) == set(Offer.model_fields)


def test_nothing_that_is_absent_is_refused(messages: dict[str, Any], tmp_path: Path) -> None:
    event = json.loads(_normalized(tmp_path, BARE).model_dump_json())
    event["data"]["items"] = [BARE.model_dump(mode="json")]  # with every null written out

    found = json_format.Parse(json.dumps(event), messages["title.normalized"]())

    assert found.data.items[0].title == "Heat"


def test_a_page_that_points_to_its_items_conforms(parse: Parse, tmp_path: Path) -> None:
    found = parse(_normalized(tmp_path, *[BARE] * 101))

    assert not found.data.items
    assert found.data.items_uri.endswith(".items.json.gz")


def test_what_ingestion_tells_conforms(parse: Parse) -> None:
    events = _ingested(CAME, WENT)

    assert set(events) == {"content.ingested", "content.updated", "availability.changed"}
    changes = parse(events["availability.changed"]).data.changes
    assert [change.price_after for change in changes] == [399, 0]
    assert parse(events["content.ingested"]).data.content_ids == [str(HEAT)]
    assert parse(events["content.updated"]).data.run_id == "run"


def test_what_enrichment_tells_conforms(parse: Parse) -> None:
    event = load("catalog_enrich")._enriched(_ingested()["content.ingested"])

    assert parse(event).data.content_ids == [str(HEAT)]


def test_a_field_that_no_schema_knows_is_refused(parse: Parse) -> None:
    event = _fetched()[0]
    odd = event.model_copy(update={"data": {**event.data, "mood": "tense"}})

    with pytest.raises(json_format.ParseError, match="mood"):
        parse(odd)


def test_a_value_of_another_type_is_refused(parse: Parse) -> None:
    event = _fetched()[0]
    odd = event.model_copy(update={"data": {**event.data, "page": "first"}})

    with pytest.raises(json_format.ParseError, match="page"):
        parse(odd)


def test_what_the_life_of_titles_tells_conforms(parse: Parse) -> None:
    other = UUID(int=HEAT.int + 1)
    leaving = Leaving(HEAT, "Heat", "netflix", "US", CLOCK.now() + timedelta(hours=12))
    (notice,) = notices([leaving], now=CLOCK.now(), among=windows())
    told = [
        *merged_events(kept=HEAT, merged=other, at=CLOCK.now(), cause="act"),
        *parted_events(kept=HEAT, parted=other, is_new=True, at=CLOCK.now(), cause="act"),
        deleted_event(HEAT, "a duplicate", at=CLOCK.now(), cause="act"),
        expiring_event(notice, CLOCK.now()),
    ]
    merged, *_, deleted, expiring = [parse(event).data for event in told]

    assert (merged.merged, merged.into) == (str(other), str(HEAT))
    assert (list(deleted.content_ids), deleted.reason) == ([str(HEAT)], "a duplicate")
    assert (expiring.notification_window, expiring.days_until_expiration) == ("1d", 1)
