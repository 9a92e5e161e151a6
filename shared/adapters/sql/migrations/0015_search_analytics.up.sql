-- What searches came to (spec/discovery §4). Who asked and what was typed stand here as pseudonyms of 32 bytes; a text
-- is in search_text alone, and only once five people used it in that week (shared/search/analytics/events.py).

-- occurred_at is the time in search_id, so that whoever knows the one finds the row in one partition.
CREATE TABLE search_event (
  search_id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  week date NOT NULL,
  query_hash bytea NOT NULL CHECK (octet_length(query_hash) = 32),
  principal_hash bytea CHECK (octet_length(principal_hash) = 32),
  result_count integer NOT NULL CHECK (result_count >= 0),
  latency_ms real NOT NULL CHECK (latency_ms >= 0),
  filters jsonb NOT NULL CHECK (jsonb_typeof(filters) = 'object'),
  cache_hit boolean NOT NULL,
  degraded text[] NOT NULL,
  ranking_version integer NOT NULL,
  variant text,
  PRIMARY KEY (search_id, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX search_event_by_time ON search_event USING brin (occurred_at);
CREATE INDEX search_event_by_query ON search_event (query_hash, occurred_at);
-- Takes what comes while nobody has made the day's partition.
CREATE TABLE search_event_other PARTITION OF search_event DEFAULT;

-- Who used a text in a week, until they are five.
CREATE TABLE search_asker (
  week date NOT NULL,
  query_hash bytea NOT NULL,
  principal_hash bytea NOT NULL,
  PRIMARY KEY (week, query_hash, principal_hash)
);

-- Texts that five people or more used in a week.
CREATE TABLE search_text (
  query_hash bytea NOT NULL,
  week date NOT NULL,
  query_norm text NOT NULL CHECK (query_norm <> '' AND length(query_norm) <= 500),
  known_at timestamptz NOT NULL,
  PRIMARY KEY (query_hash, week)
);

-- searched_at: the time in search_id. The search itself may come later, or never: such a click counts nowhere.
CREATE TABLE search_click (
  search_id uuid NOT NULL,
  content_id uuid NOT NULL,
  position integer NOT NULL CHECK (position >= 1),
  clicked_at timestamptz NOT NULL,
  searched_at timestamptz NOT NULL,
  PRIMARY KEY (search_id, content_id)
);
CREATE INDEX search_click_by_title ON search_click (content_id, clicked_at);
CREATE INDEX search_click_by_search ON search_click (searched_at);

-- principals: how many different people who are known.
CREATE TABLE popular_search (
  query_norm text NOT NULL,
  period_type text NOT NULL CHECK (period_type IN ('hour', 'day', 'week')),
  period_start timestamptz NOT NULL,
  search_count integer NOT NULL CHECK (search_count > 0),
  principals integer NOT NULL CHECK (principals BETWEEN 0 AND search_count),
  click_count integer NOT NULL CHECK (click_count >= searches_with_click),
  searches_with_click integer NOT NULL CHECK (searches_with_click BETWEEN 0 AND search_count),
  avg_results real NOT NULL,
  avg_latency_ms real NOT NULL,
  PRIMARY KEY (query_norm, period_type, period_start)
);
CREATE INDEX popular_search_by_period ON popular_search (period_type, period_start DESC, search_count DESC);

-- Make the partitions of today and a week ahead, drop those of days before the last 30 (UTC). The ages are judged here, so
-- that whoever may call this can drop nothing younger. Returns how many were dropped.
CREATE FUNCTION search_event_days() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  today date := CAST(now() AT TIME ZONE 'UTC' AS date);
  starts timestamp;
  made text;
  old text;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7102993003);
  FOR ahead IN 0..7 LOOP
    starts := today + ahead;
    made := to_char(starts, '"search_event_"YYYY_MM_DD');
    -- What came before its day was made stays where it is, and so do the rest of that day's.
    CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = made AND relnamespace = CAST('public' AS regnamespace))
      OR EXISTS (
        SELECT FROM public.search_event_other
        WHERE occurred_at >= starts AT TIME ZONE 'UTC' AND occurred_at < (starts + interval '1 day') AT TIME ZONE 'UTC');
    EXECUTE format('CREATE TABLE public.%I (LIKE public.search_event INCLUDING ALL)', made);
    EXECUTE format(
      'ALTER TABLE public.search_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      made, starts AT TIME ZONE 'UTC', (starts + interval '1 day') AT TIME ZONE 'UTC');
  END LOOP;
  FOR old IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = CAST('public.search_event' AS regclass)
      AND c.relname ~ '^search_event_\d{4}_\d\d_\d\d$'
      AND c.relname < to_char(today - 30, '"search_event_"YYYY_MM_DD')
  LOOP
    EXECUTE format('DROP TABLE public.%I', old);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE EXECUTE ON FUNCTION search_event_days FROM PUBLIC;
SELECT search_event_days();

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cloudsqliamserviceaccount') THEN
    GRANT EXECUTE ON FUNCTION search_event_days TO cloudsqliamserviceaccount;
  END IF;
END $$;
