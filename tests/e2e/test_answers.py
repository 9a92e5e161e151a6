"""Search answers the golden questions as well as it did (docs/relevance.md).

First of these files by name: what the others bring into the shared cloud is not judged.
"""

from tests.e2e.cloud import Cloud
from tests.golden.measure import ALLOWED_LOSS, measure, recorded
from tests.golden.questions import grades, questions, sample


def test_every_golden_question_has_an_answer_in_the_sample() -> None:
    titles = sample()

    unanswerable = [one.text for one in questions() if not grades(one, titles)]

    assert unanswerable == []
    assert len(questions()) >= 150


def test_answers_to_the_golden_questions_are_no_worse_than_recorded(cloud: Cloud) -> None:
    measured = measure(cloud)

    assert measured.ndcg >= recorded() * (1 - ALLOWED_LOSS), measured.by_kind
