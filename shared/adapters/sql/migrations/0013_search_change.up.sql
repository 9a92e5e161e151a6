-- When a title was last put into or taken out of what searches read, so that processes that keep the catalog in memory
-- can follow. Rows older than two days go when a newer snapshot has been written (functions/search_snapshot).
-- Cost: one row of 40 bytes a title at most, and its two index entries at each change.
CREATE TABLE search_change (
  content_id uuid PRIMARY KEY,
  changed_at timestamptz NOT NULL
);
CREATE INDEX search_change_by_time ON search_change (changed_at, content_id);
