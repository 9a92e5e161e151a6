"""Language models that say what a test wants, when it wants."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.ports import Kept
from shared.search.languagemodel.question import ReadQuestion

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = {
    "genres",
    "platforms",
    "year_from",
    "year_to",
    "content_type",
    "max_runtime",
    "free_only",
}


def reading(**said: Any) -> ReadQuestion:  # noqa: ANN401 - the fields of a reading
    """Return a reading that says this and nothing else, and is sure of it."""
    filters = {name: said.pop(name) for name in LIMITS & said.keys()}
    nothing = {"mood": (), "themes": (), "references": (), "people": ()}
    base = {"intent": "search", "search_text": "", "confidence": 0.9, **nothing, **said}
    return ReadQuestion.model_validate({**base, "filters": filters}, strict=False)


class ScriptedModel:
    """`shared.search.languagemodel.ports.LanguageModel` that answers what it was given.

    Args:
        answers: In order, the last one for good; an error is raised.
    """

    name = "scripted"

    def __init__(self, *answers: object) -> None:
        self.asked: list[str] = []
        self._answers = list(answers or [UnavailableError("nothing was scripted")])

    def read(self, text: str) -> ReadQuestion:
        """Return the next answer."""
        self.asked.append(text)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, ReadQuestion)
        return answer


class HeldPool(Executor):
    """Runs what was given to it when the test says so: a model that hangs until then."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []
        self.ends = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:  # noqa: ANN401
        """Keep the work for `run`."""
        if self.ends:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self.waiting.append(lambda: fn(*args, **more))
        return Future()

    def run(self) -> None:
        """Do what waits."""
        while self.waiting:
            self.waiting.pop(0)()


class MemoryReadings:
    """`shared.search.languagemodel.ports.Readings` in memory: nothing ages, and down when told."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.looks = 0
        self.is_down = False

    def get(self, key: str) -> Kept | None:
        """Return what is kept."""
        self.looks += 1
        self._check()
        return self.kept.get(key)

    def put(self, key: str, reading: ReadQuestion, *, seconds: float) -> None:
        """Keep a reading."""
        self._check()
        self.kept[key] = Kept(reading, seconds)

    def _check(self) -> None:
        if self.is_down:
            raise UnavailableError("the store is down")
