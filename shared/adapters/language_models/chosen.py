"""The language model that a deployment chose, if any."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from shared.adapters import connect
from shared.adapters.access_token import authorization
from shared.adapters.language_models.calling import TIMEOUT_SECONDS, ModelApi, http_client
from shared.adapters.language_models.gemini import DEFAULT_MODEL as GEMINI
from shared.adapters.language_models.gemini import Gemini, gemini_url
from shared.adapters.language_models.guarded import Guarded
from shared.adapters.language_models.openai import BASE_URL, OpenAi, openai_url
from shared.adapters.language_models.openai import DEFAULT_MODEL as OPENAI
from shared.adapters.redis.intents import RedisReadings
from shared.adapters.secrets import secret
from shared.search.languagemodel.race import Raced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.kernel.clock import Clock
    from shared.search.languagemodel.ports import LanguageModel
    from shared.search.languagemodel.race import Happened

THREADS = 2
"""That ask the model; each question takes most of a second."""


@dataclass(frozen=True)
class Chosen:
    """What the settings say of a model.

    Attributes:
        provider: ``gemini``, ``openai``, or empty for none.
        model: Its name there; empty for our choice.
        url: Base address; empty for the provider's own.
        key: Reference of OpenAI's key in Secret Manager; Gemini asks who we are instead.
        timeout_seconds: Of one call.
    """

    provider: str = ""
    model: str = ""
    url: str = ""
    key: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS

    @classmethod
    def here(cls) -> Self:
        """Return what this process was told."""
        at = connect.addresses()
        names = (at.language_model_name, at.language_model_url, at.language_model_key)
        return cls(at.language_model, *names)


def chosen_readings(
    chosen: Chosen, clock: Clock, *, count: Callable[[Happened], None]
) -> Raced | None:
    """Return who reads questions in this process, None where no model was chosen.

    Nothing is connected before the first question.
    """
    model = _model(chosen)
    if model is None:
        return None
    pool = ThreadPoolExecutor(THREADS, "language-model")
    store = RedisReadings() if connect.addresses().redis_url else None
    return Raced(Guarded(model, clock), clock, pool=pool, store=store, count=count)


def _model(chosen: Chosen) -> LanguageModel | None:
    if chosen.provider == "gemini":
        return _gemini(chosen)
    return _openai(chosen) if chosen.provider == "openai" else None


def _gemini(chosen: Chosen) -> Gemini:
    at, model = connect.addresses(), chosen.model or GEMINI
    base = chosen.url or at.vertex_url
    url = gemini_url(base, project=at.project, location=at.location, model=model)
    return Gemini(_api(chosen, f"gemini:{model}", url, lambda: authorization(base)))


def _openai(chosen: Chosen) -> OpenAi:
    model = chosen.model or OPENAI
    url = openai_url(chosen.url or BASE_URL)

    def headers() -> dict[str, str]:
        return {"authorization": f"Bearer {secret(chosen.key)}"}

    return OpenAi(_api(chosen, f"openai:{model}", url, headers), model)


def _api(chosen: Chosen, name: str, url: str, headers: Callable[[], Mapping[str, str]]) -> ModelApi:
    return ModelApi(name, url, headers, http_client, chosen.timeout_seconds)
