-- What users have decided on what is kept of them and what it is used for (spec/auth §4.1). A purpose without a row is as
-- `shared.identity.privacy` says. version: of what the user was told; earlier decisions are in the audit log.
CREATE TABLE privacy_preference (
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('activity', 'analytics', 'personalization')),
  granted boolean NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, purpose)
);
