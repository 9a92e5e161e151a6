"""The mounted routes, as their manifests declare them, and how a good request of each looks."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.manifest import Manifest, read_all
from functions.route import Auth, Route
from shared.gateway.limits import EXEMPT
from shared.kernel import ids

if TYPE_CHECKING:
    import httpx2

    from tests.fakes.tokens import Authority

OWN = "gateway"
VIEWER = str(ids.named("sample-user", "ada@sample.invalid"))
"""Somebody of the sample, who has an account."""
VALUES = {
    "q": "spac",
    "region": "US",
    "season": "1",
    "episode": "1",
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-02T00:00:00Z",
    "hub.mode": "unsubscribe",
    "hub.topic": "https://example.com/nobody-asked-for-this",
    "confirm": "nobody@example.com",
    "get_user.id": VIEWER,
    "get_rate_limit.name": "free",
    "change_rate_limit.name": "free",
    "reset_rate_limit.name": "free",
    "file": f"{'0' * 64}.webp",
    "show_picture.file": f"{'0' * 40}-500.webp",
    "kind": "poster",
    "request": "nobody-waits-for-this",
    "response_type": "code",
    "client_id": "mg-mobile",
    "redirect_uri": "http://127.0.0.1/callback",
    "state": "s" * 32,
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}
"""Of parameters that are required; an id is that of a title that exists."""
NOBODY = "0190a0b0-0000-7000-8000-00000000dead"
"""Id of no title, no question and no subscription."""
NOTHING_TO_DO = frozenset({400, 404, 409, 415, 422})
"""What a function says to a request that changes something, and says too little or of nothing."""
OF_FUNCTIONS = frozenset({"application-denied", "session-refused", "step-up-needed"})
"""Codes of refusals that come from functions alone: of whom they have to be sure, and are not."""
UNOWNED = frozenset(
    {"find_picture", "get_api_key", "read_profile", "read_session", "show_avatar", "show_picture"}
)
"""Reads of what is somebody's own, of which those who walk here have none; and of pictures, which
made up titles have at addresses that nobody has."""


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
    if answer.is_success:
        return True
    said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    if said.get("code") in OF_FUNCTIONS:
        return True
    if one.route.method == "GET":
        return one.route.operation in UNOWNED and answer.status_code == HTTPStatus.NOT_FOUND
    return answer.status_code in NOTHING_TO_DO


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
