"""What a demand costs in a month, by list prices."""

import math

from terraform.capacity.demand import GIB, MONTH_SECONDS, Demand
from terraform.capacity.inputs import Prices

MONTH_HOURS = 730
TIB = 1 << 40
EGRESS = (("egress_first_tib", 1024.0), ("egress_next_9_tib", 9216.0), ("egress_beyond", math.inf))
NODE_PRICES = ((4, "redis_m1"), (10, "redis_m2"), (35, "redis_m3"), (100, "redis_m4"))


def egress_usd(gib: float, prices: Prices) -> float:
    """Return what sending so much to the internet in a month costs, each step at its own price."""
    usd = 0.0
    for name, most in EGRESS:
        usd += prices.of(name, min(gib, most))
        gib = max(0.0, gib - most)
    return usd


def redis_node_usd(size_gb: int, prices: Prices) -> float:
    """Return what one node of this size costs a month."""
    name = next((name for most, name in NODE_PRICES if size_gb <= most), "redis_m5")
    return prices.of(name, size_gb * MONTH_HOURS)


class Bill:
    """Cost of one demand, line by line."""

    def __init__(self, demand: Demand, prices: Prices) -> None:
        self._demand = demand
        self._traffic = demand.traffic
        self._prices = prices

    def costs(self) -> dict[str, float]:
        """Return dollars a month by line."""
        return {
            "functions": self._functions_usd(),
            "SQL": self._sql_usd(),
            "vectors": self._prices.of("vector_node", self._demand.vector_nodes()),
            "Redis": self.redis()[1],
            "edge": self._edge_usd(),
            "egress": egress_usd(
                self._demand.requests * self._traffic.edge.response_kib / (1 << 20), self._prices
            ),
            "Firestore": self._firestore_usd(),
            "Pub/Sub": self._prices.of("pubsub", self._demand.pubsub_bytes() / TIB),
            "observability": self._observability_usd(),
            "storage": self._storage_usd(),
            "other": self._prices.of("other", 1),
        }

    def _functions_usd(self) -> float:
        billed = self._demand.billed()
        cpu = sum(billed.values()) * self._traffic.load.cpus * MONTH_SECONDS
        memory = sum(billed[one.name] * one.gib for one in self._demand.services) * MONTH_SECONDS
        calls = sum(one.mean for one in self._demand.services) * MONTH_SECONDS / 1e6
        usd = self._prices.of("run_cpu", cpu) + self._prices.of("run_memory", memory)
        return usd + self._prices.of("run_requests", calls)

    def _sql_usd(self) -> float:
        cpus, gb, replicas = self._demand.sql_tier()
        shares = (2, *self._traffic.shipped.sql_replicas, replicas)  # a regional primary is two
        disks = 2 + len(self._traffic.shipped.sql_replicas) + replicas
        usd = self._prices.of("sql_cpu", cpus * sum(shares) * MONTH_HOURS)
        usd += self._prices.of("sql_memory", gb * sum(shares) * MONTH_HOURS)
        usd += self._prices.of("sql_storage", self._demand.sql_gb() * disks)
        return usd + self._prices.of(
            "sql_backup", self._demand.sql_gb() * self._traffic.sql.backup_copies
        )

    def _edge_usd(self) -> float:
        edge = self._traffic.edge
        gib = self._demand.requests * (edge.request_kib + edge.response_kib) / (1 << 20)
        usd = self._prices.of("edge_rules", MONTH_HOURS) + self._prices.of("edge_data", gib)
        usd += self._prices.of("armor_policy", edge.policies)
        usd += self._prices.of("armor_rule", edge.rules)
        return usd + self._prices.of("armor_requests", self._demand.requests / 1e6)

    def _firestore_usd(self) -> float:
        writes = self._demand.firestore_writes(self._demand.requests)
        stored = self._demand.users * self._traffic.firestore.kib_per_user / (1 << 20)
        usd = self._prices.of("firestore_writes", writes / 1e5)
        usd += self._prices.of(
            "firestore_reads", writes * self._traffic.firestore.listening_devices / 1e5
        )
        return usd + self._prices.of("firestore_storage", stored)

    def _observability_usd(self) -> float:
        seen = self._traffic.observability
        samples = seen.series_per_instance * seen.samples_per_minute * MONTH_SECONDS / 60
        spans = self._demand.requests * seen.trace_share * seen.spans_per_request
        usd = self._prices.of("logs", self._demand.requests * seen.log_bytes_per_request / GIB)
        usd += self._prices.of("metrics", sum(self._demand.billed().values()) * samples / 1e6)
        return usd + self._prices.of("traces", spans / 1e6)

    def _storage_usd(self) -> float:
        stored = (
            self._traffic.storage.base_gb
            + self._demand.users * self._traffic.storage.kib_per_user * 1024 / GIB
        )
        return self._prices.of("storage", stored)

    def redis(self) -> tuple[int, float]:
        """Return the size that is cheapest of those large enough, and its cost with all nodes."""
        need = max(self._demand.redis_need_gb(), float(self._traffic.shipped.redis_gb))
        sizes = sorted(self._traffic.redis.sizes_gb)
        many = max(1, math.ceil(need / sizes[-1]))
        fitting = [size for size in sizes if size * many >= need]
        costs = {size: redis_node_usd(size, self._prices) * many for size in fitting}
        best = min(fitting, key=lambda size: costs[size])
        return best * many, costs[best] * self._traffic.shipped.redis_nodes
