"""What became of one part of the catalog, told without its ids, times and words."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, create_engine, text

from emulators.hub.calls import call
from tests.e2e.cloud import Cloud
from tests.e2e.parts import Part

TITLES = """
SELECT DISTINCT
  content.id, title, content_type, overview, release_year, runtime_minutes,
  round(CAST(average_rating AS numeric), 2) AS rating, vote_count, countries,
  ARRAY(SELECT value FROM content_genre WHERE content_id = content.id ORDER BY ord) AS genres,
  ARRAY(SELECT source FROM field_source WHERE content_id = content.id ORDER BY source) AS sources,
  quality_score IS NOT NULL AS scored, deleted_at IS NULL AS lives, merged_into
FROM content
JOIN platform_listing ON content_id = content.id
WHERE starts_with(platform_content_id, :prefix)
"""
LISTINGS = """
SELECT platform_content_id AS listing, content_id, platform, url, method, confidence
FROM platform_listing WHERE starts_with(platform_content_id, :prefix)
"""
EXTERNAL = """
SELECT id_type, right(id_value, 3) AS number, content_id, confidence
FROM external_id WHERE id_type = 'imdb' AND starts_with(id_value, :ids)
"""
OFFERS = """
SELECT platform_content_id AS listing, content_id, platform, region, offer_type, tier, quality,
  price_minor, link, ended_at IS NULL AS lives
FROM availability WHERE starts_with(platform_content_id, :prefix)
"""
REVIEWS = """
SELECT platform_content_id AS listing, reason, region, content_id, candidate_id, id_type, score,
  status
FROM review_item WHERE starts_with(platform_content_id, :prefix)
"""
PAGES = """
SELECT page, read, normalized, resolved, set_aside FROM ingest_page WHERE run_id = :run
"""
ERRORS = """
SELECT stage, split_part(raw_uri, '#', 2) AS place, field, error
FROM ingest_error WHERE run_id = :run
"""
EVENTS = """
SELECT topic, payload, published_at IS NOT NULL AS published
FROM outbox WHERE CAST(payload AS jsonb) -> 'data' ->> 'run_id' = :run
"""
VECTORS = """
SELECT DISTINCT content_id, vector
FROM content_embedding JOIN platform_listing USING (content_id)
WHERE starts_with(platform_content_id, :prefix)
"""
Told = dict[str, list[str]]


@dataclass(frozen=True)
class Aftermath:
    """Asks the database and the vector index of one cloud."""

    cloud: Cloud
    engine: Engine

    def of(self, part: Part, run_id: str) -> Told:
        """Return everything there is of a part, each kind of thing as sorted lines."""
        known = {"prefix": part.prefix, "ids": part.ids, "run": run_id}
        names: dict[str, str] = {}
        for row in sorted(self._rows(LISTINGS, known), key=lambda row: row["listing"]):
            listing = row["listing"].removeprefix(part.prefix)
            names.setdefault(str(row["content_id"]), f"of {listing}")
        said = _Speaker(part, names)
        tables = {
            "titles": TITLES,
            "listings": LISTINGS,
            "external ids": EXTERNAL,
            "offers": OFFERS,
            "reviews": REVIEWS,
            "pages": PAGES,
            "errors": ERRORS,
        }
        found = {name: self._rows(query, known) for name, query in tables.items()}
        told = {name: sorted(map(said.row, rows)) for name, rows in found.items()}
        told["events"] = sorted(map(said.event, self._rows(EVENTS, known)))
        told["points"] = sorted(map(said.row, self._points(known)))
        return told

    def published(self, run_id: str, topic: str) -> int:
        """Return how many events of a topic a run has written."""
        rows = self._rows(EVENTS, {"run": run_id})
        return sum(row["topic"] == topic for row in rows)

    def indexed(self, part: Part) -> int:
        """Return how many titles of a part have a point."""
        ids = [str(row["content_id"]) for row in self._rows(VECTORS, {"prefix": part.prefix})]
        return len(self._datapoints(ids)) if ids else 0

    def pages(self, run_id: str) -> list[dict[str, Any]]:
        """Return the pages of a run."""
        return self._rows(PAGES, {"run": run_id})

    def _rows(self, query: str, known: dict[str, Any]) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            used = {name: value for name, value in known.items() if f":{name}" in query}
            return [dict(row) for row in connection.execute(text(query), used).mappings()]

    def _points(self, known: dict[str, Any]) -> list[dict[str, Any]]:
        """Return each title's point, and whether its vector is the one that is stored."""
        stored = {str(row["content_id"]): row["vector"] for row in self._rows(VECTORS, known)}
        points = self._datapoints(sorted(stored))
        return [
            {
                "content_id": point["datapointId"],
                "restricts": sorted(
                    f"{r['namespace']}={','.join(sorted(r['allowList']))}"
                    for r in point.get("restricts", ())
                ),
                "numbers": point.get("numericRestricts"),
                "stored": _is(point["featureVector"], stored[point["datapointId"]]),
            }
            for point in points
        ]

    def _datapoints(self, ids: list[str]) -> list[dict[str, Any]]:
        at = self.cloud.record()["variables"]
        place = f"projects/{at['GOOGLE_CLOUD_PROJECT']}/locations/{at['GOOGLE_CLOUD_LOCATION']}"
        endpoint = f"{place}/indexEndpoints/{at['MEDIA_GATEWAY_VECTOR_ENDPOINT']}"
        url = f"http://{self.cloud.address('vertex')}/v1/{endpoint}:readIndexDatapoints"
        body = {"deployedIndexId": at["MEDIA_GATEWAY_DEPLOYED_INDEX"], "ids": ids}
        found: list[dict[str, Any]] = call("POST", url, body).required().get("datapoints", [])
        return found


@dataclass(frozen=True)
class _Speaker:
    """Replaces ids and words by what they are in any part."""

    part: Part
    names: dict[str, str]

    def row(self, row: dict[str, Any]) -> str:
        return "; ".join(f"{name}: {self._value(value)}" for name, value in sorted(row.items()))

    def event(self, row: dict[str, Any]) -> str:
        data = json.loads(row["payload"])["data"]
        titles = sorted(self._value(found) for found in data.get("content_ids", ()))
        changes = sorted(self.row(change) for change in data.get("changes", ()))
        page = data.get("page", "")
        return f"{row['topic']} {page}: {titles} {changes} published {row['published']}"

    def _value(self, value: object) -> str:
        found = str(value)
        if found in self.names:
            return self.names[found]
        return self.part.meanings.get(found, found.replace(self.part.prefix, ""))


def _is(values: list[float], stored: bytes) -> bool:
    return bool(np.allclose(np.array(values, "<f4"), np.frombuffer(stored, "<f4"), atol=1e-5))


def differences(found: Told, expected: Told) -> list[str]:
    """Return every line that is too much (``+``) or missing (``-``)."""
    told = []
    for kind, lines in expected.items():
        there, wanted = Counter(found[kind]), Counter(lines)
        told += [f"+ {kind}: {line}" for line in (there - wanted).elements()]
        told += [f"- {kind}: {line}" for line in (wanted - there).elements()]
    return told


def engine_of(cloud: Cloud) -> Engine:
    """Return connections to a cloud's database, for many questions."""
    return create_engine(cloud.record()["variables"]["MEDIA_GATEWAY_DATABASE_URL"])
