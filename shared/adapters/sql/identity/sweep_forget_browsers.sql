-- Forget sessions of browsers whose time was over long ago.
-- Grain: one row per session.
-- Parameters: :before timestamptz, :most integer.
DELETE FROM browser_session
WHERE session_id IN (
  SELECT session_id
  FROM browser_session
  WHERE expires_at <= CAST(:before AS timestamptz)
  ORDER BY expires_at
  LIMIT CAST(:most AS integer)
)
