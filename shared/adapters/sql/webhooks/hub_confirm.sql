-- Note that a hub confirmed a topic that we want; renewal is due at four fifths of the lease.
-- Grain: one row, none where we do not want it. Parameters: :topic text, :lease_seconds integer or null, :now timestamptz.
UPDATE webhook_topic
SET
  confirmed_at = :now,
  lease_seconds = CAST(:lease_seconds AS integer),
  renew_at = CAST(:now AS timestamptz) + .8 * CAST(:lease_seconds AS integer) * interval '1 second'
WHERE topic = :topic
RETURNING topic
