-- Keep backup codes.
-- Grain: one row per code.
-- Parameters: :user_id uuid, :hashes text[] in hexadecimal, :now timestamptz.
INSERT INTO mfa_backup_code (user_id, code_hash, created_at)
SELECT
  CAST(:user_id AS uuid),
  decode(given.code_hash, 'hex'),
  CAST(:now AS timestamptz)
FROM unnest(CAST(:hashes AS text [])) AS given (code_hash)
