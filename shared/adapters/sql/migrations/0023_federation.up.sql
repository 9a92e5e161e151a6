-- Accounts at others (Google, GitHub, Apple, any OIDC provider) that sign somebody in here (spec/auth §4.1, §5.11).

-- One row per account at a provider. subject: the provider's own id of it, which never changes, as its mail address may.
-- email_at_link: what the provider said then; nothing is decided by it later. A user has one account a provider.
CREATE TABLE identity (
  provider text NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  email_at_link text NOT NULL DEFAULT '',
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (provider, subject),
  UNIQUE (user_id, provider)
);
