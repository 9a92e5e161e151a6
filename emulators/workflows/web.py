"""HTTP requests of workflows (spec §5, ``http.*``)."""

import asyncio
from collections.abc import Mapping

import aiohttp

from emulators.core.context import Context
from emulators.core.identity import ACCESS
from emulators.workflows.addresses import is_local, localized
from emulators.workflows.errors import WorkflowError, failure, limit_error, value_error
from emulators.workflows.host import Request
from emulators.workflows.stdlib.registry import text_of
from emulators.workflows.values import Value, from_json, to_json, type_name

AGENT = "GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)"
MAX_RESPONSE_BYTES = 2 * 1000 * 1000
FIRST_ERROR = 400


class HttpWeb:
    """Sends requests as one service account, Google's own APIs to their emulators."""

    def __init__(self, context: Context, session: aiohttp.ClientSession, account: str) -> None:
        self._context = context
        self._session = session
        self._account = account

    async def send(self, request: Request) -> Value:
        """Return ``{body, code, headers}``.

        Raises:
            WorkflowError: HttpError for 400 and above, AuthError, ConnectionError,
                ConnectionFailedError, TimeoutError, ResourceLimitError, ValueError.
        """
        if not request.url.startswith(("http://", "https://")):
            raise value_error(f"http: {request.url!r} is not an HTTP address")
        try:
            return await self._exchange(request)
        except aiohttp.InvalidURL as error:
            raise value_error(f"http: {error}") from error
        except TimeoutError as error:
            raise failure("TimeoutError", f"no answer from {request.url} in time") from error
        except aiohttp.ClientConnectorError as error:
            raise failure("ConnectionFailedError", f"no connection: {error}") from error
        except (aiohttp.ClientError, asyncio.IncompleteReadError, OSError) as error:
            raise failure("ConnectionError", f"the connection broke: {error!r}") from error

    async def _exchange(self, request: Request) -> Value:
        headers = {name: _header(value) for name, value in request.headers.items()}
        data = _encoded(request.body, headers)
        url = localized(request.url, self._context.addresses)
        headers.update(self._authorization(request, url))
        _append_agent(headers)
        options = aiohttp.ClientTimeout(total=request.timeout_seconds)
        async with self._session.request(
            request.method,
            url,
            params=_parameters(request.query),
            headers=headers,
            data=data,
            timeout=options,
        ) as response:
            return _answer(response, await _limited(response))

    def _authorization(self, request: Request, url: str) -> Mapping[str, str]:
        kind = request.auth.get("type")
        if kind is None:
            return {}
        if kind not in {"OIDC", "OAuth2"}:
            raise value_error(f"http: unknown auth type {kind!r}")
        if not is_local(url):
            raise failure("AuthError", f"there are no credentials here for {request.url}")
        audience = request.auth.get("audience", request.url) if kind == "OIDC" else ACCESS
        token = self._context.signer.token(text_of(audience, "http: audience"), self._account)
        return {"Authorization": f"Bearer {token}"}


def _header(value: Value) -> str:
    return value if isinstance(value, str) else to_json(value)


def _append_agent(headers: dict[str, str]) -> None:
    name = next((name for name in headers if name.lower() == "user-agent"), "User-Agent")
    headers[name] = f"{headers[name]} {AGENT}" if name in headers else AGENT


def _encoded(body: Value, headers: dict[str, str]) -> bytes | None:
    """Return the body's bytes; a missing Content-Type is added to ``headers``."""
    content_type = next((v for k, v in headers.items() if k.lower() == "content-type"), None)
    if body is None:
        return None
    if isinstance(body, bytes):
        if content_type is None:
            headers["Content-Type"] = "application/octet-stream"
        return body
    if content_type is None:
        headers["Content-Type"] = "application/json; charset=utf-8"
    if content_type is None or _is_json(content_type):
        return to_json(body).encode()
    if not isinstance(body, str):
        raise value_error(f"http: {content_type} needs a string body, not {type_name(body)}")
    return body.encode()


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _parameters(query: Mapping[str, Value]) -> list[tuple[str, str]]:
    pairs = []
    for name, value in query.items():
        items = value if isinstance(value, list) else [value]
        pairs += [(name, _header(item)) for item in items]
    return pairs


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > MAX_RESPONSE_BYTES:
            raise limit_error(f"an HTTP response is larger than {MAX_RESPONSE_BYTES} bytes")
    return bytes(content)


def _answer(response: aiohttp.ClientResponse, content: bytes) -> Value:
    names = dict.fromkeys(response.headers)
    headers: Value = {canonical(name): ", ".join(response.headers.getall(name)) for name in names}
    body = decoded(content, response.headers.get("Content-Type", ""))
    if response.status >= FIRST_ERROR:
        message = f"HTTP server responded with error code {response.status}"
        raise failure("HttpError", message, code=response.status, headers=headers, body=body)
    return {"body": body, "code": response.status, "headers": headers}


def canonical(header: str) -> str:
    """Return a header's name with each word capitalized."""
    return "-".join(word.capitalize() for word in header.split("-"))


def decoded(content: bytes, content_type: str) -> Value:
    """Return a body by its type: JSON as its value, text as a string, the rest as bytes."""
    if _is_json(content_type):
        try:
            return from_json(content) if content else None
        except WorkflowError:
            return content.decode("utf-8", "replace")
    if content_type.startswith("text/"):
        return content.decode("utf-8", "replace")
    return content
