-- Count an outcome, hold the template's row until the transaction ends, and say what is concluded.
-- Grain: one row per (template, device).
-- Parameters: :template, :device, :platform, :outcome text; :now timestamptz as text.
INSERT INTO link_health AS kept (
  template, device, platform, opened, failed, wrong_title, not_installed, updated_at
)
SELECT
  :template, :device, :platform,
  CAST(said = 'opened' AS integer), CAST(said = 'failed' AS integer),
  CAST(said = 'wrong_title' AS integer), CAST(said = 'not_installed' AS integer),
  CAST(:now AS timestamptz)
FROM (SELECT CAST(:outcome AS text) AS said) AS given
ON CONFLICT (template, device) DO UPDATE SET
  opened = kept.opened + excluded.opened,
  failed = kept.failed + excluded.failed,
  wrong_title = kept.wrong_title + excluded.wrong_title,
  not_installed = kept.not_installed + excluded.not_installed,
  updated_at = excluded.updated_at
RETURNING kept.evidence, kept.voted_at, kept.quarantined_at, kept.votes
