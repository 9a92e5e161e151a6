-- Forget notices of long ago.
-- Parameters: :before timestamptz.
DELETE FROM expiration_notice WHERE sent_at < CAST(:before AS timestamptz)
