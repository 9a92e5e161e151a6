-- What pages of platforms said when they were looked at, by template, kind of device and week: how many were there, led
-- elsewhere, were gone (404, 410), refused a machine, or could not be reached. examples: some that were gone.
CREATE TABLE link_check (
  template text NOT NULL,
  device text NOT NULL,
  week date NOT NULL,
  platform text NOT NULL,
  found integer NOT NULL CHECK (found >= 0),
  moved integer NOT NULL CHECK (moved >= 0),
  gone integer NOT NULL CHECK (gone >= 0),
  refused integer NOT NULL CHECK (refused >= 0),
  unreachable integer NOT NULL CHECK (unreachable >= 0),
  examples jsonb NOT NULL,
  checked_at timestamptz NOT NULL,
  PRIMARY KEY (template, device, week)
);
