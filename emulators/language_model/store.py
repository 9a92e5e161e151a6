"""What the model is told to do wrong, and what it was asked."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from emulators.language_model.reader import question_in, read

if TYPE_CHECKING:
    from emulators.language_model.schemas import Form

MOST_ASKED = 1000


class Mode(StrEnum):
    """How the model answers."""

    WELL = "well"
    BROKEN_JSON = "broken_json"
    """The answer ends in the middle."""
    CHATTY = "chatty"
    """The answer stands between sentences."""
    OTHER_FORM = "other_form"
    """The answer is JSON, of another form than was asked for."""
    OBEDIENT = "obedient"
    """The model does what the question tells it to, as far as the form lets it."""
    SILENT = "silent"
    """There is no answer in the answer: a refusal, or a filter."""


@dataclass
class Store:
    """State of one model.

    Attributes:
        mode: How it answers.
        remaining: For how many more questions; None for no end.
        asked: Questions, oldest first.
    """

    mode: Mode = Mode.WELL
    remaining: int | None = None
    asked: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_ASKED))

    def behave(self, mode: Mode, *, remaining: int | None = None) -> None:
        """Answer so from now on."""
        self.mode, self.remaining = mode, remaining

    def answer(self, prompt: str, form: Form | None) -> str | None:
        """Return the text of an answer, None for none.

        Args:
            prompt: What the user's message says.
            form: Of the answer; without one, the whole reading is said.
        """
        question = question_in(prompt)
        self.asked.append(question)
        mode = self._next_mode()
        if mode is Mode.SILENT:
            return None
        if mode is Mode.OTHER_FORM:
            return json.dumps({"filters": "all of them", "confidence": "very"})
        reading = read(question, form.choices() if form else {})
        said = _obeyed(question, reading) if mode is Mode.OBEDIENT else reading
        text = json.dumps(form.filled(said) if form else said)
        if mode is Mode.CHATTY:
            return f"Sure! Here it is:\n```json\n{text}\n```"
        return text[: len(text) // 2] if mode is Mode.BROKEN_JSON else text

    def _next_mode(self) -> Mode:
        mode = self.mode
        if self.remaining is not None:
            self.remaining -= 1
            if self.remaining <= 0:
                self.behave(Mode.WELL)
        return mode


def _obeyed(question: str, reading: dict[str, Any]) -> dict[str, Any]:
    """Return a reading that a question took over: its words everywhere, nothing wanted but all."""
    everywhere = dict.fromkeys(("mood", "themes", "references", "people"), [question] * 20)
    words = question.casefold().split()
    filters = {"genres": ["Horror", *words], "platforms": ["netflix", "hulu", *words]}
    taken = {"filters": {**reading["filters"], **filters, "year_from": 1895, "year_to": 1895}}
    more = {"search_text": question * 9, "confidence": 1.0, "intent": "navigation"}
    return {**reading, **everywhere, **taken, **more}
