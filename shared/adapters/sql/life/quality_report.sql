-- Keep the report of a recalculation, and forget those older than two years.
-- Parameters: :made_at timestamptz; :report json as text.
WITH forgotten AS (
  DELETE FROM quality_report WHERE made_at < CAST(:made_at AS timestamptz) - interval '2 years'
)
INSERT INTO quality_report (made_at, report)
VALUES (CAST(:made_at AS timestamptz), CAST(:report AS jsonb))
ON CONFLICT (made_at) DO UPDATE SET report = excluded.report
