-- API keys (spec/auth §5.10), how an account leaves, its deletion with a grace and the copy of what is kept of it (§5.13), and
-- limits that administrators change (§5.9).

-- key_hash: SHA-256 of the key, which has 256 random bits and needs no slow hash. prefix: what lists show of it.
-- replaced_by: the key that was made in its place; until it expires, both are good.
CREATE TABLE api_key (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  name text NOT NULL,
  prefix text NOT NULL,
  key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  scopes text[] NOT NULL,
  rate_limit_per_minute integer NOT NULL CHECK (rate_limit_per_minute > 0),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at >= created_at),
  last_used_at timestamptz,
  revoked_at timestamptz,
  replaced_by uuid
);
CREATE INDEX api_key_by_user ON api_key (user_id, created_at);
CREATE INDEX api_key_ends ON api_key (expires_at);

-- deletion_scheduled_at: when the purge may take an account that is to be deleted; until then it can be had back.
ALTER TABLE app_user ADD COLUMN deletion_scheduled_at timestamptz;
CREATE INDEX app_user_leaving ON app_user (deletion_scheduled_at) WHERE deletion_scheduled_at IS NOT NULL;

-- A copy of everything that is kept of a user, as a sealed archive. sealed: NULL until it is built.
CREATE TABLE user_export (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  asked_at timestamptz NOT NULL,
  built_at timestamptz,
  expires_at timestamptz,
  sealed text,
  CHECK ((built_at IS NULL) = (expires_at IS NULL))
);
CREATE INDEX user_export_by_user ON user_export (user_id, asked_at);
CREATE INDEX user_export_ends ON user_export (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE one_time_token DROP CONSTRAINT one_time_token_purpose_check;
ALTER TABLE one_time_token ADD CONSTRAINT one_time_token_purpose_check
  CHECK (purpose IN ('verify_email', 'reset_password', 'restore_account', 'download_export'));

-- What administrators changed of the limits that are shipped (shared/gateway/limits.toml), by tier or class of routes; the
-- gateway reads a copy in Redis. said: the numbers that differ.
CREATE TABLE limit_change (
  name text PRIMARY KEY,
  said jsonb NOT NULL CHECK (jsonb_typeof(said) = 'object'),
  changed_at timestamptz NOT NULL
);

-- Forget the addresses from which an account acted that is no more: what is left of it in the log is an id that names nobody.
-- Whether it is no more is judged here, so that whoever may call this can take no address of anybody else's.
CREATE FUNCTION audit.forget_actor(actor text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  forgotten bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM public.app_user u WHERE CAST(u.id AS text) = actor) THEN
    RAISE EXCEPTION 'account % is still there', actor USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM audit.address a USING audit.audit_log l
  WHERE l.actor_id = actor AND l.occurred_at > now() - interval '31 days'
    AND a.id = l.id;
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;
REVOKE EXECUTE ON FUNCTION audit.forget_actor FROM PUBLIC;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cloudsqliamserviceaccount') THEN
    GRANT EXECUTE ON FUNCTION audit.forget_actor TO cloudsqliamserviceaccount;
  END IF;
END $$;
