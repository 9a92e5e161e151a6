-- The last two reports of the catalog's quality, the newest first. Grain: one row per report. Parameters: :now timestamptz.
SELECT made_at, CAST(report AS text) AS report
FROM quality_report
WHERE made_at <= :now
ORDER BY made_at DESC
LIMIT 2
