-- Events that were handled are forgotten by age. Rows are written in the order of time, so that a summary of each range of
-- blocks finds the old ones and costs writers next to nothing.
CREATE INDEX processed_event_by_age ON processed_event USING brin (processed_at);
CREATE INDEX outbox_by_age ON outbox USING brin (created_at);
