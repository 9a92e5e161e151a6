"""The mounted routes, as their manifests declare them, and how a good request of each looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.manifest import Auth, Manifest, Route, read_all
from shared.gateway.limits import EXEMPT
from shared.kernel import ids

if TYPE_CHECKING:
    import httpx2

    from tests.fakes.tokens import Authority

OWN = "gateway"
VALUES = {
    "q": "spac",
    "region": "US",
    "season": "1",
    "episode": "1",
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-02T00:00:00Z",
    "hub.mode": "unsubscribe",
    "hub.topic": "https://example.com/nobody-asked-for-this",
}
"""Of parameters that are required; an id is that of a title that exists."""
NOBODY = "0190a0b0-0000-7000-8000-00000000dead"
"""Id of no title, no question and no subscription."""
VIEWER = str(ids.named("sample-user", "ada@sample.invalid"))
"""Somebody of the sample, who has an account."""
NOTHING_TO_DO = frozenset({400, 404, 409, 422})
"""What a function says to a request that changes something, and says too little or of nothing."""


@dataclass(frozen=True)
class Mounted:
    """One route from outside, with the folder that answers it."""

    folder: str
    manifest: Manifest
    route: Route

    @property
    def is_forwarded(self) -> bool:
        """Whether another function answers."""
        return self.folder != OWN

    @property
    def is_limited(self) -> bool:
        """Whether a request counts against any quota."""
        return self.route.rate != EXEMPT


ROUTES = [
    Mounted(folder, manifest, route)
    for folder, manifest in read_all().items()
    for route in manifest.http
    if route.auth is not Auth.SERVICE
]


def came_in(one: Mounted, answer: httpx2.Response) -> bool:
    """Tell whether a request got as far as the function that answers its route."""
    if one.route.page:
        return not answer.is_server_error and answer.status_code != 429
    if one.route.method == "GET":
        return answer.is_success
    return answer.is_success or answer.status_code in NOTHING_TO_DO


@dataclass(frozen=True)
class Asking:
    """Sends requests that are right, but for what a test makes wrong."""

    client: httpx2.Client
    document: dict[str, Any]
    values: dict[str, str]
    authority: Authority

    def send(self, one: Mounted, method: str = "", **changed: Any) -> httpx2.Response:  # noqa: ANN401 - of a request
        """Send a good request of a route as a caller who may; `token` None shows nothing."""
        token = changed.pop("token", self.token(one))
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        headers |= {"content-type": "application/json", **changed.pop("headers", {})}
        usual = {"content": None if one.route.method == "GET" else b"{}", "headers": headers}
        target = self.target(one)
        return self.client.request(method or one.route.method, target, **{**usual, **changed})

    def token(self, one: Mounted) -> str | None:
        """Return what a caller shows who may use a route."""
        said: dict[str, Any] = {"scope": " ".join(one.route.scopes)} if one.route.scopes else {}
        if one.route.operation == "get_profile":
            said["sub"] = VIEWER
        made = {Auth.USER: self.authority.token, Auth.ADMIN: self.authority.admin}
        return made[one.route.auth](**said) if one.route.auth in made else None

    def target(self, one: Mounted) -> str:
        """Return path and query with a value for everything that is required."""
        said = self.document["paths"][one.route.path][one.route.method.lower()]
        needed = [each for each in said.get("parameters", ()) if each.get("required")]
        needed = [each for each in needed if each["in"] != "header"]
        path, query = one.route.path, []
        for each in needed:
            value = self.value(one, each)
            path = path.replace(f"{{{each['name']}}}", value)
            query += [f"{each['name']}={value}"] if each["in"] == "query" else []
        return f"{path}?{'&'.join(query)}"

    def value(self, one: Mounted, parameter: dict[str, Any]) -> str:
        """Return a good value of a parameter; what would be changed is nobody's."""
        name, schema = parameter["name"], parameter["schema"]
        if name == "id" and one.route.method != "GET":
            return NOBODY
        found = self.values.get(f"{one.route.operation}.{name}") or self.values.get(
            name, next(iter(schema.get("examples", schema.get("enum", ()))), None)
        )
        assert found is not None, f"say in VALUES, or as an example, what {name} can be"
        return str(found)
