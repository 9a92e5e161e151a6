-- Give everything that leads to one title to another: listings, ids, questions, notices.
-- Grain: one row with what moved: listings and external_ids, JSON arrays of pairs.
-- Parameters: :merged :kept uuid; :by text; :now timestamptz.
WITH listings AS (
  UPDATE platform_listing SET content_id = CAST(:kept AS uuid)
  WHERE content_id = CAST(:merged AS uuid)
  RETURNING platform, platform_content_id
),
external_ids AS (
  UPDATE external_id SET content_id = CAST(:kept AS uuid)
  WHERE content_id = CAST(:merged AS uuid)
  RETURNING id_type, id_value
),
answered AS (
  UPDATE review_item SET status = 'merged', decided_by = :by, decided_at = CAST(:now AS timestamptz)
  WHERE status = 'pending'
    AND (content_id, candidate_id) IN (
      (CAST(:kept AS uuid), CAST(:merged AS uuid)), (CAST(:merged AS uuid), CAST(:kept AS uuid))
    )
),
asked AS (
  UPDATE review_item AS question SET
    content_id = CASE WHEN content_id = CAST(:merged AS uuid) THEN CAST(:kept AS uuid) ELSE content_id END,
    candidate_id =
      CASE WHEN candidate_id = CAST(:merged AS uuid) THEN CAST(:kept AS uuid) ELSE candidate_id END
  WHERE CAST(:merged AS uuid) IN (content_id, candidate_id)
    AND CAST(:kept AS uuid) NOT IN (content_id, candidate_id)
    AND NOT EXISTS (
      SELECT 1 FROM review_item AS same
      WHERE same.platform = question.platform
        AND same.platform_content_id = question.platform_content_id
        AND same.reason = question.reason
        AND same.candidate_id = CAST(:kept AS uuid)
        AND question.candidate_id = CAST(:merged AS uuid)
    )
),
notices AS (
  UPDATE expiration_notice AS notice SET content_id = CAST(:kept AS uuid)
  WHERE content_id = CAST(:merged AS uuid)
    AND NOT EXISTS (
      SELECT 1 FROM expiration_notice AS same
      WHERE same.content_id = CAST(:kept AS uuid)
        AND same.platform = notice.platform
        AND same.region = notice.region
        AND same.notice_window = notice.notice_window
        AND same.expires_at = notice.expires_at
    )
)
SELECT
  CAST((SELECT coalesce(json_agg(json_build_array(platform, platform_content_id)), '[]') FROM listings) AS text)
    AS listings,
  CAST((SELECT coalesce(json_agg(json_build_array(id_type, id_value)), '[]') FROM external_ids) AS text)
    AS external_ids
