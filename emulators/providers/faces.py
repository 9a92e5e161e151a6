"""What the other services of this server have in common: keys, units, faults, errors."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Final

import orjson
from aiohttp import web

from emulators.core import errors
from emulators.core.context import Context
from emulators.providers.allowances import Accounts
from emulators.providers.catalog import Offer, Title
from emulators.providers.feeds import moments
from emulators.providers.limits import SpentError, is_known
from emulators.providers.shows import Json
from emulators.providers.store import Store

NAME: Final = "providers"
MADE_UP: Final = 900_000_000
"""Titles without a number of a service's own have one beyond all real ones."""

Answer = Callable[[web.Request], Json]


class Face(ABC):
    """One service over the store; its routes begin with its own prefix.

    Args:
        store: The catalog, of all services together.
        accounts: What keys may ask.
        context: Faults.
    """

    service: str
    validated = False
    """Answers carry an ETag, and who shows it is told whether the answer is still the same."""

    def __init__(self, store: Store, accounts: Accounts, context: Context) -> None:
        self.store = store
        self._accounts = accounts
        self._faults = context.faults

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Return its routes, most particular first."""

    @abstractmethod
    def key(self, request: web.Request) -> str | None:
        """Return the key that a request came with."""

    @abstractmethod
    def refusal(self, error: errors.EmulatorError) -> tuple[int, Json]:
        """Return status and body of an error."""

    def route(self, path: str, method: str, answer: Answer, *, units: int = 1) -> web.RouteDef:
        """Return a route: key, units and faults, then the answer.

        Args:
            path: As aiohttp writes it.
            method: What faults call it, ``service.method``.
            answer: Makes the body.
            units: What a call costs; a refused one costs nothing.
        """
        name = f"{self.service}.{method}"
        self._faults.know(NAME, {name: "http"})

        async def handle(request: web.Request) -> web.Response:
            try:
                self._accounts.take(self.service, self._known(request), units)
                await self._faults.before(NAME, name)
                body = answer(request)
                await self._faults.after(NAME, name)
            except errors.EmulatorError as error:
                return self._refused(error)
            return self._answered(request, orjson.dumps(body))

        return web.get(path, handle)

    def _answered(self, request: web.Request, body: bytes) -> web.Response:
        if not self.validated:
            return web.Response(body=body, content_type="application/json")
        headers = {"ETag": f'W/"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=web.HTTPNotModified.status_code, headers=headers)
        return web.Response(body=body, content_type="application/json", headers=headers)

    def _known(self, request: web.Request) -> str:
        key = self.key(request)
        if key is None or not is_known(key):
            raise errors.unauthenticated("Invalid API key")
        return key

    def _refused(self, error: errors.EmulatorError) -> web.Response:
        status, body = self.refusal(error)
        spent = status == web.HTTPTooManyRequests.status_code
        wait = error.retry_after if isinstance(error, SpentError) else 1
        headers = {"Retry-After": str(wait)} if spent else {}
        return web.Response(
            body=orjson.dumps(body), status=status, content_type="application/json", headers=headers
        )


def number_of(title: Title) -> tuple[str, int]:
    """Return a title's namespace and number at TMDB."""
    namespace, _, number = title.tmdb_id.partition("/")
    if number:
        return namespace, int(number)
    return ("movie" if title.show_type == "movie" else "tv"), MADE_UP + int(title.id)


def present(title: Title, country: str, now: float) -> Iterator[Offer]:
    """Yield what a title can be watched on in a country now."""
    return (offer for offer in title.offers.get(country, ()) if offer.present(now))


def changed(title: Title, since: float, until: float, *, country: str = "") -> bool:
    """Tell whether offers of a title appeared, changed or went between two moments."""
    countries = [country] if country else list(title.offers)
    offers = (offer for code in countries for offer in title.offers.get(code, ()))
    return any(
        since <= moment <= until for offer in offers for moment in moments(offer, "updated", until)
    )


def page_of(items: list[int], page: int, size: int) -> tuple[list[int], int]:
    """Return the items of a page, from 1, and how many pages there are."""
    pages = max(1, -(-len(items) // size))
    return items[(page - 1) * size : page * size], pages


def whole(request: web.Request, name: str, *, default: int, most: int) -> int:
    """Return a whole number of the query, from 1.

    Raises:
        EmulatorError: INVALID_ARGUMENT where it is none or too great.
    """
    given = request.query.get(name, str(default))
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise errors.invalid_argument(f"Invalid {name}: from 1 to {most}, not {given!r}")
    return int(given)
