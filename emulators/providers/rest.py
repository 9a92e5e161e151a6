"""The HTTP face: keys, limits and faults around the pages, and calls that make things happen."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emulators.core import errors
from emulators.core.faults import Faults
from emulators.core.journal import Journal
from emulators.providers.catalog import explain, parse_title
from emulators.providers.feeds import changes_page, search_page
from emulators.providers.limits import Meter, Plan, SpentError
from emulators.providers.platforms import COUNTRIES, GENRES
from emulators.providers.queries import Parameters, changes_query, search_query
from emulators.providers.shows import Json, View, country_info, show
from emulators.providers.store import OfferChange, Store

NAME: Final = "providers"
KEY_HEADER: Final = "X-RapidAPI-Key"

Handler = Callable[[web.Request], Awaitable[web.Response]]
Answer = Callable[[web.Request], object]


class Changes(BaseModel):
    """The body of ``POST /_mg/changes``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    changes: tuple[OfferChange, ...] = Field(min_length=1)


class Api:
    """Handlers over one store."""

    def __init__(self, store: Store, meter: Meter, *, faults: Faults, journal: Journal) -> None:
        self._store = store
        self._meter = meter
        self._faults = faults
        self._journal = journal

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, most particular first."""
        return [
            web.get("/shows/search/filters", self._public("search_filters", self._search)),
            web.get("/shows/{id:.+}", self._public("get_show", self._show)),
            web.get("/changes", self._public("changes", self._changes)),
            web.get("/countries", self._public("countries", self._countries)),
            web.get("/countries/{code}", self._public("countries", self._country)),
            web.get("/genres", self._public("genres", self._genres)),
            web.post("/_mg/changes", _admin(self._apply)),
            web.put("/_mg/shows", _admin(self._put_show)),
            web.put("/_mg/keys/{key}", _admin(self._put_plan)),
            web.get("/_mg/catalog", _admin(self._catalog)),
            web.route("*", "/{path:.*}", _admin(_no_such_path)),
        ]

    def _public(self, method: str, answer: Answer) -> Handler:
        """Wrap ``answer`` in what every public call goes through."""
        self._faults.know(NAME, {method: "http"})

        async def handle(request: web.Request) -> web.Response:
            key = request.headers.get(KEY_HEADER)
            try:
                self._meter.take(key)
                await self._faults.before(NAME, method)
                body = answer(request)
                await self._faults.after(NAME, method)
            except errors.EmulatorError as error:
                return _refusal(error, self._meter.headers(key))
            return _json(body, self._meter.headers(key))

        return handle

    def _search(self, request: web.Request) -> Json:
        return search_page(self._store, search_query(Parameters(request.query)))

    def _changes(self, request: web.Request) -> Json:
        query = changes_query(Parameters(request.query), self._store.now())
        return changes_page(self._store, query)

    def _show(self, request: web.Request) -> Json:
        parameters = Parameters(request.query)
        parameters.check_language()
        country = parameters.country() if parameters.text("country") else None
        title = self._store.title(request.match_info["id"])
        return show(title, View(self._store.now(), country, parameters.granularity("episode")))

    def _countries(self, request: web.Request) -> Json:
        Parameters(request.query).check_language()
        return {code: country_info(COUNTRIES[code], self._kinds(code)) for code in COUNTRIES}

    def _country(self, request: web.Request) -> Json:
        Parameters(request.query).check_language()
        code = request.match_info["code"].lower()
        if code not in COUNTRIES:
            raise errors.invalid_argument(f"invalid country: {code}")
        return country_info(COUNTRIES[code], self._kinds(code))

    def _genres(self, request: web.Request) -> list[Json]:
        Parameters(request.query).check_language()
        return [{"id": genre, "name": name} for genre, name in GENRES.items()]

    def _kinds(self, country: str) -> set[tuple[str, str]]:
        """Return the (service, type) pairs with a present offer in ``country``."""
        now = self._store.now()
        offers = (o for title in self._store.titles() for o in title.offers.get(country, ()))
        return {(offer.service, offer.type) for offer in offers if offer.present(now)}

    async def _apply(self, request: web.Request) -> Json:
        body = Changes.model_validate_json(await request.read())
        at = self._store.apply(body.changes)
        await self._journal.commit()
        return {"applied": len(body.changes), "at": at}

    async def _put_show(self, request: web.Request) -> Json:
        title = parse_title(await request.read(), where="body")
        self._store.put_title(title)
        await self._journal.commit()
        return {"id": title.id}

    async def _put_plan(self, request: web.Request) -> Json:
        plan = Plan.model_validate_json(await request.read())
        self._meter.set_plan(request.match_info["key"], plan)
        await self._journal.commit()
        return plan.model_dump()

    async def _catalog(self, _request: web.Request) -> Json:
        """Count titles and present offers per country and service."""
        now = self._store.now()
        counts = {country: Counter[str]() for country in COUNTRIES}
        for title in self._store.titles():
            for country, offers in title.offers.items():
                counts[country].update(o.service for o in offers if o.present(now))
        titles = sum(1 for _ in self._store.titles())
        return {"titles": titles, "epoch": self._store.epoch, "offers": counts}


def _admin(answer: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    """Wrap a call that makes things happen: no key, no limit, errors in the same form."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return _json(await answer(request), {})
        except ValidationError as error:
            return _refusal(errors.invalid_argument(explain(error)), {})
        except errors.EmulatorError as error:
            return _refusal(error, {})

    return handle


async def _no_such_path(request: web.Request) -> Json:
    raise errors.not_found(f"{request.method} {request.path} does not exist")


def _json(body: object, headers: dict[str, str]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=headers)


def _refusal(error: errors.EmulatorError, headers: dict[str, str]) -> web.Response:
    status = errors.HTTP_STATUS[error.status]
    if status == web.HTTPTooManyRequests.status_code:
        wait = error.retry_after if isinstance(error, SpentError) else 1
        headers = {**headers, "Retry-After": str(wait)}
    body = orjson.dumps({"message": error.message})
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
