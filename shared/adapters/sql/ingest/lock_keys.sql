-- Serialize pages that speak of the same titles, and keep this page's lookups on their indexes.
-- The locks end with the transaction; all pages take them in the same order. Fresh tables have no
-- statistics, so the planner is told that a page is small against them.
-- 7317 is held by whoever makes two titles one, or parts them (life/alone.sql), while no page is under way.
-- Parameters: :keys json array of bigint, sorted.
SELECT
  set_config('enable_seqscan', 'off', true),
  set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true),
  pg_advisory_xact_lock_shared(7317),
  (
    SELECT count(pg_advisory_xact_lock(key))
    FROM (
      SELECT CAST(value AS bigint) AS key
      FROM jsonb_array_elements_text(CAST(:keys AS jsonb)) WITH ORDINALITY AS given (value, n)
      ORDER BY n
    ) AS ordered
  )
