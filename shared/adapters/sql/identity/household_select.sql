-- Let a session go on as somebody else.
-- Grain: one row.
-- Parameters: :family_id uuid, :profile_id uuid or null for the owner.
UPDATE token_family
SET profile_id = CAST(:profile_id AS uuid)
WHERE family_id = CAST(:family_id AS uuid)
