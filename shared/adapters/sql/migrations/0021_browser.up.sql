-- Who is signed in on our own pages. cookie_hash: SHA-256 of what the browser keeps. token_version: of the account when
-- it began; where all sessions have ended since, it is dead. methods: how the user proved who they are (RFC 8176).
-- network: /24, or /48 of version 6. revoked_at: when it ended before its time.
CREATE TABLE browser_session (
  session_id uuid PRIMARY KEY,
  cookie_hash bytea NOT NULL UNIQUE CHECK (length(cookie_hash) = 32),
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  token_version integer NOT NULL,
  methods text[] NOT NULL,
  authenticated_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  user_agent text NOT NULL DEFAULT '',
  network text NOT NULL DEFAULT ''
);
CREATE INDEX browser_session_by_user ON browser_session (user_id) WHERE revoked_at IS NULL;
CREATE INDEX browser_session_ends ON browser_session (expires_at);
