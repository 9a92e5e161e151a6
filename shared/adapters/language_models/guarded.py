"""A language model behind a circuit breaker, asked once more where that may help."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from shared.gateway.breaker import (
    BreakerPolicy,
    Circuit,
    CircuitOpenError,
    Phase,
    counted,
    held,
    probed,
    settled,
)
from shared.gateway.ports import Outcome
from shared.kernel.errors import ExhaustedError, UnavailableError

if TYPE_CHECKING:
    from shared.kernel.clock import Clock
    from shared.search.languagemodel.ports import LanguageModel
    from shared.search.languagemodel.question import ReadQuestion

POLICY = BreakerPolicy(volume=5, open_seconds=30, error_rate=0)
"""Five failures in a row, 30 seconds (spec/discovery §7)."""
TRIES = 2
LONGEST_WAIT_SECONDS = 0.1
"""Before the second try; full jitter (spec/discovery §7)."""


class Guarded:
    """`shared.search.languagemodel.ports.LanguageModel` that leaves a failing model alone.

    An answer that cannot be read is a failure like none: it costs the same and brings as little.
    The breaker is this process's: a handful of calls is what others lose by not knowing.

    Args:
        model: The model itself.
        clock: Tells how long the breaker is open.
        longest_wait: Seconds before the second try, at most.
    """

    def __init__(
        self,
        model: LanguageModel,
        clock: Clock,
        *,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._model, self._clock, self._longest_wait = model, clock, longest_wait
        self._lock, self._circuit = Lock(), Circuit(0)
        self.name = model.name

    @property
    def phase(self) -> Phase:
        """What the breaker does with calls."""
        return self._circuit.phase

    def read(self, text: str) -> ReadQuestion:
        """Return what ``text`` asks for, after two calls at most.

        Raises:
            CircuitOpenError: The model failed too often and was not asked.
            AppError: It did not answer, or refused.
        """
        from stamina import retry_context  # noqa: PLC0415 - 40 ms, only where a model is asked

        wait = self._longest_wait
        tries = retry_context(
            on=_worth_another_try, attempts=TRIES, wait_initial=0, wait_max=wait, wait_jitter=wait
        )
        for attempt in tries:
            with attempt:
                return self._once(text)
        raise UnavailableError(f"{self.name} was not asked")

    def _once(self, text: str) -> ReadQuestion:
        generation = self._permit()
        try:
            found = self._model.read(text)
        except ExhaustedError as error:
            self._settle(generation, Outcome.FAILURE)
            self._hold(error.retry_after_seconds)
            raise
        except Exception:
            self._settle(generation, Outcome.FAILURE)
            raise
        self._settle(generation, Outcome.SUCCESS)
        return found

    def _permit(self) -> int:
        """Return the generation in which a call may be made now."""
        now = self._now()
        with self._lock:
            if self._circuit.phase is Phase.CLOSED:
                return self._circuit.generation
            self._circuit, granted = probed(self._circuit, POLICY, now)
            if granted:
                return self._circuit.generation
            wait = max(0, self._circuit.until - now) / 1000
        raise CircuitOpenError(self.name, retry_after_seconds=wait)

    def _settle(self, generation: int, outcome: Outcome) -> None:
        """Count how a call went, if nothing changed since it was permitted."""
        calls = (1, 0) if outcome is Outcome.SUCCESS else (0, 1)
        with self._lock:
            if generation != self._circuit.generation:
                return
            if self._circuit.phase is Phase.CLOSED:
                self._circuit = counted(self._circuit, POLICY, self._now(), calls)
            else:
                self._circuit = settled(self._circuit, POLICY, self._now(), outcome)

    def _hold(self, seconds: float | None) -> None:
        """Leave the model alone for as long as it asked."""
        if seconds:
            with self._lock:
                self._circuit = held(self._circuit, self._now(), round(seconds * 1000))

    def _now(self) -> int:
        return round(self._clock.now().timestamp() * 1000)


def _worth_another_try(error: Exception) -> bool:
    return isinstance(error, UnavailableError) and not isinstance(error, CircuitOpenError)
