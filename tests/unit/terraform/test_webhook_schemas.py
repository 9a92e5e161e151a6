"""What webhooks publish conforms to its topics' schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.adapters.sql.ingest.page import Told
from shared.adapters.sql.runs import Part
from shared.adapters.sql.webhooks.intake import received
from shared.adapters.sql.webhooks.work import Notices, Waiting, run_id
from shared.adapters.sql.webhooks.worker import Worker
from shared.catalog.webhooks.item import PROVIDER, items_of
from shared.catalog.webhooks.notice import Notice
from tests.unit.terraform.test_schemas import CLOCK, HEAT, WENT, messages, parse

if TYPE_CHECKING:
    from tests.unit.terraform.test_schemas import Parse

__all__ = ["messages", "parse"]  # fixtures of the other file

NOTICE = UUID(int=7)
WAITING = Waiting(NOTICE, "netflix", "content_added", "60", CLOCK.now(), 1, 2, "webhooks/7.json.gz")


def test_a_notice_that_was_kept_conforms(parse: Parse) -> None:
    said = {"platform": "netflix", "listing": "60", "event_type": "content_added"}
    found = parse(received(NOTICE, NOTICE, CLOCK.now(), said)).data

    assert (found.webhook_event_id, found.notice) == (str(NOTICE), "content_added")


def test_what_a_notice_ended_conforms(parse: Parse) -> None:
    notices = Notices(None, CLOCK)  # type: ignore[arg-type]
    found = parse(notices._changed(WAITING, "US", [Told(HEAT, WENT)])).data

    assert (list(found.content_ids), found.run_id) == ([str(HEAT)], run_id(WAITING))


def test_a_title_at_the_platforms_word_conforms(parse: Parse) -> None:
    payload = {"content_id": "60", "title": "Heat", "year": 1995}
    said = {"event_type": "content_added", "platform": "netflix", "timestamp": CLOCK.now()}
    notice = Notice.model_validate({**said, "payload": payload})
    worker = Worker(None, None, None, CLOCK, None)  # type: ignore[arg-type]
    part = Part(run_id(WAITING), PROVIDER, "netflix", "US", "webhook")

    event = worker._normalized(WAITING, part, 0, items_of(notice, ["US"], raw_uri="7.json.gz"))

    assert parse(event).data.items[0].title == "Heat"
