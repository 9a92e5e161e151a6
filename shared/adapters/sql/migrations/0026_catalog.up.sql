-- Providers whose answers could not be read: nobody asks them until then (spec/ingestion §7).
CREATE TABLE provider_stop (
  provider text PRIMARY KEY,
  run_id text NOT NULL,
  reason text NOT NULL,
  stopped_at timestamptz NOT NULL,
  until timestamptz NOT NULL
);
