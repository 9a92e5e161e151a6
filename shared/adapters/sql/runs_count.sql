-- Add to what became of a page's records.
-- Grain: one page.
-- Parameters: :raw_uri text, :normalized :resolved :set_aside integer.
UPDATE ingest_page
SET
  normalized = normalized + CAST(:normalized AS integer),
  resolved = resolved + CAST(:resolved AS integer),
  set_aside = set_aside + CAST(:set_aside AS integer),
  updated_at = clock_timestamp()
WHERE raw_uri = :raw_uri
