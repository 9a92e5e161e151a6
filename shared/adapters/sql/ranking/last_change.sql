-- When titles were last put into or taken out of what searches read: of all times, and a while ago.
-- Cost: two looks into the end of an index.
-- Parameters: :settled timestamptz.
SELECT
  (SELECT max(changed_at) FROM search_change) AS latest,
  (SELECT max(changed_at) FROM search_change WHERE changed_at <= :settled) AS settled
