"""What a number of users asks of functions, database, topics and indexes.

Every figure is an upper one by intent: a cached answer still counts as a call of its function.

Symbols: λ requests a second, W seconds of one request, c requests that an instance takes at once,
u utilization aimed at.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.manifest import Manifest
from terraform.capacity.inputs import CapacityError, Function, Planned, Topic, Traffic

DAYS = 30
MONTH_SECONDS = DAYS * 86_400
LEAST_BILLED_BYTES = 1_000
GIB = 1 << 30


@dataclass(frozen=True)
class Service:
    """One function under load.

    Attributes:
        concurrency: Requests that an instance really works on at once.
        gib: Memory of an instance.
        least: Instances that always run.
        most: Instances that its manifest allows.
        connections: Connections to the database that an instance may hold.
        latency: Mean seconds of one request.
        mean: Requests a second over the month.
        peak: Requests a second in the busiest hour.
    """

    name: str
    concurrency: int
    gib: float
    least: int
    most: int
    connections: int
    latency: float
    mean: float
    peak: float


def requests_per_month(users: int, daily_active_share: float, per_active_day: float) -> float:
    """Return requests of a month of 30 days."""
    return users * daily_active_share * per_active_day * DAYS


def instances(rate: float, latency: float, concurrency: int, utilization: float) -> int:
    """Return instances by Little's law: ⌈λW / (c·u)⌉."""
    return math.ceil(rate * latency / (concurrency * utilization) - 1e-9)


def busy(rate: float, latency: float, concurrency: int, utilization: float) -> float:
    """Return instances that are billed on average, for a rate that arrives at random.

    Few requests seldom overlap: an instance is busy 1 - e^(-λW) of the time. Many fill instances
    to c·u.
    """
    offered = rate * latency
    return max(1 - math.exp(-offered), offered / (concurrency * utilization))


def vector_nodes(
    vectors: int, *, vector_bytes: float, node_gb: float, qps: float, node_qps: float
) -> int:
    """Return nodes: each shard of the index as often as the rate of queries needs."""
    shards = math.ceil(vectors * vector_bytes / (node_gb * GIB))
    return shards * math.ceil(qps / node_qps)


