"""The model of capacity: formulas against numbers worked by hand, and what its inputs stand for."""

import gzip
import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from emulators.providers.catalog import SAMPLE, Title
from emulators.providers.shows import View, show
from functions.manifest import Manifest, Trigger, read_all
from functions.route import Route
from shared.adapters import connect
from shared.adapters.sql.ingest.availability import change_data
from shared.catalog.item import CanonicalItem
from shared.kernel.events import Event
from shared.runtime import http
from terraform.capacity import report as capacity
from terraform.capacity.bill import egress_usd, redis_node_usd
from terraform.capacity.demand import busy, instances, requests_per_month, vector_nodes
from terraform.capacity.inputs import CapacityError, Prices, read_prices, read_traffic
from terraform.capacity.model import Model
from tests.unit.catalog.pages import normalized, v4_page

ROOT = Path(__file__).parents[3]
TRAFFIC = read_traffic()
PRICES = read_prices()
AT = datetime(2026, 6, 10, 12, tzinfo=UTC)
NAME = "00000000-0000-4000-8000-000000000000"


def cents(*, free: float = 0, **usd: float) -> Prices:
    given = {
        name: {"usd": each, "unit": "unit", "source": "test", "free": free}
        for name, each in usd.items()
    }
    return Prices.model_validate({"region": "r", "dated": "2026-01-01", "prices": given})


def test_requests_are_users_that_come_times_what_they_ask_in_thirty_days() -> None:
    assert requests_per_month(1_000, daily_active_share=0.3, per_active_day=60) == 540_000


def test_instances_follow_littles_law_at_the_utilization_aimed_at() -> None:
    # 100/s for 0.125 s are 12.5 at once; 4 at once at 70 % are 2.8 an instance; 12.5 / 2.8 = 4.46
    assert instances(100, 0.125, 4, 0.7) == 5


def test_what_fits_exactly_needs_no_instance_more() -> None:
    assert instances(28, 0.1, 4, 0.7) == 1


def test_nothing_to_do_needs_no_instance() -> None:
    assert instances(0, 0.125, 4, 0.7) == 0


def test_rare_requests_are_billed_as_the_time_that_one_instance_is_busy() -> None:
    assert busy(0.1, 1.0, 4, 0.7) == pytest.approx(1 - math.exp(-0.1))


def test_many_requests_are_billed_as_full_instances() -> None:
    assert busy(280, 0.1, 4, 0.7) == pytest.approx(10)


def test_nodes_are_shards_times_replicas() -> None:
    # 3 million vectors of 1 KiB are 2.86 GiB, two shards of 2; 600/s are three replicas of 250
    found = vector_nodes(3_000_000, vector_bytes=1024, node_gb=2, qps=600, node_qps=250)

    assert found == 6


def test_egress_pays_each_step_at_its_own_price() -> None:
    steps = cents(egress_first_tib=0.12, egress_next_9_tib=0.11, egress_beyond=0.08)

    # 1024 × 0.12 + 9216 × 0.11 + 1000 × 0.08
    assert egress_usd(11_240, steps) == pytest.approx(122.88 + 1013.76 + 80)


def test_a_node_of_redis_is_priced_by_its_size() -> None:
    # 6 GB × 730 h × 0.027
    assert redis_node_usd(6, PRICES) == pytest.approx(118.26)


def test_free_units_cost_nothing() -> None:
    prices = cents(logs=0.5, free=50)

    assert prices.of("logs", 40) == 0
    assert prices.of("logs", 60) == 5


def test_a_price_that_is_not_there_is_named() -> None:
    with pytest.raises(CapacityError, match=r"prices\.toml: prices\.gold"):
        cents().of("gold", 1)


def test_a_hundred_thousand_users_ask_fifty_four_million_times() -> None:
    plan = capacity.model().plan(100_000)

    assert plan.requests == 54_000_000
    assert plan.peak_rps == pytest.approx(125)  # 54 M in 2,592,000 s, times 6
    assert plan.firestore_writes == pytest.approx(27_000_000)  # (5 % × 2 + 20 % × 2) of 54 M


