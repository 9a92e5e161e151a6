-- What providers may be asked: an allowance by its period, the pace of calls, and who fetches what right now.

-- A key may have an allowance of a day and one of a month, which can begin at the same moment.
ALTER TABLE quota_ledger ADD COLUMN period text NOT NULL DEFAULT 'day' CHECK (period IN ('day', 'month'));
ALTER TABLE quota_ledger DROP CONSTRAINT quota_ledger_pkey;
ALTER TABLE quota_ledger ADD PRIMARY KEY (provider, key_ref, period, period_start);

-- When the next call of a key would come, had all come evenly (microseconds since 1970; shared/gateway/gcra.py).
CREATE TABLE quota_pace (
  provider text NOT NULL,
  key_ref text NOT NULL,
  arrival bigint NOT NULL,
  PRIMARY KEY (provider, key_ref)
);

-- Which run fetches a part; another may take its place once the time is over.
CREATE TABLE fetch_lease (
  provider text NOT NULL,
  platform text NOT NULL,
  region text NOT NULL,
  kind text NOT NULL,
  run_id text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (provider, platform, region, kind)
);
