"""Who may call a route is what its manifest says; every function refuses every other caller."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from functions.manifest import FOLDER, ManifestError, read, read_all
from functions.route import Auth, Route
from shared.gateway.limits import standard_limits
from shared.runtime import http
from shared.runtime.viewer import authorize
from tests.fakes.edge import ask
from tests.fakes.tokens import trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.fakes.tokens import Authority

LOOKING = {Auth.OPTIONAL, Auth.USER, Auth.ADMIN}
FOLDERS = sorted(
    folder
    for folder, manifest in read_all().items()
    if any(route.auth in LOOKING for route in manifest.http)
)
ROUTE = (
    "summary: Answers something useful\narea: catalog\nhttp:\n"
    "  - {operation: read, method: GET, path: /things%s}\n"
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Authority]:
    """Take the tokens of an issuer of the test's own."""
    with pytest.MonkeyPatch.context() as patch, trusted(patch) as authority:
        yield authority


class Function:
    """A function by its real manifest, whose operations only tell that they were reached."""

    def __init__(self, folder: str) -> None:
        self.routes = read_all()[folder].http
        self.reached: list[str] = []
        handlers = [self._operation(route.operation) for route in self.routes]
        file = FOLDER / folder / "main.py"
        probes = [_probe(name) for name in read_all()[folder].health]
        self.handle = http.resource(str(file), *handlers, authorize=authorize, probes=probes)

    def _operation(self, name: str) -> http.Handler:
        def operation(_request: http.Request) -> http.Reply:
            self.reached.append(name)
            return http.Reply(status=204, media_type="")

        operation.__name__ = name
        return operation

    async def status(self, route: Route, token: str = "") -> int:
        """Return what a caller is told; whoever is refused reached nothing."""
        self.reached.clear()
        path = "/".join("1" if part.startswith("{") else part for part in route.path.split("/"))
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await ask(self.handle, route.method, path, headers=headers)
        assert self.reached == ([route.operation] if answer.status == 204 else [])
        return answer.status


def _probe(name: str) -> Callable[[], object]:
    def probe() -> None:
        """Find everything well."""

    probe.__name__ = name
    return probe


@pytest.mark.behavior("identity:5.8:decision")
@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_route_is_for_whom_its_manifest_names(issuer: Authority, folder: str) -> None:
    function = Function(folder)
    for route in function.routes:
        scopes = " ".join(route.scopes)
        nobody = await function.status(route)
        forged = await function.status(route, issuer.token(aud="another"))
        user = await function.status(route, issuer.token(scope=scopes or "read:content"))
        short = await function.status(route, issuer.token(scope="openid"))
        admin = await function.status(route, issuer.admin(scope=f"admin:full {scopes}"))
        no_role = await function.status(route, issuer.token(scope=f"admin:full {scopes}"))

        found = (nobody, forged, user, short, admin, no_role)
        less = 403 if route.scopes else 204
        assert found == {
            Auth.OPTIONAL: (less if route.scopes else 204, 401, 204, less, 204, 204),
            Auth.USER: (401, 401, 204, less, 204, 204),
            Auth.ADMIN: (401, 401, 403, 403, 204, 403),
        }.get(route.auth, (204,) * 6), route.operation


@pytest.mark.parametrize("folder", FOLDERS)
def test_callers_are_judged_by_the_one_library(folder: str) -> None:
    module = (FOLDER / folder / "main.py").read_text(encoding="utf-8")
    library = "door" if folder == "gateway" else "viewer"
    assert re.search(rf"^from shared\.runtime\.{library} import authorize\b", module, re.MULTILINE)
    assert re.search(r"\bauthorize=(?:noting_refusals\()?authorize\b", module)


CODES = ("mfa/verify", "mfa/challenge", "mfa/backup-codes")
OFTEN: dict[str, tuple[int, float]] = {
    "/auth/authorize": (20, 60),
    "/auth/device": (5, 60),
    "/auth/device/approve": (5, 60),
    "/auth/device/verify": (5, 60),
    "/auth/revoke": (10, 60),
    "/api/v1/auth/login": (10, 60),
    "/api/v1/auth/password/forgot": (10, 3600),
    "/api/v1/auth/register": (5, 3600),
    "/api/v1/auth/resend-verification": (1, 60),
    "/api/v1/users/me/parental-controls/verify-pin": (5, 60),
    **{f"/api/v1/auth/{code}": (5, 60) for code in CODES},
}
"""Requests of one caller in so many seconds (spec/auth §5.9)."""


@pytest.mark.behavior("identity:5.9:limits")
def test_routes_of_identity_have_the_limits_of_their_table() -> None:
    routes = [route for manifest in read_all().values() for route in manifest.http]
    rates = {route.path: route.rate for route in routes if route.path in OFTEN}
    limits = standard_limits()
    found = {
        path: [(q.limit, q.window_seconds) for q in limits.quotas_for("ip:1", "free", rate)][-1]
        for path, rate in rates.items()
    }
    assert found == OFTEN


def written(folder: Path, text: str) -> Path:
    file = folder / "some_read" / "function.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.behavior("identity:5.8:decision")
@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("", r"http\.0\.auth: "),
        (", auth: sesame", r"http\.0\.auth: "),
        (", auth: public, scopes: ['read:content']", r"http\.0: .*scopes"),
        (", auth: service, scopes: ['read:content']", r"http\.0: .*scopes"),
    ],
)
def test_a_route_that_does_not_say_who_may_come_is_refused(
    tmp_path: Path, said: str, key: str
) -> None:
    with pytest.raises(ManifestError, match=key):
        read(written(tmp_path, ROUTE % said))


@pytest.mark.parametrize("said", ["", ", auth: sesame"])
def test_nor_does_a_function_start_by_such_a_manifest(tmp_path: Path, said: str) -> None:
    file = written(tmp_path, ROUTE % said)

    with pytest.raises(LookupError):
        http.resource(str(file.with_name("main.py")), lambda _request: http.reply({}))
