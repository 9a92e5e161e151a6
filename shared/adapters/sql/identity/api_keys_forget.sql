-- Forget keys that ended long ago. Grain: one row each. Parameters: :before timestamptz.
DELETE FROM api_key
WHERE expires_at < CAST(:before AS timestamptz) OR revoked_at < CAST(:before AS timestamptz)
