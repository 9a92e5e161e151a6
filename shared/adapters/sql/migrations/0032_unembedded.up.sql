-- When titles that have no vector were last told of: who waited longest is told of first, so that titles that can never be
-- embedded keep nobody from their turn. A row goes with the first vector.
CREATE TABLE unembedded_told (
  content_id uuid PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
  told_at timestamptz NOT NULL
);
