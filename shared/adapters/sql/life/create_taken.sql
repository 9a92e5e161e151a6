-- To which title a listing, or the first of some external ids, belongs; no row where all are free.
-- Grain: at most one row. Cost: index look-ups.
-- Parameters: :platform :listing text; :ids json array of {kind, value}; :bridge, below which an id leads nowhere.
SELECT 'listing ' || platform || ':' || platform_content_id AS what, content_id
FROM platform_listing
WHERE platform = CAST(:platform AS text) AND platform_content_id = CAST(:listing AS text)
UNION ALL
SELECT 'id ' || known.id_type || ' ' || known.id_value, known.content_id
FROM jsonb_to_recordset(CAST(:ids AS jsonb)) AS given (kind text, value text)
JOIN external_id AS known ON known.id_type = given.kind AND known.id_value = given.value
WHERE known.confidence >= :bridge
LIMIT 1
