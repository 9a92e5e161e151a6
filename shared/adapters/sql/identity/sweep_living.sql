-- How many sessions live now, for the gauge of them.
-- Grain: one row. Reads the partial index of active families, and browsers' sessions.
-- Parameters: :now, :used_since timestamptz.
SELECT
  (
    SELECT count(*) FROM token_family
    WHERE status = 'active' AND absolute_expires_at > CAST(:now AS timestamptz)
  ) AS applications,
  (
    SELECT count(*) FROM browser_session
    WHERE revoked_at IS NULL AND expires_at > CAST(:now AS timestamptz)
      AND last_used_at > CAST(:used_since AS timestamptz)
  ) AS browsers
