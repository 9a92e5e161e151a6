-- Second factors (spec/auth §4.1, §5.7): authenticator apps, backup codes and passkeys. Nothing here opens an account
-- by itself: secrets are sealed for their user, backup codes are kept by a keyed digest, passkeys by their public key.

-- One app a user, and one that is to take its place. sealed_secret: JWE, whose header names the key that opens it and
-- the user. last_used_step: of 30 seconds since 1970; a code of it or of an earlier one was used.
CREATE TABLE mfa_enrollment (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  status text NOT NULL CHECK (status IN ('pending', 'active')),
  sealed_secret text NOT NULL,
  last_used_step bigint,
  created_at timestamptz NOT NULL,
  verified_at timestamptz CHECK ((status = 'active') = (verified_at IS NOT NULL)),
  UNIQUE (user_id, status)
);

-- A code that was used is gone. code_hash: HMAC-SHA-256 with a key that the database does not hold.
CREATE TABLE mfa_backup_code (
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, code_hash)
);

-- public_key: as COSE writes it. sign_count: the highest that its authenticator told, 0 where it counts nothing.
-- backed_up: its owner's devices share it.
CREATE TABLE passkey (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  credential_id bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  transports text[] NOT NULL DEFAULT '{}',
  name text NOT NULL,
  backed_up boolean NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX passkey_by_user ON passkey (user_id);
