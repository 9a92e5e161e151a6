-- Use a refresh token and make its successor: of several at once, one gets a row.
-- Grain: the session, or nothing where the token was used meanwhile or the session has ended.
-- Parameters: :token_hash, :successor_hash bytea, :sealed text, :now, :expires_at timestamptz.
WITH used AS (
  UPDATE refresh_token
  SET
    used_at = CAST(:now AS timestamptz),
    successor_hash = CAST(:successor_hash AS bytea),
    sealed_successor = :sealed
  WHERE
    token_hash = CAST(:token_hash AS bytea) AND used_at IS NULL
    AND expires_at > CAST(:now AS timestamptz)
  RETURNING family_id, token_hash, seq
),
counted AS (
  UPDATE token_family AS f
  SET rotation_count = f.rotation_count + 1, last_rotation_at = CAST(:now AS timestamptz)
  FROM used
  WHERE f.family_id = used.family_id AND f.status = 'active'
  RETURNING f.family_id, f.rotation_count
),
added AS (
  INSERT INTO refresh_token (token_hash, family_id, parent_hash, seq, issued_at, expires_at)
  SELECT
    CAST(:successor_hash AS bytea),
    used.family_id,
    used.token_hash,
    used.seq + 1,
    CAST(:now AS timestamptz),
    CAST(:expires_at AS timestamptz)
  FROM used
  INNER JOIN counted ON used.family_id = counted.family_id
  RETURNING family_id
)
SELECT counted.rotation_count
FROM counted
INNER JOIN added ON counted.family_id = added.family_id
