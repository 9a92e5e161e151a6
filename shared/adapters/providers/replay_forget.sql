-- Forget that records were set aside.
-- Parameters: :unread :refused json arrays of pointers, by the step that could not take them.
DELETE FROM ingest_error
WHERE (
    stage = 'normalize'
    AND raw_uri = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:unread AS jsonb))))
  )
  OR (
    stage = 'resolve'
    AND raw_uri = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:refused AS jsonb))))
  )