class Demand:
    """What so many users a month ask of everything."""

    def __init__(self, traffic: Traffic, manifests: Mapping[str, Manifest], users: int) -> None:
        self.traffic = traffic
        self.manifests = manifests
        self.users = users
        load = traffic.load
        self.requests = requests_per_month(
            users, load.daily_active_share, load.requests_per_active_day
        )
        self.mean_rps = self.requests / MONTH_SECONDS
        self.peak_rps = self.mean_rps * load.peak_to_mean
        self.services = (*self.viewers(), *self.steps())

    # What runs

    def viewers(self) -> Iterator[Service]:
        """Yield the functions that viewers reach."""
        for name, function in self.traffic.functions.items():
            share = function.share * sum(self.traffic.mix.get(part, 0.0) for part in function.parts)
            yield self._service(
                name, function, mean=self.mean_rps * share, peak=self.peak_rps * share
            )

    def _service(self, name: str, function: Function, *, mean: float, peak: float) -> Service:
        scaling = self._declared(name, function)
        at_once = scaling.concurrency if function.waits else min(scaling.concurrency, self._threads)
        return Service(
            name=name,
            concurrency=at_once,
            gib=_gib(scaling.memory),
            least=scaling.min,
            most=scaling.max,
            connections=self._held(scaling),
            latency=function.latency_ms / 1000,
            mean=mean,
            peak=peak,
        )

    def _declared(self, name: str, function: Function) -> Planned:
        if name in self.manifests:
            return _as_declared(self.manifests[name])
        if function.planned is None:
            raise CapacityError(
                f"traffic.toml: functions.{name}: has neither a manifest nor `planned`"
            )
        return function.planned

    def _held(self, declared: Planned) -> int:
        if not declared.sql:
            return 0
        return min(declared.concurrency, self.traffic.shipped.pool)

    @property
    def _threads(self) -> int:
        return max(1, int(self.traffic.load.cpus * self.traffic.load.threads_per_cpu))

    def steps(self) -> Iterator[Service]:
        """Yield the steps of ingestion, each fed by its topics."""
        window = self.traffic.catalog.passes_per_day * self.traffic.catalog.window_hours * 3600
        for name, manifest in self.manifests.items():
            if manifest.event is None:
                continue
            per_day = sum(self.messages_per_day(topic) for topic in manifest.event.topics)
            declared = _as_declared(manifest)
            yield Service(
                name=name,
                concurrency=min(declared.concurrency, self._threads),
                gib=_gib(declared.memory),
                least=declared.min,
                most=declared.max,
                connections=self._held(declared),
                latency=self.traffic.steps.get(name, self.traffic.steps["default"]) / 1000,
                mean=per_day / 86_400,
                peak=per_day / window if window else 0.0,
            )

    def messages_per_day(self, topic: str) -> float:
        """Return messages of a topic that the catalog causes; a topic without a line is quiet."""
        found = self.traffic.topics.get(topic)
        return found.per_page * self.traffic.catalog.pages_per_day if found else 0.0

    def deployed(self) -> list[Service]:
        """Return every function with a manifest, also those that no viewer reaches."""
        known = {one.name: one for one in self.services}
        quiet = Function(parts=("search",), share=0.0, latency_ms=1)
        return [
            known.get(name) or self._service(name, quiet, mean=0, peak=0)
            for name, manifest in self.manifests.items()
            if manifest.job is None
        ]

    def instances(self, service: Service) -> int:
        """Return the instances that a function runs at the peak."""
        found = instances(
            service.peak, service.latency, service.concurrency, self.traffic.load.utilization
        )
        return max(found, service.least)

    # What they ask for

    def connections(self) -> int:
        """Return the connections that the functions of the peak may hold; jobs have the rest."""
        return sum(self.instances(one) * one.connections for one in self.services)

    def asked(self, kind: str) -> float:
        """Return `statements` or `vector_queries` a second at the peak, cached answers left out."""
        miss = 1 - self.traffic.load.cache_hit_share
        total = 0.0
        for one in self.viewers():
            function = self.traffic.functions[one.name]
            total += one.peak * getattr(function, kind) * (miss if function.cached else 1)
        return total

    def statements(self) -> float:
        """Return SQL statements a second at the peak."""
        return self.asked("statements")

    def sql_cpus(self) -> float:
        """Return CPUs that the database keeps busy at the peak."""
        sql = self.traffic.sql
        steps = sum(one.peak * one.latency for one in self.steps() if one.connections)
        return self.statements() * sql.cpu_ms_per_statement / 1000 + steps * sql.step_cpu_share

    def firestore_writes(self, requests: float) -> float:
        """Return documents written for so many requests of the whole mix."""
        mix, per = self.traffic.mix, self.traffic.firestore
        share = mix.get("sync", 0) * per.writes_per_sync
        share += mix.get("playback", 0) * per.writes_per_playback
        return requests * share

    def messages(self, topic: Topic, requests: float) -> float:
        """Return messages of a topic for so many requests of the mix, without the catalog's."""
        return (
            requests
            * topic.per_request
            * (self.traffic.mix.get(topic.part, 0) if topic.part else 0)
        )

    def subscriptions(self, name: str, topic: Topic) -> int:
        """Return who reads a topic: as traffic.toml says, else as many as the manifests name it."""
        if topic.subscriptions is not None:
            return topic.subscriptions
        return sum(1 for one in self.manifests.values() if one.event and name in one.event.topics)

    def pubsub_bytes(self) -> float:
        """Return bytes of a month, once for publishing and once for each subscription."""
        total = 0.0
        for name, topic in self.traffic.topics.items():
            count = self.messages(topic, self.requests) + self.messages_per_day(name) * DAYS
            billed = max(topic.bytes, LEAST_BILLED_BYTES)
            total += count * billed * (1 + self.subscriptions(name, topic))
        return total

    def published_mb_per_second(self) -> float:
        """Return megabytes a second that are published when viewers and ingestion peak together."""
        catalog = self.traffic.catalog
        window = catalog.passes_per_day * catalog.window_hours * 3600
        total = 0.0
        for name, topic in self.traffic.topics.items():
            rate = self.messages(topic, self.peak_rps)
            rate += self.messages_per_day(name) / window if window else 0
            total += rate * topic.bytes
        return total / 1e6

    def vector_nodes(self) -> int:
        """Return nodes of the vector index, at least those that are shipped."""
        vectors, catalog = self.traffic.vectors, self.traffic.catalog
        found = vector_nodes(
            catalog.titles,
            vector_bytes=catalog.dimension * vectors.bytes_per_number * vectors.overhead,
            node_gb=vectors.node_gb,
            qps=self.asked("vector_queries"),
            node_qps=vectors.node_qps,
        )
        return max(found, self.traffic.shipped.vector_nodes)

    def redis_need_gb(self) -> float:
        """Return gigabytes that the cache holds."""
        active = self.users * self.traffic.load.daily_active_share
        return (
            self.traffic.redis.base_gb
            + active * self.traffic.redis.kib_per_active_user * 1024 / GIB
        )

    def sql_gb(self) -> float:
        """Return gigabytes of the database's disk, at least what is shipped."""
        need = self.traffic.sql.base_gb + self.users * self.traffic.sql.kib_per_user * 1024 / GIB
        return max(need, self.traffic.shipped.sql_gb)

    def sql_tier(self) -> tuple[int, float, int]:
        """Return vCPUs and GB of an instance, and whole replicas beyond those that are shipped."""
        need = max(self.sql_cpus() / self.traffic.load.utilization, self.traffic.shipped.sql_vcpus)
        tiers = sorted(self.traffic.sql.tiers)
        cpus, gb = next((one for one in tiers if one[0] >= need), tiers[-1])
        return cpus, gb, math.ceil(need / cpus) - 1

    def billed(self) -> dict[str, float]:
        """Return instances that are paid for on average, by function."""
        use = self.traffic.load.utilization
        return {
            one.name: max(busy(one.mean, one.latency, one.concurrency, use), one.least)
            for one in self.services
        }


def _as_declared(manifest: Manifest) -> Planned:
    scaling = manifest.scaling
    return Planned(
        memory=manifest.memory,
        concurrency=scaling.concurrency,
        min=scaling.min,
        max=scaling.max,
        sql="sql" in manifest.dependencies,
    )


def _gib(memory: str) -> float:
    amount = int(memory.rstrip("GMi"))
    return amount if memory.endswith("Gi") else amount / 1024
