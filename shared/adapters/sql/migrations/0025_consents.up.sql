-- What users allow applications of others (spec/auth §4.1). A consent that ended stays, so that it can be shown what
-- was allowed when; at most one of a user and an application stands.

-- version: of what the user was told when they allowed it.
CREATE TABLE user_consent (
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  client_id text NOT NULL REFERENCES oauth_client (client_id),
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
  version integer NOT NULL CHECK (version > 0),
  granted_at timestamptz NOT NULL,
  revoked_at timestamptz CHECK (revoked_at >= granted_at)
);
CREATE UNIQUE INDEX user_consent_standing ON user_consent (user_id, client_id) WHERE revoked_at IS NULL;
CREATE INDEX user_consent_by_user ON user_consent (user_id, granted_at);
CREATE INDEX user_consent_by_client ON user_consent (client_id);
