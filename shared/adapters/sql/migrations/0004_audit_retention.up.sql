-- What time does to the audit log (spec/gateway §5.8): a whole address lives 30 days, an entry keeps its network alone. The
-- age is judged here, so that whoever may call this can forget nothing younger; it also makes the partition of the next month.
CREATE FUNCTION audit.retain() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  forgotten bigint;
BEGIN
  PERFORM audit.ensure_partition(now()), audit.ensure_partition(now() + interval '1 month');
  DELETE FROM audit.address WHERE occurred_at < now() - interval '30 days';
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;
REVOKE EXECUTE ON FUNCTION audit.retain FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cloudsqliamserviceaccount') THEN
    GRANT EXECUTE ON FUNCTION audit.retain TO cloudsqliamserviceaccount;
  END IF;
END $$;
