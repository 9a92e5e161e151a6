-- The life of titles (spec/ingestion §4.2): what was told of their end, what became one, and what quotas are spent.

-- A title leaves a platform in a region: one row per window in which that was told. expires_at is rounded to the hour.
CREATE TABLE expiration_notice (
  content_id uuid NOT NULL,
  platform text NOT NULL,
  region text NOT NULL,
  notice_window text NOT NULL,
  expires_at timestamptz NOT NULL,
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (content_id, platform, region, notice_window, expires_at)
);
CREATE INDEX expiration_notice_by_age ON expiration_notice (sent_at);

-- Two titles that became one, with what it takes to part them again.
-- before: both records as they were, the ids and listings that moved, and the hash of the record they became.
CREATE TABLE title_merge (
  id uuid PRIMARY KEY,
  kept_id uuid NOT NULL REFERENCES content (id),
  merged_id uuid NOT NULL REFERENCES content (id),
  before jsonb NOT NULL,
  merged_by text NOT NULL,
  merged_at timestamptz NOT NULL,
  undone_by text,
  undone_at timestamptz
);
CREATE UNIQUE INDEX title_merge_in_force ON title_merge (merged_id) WHERE undone_at IS NULL;
CREATE INDEX title_merge_by_kept ON title_merge (kept_id) WHERE undone_at IS NULL;
CREATE INDEX review_item_by_pair ON review_item (content_id, candidate_id);
CREATE INDEX review_item_by_candidate ON review_item (candidate_id);
CREATE INDEX content_by_merger ON content (merged_into) WHERE merged_into IS NOT NULL;

-- What providers allow and what was taken of it, in units; written before each call.
CREATE TABLE quota_ledger (
  provider text NOT NULL,
  key_ref text NOT NULL,
  period_start timestamptz NOT NULL,
  period_end timestamptz NOT NULL,
  used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
  allowed bigint NOT NULL CHECK (allowed >= 0),
  PRIMARY KEY (provider, key_ref, period_start),
  CHECK (period_end > period_start)
);

-- How complete and fresh the catalog was at each weekly recalculation.
CREATE TABLE quality_report (
  made_at timestamptz PRIMARY KEY,
  report jsonb NOT NULL
);

CREATE INDEX content_by_quality ON content (quality_score, id)
  WHERE deleted_at IS NULL AND merged_into IS NULL;
CREATE INDEX ingest_run_by_start ON ingest_run (kind, started_at);
