-- Receipts: who said of each offer that it plays, when first and when last; and what links came to.

-- What each source says of an offer: {source: [first, last, listing]}, Unix seconds, and a fourth
-- element, the second in which the source took it back, once it did. In the offer's own row, since
-- a page that confirms an offer writes that row anyway. lapses: how often it ended and came back.
ALTER TABLE availability
  ADD COLUMN sources jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN lapses integer NOT NULL DEFAULT 0;
UPDATE availability SET sources = jsonb_build_object(source, jsonb_build_array(
  CAST(extract(epoch FROM first_seen) AS bigint),
  CAST(extract(epoch FROM last_seen) AS bigint),
  platform_content_id
));

-- How fast offers end, by platform and region, and how late sources are: counted again each night
-- (shared/catalog/receipts.py). shape and rate_days are those of the Gamma distribution of the hazard.
CREATE TABLE offer_churn (
  platform text NOT NULL,
  region text NOT NULL,
  ended bigint NOT NULL CHECK (ended >= 0),
  offer_days double precision NOT NULL CHECK (offer_days >= 0),
  shape double precision NOT NULL CHECK (shape > 0),
  rate_days double precision NOT NULL CHECK (rate_days > 0),
  counted_at timestamptz NOT NULL,
  PRIMARY KEY (platform, region)
);
CREATE TABLE source_lag (
  source text PRIMARY KEY,
  taken_back bigint NOT NULL CHECK (taken_back >= 0),
  median_days double precision NOT NULL CHECK (median_days >= 0),
  lag_days double precision NOT NULL CHECK (lag_days >= 0),
  counted_at timestamptz NOT NULL
);

-- Reports of what a link came to. A report counts once (report_id), and a viewer has one vote of a
-- kind in a week for each template and kind of device; reporter is a keyed hash that differs from week
-- to week and template to template. Both are forgotten after weeks, the counts stay.
CREATE TABLE link_report (
  report_id uuid PRIMARY KEY,
  week date NOT NULL
);
CREATE INDEX link_report_by_week ON link_report (week);
CREATE TABLE link_vote (
  template text NOT NULL,
  device text NOT NULL,
  week date NOT NULL,
  opened boolean NOT NULL,
  reporter bytea NOT NULL,
  PRIMARY KEY (template, device, week, opened, reporter)
);
CREATE INDEX link_vote_by_week ON link_vote (week);

-- A template on a kind of device: everything reported, and what is concluded from votes. evidence is
-- that it broke while it works, and that it works again while it is quarantined, as of voted_at.
CREATE TABLE link_health (
  template text NOT NULL,
  device text NOT NULL,
  platform text NOT NULL,
  opened bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  wrong_title bigint NOT NULL DEFAULT 0,
  not_installed bigint NOT NULL DEFAULT 0,
  votes bigint NOT NULL DEFAULT 0,
  evidence double precision NOT NULL DEFAULT 0 CHECK (evidence >= 0),
  voted_at timestamptz,
  quarantined_at timestamptz,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (template, device)
);
CREATE INDEX link_health_quarantined ON link_health (device) WHERE quarantined_at IS NOT NULL;
