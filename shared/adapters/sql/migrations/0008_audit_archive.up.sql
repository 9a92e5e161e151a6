-- What was taken to the archive, and what left the database for it (shared/kernel/audit_archive.py, docs/decisions/0011).

-- How far each chain is archived: every entry up to this number.
CREATE TABLE audit.exported (
  chain text PRIMARY KEY,
  number bigint NOT NULL,
  hash bytea NOT NULL,
  exported_at timestamptz NOT NULL
);

-- Entries in a row that are in the archive alone. Their numbers and hashes stay, so that no other entry can be missing.
CREATE TABLE audit.gone (
  chain text NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (chain, first)
);

-- Where accounts log in by IAM, one of them alone may do a thing: not even another deployable of ours.
CREATE FUNCTION audit.require(account text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF session_user <> current_user AND NOT starts_with(session_user, account || '@') THEN
    RAISE EXCEPTION 'only % may do this, not %', account, session_user USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- Note that a chain is archived up to an entry. Going back changes nothing; an entry that is not as told is refused.
CREATE FUNCTION audit.note_export(chain_name text, upto bigint, linked bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM audit.require('job-audit-export');
  IF EXISTS (SELECT 1 FROM audit.exported e WHERE e.chain = chain_name AND e.number >= upto) THEN
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM audit.audit_log l WHERE l.chain = chain_name AND l.number = upto AND l.hash = linked) THEN
    RAISE EXCEPTION 'entry % of chain % is another', upto, chain_name USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO audit.exported VALUES (chain_name, upto, linked, now())
  ON CONFLICT (chain) DO UPDATE
  SET number = excluded.number, hash = excluded.hash, exported_at = excluded.exported_at;
END $$;

-- Remove the oldest month, if it ended 90 days ago or earlier and is archived whole, and return its name; null where nothing is
-- to be removed. Age and archive are judged here, so that whoever may call this can remove nothing else. The log is locked for
-- the removal alone, after two seconds at most of waiting, since those who read or write it wait behind.
CREATE FUNCTION audit.remove_month() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '2s' AS $$
DECLARE
  month text;
  kept boolean;
BEGIN
  PERFORM audit.require('fn-audit-retain');
  SELECT c.relname INTO month
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = CAST('audit.audit_log' AS regclass)
    AND (to_date(c.relname, '"audit_log_"YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= now() - interval '90 days'
  ORDER BY c.relname
  LIMIT 1;
  IF month IS NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('LOCK TABLE audit.%I IN SHARE ROW EXCLUSIVE MODE', month);
  EXECUTE format(
    'SELECT EXISTS (SELECT 1 FROM audit.%I l LEFT JOIN audit.exported e USING (chain)
       WHERE e.number IS NULL OR l.number > e.number)', month) INTO kept;
  IF kept THEN
    RETURN NULL;
  END IF;
  -- Numbers in a row differ from their rank by the same.
  EXECUTE format(
    'INSERT INTO audit.gone
     SELECT chain, min(number), max(number),
       (array_agg(prev_hash ORDER BY number))[1], (array_agg(hash ORDER BY number DESC))[1]
     FROM (SELECT l.*, l.number - rank() OVER (PARTITION BY chain ORDER BY number) AS run FROM audit.%I l) AS r
     GROUP BY chain, run', month);
  LOCK TABLE ONLY audit.audit_log IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('DROP TABLE audit.%I', month);
  RETURN month;
END $$;
REVOKE EXECUTE ON FUNCTION audit.note_export, audit.remove_month FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cloudsqliamserviceaccount') THEN
    GRANT SELECT ON audit.exported, audit.gone TO cloudsqliamserviceaccount;
    GRANT EXECUTE ON FUNCTION audit.note_export, audit.remove_month TO cloudsqliamserviceaccount;
  END IF;
END $$;
