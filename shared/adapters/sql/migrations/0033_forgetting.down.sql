DROP INDEX outbox_by_age;
DROP INDEX processed_event_by_age;
