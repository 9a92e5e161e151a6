-- Keep what a user decides on one purpose, in the place of what they had decided.
-- Grain: one row.
-- Parameters: :user_id uuid, :purpose text, :granted boolean, :version integer, :now timestamptz.
INSERT INTO privacy_preference (user_id, purpose, granted, version, decided_at)
VALUES (CAST(:user_id AS uuid), :purpose, :granted, :version, CAST(:now AS timestamptz))
ON CONFLICT (user_id, purpose) DO UPDATE
SET granted = excluded.granted, version = excluded.version, decided_at = excluded.decided_at
