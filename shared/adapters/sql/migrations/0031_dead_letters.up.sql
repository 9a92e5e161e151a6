-- What could not be taken in is kept in one place (spec/ingestion §4.3, §7). status: rejected (no repetition mends it),
-- dead (failed five times) or redelivered (sent again; where it fails again it is dead again, else it was handled).
-- topic and message_id are those of a dead letter. next_at: when it is delivered again; null waits for a person.
ALTER TABLE rejected_event
  ADD COLUMN status text NOT NULL DEFAULT 'rejected' CHECK (status IN ('rejected', 'dead', 'redelivered')),
  ADD COLUMN topic text,
  ADD COLUMN message_id text,
  ADD COLUMN redeliveries integer NOT NULL DEFAULT 0,
  ADD COLUMN next_at timestamptz;
CREATE INDEX rejected_event_due ON rejected_event (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX rejected_event_newest ON rejected_event (created_at, id);

-- A notice that failed five times is told of again by the same rule; null: never, or not any more.
ALTER TABLE webhook_event ADD COLUMN next_at timestamptz;