def test_searches_and_feeds_ask_for_vectors_unless_cached() -> None:
    demand = capacity.model().demand(100_000)

    # 125/s: half of 40 % search, 25 % feeds, six tenths of them not cached
    assert demand.asked("vector_queries") == pytest.approx(125 * (0.20 + 0.25) * 0.6)


def test_statements_are_summed_over_the_mix() -> None:
    demand = capacity.model().demand(100_000)
    per_request = 0.6 * (0.4 * 2 + 0.25 * 2) + 0.20 * 3 + 0.10 * 1 + 0.05 * 4

    assert demand.statements() == pytest.approx(125 * per_request)


def test_messages_are_billed_once_for_publishing_and_once_for_each_subscription() -> None:
    one, two = capacity.model().demand(1), capacity.model().demand(1_000_001)
    # a million users more: 540 M requests, (20 % + 25 % + 5 %) with one reader, 20 % with two,
    # and, of the 10 % that sign in, a mail for every twentieth, and for one in ten thousand a copy
    # of what is kept of them, and the end of it
    mails = 0.1 / 20 + 2 * 0.1 / 10_000
    more = 540e6 * 1000 * ((0.2 + 0.25 + 0.05 + mails) * 2 + 0.2 * 3)

    assert two.pubsub_bytes() - one.pubsub_bytes() == pytest.approx(more)


def test_an_instance_holds_no_more_connections_than_requests() -> None:
    alone = Manifest(
        summary="One request at a time",
        area="catalog",
        event=Trigger(topics=("catalog.fetched",)),
        scaling={"concurrency": 1, "max": 20},  # type: ignore[arg-type]
        dependencies=("sql",),
        **database(),
    )
    found = Model(TRAFFIC, PRICES, {"catalog_resolve": alone, **known()}).ceiling()
    without = Model(TRAFFIC, PRICES, known()).ceiling()

    assert found.used - without.used == 20


def known() -> dict[str, Manifest]:
    """Return the manifests that traffic.toml does not plan by itself."""
    return {name: one for name, one in read_all().items() if name in TRAFFIC.functions}


def database() -> dict[str, Any]:
    """Return what a manifest says together with `sql`."""
    found = read_all()["catalog_status"]
    return {"roles": found.roles, "env": found.env}


def test_a_function_that_no_viewer_reaches_counts_against_connections_only() -> None:
    route = Route(operation="status", method="GET", path="/api/v1/x", auth="service")  # type: ignore[arg-type]
    more = Manifest(
        summary="A function of a test",
        area="catalog",
        http=(route,),
        dependencies=("sql",),
        **database(),
    )
    before = capacity.model()
    after = Model(TRAFFIC, PRICES, {**read_all(), "catalog_extra": more})

    assert after.ceiling().used == before.ceiling().used + 10 * TRAFFIC.shipped.pool
    assert after.plan(10_000).usd == before.plan(10_000).usd


def test_more_users_never_cost_less() -> None:
    found = capacity.model()
    users = [round(10 ** (exponent / 8)) for exponent in range(8 * 8 + 1)]
    plans = [found.plan(each) for each in users]

    for line in plans[0].costs:
        costs = [plan.costs[line] for plan in plans]
        assert costs == sorted(costs), line


def test_more_users_never_use_less_of_what_there_is() -> None:
    found = capacity.model()
    plans = [found.plan(10**exponent) for exponent in range(9)]

    for at in range(len(plans[0].limits)):
        used = [plan.limits[at].used for plan in plans]
        assert used == sorted(used), plans[0].limits[at].key


def test_a_limit_breaks_at_the_first_user_too_many() -> None:
    found = capacity.model()
    users = found.breaks_at("sql-cpu", "")

    assert users is not None
    at = {one.key: one.exceeded for one in found.plan(users).limits}
    before = {one.key: one.exceeded for one in found.plan(users - 1).limits}
    assert (at["sql-cpu"], before["sql-cpu"]) == (True, False)


def test_one_viewers_own_document_never_breaks() -> None:
    assert capacity.model().breaks_at("firestore-document", "") is None


