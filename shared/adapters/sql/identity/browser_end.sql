-- End the session of a cookie.
-- Grain: the session, where it was live.
-- Parameters: :cookie_hash bytea, :now timestamptz.
UPDATE browser_session
SET revoked_at = CAST(:now AS timestamptz)
WHERE cookie_hash = CAST(:cookie_hash AS bytea) AND revoked_at IS NULL
