-- Change what a user may change of their account.
-- Grain: one account.
-- Parameters: :user_id uuid, :display_name and :region text or null to keep, :preferences jsonb, :now timestamptz.
UPDATE app_user
SET
  name = coalesce(CAST(:display_name AS text), name),
  region = coalesce(CAST(:region AS text), region),
  preferences = CAST(:preferences AS jsonb),
  updated_at = :now
WHERE id = CAST(:user_id AS uuid)