def test_the_budget_of_the_specification_holds() -> None:
    assert capacity.budget(capacity.model(), TRAFFIC)["holds"] is True


def test_what_the_functions_may_hold_fits_the_database() -> None:
    assert not capacity.model().ceiling().exceeded


def test_planned_functions_bring_their_connections() -> None:
    planned = [one.planned for name, one in TRAFFIC.functions.items() if name not in read_all()]
    more = sum(one.max * min(one.concurrency, TRAFFIC.shipped.pool) for one in planned if one)
    found = capacity.model()

    assert found.ceiling(planned=True).used == found.ceiling().used + more


# What the inputs stand for


def test_the_pool_is_the_codes() -> None:
    assert TRAFFIC.shipped.pool == connect.POOL_SIZE


def test_the_threads_of_one_cpu_are_the_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: int(TRAFFIC.load.cpus))
    pool = http._pool.__wrapped__()

    assert pool._max_workers == TRAFFIC.load.cpus * TRAFFIC.load.threads_per_cpu


@pytest.mark.parametrize(
    ("pattern", "figures"),
    [
        (r"^database_max_connections *= (\d+)$", [TRAFFIC.shipped.max_connections]),
        (r'tier *= "db-custom-(\d+)-15360"\n *avail', [TRAFFIC.shipped.sql_vcpus]),
        (r"disk_gb *= (\d+)$", [TRAFFIC.shipped.sql_gb]),
        (r"disk_limit_gb *= (\d+)$", [TRAFFIC.shipped.sql_most_gb]),
        (r"memory_gb = (\d+)", [TRAFFIC.shipped.redis_gb]),
        (r"memory_gb = \d+, replicas = (\d+)", [TRAFFIC.shipped.redis_nodes - 1]),
        (r"vector_replicas *= \{ min = (\d+)", [TRAFFIC.shipped.vector_nodes]),
        (r"vector_replicas *= \{ min = \d+, max = (\d+)", [TRAFFIC.shipped.vector_most_nodes]),
        (r'= \{ region = "[^"]*", tier = "db-custom-(\d+)-', [2, 4]),
        (r"^budget_usd *= (\d+)$", [TRAFFIC.budget.usd]),
    ],
)
def test_what_is_shipped_is_what_production_gets(pattern: str, figures: Sequence[float]) -> None:
    shipped = (ROOT / "terraform" / "environments" / "prod.tfvars").read_text(encoding="utf-8")

    assert [float(found) for found in re.findall(pattern, shipped, re.MULTILINE)] == figures


def test_every_topic_of_the_manifests_has_a_size() -> None:
    topics = {topic for manifest in read_all().values() for topic in manifest.publishes}

    assert topics
    assert topics - set(TRAFFIC.topics) == set()


def test_sizes_of_envelopes_are_those_of_the_product() -> None:
    measured = {
        "catalog.fetched": size(PAGE),
        "title.normalized": size({**PAGE, "items": sample_items()}),
        "content.ingested": size(TITLES),
        "content.updated": size(TITLES),
        "metadata.enriched": size(TITLES),
        "availability.changed": size({**TITLES, "changes": [CHANGE] * 100}),
    }

    for topic, found in measured.items():
        assert TRAFFIC.topics[topic].bytes == pytest.approx(found, rel=0.1), (topic, found)


PAGE = {
    "run_id": NAME,
    "provider": "streaming_availability",
    "platform": "netflix",
    "region": "US",
    "page": 1,
    "raw_uri": f"streaming_availability/netflix-US/{NAME}/00001.json.gz",
    "count": 100,
}
TITLES = {"content_ids": [NAME] * 100, "platform": "netflix", "region": "US", "run_id": NAME}
CHANGE = {
    "content_id": NAME,
    "offer_type": "subscription",
    "tier": "standard",
    "quality": "hd",
    "is_available": True,
    "was_available": False,
    "price_before": None,
    "price_after": 399,
    "currency": "USD",
    "expires_at": AT.isoformat(),
}


