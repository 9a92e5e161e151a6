-- Take a report in once, with its vote where it has one; a few that are old are forgotten.
-- Grain: one row: whether the report is new, and whether its vote is.
-- Parameters: :report_id uuid; :template, :device text; :week date; :opened boolean or NULL for no
-- vote; :reporter hexadecimal or NULL for nobody; :forget date, before which nothing is kept.
WITH fresh AS (
  INSERT INTO link_report (report_id, week)
  VALUES (CAST(:report_id AS uuid), CAST(:week AS date))
  ON CONFLICT DO NOTHING
  RETURNING report_id
),
vote AS (
  INSERT INTO link_vote (template, device, week, opened, reporter)
  SELECT :template, :device, CAST(:week AS date), CAST(:opened AS boolean),
    decode(CAST(:reporter AS text), 'hex')
  FROM fresh
  WHERE CAST(:opened AS boolean) IS NOT NULL AND CAST(:reporter AS text) IS NOT NULL
  ON CONFLICT DO NOTHING
  RETURNING template
),
old_reports AS (
  DELETE FROM link_report WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM link_report WHERE week < CAST(:forget AS date) LIMIT 20 FOR UPDATE SKIP LOCKED
  ))
),
old_votes AS (
  DELETE FROM link_vote WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM link_vote WHERE week < CAST(:forget AS date) LIMIT 20 FOR UPDATE SKIP LOCKED
  ))
)
SELECT EXISTS (SELECT FROM fresh) AS is_new, EXISTS (SELECT FROM vote) AS has_vote
