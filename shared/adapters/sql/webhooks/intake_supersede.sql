-- Let older notices of other kinds about a listing no longer stand in the way of repetitions.
-- Parameters: :platform text, :listing text, :event_type text, :said_at timestamptz.
UPDATE webhook_event SET superseded = true
WHERE platform = :platform
  AND listing = :listing
  AND event_type <> :event_type
  AND said_at <= CAST(:said_at AS timestamptz)
  AND NOT superseded
