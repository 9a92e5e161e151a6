ALTER TABLE webhook_event DROP COLUMN next_at;

DROP INDEX rejected_event_newest;
ALTER TABLE rejected_event
  DROP COLUMN next_at,
  DROP COLUMN redeliveries,
  DROP COLUMN message_id,
  DROP COLUMN topic,
  DROP COLUMN status;
