-- Move a page's counters.
-- Grain: one page.
-- Parameters: :raw_uri text; :read :normalized :resolved :set_aside integer, each what is added.
UPDATE ingest_page
SET
  read = read + CAST(:read AS integer),
  normalized = normalized + CAST(:normalized AS integer),
  resolved = resolved + CAST(:resolved AS integer),
  set_aside = set_aside + CAST(:set_aside AS integer),
  updated_at = clock_timestamp()
WHERE raw_uri = :raw_uri
