-- Use up a backup code: of several who show one at once, one gets a row.
-- Grain: the code, or nothing where there is none.
-- Parameters: :user_id uuid, :hashes text[] in hexadecimal, one for each key of the pepper.
DELETE FROM mfa_backup_code
WHERE
  user_id = CAST(:user_id AS uuid)
  AND code_hash IN (SELECT decode(given.code_hash, 'hex') FROM unnest(CAST(:hashes AS text [])) AS given (code_hash))
RETURNING user_id
