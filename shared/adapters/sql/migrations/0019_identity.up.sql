-- Accounts, applications and sessions (spec/auth §4.1). No secret stands here in clear: passwords as PHC
-- strings, tokens and client secrets by their SHA-256, the successor of a token sealed and only for its grace.

-- token_version: an access token of an earlier version is dead. failed_logins: in a row, since the last good one.
ALTER TABLE app_user
  ADD COLUMN email_verified boolean NOT NULL DEFAULT false,
  ADD COLUMN password_hash text,
  ADD COLUMN role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'premium', 'family_admin', 'admin')),
  ADD COLUMN tier text NOT NULL DEFAULT 'free' CHECK (tier IN ('free', 'premium', 'enterprise')),
  ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'pending_deletion')),
  ADD COLUMN suspended_reason text,
  ADD COLUMN preferences jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN token_version integer NOT NULL DEFAULT 1 CHECK (token_version >= 1),
  ADD COLUMN failed_logins integer NOT NULL DEFAULT 0,
  ADD COLUMN locked_until timestamptz,
  ADD COLUMN last_login_at timestamptz,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN age_confirmed_at timestamptz;
ALTER TABLE app_user DROP CONSTRAINT app_user_email_key;
CREATE UNIQUE INDEX app_user_email ON app_user (email) WHERE deleted_at IS NULL;

-- secret_hash: of a random secret, which needs no slow hash. rotation_limit: NULL for families that end by time alone.
CREATE TABLE oauth_client (
  client_id text PRIMARY KEY,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('public', 'confidential')),
  secret_hash bytea CHECK ((type = 'confidential') = (secret_hash IS NOT NULL)),
  redirect_uris text[] NOT NULL DEFAULT '{}',
  grant_types text[] NOT NULL,
  allowed_scopes text[] NOT NULL,
  first_party boolean NOT NULL DEFAULT false,
  disabled boolean NOT NULL DEFAULT false,
  idle_seconds integer NOT NULL CHECK (idle_seconds > 0),
  absolute_seconds integer NOT NULL CHECK (absolute_seconds > 0),
  rotation_limit integer CHECK (rotation_limit > 0),
  created_at timestamptz NOT NULL
);

-- One session: the refresh tokens that descend from one sign-in. methods: how the user proved who they are (RFC 8176).
-- network: /24, or /48 of version 6. revoked_at: when it ended, whatever for.
CREATE TABLE token_family (
  family_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  client_id text NOT NULL REFERENCES oauth_client (client_id),
  device_id text NOT NULL,
  device_name text NOT NULL DEFAULT '',
  scopes text[] NOT NULL,
  methods text[] NOT NULL,
  max_rating text NOT NULL DEFAULT '',
  rotation_count integer NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked', 'expired')),
  revoked_reason text,
  revoked_at timestamptz,
  authenticated_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  last_rotation_at timestamptz NOT NULL,
  absolute_expires_at timestamptz NOT NULL,
  user_agent text NOT NULL DEFAULT '',
  network text NOT NULL DEFAULT '',
  CHECK ((status = 'active') = (revoked_at IS NULL))
);
CREATE UNIQUE INDEX token_family_active ON token_family (user_id, client_id, device_id) WHERE status = 'active';
CREATE INDEX token_family_revoked ON token_family (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX token_family_ends ON token_family (absolute_expires_at);

CREATE TABLE refresh_token (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  family_id uuid NOT NULL REFERENCES token_family (family_id) ON DELETE CASCADE,
  parent_hash bytea,
  seq integer NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  successor_hash bytea,
  sealed_successor text,
  UNIQUE (family_id, seq)
);
CREATE INDEX refresh_token_used ON refresh_token (used_at) WHERE used_at IS NOT NULL;

-- What a mail carries: shown once, it is used up.
CREATE TABLE one_time_token (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX one_time_token_by_user ON one_time_token (user_id, purpose);
CREATE INDEX one_time_token_ends ON one_time_token (expires_at);
