-- How searches are ranked: one row a version, never changed but for its end. "control" is what callers get who are
-- in no variant; versions count over all names, so that one number says what an answer was ranked by.
CREATE TABLE ranking_config (
  version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  weights jsonb NOT NULL,
  is_default boolean NOT NULL GENERATED ALWAYS AS (name = 'control') STORED,
  is_active boolean NOT NULL,
  traffic_percentage smallint NOT NULL CHECK (traffic_percentage BETWEEN 0 AND 100),
  slots smallint[] NOT NULL,
  note text NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
  CHECK (cardinality(slots) = CASE WHEN is_active AND name <> 'control' THEN traffic_percentage ELSE 0 END)
);
CREATE UNIQUE INDEX ranking_config_in_force ON ranking_config (name) WHERE ended_at IS NULL;
CREATE INDEX ranking_config_ended ON ranking_config (ended_at);
