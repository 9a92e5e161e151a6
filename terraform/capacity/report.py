"""What a number of viewers needs and costs, and what gives way first.

``python -m terraform.capacity [--users N ...] [--format text|json|markdown] [--update FILE]``.
Without users: ten thousand, a hundred thousand, one million and ten million. ``--update`` writes
the tables into a document, between its two marks.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functions.manifest import ManifestError, read_all
from terraform.capacity.inputs import CapacityError, Traffic, read_prices, read_traffic
from terraform.capacity.model import Limit, Model, Plan

STEPS = (10_000, 100_000, 1_000_000, 10_000_000)
BEGIN = "<!-- made by make cost: begin -->"
END = "<!-- made by make cost: end -->"
NEVER = "never"


@dataclass(frozen=True)
class Table:
    """Rows under a title; the first row is the header."""

    title: str
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Return aligned columns, figures to the right."""
        widths = [max(len(row[at]) for row in self.rows) for at in range(len(self.rows[0]))]
        lines = [
            "  ".join(
                cell.ljust(width) if at == 0 else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in self.rows
        ]
        return "\n".join([self.title, *lines])

    def markdown(self) -> str:
        """Return a table for a document."""
        header, *body = self.rows
        rule = ["---", *["---:"] * (len(header) - 1)]
        lines = [f"| {' | '.join(row)} |" for row in (header, rule, *body)]
        return "\n".join([f"### {self.title}", "", *lines])


@dataclass(frozen=True)
class Break:
    """A limit and the fewest users at which it is exceeded."""

    limit: Limit
    users: int | None

    @property
    def name(self) -> str:
        """The limit's key, and of what."""
        return f"{self.limit.key} {self.limit.subject}".strip()


def model() -> Model:
    """Return the model of this repository.

    Raises:
        CapacityError: An input is wrong.
        ManifestError: A manifest is wrong.
    """
    return Model(read_traffic(), read_prices(), read_all())


def breaks(of: Model) -> list[Break]:
    """Return every limit with the users at which it gives way, soonest first."""
    found = [Break(limit, of.breaks_at(limit.key, limit.subject)) for limit in of.plan(1).limits]
    return sorted(found, key=lambda one: (one.users is None, one.users or 0, one.name))


def budget(of: Model, traffic: Traffic) -> dict[str, Any]:
    """Return what the budget's number of users costs, and whether that is within it."""
    usd = of.plan(traffic.budget.users).usd
    return {**traffic.budget.model_dump(), "costs": round(usd), "holds": usd <= traffic.budget.usd}


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _short(value: float) -> str:
    return _whole(value) if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - two digits are enough


def load_table(plans: Sequence[Plan]) -> Table:
    """Return what comes and what stands for it."""
    rows = [
        ["users a month", *(_whole(one.users) for one in plans)],
        ["requests a month, million", *(_short(one.requests / 1e6) for one in plans)],
        ["requests a second at the peak", *(_short(one.peak_rps) for one in plans)],
        ["instances at the peak", *(_whole(sum(one.instances.values())) for one in plans)],
        ["SQL connections at the peak", *(_whole(one.connections) for one in plans)],
        ["SQL statements a second", *(_short(one.statements_per_second) for one in plans)],
        ["SQL vCPUs of an instance", *(_whole(one.sql_vcpus) for one in plans)],
        ["SQL replicas beyond those shipped", *(_whole(one.sql_replicas) for one in plans)],
        ["Redis, GB", *(_whole(one.redis_gb) for one in plans)],
        [
            "Firestore writes a month, million",
            *(_short(one.firestore_writes / 1e6) for one in plans),
        ],
        ["Pub/Sub, GB a month", *(_whole(one.pubsub_bytes / 1e9) for one in plans)],
        ["Vector Search nodes", *(_whole(one.vector_nodes) for one in plans)],
    ]
    return Table("Load", rows)


def instance_table(plans: Sequence[Plan]) -> Table:
    """Return instances by function."""
    names = list(plans[0].instances)
    rows = [[name, *(_whole(one.instances[name]) for one in plans)] for name in names]
    return Table("Instances at the peak", [_header("function", plans), *rows])


def cost_table(plans: Sequence[Plan]) -> Table:
    """Return dollars a month by line."""
    rows = [[name, *(_whole(one.costs[name]) for one in plans)] for name in plans[0].costs]
    total = ["total", *(_whole(one.usd) for one in plans)]
    each = ["for each user", *(f"{one.usd / one.users:.4f}" for one in plans)]
    return Table("USD a month", [_header("line", plans), *rows, total, each])


def break_table(found: Sequence[Break]) -> Table:
    """Return limits of what is shipped, soonest first."""
    rows = [
        [
            one.name,
            f"{_short(one.limit.available)} {one.limit.unit}",
            _whole(one.users) if one.users is not None else NEVER,
        ]
        for one in found
    ]
    return Table("What gives way, and when", [["limit", "there is", "exceeded from users"], *rows])


def steps_told(plans: Sequence[Plan], found: Sequence[Break]) -> list[str]:
    """Return what gives way by each step, soonest first, and what is next, a sentence each."""
    told = []
    before = 0
    for plan in plans:
        inside = [one for one in found if one.users and before < one.users <= plan.users]
        after = [one for one in found if one.users and one.users > plan.users]
        then = f", then {_named(inside[1:])}" if inside[1:] else ""
        told.append(
            f"Up to {_whole(plan.users)} users {_named(inside[:1])} gives way first{then};"
            f" beyond, {_named(after[:1])} is next."
        )
        before = plan.users
    return told


def _named(found: Sequence[Break]) -> str:
    return ", ".join(f"{one.name} ({_whole(one.users or 0)})" for one in found) or "nothing"


def _header(first: str, plans: Sequence[Plan]) -> list[str]:
    return [first, *(f"{_whole(one.users)} users" for one in plans)]


def verdicts(of: Model, traffic: Traffic) -> list[str]:
    """Return whether the budget and the budget of connections hold, a sentence each."""
    held, ceiling = budget(of, traffic), of.ceiling()
    money = (
        f"Budget: {_whole(held['users'])} users cost {_whole(held['costs'])} USD a month of at"
        f" most {_whole(held['usd'])}: it {'holds' if held['holds'] else 'does not hold'}."
    )
    connections = (
        "Connections: all instances that the manifests allow may hold"
        f" {_whole(ceiling.used)} of {_whole(ceiling.available)}:"
        f" that {'does not hold' if ceiling.exceeded else 'holds'}."
    )
    later = of.ceiling(planned=True)
    planned = (
        f"With the functions that are planned it would be {_whole(later.used)}:"
        f" that {'does not hold' if later.exceeded else 'holds'}."
    )
    return [money, f"{connections} {planned}"]


def tables(of: Model, users: Sequence[int]) -> list[Table]:
    """Return everything there is to show for these numbers of users."""
    plans, found = [of.plan(each) for each in users], breaks(of)
    return [
        load_table(plans),
        instance_table(plans),
        cost_table(plans),
        break_table(found),
    ]


def as_json(of: Model, traffic: Traffic, users: Sequence[int]) -> str:
    """Return the same as one JSON object."""
    plans = [of.plan(each) for each in users]
    shown = {
        "plans": [{**asdict(one), "usd": one.usd} for one in plans],
        "breaks": [{"limit": one.name, "users": one.users} for one in breaks(of)],
        "budget": budget(of, traffic),
        "connections": asdict(of.ceiling()) | {"holds": not of.ceiling().exceeded},
    }
    return json.dumps(shown, indent=2)


def as_markdown(of: Model, traffic: Traffic, users: Sequence[int]) -> str:
    """Return the same for a document."""
    told = [*verdicts(of, traffic), *steps_told([of.plan(each) for each in users], breaks(of))]
    listed = "\n".join(f"- {one}" for one in told)
    return "\n\n".join([listed, *(one.markdown() for one in tables(of, users))])


def as_text(of: Model, traffic: Traffic, users: Sequence[int]) -> str:
    """Return the same for a terminal."""
    told = [*verdicts(of, traffic), *steps_told([of.plan(each) for each in users], breaks(of))]
    return "\n\n".join([*(one.text() for one in tables(of, users)), "\n".join(told)])


FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown}


def updated(document: str, made: str) -> str:
    """Return a document with `made` between its marks.

    Raises:
        CapacityError: A mark is missing, there twice, or they are in the wrong order.
    """
    if document.count(BEGIN) != 1 or document.count(END) != 1:
        raise CapacityError(f"the document needs {BEGIN} and {END} once each")
    before, _, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise CapacityError(f"{END} stands before {BEGIN}")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """Print what is asked for; 1 where an input is wrong, 2 where an option is."""
    given = _parser().parse_args(arguments)
    users = given.users or STEPS
    try:
        of, traffic = model(), read_traffic()
        if given.update:
            made = as_markdown(of, traffic, STEPS)
            text = updated(given.update.read_text(encoding="utf-8"), made)
            given.update.write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(FORMATS[given.format](of, traffic, users) + "\n")
    except (CapacityError, ManifestError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m terraform.capacity", description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", metavar="N", help="users a month")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--update", type=Path, metavar="FILE", help="document to write tables into")
    return parser
