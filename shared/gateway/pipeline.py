"""The order in which a request passes the door (spec/gateway §5.1), and what each step may answer.

API key → alias → preflight → route → body limit → caller → rate limit → idempotency → fallback →
cache → breaker → service, with what may be repeated repeated inside the deadline. Whatever a step
refuses becomes a problem that carries the same headers as any other answer. A streaming route's
answer is passed on as it comes: neither remembered for an idempotency key nor kept.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.gateway import limits as rates
from shared.gateway.access import (
    EDGE_PLACE,
    UNKNOWN,
    Caller,
    believed,
    client_network,
    client_place,
    enter,
)
from shared.gateway.aliases import Aliases
from shared.gateway.api_keys import CLASS as API_KEY_CLASS
from shared.gateway.api_keys import in_place, presented
from shared.gateway.cache_policy import Asked, scope_of
from shared.gateway.cors import is_preflight, varied
from shared.gateway.fallback import Request
from shared.gateway.headers import forwarded, is_problem, returned, takes_pages
from shared.gateway.idempotency import Attempt, key_of
from shared.gateway.passage import Passage
from shared.gateway.ports import Answer, Repeated
from shared.gateway.recall import Recall, Way, recall_key
from shared.gateway.upstream import when_again
from shared.kernel.errors import (
    AppError,
    MethodNotAllowedError,
    TimedOutError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from shared.kernel.principal import ANONYMOUS

if TYPE_CHECKING:
    from shared.gateway.passage import Incoming, Steps
    from shared.gateway.recall import Key, Recalled
    from shared.gateway.routes import Route, RouteTable
    from shared.kernel.principal import Principal

ANYBODY = Caller(ANONYMOUS, UNKNOWN)


class Door:
    """Lets requests pass.

    Args:
        table: Every route that is forwarded.
        steps: What the steps are done with.
    """

    def __init__(self, table: RouteTable, steps: Steps) -> None:
        self._table, self._steps = table, steps
        self._aliases = Aliases(table.paths)
        self._recall = Recall()

    async def answer(self, incoming: Incoming) -> Answer:
        """Answer one request; every refusal is an answer too."""
        passage, key = Passage(incoming), None
        try:
            await self._trade_key(passage)
            incoming = passage.incoming
            key = recall_key(incoming.method, incoming.target, incoming.headers, incoming.body)
            known = self._recall.find(key)
            if known is None:
                found = await self._passed(passage)
            elif (again := await self._again(passage, known)) is not None:
                return again
            else:
                found = await self._or_fallback(passage, known.way.route, ANYBODY, known.way.target)
        except AppError as error:
            if isinstance(error, UnauthenticatedError) and passage.key and self._steps.keys:
                self._steps.keys.forget(passage.key)
            found = self._steps.problem(error, incoming.request_id)
        if passage.page:
            found = await self._readable(incoming, found)
        later = when_again(found.status, self._steps.random)
        headers = {**later, **returned(found.headers, page=passage.page), **passage.told}
        if passage.by_token:
            headers["vary"] = varied(varied(headers.get("vary", ""), "Authorization"), "X-API-Key")
        # Scripts of other origins never read a page of ours (RFC 9700 §2.6).
        origin = None if passage.page else _origin(incoming)
        answer = replace(found, headers=self._steps.cors.marked(origin, headers))
        if key is not None and passage.hit is not None:
            await self._remember(key, *passage.hit, answer)
        return answer

    async def _readable(self, incoming: Incoming, found: Answer) -> Answer:
        """Return a page in the place of a problem, for a person who has a browser before them."""
        if self._steps.page is None or not (
            is_problem(found.headers) and takes_pages(incoming.headers)
        ):
            return found
        return await asyncio.to_thread(self._steps.page, found)

    async def _again(self, passage: Passage, known: Recalled) -> Answer | None:
        """Answer as the same request was answered before, None where that is not good any more.

        Its limit is counted either way; `shared.gateway.recall` says why this is enough.
        """
        way, steps = known.way, self._steps
        steps.watch.routed(way.route)
        passage.by_token = way.route.auth == "optional"
        passage.told |= way.told
        caller = Caller(way.principal, self._network(passage.incoming))
        await self._count(caller, way.route.rate, passage.told)
        found = await steps.cache.still(known.standing)
        if found is None:
            return None
        entry, age = found
        steps.watch.cached("HIT")
        body = b"" if known.status == HTTPStatus.NOT_MODIFIED else entry.answer.body
        changed = {**passage.told, "age": age}
        again = Repeated(known.lines, changed)
        return Answer(known.status, {**known.headers, **changed}, body, None, again)

    async def _remember(self, key: Key, way: Way, hit: Answer, answer: Answer) -> None:
        """Remember how a request came to a hit, and what went out then."""
        standing = await self._steps.cache.standing(way.asked, hit)
        if standing is None:
            self._recall.forget(key)
        else:
            self._recall.keep(key, way, answer, standing)

    async def settle(self) -> None:
        """Wait for what runs without a caller: keys being finished, kept answers being renewed."""
        await self._steps.idempotent.settle()
        await self._steps.cache.settle()
        if self._steps.fallbacks:
            await self._steps.fallbacks.settle()

    async def _passed(self, passage: Passage) -> Answer:
        incoming = passage.incoming
        known = self._aliases.find(incoming.method, incoming.target)
        target = incoming.target if known is None else known.target
        path, _, query = target.partition("?")
        if is_preflight(incoming.method, incoming.headers):
            methods = self._table.scripted(path)
            passage.page = not methods
            origin = "" if passage.page else _origin(incoming) or ""
            allowed = self._steps.cors.preflight(origin, methods)
            passage.told |= allowed
            return Answer(204, {}, b"")
        try:
            route = self._table.find(incoming.method, path)
        except MethodNotAllowedError:
            passage.page = not self._table.scripted(path)
            raise
        self._steps.watch.routed(route)
        passage.page, passage.by_token = route.page, route.auth == "optional"
        if known is not None:
            passage.told |= known.headers
            if known.redirect:
                return Answer(308, {"location": target}, b"")
        if len(incoming.body) > route.body_limit:
            raise TooLargeError(f"the body has more than {route.body_limit} bytes")
        caller = await self._entered(passage, route)
        return await self._once(passage, route, caller, (path, query))

    async def _trade_key(self, passage: Passage) -> None:
        """Put a token where an API key is; of strangers' keys, only so many are looked up."""
        incoming, keys = passage.incoming, self._steps.keys
        shown = presented(incoming.target, incoming.headers)
        if shown is None or keys is None:
            return
        if not keys.knows(shown):
            stranger = Caller(ANONYMOUS, self._network(incoming))
            await self._count(stranger, API_KEY_CLASS, passage.told)
        token = await keys.token(shown)
        passage.key = shown
        passage.incoming = incoming._replace(headers=in_place(incoming.headers, token))

    async def _entered(self, passage: Passage, route: Route) -> Caller:
        """Check who comes, and whether they come too often."""
        incoming = passage.incoming
        caller = await enter(
            (route.auth, route.scopes),
            incoming.headers,
            network=self._network(incoming),
            authorize=self._steps.authorize,
        )
        await self._count(caller, route.rate, passage.told)
        return caller

    async def count(
        self, incoming: Incoming, principal: Principal, *, rate: str | None, told: dict[str, str]
    ) -> None:
        """Count a request that is answered without this door against the same quotas.

        Args:
            incoming: The request.
            principal: Who calls, verified.
            rate: Class of its limit, None where only the caller's tier counts.
            told: Gets the headers that its answer carries besides its own, a refusal too.

        Raises:
            RateLimitedError: The caller comes too often.
        """
        await self._count(Caller(principal, self._network(incoming)), rate, told)

    async def _count(self, caller: Caller, rate: str | None, told: dict[str, str]) -> None:
        steps, tier = self._steps, caller.principal.tier.value
        quotas = steps.limits.quotas_for(caller.key, tier, rate)
        if steps.keys is not None:
            quotas = steps.keys.quotas(caller.principal, rate, quotas)
        if quotas:
            admission = await steps.limiter.admit(quotas)
            told |= rates.limit_headers(admission, quotas)
            if not admission.admitted:
                steps.watch.limited(tier, rate or "all")
                raise rates.refusal(admission)

    def _place(self, incoming: Incoming) -> str:
        said = incoming.headers.get(EDGE_PLACE, "")
        return client_place(said, hops=self._steps.trusted_hops)

    def _network(self, incoming: Incoming) -> str:
        said = incoming.headers.get("x-forwarded-for", "")
        return client_network(said, incoming.peer, hops=self._steps.trusted_hops)

    async def _once(
        self, passage: Passage, route: Route, caller: Caller, target: tuple[str, str]
    ) -> Answer:
        """Run what has an idempotency key at most once."""
        incoming = passage.incoming

        async def run() -> Answer:
            return await self._or_fallback(passage, route, caller, target)

        key = key_of(incoming.headers) if route.idempotent and not route.stream else None
        if key is None:
            return await run()
        attempt = Attempt(caller.key, route.path, incoming.method, incoming.target, incoming.body)
        return await self._steps.idempotent.answer(attempt, key, run)

    async def _or_fallback(
        self, passage: Passage, route: Route, caller: Caller, target: tuple[str, str]
    ) -> Answer:
        """Answer, with what stands in where the service is lost."""
        incoming, steps = passage.incoming, self._steps
        if route.fallback is None or steps.fallbacks is None:
            return await self._from_cache(passage, route, caller, target)
        try:
            answer = await self._from_cache(passage, route, caller, target)
        except (UnavailableError, TimedOutError) as error:
            answer = steps.problem(error, incoming.request_id)
        limited = bool(caller.principal.max_rating or caller.principal.blocked_genres)
        asked = Request(target[1], incoming.body, incoming.request_id, limited)
        return await steps.fallbacks.beside(route.fallback, asked, answer)

    async def _from_cache(
        self, passage: Passage, route: Route, caller: Caller, target: tuple[str, str]
    ) -> Answer:
        incoming = passage.incoming
        path, query = target
        given, scope = believed(incoming.headers), scope_of(route, caller)
        if route.by_limits and scope is None:
            # Asked as nobody: nothing of the caller's can get into what is kept for everybody.
            given = {name: value for name, value in given.items() if name != "authorization"}
        passed = forwarded(
            given,
            request_id=incoming.request_id,
            budget_ms=int(route.timeout_seconds * 1000),
            network="" if route.cache_seconds else caller.network,
            place="" if route.cache_seconds else self._place(incoming),
            page=route.page,
        )
        whole = f"{path}?{query}" if query else path
        if route.stream:
            return await self._steps.upstream.call(route, whole, passed, incoming.body)
        asked = Asked(
            incoming.method,
            path,
            query,
            passed,
            cache_seconds=route.cache_seconds,
            scope=scope,
            also_cached=self._table.keeps(path),
        )
        # The cache answers the caller's condition; a 304 of the service could not be kept.
        sent = {n: v for n, v in passed.items() if n != "if-none-match" or not route.cache_seconds}

        async def fetch() -> Answer:
            return await self._steps.upstream.call(route, whole, sent, incoming.body)

        answer = await self._steps.cache.answer(asked, fetch)
        if route.cache_seconds:
            self._steps.watch.cached(label := answer.headers.get("x-cache", ""))
            if label == "HIT":
                told = {n: v for n, v in passage.told.items() if n not in rates.FIELDS}
                passage.hit = Way(route, caller.principal, target, told, asked), answer
        return answer


def _origin(incoming: Incoming) -> str | None:
    return incoming.headers.get("origin")
