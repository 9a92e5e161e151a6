"""The few calls of Google's REST surface that the steps make."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from google.auth.exceptions import GoogleAuthError

from terraform.pipeline.canary import Release, Sample, Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    import requests

Json = dict[str, Any]
TIMEOUT_SECONDS = 60
POLL_SECONDS = 2.0
MOST_GOOD = 299
NOT_FOUND = 404
CANDIDATE = "candidate"
"""Tag of the revision that is about to be released; terraform/pipeline.tf leads to it."""
ON_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
FULL = 100


class GoogleError(Exception):
    """Google refused; the message is its own."""


class Google:
    """Signed calls, JSON in and out."""

    def __init__(
        self, session: requests.Session, hosts: Mapping[str, str], pause: Callable[[float], None]
    ) -> None:
        """Take what signs, ``hosts`` that are elsewhere than Google's, and what sleeps."""
        self._session = session
        self._hosts = hosts
        self._pause = pause

    def call(self, method: str, service: str, path: str, **options: Any) -> Json:  # noqa: ANN401 - as requests takes them
        """Return the answer of ``https://SERVICE.googleapis.com/PATH``.

        Raises:
            GoogleError: It does not answer, or refuses.
        """
        found = self.find(method, service, path, **options)
        if found is None:
            raise GoogleError(f"{method} {service}/{path}: not found")
        return found

    def find(self, method: str, service: str, path: str, **options: Any) -> Json | None:  # noqa: ANN401 - likewise
        """Return the answer as `call` does, None where there is no such thing.

        Raises:
            GoogleError: It does not answer, or refuses.
        """
        url = f"{self._hosts.get(service, f'https://{service}.googleapis.com')}/{path}"
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT_SECONDS, **options)
        except (OSError, GoogleAuthError) as error:  # requests raises the former on a dead line
            raise GoogleError(f"{method} {url}: {error}") from error
        if answer.status_code == NOT_FOUND:
            return None
        if answer.status_code > MOST_GOOD:
            raise GoogleError(f"{method} {url}: {answer.status_code} {answer.text[:500]}")
        return dict(answer.json()) if answer.text else {}

    def done(self, service: str, version: str, operation: Json) -> Json:
        """Wait for a long-running operation and return it.

        Raises:
            GoogleError: It failed.
        """
        while not operation.get("done"):
            self._pause(POLL_SECONDS)
            operation = self.call("GET", service, f"{version}/{operation['name']}")
        if error := operation.get("error"):
            raise GoogleError(f"{operation.get('name')}: {error.get('message', error)}")
        return operation


class CloudRun:
    """`terraform.pipeline.canary.Traffic` on Cloud Run, and which revisions there are."""

    def __init__(self, google: Google, parent: str) -> None:
        """Take a place, ``projects/P/locations/L``."""
        self._google = google
        self._parent = parent

    def services(self) -> dict[str, Json]:
        """Return every service by its short name."""
        found: dict[str, Json] = {}
        token = ""
        while True:
            page = self._google.call(
                "GET", "run", f"v2/{self._parent}/services", params={"pageToken": token}
            )
            for service in page.get("services", []):
                found[_short(service["name"])] = service
            token = page.get("nextPageToken", "")
            if not token:
                return found

    def split(self, release: Release, percent: int) -> None:
        """Send ``percent`` to the new revision, which is the candidate, and the rest to the old."""
        new = _target(release.new, percent) | {"tag": CANDIDATE}
        old = [_target(release.old, FULL - percent)] if percent < FULL else []
        self._send(release.service, [*old, new])

    def settle(self, service: str, revision: str) -> None:
        """Send everything to one revision; nothing is a candidate any more."""
        self._send(service, [_target(revision, FULL)])

    def _send(self, service: str, targets: list[Json]) -> None:
        path = f"v2/{self._parent}/services/{service}"
        operation = self._google.call(
            "PATCH", "run", path, params={"updateMask": "traffic"}, json={"traffic": targets}
        )
        self._google.done("run", "v2", operation)


def _target(revision: str, percent: int) -> Json:
    return {"type": ON_REVISION, "revision": revision, "percent": percent}


def _short(name: str) -> str:
    return name.rpartition("/")[2]


def serving(service: Json) -> str:
    """Return the revision that viewers have now; empty where none ever was ready.

    Of several, the candidate of a release that was cut off does not count, and most traffic wins.
    """
    shares = [one for one in service.get("trafficStatuses", []) if one.get("percent")]
    shares.sort(key=lambda one: (one.get("tag") != CANDIDATE, one["percent"]))
    named = shares[-1].get("revision", "") if shares else ""
    return _short(named or service.get("latestReadyRevision", ""))


class Monitoring:
    """`terraform.pipeline.canary.Metrics` on Cloud Monitoring."""

    def __init__(
        self, google: Google, project: str, since: Callable[[], tuple[datetime, datetime]]
    ) -> None:
        """Take a project and what returns the time that is looked at, as two instants."""
        self._google = google
        self._project = project
        self._since = since

    def sample(self, release: Release) -> Sample:
        """Return the new revision's requests since the last split.

        Raises:
            Unmeasurable: Monitoring does not answer.
        """
        by_class = {
            "aggregation.crossSeriesReducer": "REDUCE_SUM",
            "aggregation.groupByFields": "metric.labels.response_code_class",
        }
        percentile = {"aggregation.crossSeriesReducer": "REDUCE_PERCENTILE_95"}
        counted = self._series(release, "request_count", by_class)
        latencies = self._series(release, "request_latencies", percentile)
        classes = [(one["metric"]["labels"]["response_code_class"], _sum(one)) for one in counted]
        return Sample(
            requests=sum(count for _, count in classes),
            failures=sum(count for name, count in classes if name == "5xx"),
            p95_ms=max((_value(p) for one in latencies for p in one["points"]), default=None),
        )

    def _series(self, release: Release, metric: str, how: Json) -> list[Json]:
        start, end = self._since()
        asked = {
            "filter": f'metric.type="run.googleapis.com/{metric}"'
            ' resource.type="cloud_run_revision"'
            f' resource.labels.service_name="{release.service}"'
            f' resource.labels.revision_name="{release.new}"',
            "interval.startTime": start.isoformat(),
            "interval.endTime": end.isoformat(),
            "aggregation.alignmentPeriod": f"{_whole_minutes(end - start)}s",
            "aggregation.perSeriesAligner": "ALIGN_DELTA",
            **how,
        }
        path = f"v3/projects/{quote(self._project)}/timeSeries"
        try:
            found = self._google.call("GET", "monitoring", path, params=asked)
        except GoogleError as error:
            raise Unmeasurable(f"monitoring does not answer: {error}") from error
        if problems := found.get("executionErrors"):
            raise Unmeasurable(f"monitoring answers in part: {problems}")
        return list(found.get("timeSeries", []))


def _sum(series: Json) -> int:
    return sum(int(_value(point)) for point in series["points"])


def _value(point: Json) -> float:
    value = point["value"]
    return float(value["int64Value"] if "int64Value" in value else value["doubleValue"])


def _whole_minutes(span: timedelta) -> int:
    return max(1, round(span.total_seconds() / 60)) * 60


def signed_session() -> requests.Session:
    """Return a session that signs as the account of the machine it runs on."""
    import google.auth  # noqa: PLC0415 - only steps that call Google need it
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    session: requests.Session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    return session


def connected(hosts: Mapping[str, str]) -> Google:
    """Return signed calls to Google, or to ``hosts`` where a test stands in for it."""
    return Google(signed_session(), hosts, time.sleep)
