-- Keep a profile, new or changed.
-- Grain: one row.
-- Parameters: :id, :user_id uuid, :name, :language, :max_rating text, :is_child boolean, :blocked_genres text[],
-- :created_at, :now timestamptz.
INSERT INTO household_profile (
  id, user_id, name, is_child, language, max_rating, blocked_genres, created_at, updated_at
)
VALUES (
  CAST(:id AS uuid),
  CAST(:user_id AS uuid),
  :name,
  :is_child,
  :language,
  :max_rating,
  CAST(:blocked_genres AS text []),
  CAST(:created_at AS timestamptz),
  CAST(:now AS timestamptz)
)
ON CONFLICT (id) DO UPDATE SET
  name = excluded.name,
  is_child = excluded.is_child,
  language = excluded.language,
  max_rating = excluded.max_rating,
  blocked_genres = excluded.blocked_genres,
  updated_at = excluded.updated_at
