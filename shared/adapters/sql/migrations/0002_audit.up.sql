-- The audit log: who did what, append-only, each chain of entries bound by hashes (shared/kernel/audit.py).
-- A schema of its own: grants.sql lets deployables write every table of public, and none of these.

CREATE SCHEMA audit;

-- network: what of the address may be kept as long as the entry; the address itself is in audit.address.
CREATE TABLE audit.audit_log (
  id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  actor_id text NOT NULL,
  actor_type text NOT NULL CHECK (actor_type IN ('user', 'admin', 'service', 'system')),
  act_on_behalf_of text,
  action text NOT NULL,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('success', 'denied', 'error')),
  details jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object'),
  network text,
  user_agent text NOT NULL CHECK (length(user_agent) <= 512),
  request_id text NOT NULL,
  chain text NOT NULL,
  number bigint NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX audit_log_by_chain ON audit.audit_log (chain, number);
CREATE INDEX audit_log_by_actor ON audit.audit_log (actor_id, occurred_at, id);
CREATE INDEX audit_log_by_action ON audit.audit_log (action text_pattern_ops, occurred_at, id);
CREATE INDEX audit_log_by_resource ON audit.audit_log (resource_type, resource_id, occurred_at, id);

-- Where a chain ends. Its row is locked while an entry is added, which puts the writers in a line.
CREATE TABLE audit.chain (
  name text PRIMARY KEY,
  number bigint NOT NULL,
  hash bytea NOT NULL
);

-- Whole addresses, to be deleted after 30 days without touching an entry.
CREATE TABLE audit.address (
  id uuid PRIMARY KEY,
  occurred_at timestamptz NOT NULL,
  ip inet NOT NULL
);
CREATE INDEX address_by_time ON audit.address (occurred_at);

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.audit_log
  FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

-- Make the partition of the month (UTC) that a time is in, where there is none. Attaching a table that
-- was made before it blocks no reader and no writer of other months.
CREATE FUNCTION audit.ensure_partition(at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  starts timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
  made text := to_char(starts, '"audit_log_"YYYY_MM');
BEGIN
  IF to_regclass('audit.' || made) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(7102993002);
  -- Somebody may have made it while this one waited, which to_regclass has not heard of yet.
  IF EXISTS (SELECT 1 FROM pg_class WHERE relname = made AND relnamespace = CAST('audit' AS regnamespace)) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE audit.%I (LIKE audit.audit_log INCLUDING ALL)', made);
  EXECUTE format(
    'CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit.%I
       FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()', made);
  EXECUTE format(
    'ALTER TABLE audit.audit_log ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
    made, starts AT TIME ZONE 'UTC', (starts + interval '1 month') AT TIME ZONE 'UTC');
END $$;

-- Add an entry to a chain, in the caller's transaction. What is kept is read out of what is hashed.
-- said: canonical JSON of the entry. origin: the whole address, or null. Returns the entry's number.
CREATE FUNCTION audit.append(chain_name text, said text, origin inet) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  entry jsonb := said;
  at timestamptz := entry ->> 'occurred_at';
  last record;
  linked bytea;
BEGIN
  PERFORM audit.ensure_partition(at);
  INSERT INTO audit.chain VALUES (chain_name, 0, sha256(convert_to(chain_name, 'UTF8')))
  ON CONFLICT DO NOTHING;
  SELECT number, hash INTO STRICT last FROM audit.chain WHERE name = chain_name FOR UPDATE;
  linked := sha256(last.hash || int8send(last.number + 1) || convert_to(said, 'UTF8'));
  INSERT INTO audit.audit_log VALUES (
    CAST(entry ->> 'id' AS uuid), at, entry ->> 'actor_id', entry ->> 'actor_type',
    entry ->> 'act_on_behalf_of', entry ->> 'action', entry ->> 'resource_type',
    entry ->> 'resource_id', entry ->> 'outcome', entry -> 'details', entry ->> 'network',
    entry ->> 'user_agent', entry ->> 'request_id',
    chain_name, last.number + 1, last.hash, linked);
  UPDATE audit.chain SET number = last.number + 1, hash = linked WHERE name = chain_name;
  IF origin IS NOT NULL THEN
    INSERT INTO audit.address VALUES (CAST(entry ->> 'id' AS uuid), at, origin);
  END IF;
  RETURN last.number + 1;
END $$;
REVOKE EXECUTE ON FUNCTION audit.append, audit.ensure_partition FROM PUBLIC;

-- This month and the next; `append` makes any other when its first entry comes.
SELECT audit.ensure_partition(now()), audit.ensure_partition(now() + interval '1 month');

-- Deployables read the log and add to it, where they log in by IAM.
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cloudsqliamserviceaccount') THEN
    GRANT USAGE ON SCHEMA audit TO cloudsqliamserviceaccount;
    GRANT SELECT ON audit.audit_log, audit.chain, audit.address TO cloudsqliamserviceaccount;
    GRANT EXECUTE ON FUNCTION audit.append TO cloudsqliamserviceaccount;
  END IF;
END $$;
