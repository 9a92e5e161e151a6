-- Providers whose answers could not be read: nobody asks them until then (spec/ingestion §7).
CREATE TABLE provider_stop (
  provider text PRIMARY KEY,
  run_id text NOT NULL,
  reason text NOT NULL,
  stopped_at timestamptz NOT NULL,
  until timestamptz NOT NULL
);

-- Of the title, in minutes, as the source last said it; NULL where it does not say, or has not been asked since.
ALTER TABLE listing_region ADD COLUMN runtime_minutes smallint;

-- What tells a title apart at once: names and overview in the form in which they are compared (shared/matching/outline.py).
-- Apart from content, whose rows are five times as wide: it is read of every title that shares a block with a new one.
CREATE TABLE title_outline (
  content_id uuid PRIMARY KEY,
  release_year smallint,
  runtime_minutes smallint,
  outline text NOT NULL
);
