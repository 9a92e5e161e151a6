-- Whether titles live.
-- Grain: one row per id that exists. Parameters: :ids json array of content ids.
SELECT id, created_at, deleted_at, merged_into
FROM content
WHERE id = ANY (ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb))))
