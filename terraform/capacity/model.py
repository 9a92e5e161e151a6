"""From monthly users to a plan: what they need, what it costs, and what gives way first."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.manifest import Manifest
from terraform.capacity.bill import Bill
from terraform.capacity.demand import Demand
from terraform.capacity.inputs import CapacityError, Prices, Traffic

MOST_USERS = 10**10


@dataclass(frozen=True)
class Limit:
    """Something of which there is only so much; `key` is its heading in docs/capacity.md."""

    key: str
    subject: str
    used: float
    available: float
    unit: str

    @property
    def exceeded(self) -> bool:
        """Whether more is used than there is."""
        return self.used > self.available


@dataclass(frozen=True)
class Plan:
    """What so many users need and cost in a month."""

    users: int
    requests: float
    peak_rps: float
    instances: Mapping[str, int]
    connections: int
    statements_per_second: float
    firestore_writes: float
    pubsub_bytes: float
    vector_nodes: int
    sql_vcpus: int
    sql_replicas: int
    redis_gb: int
    costs: Mapping[str, float]
    limits: tuple[Limit, ...]

    @property
    def usd(self) -> float:
        """What everything costs."""
        return sum(self.costs.values())


def limits(demand: Demand) -> tuple[Limit, ...]:
    """Return what is used of everything that is shipped or given, most telling names first."""
    given, shipped = demand.traffic.limits, demand.traffic.shipped
    needed = sum(demand.instances(one) for one in demand.services)
    use = demand.traffic.load.utilization
    return (
        Limit(
            "connections",
            "",
            demand.connections(),
            shipped.max_connections * shipped.connection_share,
            "connections",
        ),
        Limit("sql-cpu", "", demand.sql_cpus(), shipped.sql_vcpus * use, "vCPUs"),
        Limit("sql-disk", "", demand.sql_gb(), shipped.sql_most_gb, "GB"),
        Limit("redis-memory", "", demand.redis_need_gb(), shipped.redis_gb, "GB"),
        Limit(
            "vector-rate",
            "",
            demand.asked("vector_queries"),
            shipped.vector_most_nodes * demand.traffic.vectors.node_qps,
            "queries/s",
        ),
        Limit(
            "pubsub-rate",
            "",
            demand.published_mb_per_second(),
            given.pubsub_mb_per_second,
            "MB/s",
        ),
        Limit(
            "firestore-document",
            "",
            1 / demand.traffic.firestore.seconds_between_progress,
            given.firestore_document_writes,
            "writes/s",
        ),
        Limit(
            "firestore-collection",
            "",
            demand.firestore_writes(demand.peak_rps),
            given.firestore_collection_writes,
            "writes/s",
        ),
        Limit("run-cpus", "", needed * demand.traffic.load.cpus, given.run_vcpus, "vCPUs"),
        *_instance_limits(demand),
    )


def _instance_limits(demand: Demand) -> list[Limit]:
    return [
        Limit("instances", one.name, demand.instances(one), one.most, "instances")
        for one in demand.services
    ]


class Model:
    """The model with its inputs; `plan` answers for a number of users."""

    def __init__(self, traffic: Traffic, prices: Prices, manifests: Mapping[str, Manifest]) -> None:
        self._traffic = traffic
        self._prices = prices
        self._manifests = manifests

    def demand(self, users: int) -> Demand:
        """Return what `users` a month ask of everything.

        Raises:
            CapacityError: `users` is below 1, or an input names what is not there.
        """
        if users < 1:
            raise CapacityError(f"users is {users}, and must be at least 1")
        return Demand(self._traffic, self._manifests, users)

    def plan(self, users: int) -> Plan:
        """Return what `users` a month need and cost.

        Raises:
            CapacityError: `users` is below 1, or an input names what is not there.
        """
        demand = self.demand(users)
        bill = Bill(demand, self._prices)
        cpus, _, replicas = demand.sql_tier()
        return Plan(
            users=users,
            requests=demand.requests,
            peak_rps=demand.peak_rps,
            instances={one.name: demand.instances(one) for one in demand.services},
            connections=demand.connections(),
            statements_per_second=demand.statements(),
            firestore_writes=demand.firestore_writes(demand.requests),
            pubsub_bytes=demand.pubsub_bytes(),
            vector_nodes=demand.vector_nodes(),
            sql_vcpus=cpus,
            sql_replicas=replicas,
            redis_gb=bill.redis()[0],
            costs=bill.costs(),
            limits=limits(demand),
        )

    def breaks_at(self, key: str, subject: str) -> int | None:
        """Return the fewest users at which what is shipped is not enough; None where it always is.

        `key` and `subject` are those of a `Limit`.
        """
        if not self._exceeded(key, subject, MOST_USERS):
            return None
        low, high = 0, MOST_USERS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._exceeded(key, subject, middle) else (middle, high)
        return high

    def _exceeded(self, key: str, subject: str, users: int) -> bool:
        found = limits(self.demand(users))
        return any(one.exceeded for one in found if (one.key, one.subject) == (key, subject))

    def ceiling(self, *, planned: bool = False) -> Limit:
        """Return the connections that all functions may hold, against those there are for them.

        With `planned`, the functions that traffic.toml plans are taken to be there already.
        """
        shipped = self._traffic.shipped
        demand = self.demand(1)
        there = demand.deployed()
        if planned:
            there += [one for one in demand.services if one.name not in self._manifests]
        most = sum(one.most * one.connections for one in there)
        available = shipped.max_connections * shipped.connection_share
        return Limit("connections", "", most, available, "connections")
