-- One question with both titles. Not a statement: the columns and joins of list_next.sql and list_before.sql.
SELECT
  question.id,
  question.reason,
  question.platform,
  question.platform_content_id,
  question.region,
  question.raw_uri,
  question.id_type,
  question.id_value,
  question.score,
  CAST(question.features AS text) AS features,
  question.status,
  question.decided_by,
  question.decided_at,
  question.created_at,
  CAST(json_build_object('id', listed.id, 'title', listed.title, 'content_type', listed.content_type,
    'release_year', listed.release_year, 'merged_into', listed.merged_into) AS text) AS listed,
  CAST(json_build_object('id', other.id, 'title', other.title, 'content_type', other.content_type,
    'release_year', other.release_year, 'merged_into', other.merged_into) AS text) AS candidate
FROM page AS question
JOIN content AS listed ON listed.id = question.content_id
JOIN content AS other ON other.id = question.candidate_id
