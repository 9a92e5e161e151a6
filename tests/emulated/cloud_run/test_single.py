"""Every function in this process."""

from pathlib import Path
from typing import Any

import aiohttp

from emulators.cloud_run.access import Access
from emulators.cloud_run.functions import from_manifests
from emulators.cloud_run.single import SingleHost, serving
from emulators.core.clock import VirtualClock
from emulators.core.identity import Signer

HANDLE = "async def handle(request):\n    return {'name': '%s', 'path': request.url.path}\n"
MANIFESTS: list[dict[str, Any]] = [
    {"name": "gateway", "service": "gateway"},
    {"name": "search_query", "service": "search-query"},
    {"name": "seed", "service": "seed", "job": {}},
]
TEMPLATE = "http://functions/{service}"


async def test_functions_share_a_process_and_keep_their_names_and_tokens(tmp_path: Path) -> None:
    for name in ("gateway", "search_query"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.py").write_text(HANDLE % name)
    signer = Signer(VirtualClock())
    access = Access(signer, TEMPLATE, lambda: 0.0)
    host = SingleHost(from_manifests(MANIFESTS, tmp_path), access)
    token = signer.token("http://functions/search-query", "caller@example.com")
    headers = {"authorization": f"Bearer {token}"}

    async with serving(host) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        public = await get(http, "/gateway/health")
        allowed = await get(http, "/search-query/a/b?c=d", headers)
        refused = [(await get(http, path))[0] for path in ("/search-query/", "/seed/")]

    assert public == (200, {"name": "gateway", "path": "/health"})
    assert allowed == (200, {"name": "search_query", "path": "/a/b"})
    assert refused == [403, 404]


async def get(
    http: aiohttp.ClientSession, path: str, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Return status and body of one request."""
    async with http.get(path, headers=headers) as answer:
        return answer.status, await answer.json()