def test_a_change_of_an_offer_has_the_fields_that_are_measured() -> None:
    names = re.findall(r'"(\w+)":', Path(change_data.__code__.co_filename).read_text())

    assert set(CHANGE) <= set(names)


def size(data: dict[str, Any]) -> int:
    """Return bytes of an event with this data, as it is published."""
    event = Event(
        event_id=NAME,  # type: ignore[arg-type]
        event_type="content.updated",
        occurred_at=AT,
        correlation_id=NAME,
        data=data,
    )
    return len(event.model_dump_json())


def sample_items() -> list[Any]:
    """Return a hundred items that become of a page of the sample."""
    with gzip.open(SAMPLE) as lines:
        titles = [
            Title.model_validate_json(line) for line, _ in zip(lines, range(100), strict=False)
        ]
    found = normalized(v4_page(*(show(one, View(AT.timestamp(), "us")) for one in titles)))
    items = TypeAdapter(tuple[CanonicalItem, ...])
    return list(items.dump_python(found.items[:100], mode="json", exclude_defaults=True))


# Inputs that are wrong


def copied(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (ROOT / "terraform" / "capacity" / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path / name


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("peak_to_mean = 6.0", "peak_to_mean = 0.5", r"traffic\.toml: load\.peak_to_mean: "),
        ("peak_to_mean = 6.0", "peak = 6.0", r"load\.peak_to_mean: Field required"),
        ("search = 0.40", "search = 0.50", r"traffic\.toml: file: .*mix adds up to 1\.1"),
        ('parts = ["auth"]', 'parts = ["door"]', r"functions\.identity_token\.parts\.0: "),
        ("default = 1000", "other = 1000", r"steps\.default is not there"),
        ("[budget]", "[budget", r"traffic\.toml: "),
    ],
)
def test_wrong_traffic_is_refused_with_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(CapacityError, match=message):
        read_traffic(copied(tmp_path, "traffic.toml", old, new))


def test_a_wrong_price_is_refused_with_file_and_key(tmp_path: Path) -> None:
    file = copied(tmp_path, "prices.toml", "usd = 0.000024", "usd = -1")

    with pytest.raises(CapacityError, match=r"prices\.toml: prices\.run_cpu\.usd: "):
        read_prices(file)


def test_a_function_without_manifest_and_plan_is_named(tmp_path: Path) -> None:
    old = 'planned = { memory = "1Gi", concurrency = 20, min = 0, max = 20, sql = true }\n'
    traffic = read_traffic(copied(tmp_path, "traffic.toml", old, ""))

    with pytest.raises(CapacityError, match=r"traffic\.toml: functions\.recommend_feed: "):
        Model(traffic, PRICES, known()).plan(1)


def test_nobody_is_not_a_number_of_users(capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(["--users", "0"]) == 1
    assert "users is 0" in capsys.readouterr().err


def test_every_price_says_where_it_comes_from() -> None:
    unknown = [
        name
        for name, price in PRICES.prices.items()
        if price.looked_up is None and price.source != "spec/operations §5.14 estimate"
    ]

    assert PRICES.prices
    assert unknown == []


# What is shown


def test_json_is_one_object_with_a_plan_for_each_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert capacity.main(["--users", "10000", "250000", "--format", "json"]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert [plan["users"] for plan in shown["plans"]] == [10_000, 250_000]
    assert shown["budget"]["holds"] is True


def test_text_shows_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(["--users", "100000"]) == 0

    usd = f"{capacity.model().plan(100_000).usd:,.0f}"
    assert re.search(rf"^total +{usd}$", capsys.readouterr().out, re.MULTILINE)


def test_the_document_says_what_the_model_says() -> None:
    document = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    made = capacity.as_markdown(capacity.model(), TRAFFIC, capacity.STEPS)

    assert capacity.updated(document, made) == document, "run terraform.capacity --update"


def test_every_limit_says_what_replaces_it() -> None:
    document = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    keys = {one.limit.key for one in capacity.breaks(capacity.model())}

    assert keys
    assert [key for key in keys if f"\n### {key}\n" not in document] == []


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(CapacityError, match="once each"):
        capacity.updated("nothing here", "made")
